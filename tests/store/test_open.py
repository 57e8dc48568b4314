"""Opening an archive: from nothing, again, at once, read-only, too new, not a database."""

import os
import re
import sqlite3
import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, select, text

from pipeline.errors import StoreError
from pipeline.store.ledger import pending_media, record_files, status
from pipeline.store.open import DATABASE, MIGRATIONS, Store, _engine, _sqlite_url, _use_wal, open_store
from pipeline.store.queries import bouts
from pipeline.store.schema import REVISION, indicator, metadata
from tests.store.archive_samples import KEY, seen, stored, two_animals


def test_migrations_make_the_tables_that_the_code_expects(store):
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_migrations_make_the_same_rules_as_the_code_expects(tmp_path):
    open_store(tmp_path)
    metadata.create_all(expected := create_engine(f"sqlite:///{tmp_path / 'expected.db'}"))
    expected.dispose()
    assert _declared(tmp_path / "ethotrap.db") == _declared(tmp_path / "expected.db")


def _declared(database):
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'")
    # SQLite writes columns that were added later behind the last one, on the same line.
    lines = {
        name: re.sub(r", (?=[a-z_]+ [A-Z]+(?:, [a-z_]+ [A-Z]+)*, *$)", "\n", sql, flags=re.MULTILINE)
        for name, sql in rows
    }
    declared = {name: {line.strip(" \t,") for line in text.splitlines()} for name, text in lines.items()}
    connection.close()
    return declared


def test_the_newest_migration_is_the_one_the_code_asks_for():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_what_an_older_archive_holds_is_kept(tmp_path):
    store = open_store(tmp_path)
    stored(store, two_animals())
    with store.writing() as connection:
        connection.execute(
            text("CREATE TABLE older AS SELECT track_id, name, unit, value, rests_on_s, not_assessable FROM indicator")
        )
        connection.execute(text("DROP TABLE indicator"))
        connection.execute(text("DROP TABLE flag_word"))
        connection.execute(text("ALTER TABLE bout DROP COLUMN also"))
        connection.execute(text("ALTER TABLE analysis DROP COLUMN marked_tree"))
        connection.execute(text("ALTER TABLE media DROP COLUMN own_offset"))
        connection.execute(text("ALTER TABLE media DROP COLUMN superseded_by"))
        connection.execute(text("ALTER TABLE media DROP COLUMN people_before"))
        connection.execute(text("ALTER TABLE older RENAME TO indicator"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    with open_store(tmp_path).reading() as connection:
        rows = connection.execute(select(indicator).order_by(indicator.c.track_id)).all()
    assert [(row.value, row.rests_on_s, row.not_assessable, row.steps) for row in rows] == [
        (0.8, 6.0, "", None),
        (None, 0.0, "it lay", None),
    ]
    assert [row.also for row in bouts(open_store(tmp_path))] == [(), (), ()]
    assert pending_media(open_store(tmp_path), KEY) == []


def test_opening_again_finds_what_was_stored(tmp_path):
    stored(open_store(tmp_path / "new" / "archive"), two_animals())
    assert len(bouts(open_store(tmp_path / "new" / "archive"))) == 3


def test_sqlite_lets_readers_work_beside_a_writer_and_minds_its_keys(tmp_path):
    store = open_store(tmp_path)
    with store.reading() as connection:
        settings = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
    assert settings == ["wal", 1]


def test_an_archive_may_have_any_name(tmp_path):
    archive = tmp_path / "ночь 1% ?#&x=1"
    stored(open_store(archive), two_animals())
    assert len(bouts(open_store(archive, read_only=True))) == 3


def test_processes_that_open_a_new_archive_at_once_do_not_disturb_each_other(tmp_path):
    script = "import sys, pathlib; from pipeline.store.open import open_store; open_store(pathlib.Path(sys.argv[1]))"
    children = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "a")], stderr=subprocess.PIPE) for _ in range(4)
    ]
    complaints = [child.communicate(timeout=120)[1].decode() for child in children]
    assert [child.returncode for child in children] == [0] * 4, complaints
    assert status(open_store(tmp_path / "a")).failed == ()


def test_a_new_archive_that_is_refused_at_once_because_another_opens_it_is_tried_again(tmp_path):
    store = Store(_engine(_sqlite_url(tmp_path, read_only=False), read_only=False), tmp_path)
    event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 0"))
    other = sqlite3.connect(tmp_path / DATABASE, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE something (x)")
    other.execute("BEGIN IMMEDIATE")
    ending = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
    ending.start()

    _use_wal(store)

    ending.join()
    other.close()
    with store.reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def test_read_only_changes_nothing(tmp_path):
    open_store(tmp_path)
    store = open_store(tmp_path, read_only=True)
    with pytest.raises(StoreError, match="needs write access"):
        record_files(store, [seen("/card/a.mp4")])
    assert status(open_store(tmp_path)).counts["pending"] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere; run as a plain user")
def test_a_write_protected_archive_can_be_read(tmp_path):
    stored(open_store(tmp_path / "archive"), two_animals())
    (tmp_path / "archive").chmod(0o555)
    try:
        assert len(bouts(open_store(tmp_path / "archive", read_only=True))) == 3
    finally:
        (tmp_path / "archive").chmod(0o755)


def test_read_only_without_an_archive_says_so(tmp_path):
    with pytest.raises(StoreError, match="holds no archive"):
        open_store(tmp_path / "nothing", read_only=True)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_database_is_left_alone(tmp_path, read_only):
    with open_store(tmp_path).writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Ethotrap.*update Ethotrap"):
        open_store(tmp_path, read_only=read_only)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "ethotrap.db").write_bytes(b"holiday photos " * 100)
    with pytest.raises(StoreError, match=r"ethotrap\.db refused.*restore it from a copy"):
        open_store(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot make the archive folder"):
        open_store(tmp_path / "file" / "archive")


def test_an_unknown_kind_of_database_is_a_plain_error(tmp_path):
    with pytest.raises(StoreError, match="cannot be used"):
        open_store(tmp_path, "nosuchdatabase://somewhere")


def test_postgresql_answers_as_sqlite_does(tmp_path, postgres_url):
    archives = [open_store(tmp_path / "lite"), open_store(tmp_path / "post", postgres_url)]
    for store in archives:
        stored(store, two_animals())
    lite, post = ([(row.bout, row.captured_at, row.behaviour) for row in bouts(store)] for store in archives)
    assert lite == post


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+psycopg://keeper:hidden@127.0.0.1:1/park",
        "postgresql+psycopg://127.0.0.1:1/park?user=keeper&password=hidden",
    ],
    ids=["before the host", "in the query"],
)
def test_no_password_is_ever_told(tmp_path, address):
    with pytest.raises(StoreError, match=r"the database 'park' at 127\.0\.0\.1 refused") as told:
        open_store(tmp_path / "archive", address)
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "advice"),
    [
        ("postgresql+psycopg://keeper:hidden@127.0.0.1:abc/park", "its port is no number"),
        ("postgresql+psycopg://keeper:a@hidden@127.0.0.1:1/park", "write %40 for one in a name or a password"),
    ],
)
def test_an_address_that_is_written_wrongly_is_told_without_what_is_secret(tmp_path, address, advice):
    with pytest.raises(StoreError, match=advice) as told:
        open_store(tmp_path / "archive", address)
    assert "hidden" not in str(told.value)
