"""Open an archive: find or make its database, bring it to the newest schema, and hand out transactions."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import URL, Connection, CursorResult, Engine, NullPool, Select, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, StatementError

from pipeline.errors import StoreError
from pipeline.store.schema import REVISION

DATABASE = "ethotrap.db"
DATABASE_VARIABLE = "ETHOTRAP_DATABASE"  # SQLAlchemy's address of a database other than the archive's own
BUSY_TIMEOUT_S = 30
ROWS_AT_ONCE = 1000  # of a long answer
MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x657468  # any fixed number: PostgreSQL's name for "somebody migrates"


@dataclass(frozen=True, slots=True)
class Store:
    """An open archive. It keeps no connection between calls, so it needs no closing and survives a fork."""

    engine: Engine
    archive: Path

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout, and never waits for a writer.

        Raises:
            StoreError: the database cannot be read.
        """
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: all of it is kept when the block ends, none of it when an error leaves the block.

        Raises:
            StoreError: another process wrote for longer than 30 s, the disk is full, or a rule of the schema is broken.
        """
        with self._transaction(writes=True) as connection:
            yield connection

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(ethotrap_writes=writes) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise StoreError(_explain(str(error.orig), self.engine)) from error
        except StatementError as error:  # a value that a column type refused, such as a naive datetime
            raise ValueError(str(error.orig)) from error


def streamed(connection: Connection, query: Select[Any]) -> CursorResult[Any]:
    """An answer that may be as long as the archive, some rows at a time; to be closed, as by `with`."""
    return connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})


def database_address() -> str | None:
    """The database that the environment names, so that no file holds its password; None: SQLite in the archive."""
    return os.environ.get(DATABASE_VARIABLE) or None


def open_store(archive: Path, url: str | None = None, *, read_only: bool = False, make: bool = True) -> Store:
    """Open the archive's database, making the folder and the tables if need be.

    Args:
        archive: folder of the clips, the boxes and, by default, the database `ethotrap.db`.
        url: SQLAlchemy's address of another database, such as `postgresql+psycopg://host/ethotrap`.
        read_only: change nothing, not even the schema; what is not there is an error.
        make: make an archive where there is none, as a run does; else that is an error, lest a slip makes one.

    Raises:
        StoreError: the folder or the database cannot be used, or a newer Ethotrap made it; the message says what to do.
    """
    if url is None:
        _prepare_folder(archive, make=make and not read_only)
    address = _sqlite_url(archive, read_only=read_only) if url is None else url
    store = Store(_engine(address, read_only=read_only), archive)
    found = _revision(store)
    if found == REVISION:
        return store
    if found is not None and found > REVISION:
        raise StoreError(
            f"{_name(store.engine)} was made by a newer Ethotrap (schema {found}, this one knows {REVISION}); "
            "update Ethotrap"
        )
    if read_only:
        raise StoreError(
            f"{_name(store.engine)} has schema {found or 'none'}, this Ethotrap needs {REVISION}; "
            "run `ethotrap status` once with an account that may write to it"
        )
    if found is None and not make:
        raise StoreError(f"{_name(store.engine)} holds no archive; check its address, or run `ethotrap run` first")
    _migrate(store)
    return store


def copy_database(archive: Path, folder: Path) -> None:
    """Copy the archive's own SQLite database, whatever its schema, into another folder; the archive is only read.

    Args:
        archive: folder that holds `ethotrap.db`.
        folder: that gets a file of the same name.

    Raises:
        StoreError: it cannot be read.
    """
    engine = _engine(_sqlite_url(archive, read_only=True), read_only=True)
    try:
        with engine.connect() as source, closing(sqlite3.connect(folder / DATABASE)) as target:
            driver: Any = source.connection.driver_connection
            driver.backup(target)
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreError(_explain(str(error), engine)) from error


def _prepare_folder(archive: Path, *, make: bool) -> None:
    if not make:
        if not (archive / DATABASE).is_file():
            raise StoreError(f"{archive} holds no archive (no {DATABASE}); check the path, or run `ethotrap run` first")
        return
    try:
        archive.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the archive folder {archive}: {error.strerror}; choose another") from error


def _sqlite_url(archive: Path, *, read_only: bool) -> URL:
    database = (archive / DATABASE).resolve()
    if read_only:
        return URL.create("sqlite", database=database.as_uri(), query={"uri": "true", "mode": "ro"})
    return URL.create("sqlite", database=str(database))


def _engine(url: str | URL, *, read_only: bool) -> Engine:
    try:
        engine = create_engine(url, poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(f"the database address cannot be used: {error}") from error
    except ValueError as error:
        raise StoreError("the database address cannot be used: its port is no number") from error
    if "@" in (engine.url.host or ""):
        raise StoreError("the database address has an @ too many; write %40 for one in a name or a password")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "do_connect", _allow_protected_folder)
    elif read_only:
        engine = engine.execution_options(postgresql_readonly=True)
    return engine


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # what somebody was told is kept survives a power cut
    cursor.close()


def _allow_protected_folder(_dialect: object, _record: object, arguments: list[str], _options: object) -> None:
    """Read without locks where this account may not write and nobody else is writing at this moment.

    SQLite could not make the shared memory that WAL needs there, and would refuse to read at all.
    """
    address = urlsplit(arguments[0])
    if address.scheme == "file":
        database = Path(unquote(address.path))
        if not os.access(database.parent, os.W_OK) and not database.with_name(f"{database.name}-wal").exists():
            arguments[0] += "&immutable=1"


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("ethotrap_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(store: Store) -> str | None:
    with store.reading() as connection:
        return _revision_in(connection)


def _revision_in(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _migrate(store: Store) -> None:
    """Bring the schema to the newest revision; a second process that comes meanwhile waits, then finds it done."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    _use_wal(store)
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        if _revision_in(connection) != REVISION:
            config.attributes["connection"] = connection
            command.upgrade(config, REVISION)


def _use_wal(store: Store) -> None:
    if store.engine.dialect.name != "sqlite":
        return
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection  # this one pragma works outside transactions only
        while True:
            try:
                driver.execute("PRAGMA journal_mode = WAL").close()
                return
            except sqlite3.Error as error:
                # Where two change to WAL at once SQLite refuses one of them at once, whatever its busy timeout.
                if "locked" not in str(error) or time.monotonic() > give_up:
                    raise StoreError(_explain(str(error), store.engine)) from error
            time.sleep(0.05)


def _name(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        return engine.url.database or ""
    return f"{engine.url.database!r} at {engine.url.host}"  # not the whole address: its query may hold a password, too


def _explain(said: str, engine: Engine) -> str:
    advice = {
        "locked": f"another process has been writing for more than {BUSY_TIMEOUT_S} s; wait for it and try again",
        "full": "make room on the disk and run again; nothing was half written",
        "readonly": "the account that runs Ethotrap needs write access to the archive folder",
        "unable to open": "check that the folder exists and that this account may use it",
        "not a database": "the file is damaged or is something else; restore it from a copy",
        "malformed": "the file is damaged; restore it from a copy",
    }
    hint = next((what for word, what in advice.items() if word in said), "nothing of this step was kept")
    return f"the database {_name(engine)} refused: {said.strip()}; {hint}"
