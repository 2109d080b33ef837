"""The database: durable, encrypted, in step with the models; busy is said, not waited for without end."""

import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from hall import database as hall_database
from hall import numbering, tables
from hall.accounts import actions as accounts
from hall.accounts.records import Person
from hall.accounts.rules import Role
from hall.database import Base, Database, DatabaseUnsafe
from hall.sealing import Keys
from hall.settings import HOUSE, Settings
from hall.turns import DatabaseBusy
from tests.conftest import environment_of

NAME = "深圳星河电子有限公司"


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    assert tables.cases.Case.__table__ in Base.metadata.tables.values()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_migrations_go_down_to_nothing_and_up_again(database: Database) -> None:
    hall_database.downgrade(database)
    assert set(sa.inspect(database.engine).get_table_names()) == {"alembic_version"}
    assert not hall_database.is_up_to_date(database)
    hall_database.upgrade(database)
    assert hall_database.is_up_to_date(database)


def test_the_database_keeps_what_it_acknowledges(database: Database) -> None:
    database.check()


@pytest.mark.only_on("sqlite")
def test_a_setting_that_could_lose_a_commit_is_refused(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA synchronous = NORMAL")
        connection.exec_driver_sql("BEGIN")
    with pytest.raises(DatabaseUnsafe, match="synchronous"):
        database.check()


@pytest.mark.only_on("sqlite")
def test_the_file_tells_nothing_without_the_key(database: Database, now: datetime) -> None:
    with database.work() as session:
        accounts.open_account(
            session, email="a@hall.example", name=NAME, password="x" * 15, grants=[(Role.CLERK, "us")], now=now
        )
    path = Path(str(database.url.database))
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert NAME.encode() not in kept
    assert b"SQLite format 3" not in kept
    stranger = Database(str(database.url), Keys(b"other key" * 4), hall="BJ")
    with pytest.raises(sa.exc.DatabaseError, match="not a database"), stranger.reading() as session:
        session.scalars(sa.select(Person)).all()
    stranger.close()


def test_a_database_held_by_another_is_busy_after_the_wait(database: Database) -> None:
    if database.turns is not None:
        database.turns.busy_seconds = 0.2
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.work() as session:
            numbering.next_number(session, "x")
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    began = time.monotonic()
    with pytest.raises(DatabaseBusy), _impatient(database).work() as session:
        numbering.next_number(session, "x")
    assert time.monotonic() - began < 1
    done.set()
    holder.join()
    with database.work() as session:
        assert numbering.next_number(session, "x") == 2


def _impatient(database: Database) -> Database:
    if not database.is_sqlite:
        sa.event.listen(
            database.engine, "begin", lambda connection: connection.exec_driver_sql("SET LOCAL lock_timeout = 200")
        )
    return database


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="time zone"), database.work() as session:
        accounts.open_account(
            session,
            email="a@hall.example",
            name="A",
            password="x" * 15,
            grants=[],
            now=datetime(2026, 3, 3),  # noqa: DTZ001
        )


def test_a_moment_comes_back_in_utc(database: Database) -> None:
    moment = datetime(2026, 3, 3, 10, 0, 0, 123456, tzinfo=UTC)
    with database.work() as session:
        person = accounts.open_account(
            session, email="a@hall.example", name="A", password="x" * 15, grants=[], now=moment
        )
    with database.reading() as session:
        assert session.get_one(Person, person.id).created_at == moment


@pytest.mark.only_on("sqlite")
def test_a_folder_that_cannot_be_made_is_a_sentence_on_the_command_line(settings: Settings) -> None:
    nowhere = environment_of(settings.model_copy(update={"data_folder": Path("/proc/nowhere"), "database_url": ""}))
    done = subprocess.run(
        [sys.executable, "-m", "flask", "handbooks", "check"],
        cwd=HOUSE,
        env=nowhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "/proc/nowhere: No such file or directory (HALL_DATA_FOLDER)" in done.stderr
    assert "Traceback" not in done.stderr
