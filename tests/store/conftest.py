import os
import uuid

import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from pipeline.store.open import open_store

POSTGRES = os.environ.get("ETHOTRAP_TEST_POSTGRES")


@pytest.fixture
def postgres_url():
    """A fresh, empty PostgreSQL schema, dropped afterwards."""
    if not POSTGRES:
        pytest.skip("set ETHOTRAP_TEST_POSTGRES to the URL of a database that may be written to")
    schema = f"ethotrap_test_{uuid.uuid4().hex}"
    engine = create_engine(POSTGRES, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    own = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
    yield own.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def store(request, tmp_path):
    """A new archive; on PostgreSQL too where one is given."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return open_store(tmp_path / "archive", url)
