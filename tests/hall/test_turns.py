"""Pieces of work that come close together share a commit: each is saved and told so, or not saved and told so."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hall.database import Database
from hall.numbering import RunningNumber, next_number
from hall.turns import DatabaseBusy, Turns, WorkLost

pytestmark = pytest.mark.only_on("sqlite")
Deed = Callable[[Session], object]


@pytest.fixture
def turns(database: Database) -> Turns:
    assert database.turns is not None
    return database.turns


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def work(database: Database, deed: Deed) -> None:
    with database.work() as session:
        deed(session)


def until(holds: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1000):
        if holds():
            return
        pause.wait(0.01)
    raise AssertionError("it never came to that")


def together(database: Database, turns: Turns, pool: ThreadPoolExecutor, deeds: list[Deed]) -> list[Future[None]]:
    """Start all deeds so that the later ones wait while the first is at work."""
    begun = threading.Event()

    def first(session: Session) -> None:
        begun.set()
        until(lambda: turns.waiting == len(deeds) - 1)
        deeds[0](session)

    futures = [pool.submit(work, database, first)]
    assert begun.wait(10)
    futures += [pool.submit(work, database, deed) for deed in deeds[1:]]
    for future in futures:
        future.exception(timeout=30)
    return futures


def series(name: str) -> Deed:
    return lambda session: next_number(session, name)


def saved(database: Database) -> dict[str, int]:
    with database.reading() as session:
        return dict(session.execute(sa.select(RunningNumber.series, RunningNumber.last)).all())


def commits_of(database: Database) -> list[int]:
    counted: list[int] = []
    sa.event.listen(database.engine, "commit", lambda _connection: counted.append(1))
    return counted


def test_work_that_waited_shares_the_commit_of_the_work_before_it(
    database: Database, turns: Turns, pool: ThreadPoolExecutor
) -> None:
    commits = commits_of(database)
    futures = together(database, turns, pool, [series("a")] * 5)
    assert [future.exception() for future in futures] == [None] * 5
    assert saved(database) == {"a": 5}
    assert len(commits) < 5


def test_work_that_fails_takes_nobody_with_it(database: Database, turns: Turns, pool: ThreadPoolExecutor) -> None:
    def fail(session: Session) -> None:
        next_number(session, "lost")
        raise ZeroDivisionError

    futures = together(database, turns, pool, [series("a"), fail, series("b"), fail, series("a")])
    assert [type(future.exception()) for future in futures].count(ZeroDivisionError) == 2
    assert saved(database) == {"a": 2, "b": 1}


def test_a_commit_that_fails_is_told_to_everybody_in_it(
    database: Database, turns: Turns, pool: ThreadPoolExecutor
) -> None:
    def orphan(session: Session) -> None:
        session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        session.execute(sa.text("INSERT INTO person_grant (person_id, role, window) VALUES ('nobody', 'clerk', '')"))

    futures = together(database, turns, pool, [series("a"), series("b"), orphan])
    told = [type(future.exception()) for future in futures]
    kept = saved(database)
    # Whoever shared the commit is told; whoever was committed before it stands.
    assert told[2] is WorkLost
    assert {name for name, fault in zip(("a", "b"), told, strict=False) if fault is type(None)} == kept.keys()
    assert {fault for fault in told if fault is not type(None)} == {WorkLost}
    work(database, series("a"))
    assert saved(database)["a"] == kept.get("a", 0) + 1


def test_a_full_disk_loses_nothing_that_was_said_to_be_saved(
    database: Database, turns: Turns, pool: ThreadPoolExecutor
) -> None:
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def fill(session: Session) -> None:
        # The limit belongs to the connection, and with it to all that share this commit.
        session.execute(sa.text(f"PRAGMA max_page_count = {pages + 2}"))
        for number in range(1000):
            next_number(session, f"{number}" * 100)

    futures = together(database, turns, pool, [series("a"), fill, series("b")])
    kept = saved(database)
    assert isinstance(futures[1].exception(), sa.exc.OperationalError)
    assert not any(len(name) > 1 for name in kept)
    for name, future in (("a", futures[0]), ("b", futures[2])):
        assert (name in kept) == (future.exception() is None)


def test_another_process_waits_for_the_file_and_is_told(turns: Turns, pool: ThreadPoolExecutor) -> None:
    other = Turns(turns.engine, turns.lock_file, 0.05)
    with turns.turn():
        waits = [pool.submit(take_turn, other) for _ in range(3)]
        assert {type(wait.exception(timeout=10)) for wait in waits} == {DatabaseBusy}
    take_turn(other)


def test_work_stands_when_whoever_waited_gave_up(database: Database, turns: Turns, pool: ThreadPoolExecutor) -> None:
    database.turns = Turns(turns.engine, turns.lock_file, 0.2)
    late: list[Future[None]] = []

    def hold(session: Session) -> None:
        next_number(session, "a")
        late.append(pool.submit(work, database, series("b")))
        until(late[0].done)

    work(database, hold)
    assert isinstance(late[0].exception(), DatabaseBusy)
    assert saved(database) == {"a": 1}


def take_turn(turns: Turns) -> None:
    with turns.turn():
        pass
