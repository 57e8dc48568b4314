"""The same commands on PostgreSQL, by one environment variable."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from pipeline.store.open import DATABASE
from tests.flows.conftest import Ethotrap

POSTGRES = os.environ.get("ETHOTRAP_TEST_POSTGRES")


@pytest.mark.skipif(not POSTGRES, reason="set ETHOTRAP_TEST_POSTGRES to the URL of a database that may be written to")
def test_an_archive_on_postgresql(ethotrap: Ethotrap, shipped: Path, tmp_path: Path) -> None:
    schema = "ethotrap_commands"
    engine = create_engine(POSTGRES or "")
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()
    url = make_url(POSTGRES or "").update_query_dict({"options": f"-csearch_path={schema}"})
    env = {"ETHOTRAP_DATABASE": url.render_as_string(hide_password=False), "ETHOTRAP_ARCHIVE": str(tmp_path)}
    clip = shipped / "LOC01/CAM1/20250612/100RECNX/IMG_0001.MP4"
    assert ethotrap("status", "--json", env=env).json()["videos"]["analysed"] == 0
    assert len(ethotrap("run", clip, "--dry-run", "--json", env=env).json()["pending"]) == 1
    run = ethotrap("analyse", clip, env=env)
    assert run.status == 0, run.err
    assert ethotrap("run", clip, "--dry-run", "--json", env=env).json()["pending"] == []
    (bout,) = ethotrap("bouts", "--json", env=env).json()
    assert bout["behaviour"] == "travel"
    assert ethotrap("label", bout["bout"], "--behaviour", "play", env=env).status == 0
    assert ethotrap("bouts", "--behaviour", "play", "--json", env=env).json()
    assert not (tmp_path / DATABASE).exists()
