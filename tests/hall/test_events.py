"""The event log: any change, cut or swap is found, and the database itself refuses to make one."""

from collections.abc import Callable
from datetime import datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from hall import events
from hall.database import Database

ROWS = 6
Damage = Callable[[Session], None]


@pytest.fixture
def logged(database: Database, now: datetime) -> Database:
    with database.work() as session:
        for number in range(ROWS):
            events.record(
                session,
                "ticket_taken",
                now=now,
                actor=events.Actor("visitor"),
                subject=("ticket", f"t{number}"),
                case_id="c1",
                payload={"label": f"U{number:03d}"},
            )
    return database


def take_off_the_triggers(session: Session) -> None:
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sa.text("DROP TRIGGER event_no_update"))
        session.execute(sa.text("DROP TRIGGER event_no_delete"))
    else:
        session.execute(sa.text("DROP TRIGGER event_no_change ON event"))


def found(database: Database) -> list[int]:
    with database.reading() as session:
        return [flaw.seq for flaw in events.flaws(session)]


def test_an_untouched_log_is_whole(logged: Database) -> None:
    assert found(logged) == []
    with logged.reading() as session:
        assert events.head_of(session)[0] == ROWS


@pytest.mark.parametrize(
    "statement", ["UPDATE event SET action = 'x' WHERE seq = 2", "DELETE FROM event WHERE seq = 6"]
)
def test_the_database_refuses_to_change_an_event(logged: Database, statement: str) -> None:
    with pytest.raises(DBAPIError, match="events stand"), logged.work() as session:
        session.execute(sa.text(statement))


@pytest.mark.parametrize(
    "column", ["at", "actor_kind", "actor_id", "action", "object_kind", "object_id", "case_id", "payload", "mac"]
)
def test_a_change_in_any_column_is_found(logged: Database, column: str) -> None:
    with logged.work() as session:
        take_off_the_triggers(session)
        value = "'2020-01-01 00:00:00'" if column == "at" else "'changed'"
        session.execute(sa.text(f"UPDATE event SET {column} = {value} WHERE seq = 3"))
    assert found(logged)[0] == 3


CUTS = {
    "row dropped": (["DELETE FROM event WHERE seq = 3"], 3),
    "tail cut": (["DELETE FROM event WHERE seq >= 5"], 5),
    "tail cut and head set back": (
        [
            "DELETE FROM event WHERE seq >= 5",
            "UPDATE event_head SET seq = 4, mac = (SELECT mac FROM event WHERE seq = 4)",
        ],
        4,
    ),
    "rows swapped": (
        [
            "UPDATE event SET seq = 99 WHERE seq = 2",
            "UPDATE event SET seq = 2 WHERE seq = 3",
            "UPDATE event SET seq = 3 WHERE seq = 99",
        ],
        2,
    ),
    "row added": (
        [
            "INSERT INTO event SELECT hall, 7, at, actor_kind, actor_id, action, object_kind, object_id, case_id, "
            "payload, mac FROM event WHERE seq = 6"
        ],
        7,
    ),
    "head dropped": (["DELETE FROM event_head"], 6),
    "all dropped": (["DELETE FROM event"], 1),
}


@pytest.mark.parametrize(("statements", "first"), CUTS.values(), ids=CUTS)
def test_every_cut_swap_and_addition_is_found(logged: Database, statements: list[str], first: int) -> None:
    with logged.work() as session:
        take_off_the_triggers(session)
        for statement in statements:
            session.execute(sa.text(statement))
    assert found(logged)[0] == first


def test_an_act_that_fails_leaves_no_event(logged: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), logged.work() as session:
        events.record(session, "x", now=now, actor=events.THE_HALL, subject=("a", "b"))
        raise RuntimeError
    with logged.reading() as session:
        assert events.head_of(session)[0] == ROWS
    assert found(logged) == []
