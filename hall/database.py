"""The database: SQLite (encrypted, durable) by default, PostgreSQL by its URL; one piece of work is one transaction."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
import sqlcipher3.dbapi2 as sqlcipher
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from hall.sealing import Keys
from hall.turns import DatabaseBusy, Turns

# A database that is busy, full, failing or gone: what was to be saved is not, and may be sent again.
FAULTS = (DatabaseBusy, sa.exc.OperationalError, sa.exc.InterfaceError)
MIGRATIONS = Path(__file__).parent / "migrations"
# The first SQLite without the WAL-reset corruption of 3.7.0 to 3.51.2.
SAFE_SQLITE = (3, 51, 3)
# Some hundred cases. With less, small changes may still be saved where a case is not.
ROOM_BYTES_LEAST = 16 * 1024 * 1024
PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a commit survives the loss of power
    "foreign_keys": 1,
    "secure_delete": 1,  # deleted text leaves no trace in the file
    "trusted_schema": 0,
    "mmap_size": 0,
}


class DatabaseUnsafe(Exception):
    """The database library or its settings would not keep what it acknowledges."""


class Base(DeclarativeBase):
    """The mapped classes of all rooms."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(sa.TypeDecorator[datetime]):
    """A moment in UTC: aware in Python, without zone in SQLite, `timestamptz` in PostgreSQL."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse a moment without zone; store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give every moment its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """Return a random identifier of 24 hexadecimal digits, so that ids tell neither order nor number."""
    return secrets.token_hex(12)


class Database:
    """One open database: `work()` for a transaction that changes, `reading()` for one that only reads.

    `url` is an SQLAlchemy URL; raises DatabaseUnsafe when the library or its settings are not durable.
    """

    def __init__(self, url: str, keys: Keys, *, hall: str, busy_seconds: float = 5.0, pool_size: int = 16) -> None:
        self.url = sa.make_url(url)
        self.busy_seconds = busy_seconds
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._keys = keys
        self._write_failed = False
        self.engine = self._open_sqlite(pool_size) if self.is_sqlite else self._open_postgresql(pool_size)
        writer, info = self.engine.execution_options(begin="IMMEDIATE"), {"keys": keys, "hall": hall}
        self._write = sessionmaker(writer, expire_on_commit=False, info=info, join_transaction_mode="create_savepoint")
        self._read = sessionmaker(self.engine, expire_on_commit=False, info=info)
        # Only SQLite has one writer for the whole file.
        self.turns = Turns(writer, self._lock_path(), busy_seconds) if self.is_sqlite else None

    @contextmanager
    def work(self) -> Iterator[Session]:
        """One piece of work: saved when the block ends, rolled back when it raises; DatabaseBusy after the wait."""
        try:
            with _busy_named(), self._bound() as bind, self._write(bind=bind) as session, session.begin():
                yield session
        except FAULTS as fault:
            # To be busy is no illness.
            self._write_failed |= type(fault) is not DatabaseBusy
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to read with; whatever it changes is dropped."""
        with _busy_named(), self._read() as session:
            yield session

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def check(self) -> None:
        """Raise DatabaseUnsafe unless the database answers and keeps what it acknowledges.

        After something could not be saved it writes, to see whether it could be by now, and raises as that does.
        """
        if self._write_failed:
            self._write_nothing()
            self._write_failed = False
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                for name in ("fsync", "synchronous_commit"):
                    if connection.scalar(sa.text(f"SHOW {name}")) == "off":
                        raise DatabaseUnsafe(f"PostgreSQL runs with {name}=off")
                return
            for name, wanted in PRAGMAS.items():
                found = connection.scalar(sa.text(f"PRAGMA {name}"))
                if found is not None and found != wanted:
                    raise DatabaseUnsafe(f"PRAGMA {name} is {found}, not {wanted}")

    def has_room(self) -> bool:
        """Whether the disk of an SQLite file has room for cases to come; PostgreSQL's disk is not looked at."""
        return not self.is_sqlite or shutil.disk_usage(self._lock_path().parent).free >= ROOM_BYTES_LEAST

    def _write_nothing(self) -> None:
        # Goes to the disk as any commit does, and changes nothing: a page with the number it had, a note in the log.
        with self.work() as session:
            if self.is_sqlite:
                number = session.scalar(sa.text("PRAGMA user_version"))
                session.execute(sa.text(f"PRAGMA user_version = {number}"))
            else:
                session.execute(sa.text("SELECT pg_logical_emit_message(true, 'hall', 'can this be saved?')"))

    def _bound(self) -> AbstractContextManager[sa.Connection | sa.Engine]:
        return self.turns.turn() if self.turns is not None else nullcontext(self.engine)

    def _lock_path(self) -> Path:
        path = Path(self.url.database or "")
        return path.with_name(path.name + ".lock")

    def _open_sqlite(self, pool_size: int) -> sa.Engine:
        if sqlcipher.sqlite_version_info < SAFE_SQLITE:
            raise DatabaseUnsafe(
                f"SQLite {sqlcipher.sqlite_version} may corrupt its file; 3.51.3 is the first safe one"
            )
        self._lock_path().parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(
            self.url,
            module=sqlcipher,
            poolclass=sa.QueuePool,
            pool_size=pool_size,
            max_overflow=pool_size,
            connect_args={"timeout": self.busy_seconds, "check_same_thread": False},
        )
        key = self._keys.derive("database file").hex()

        @event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None  # BEGIN is ours to say
            connection.execute(f"PRAGMA key = \"x'{key}'\"")
            for name, value in PRAGMAS.items():
                connection.execute(f"PRAGMA {name} = {value}").close()

        @event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(f"BEGIN {connection.get_execution_options().get('begin', 'DEFERRED')}")

        return engine

    def _open_postgresql(self, pool_size: int) -> sa.Engine:
        wait = int(self.busy_seconds * 1000)
        return sa.create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_pre_ping=True,
            connect_args={"options": f"-c lock_timeout={wait} -c timezone=UTC"},
        )


def keys_of(session: Session) -> Keys:
    """Return the keys that the session's database was opened with."""
    return cast(Keys, session.info["keys"])


def hall_of(session: Session) -> str:
    """Return the code of the hall that the session works for."""
    return cast(str, session.info["hall"])


def upgrade(database: Database, revision: str = "head") -> None:
    """Bring the tables to `revision`."""
    _migrate(database, command.upgrade, revision)


def downgrade(database: Database, revision: str = "base") -> None:
    """Take the tables back to `revision`; 'base' drops them all."""
    _migrate(database, command.downgrade, revision)


def is_up_to_date(database: Database) -> bool:
    """Whether the tables are those that this version of the hall needs."""
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current == ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _migrate(database: Database, move: Any, revision: str) -> None:
    config = _alembic()
    with database.engine.execution_options(begin="IMMEDIATE").connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        move(config, revision)


@contextmanager
def _busy_named() -> Iterator[None]:
    try:
        yield
    except sa.exc.OperationalError as error:
        # SQLite says "database is locked", PostgreSQL 55P03 lock_not_available.
        if "locked" in str(error.orig) or getattr(error.orig, "sqlstate", "") == "55P03":
            raise DatabaseBusy from error
        raise
