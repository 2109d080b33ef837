"""The queue on a real database: numbers, order, calls, races."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from hall import events
from hall.accounts import actions as accounts
from hall.accounts.records import Person
from hall.accounts.rules import Role
from hall.database import Database
from hall.tickets import actions, records, rules
from hall.tickets.records import Ticket
from hall.tickets.rules import Priority, State

DAY = date(2026, 3, 3)


def take(session: Session, now: datetime, *, request: str | None = None, **values: object) -> Ticket:
    settings: dict[str, object] = {"window": "us", "series": "U", "day": DAY, "locale": "en", **values}
    return actions.take(session, now=now, actor=events.THE_HALL, request_hash=request, **settings)  # type: ignore[arg-type]


def clerk(session: Session, now: datetime, counter: str, *windows: str) -> Person:
    return accounts.open_account(
        session,
        email=f"clerk{counter}@hall.example",
        name=f"Clerk {counter}",
        password="correct horse battery",
        grants=[(Role.CLERK, window) for window in windows or ("us",)],
        counter=counter,
        now=now,
    )


@pytest.fixture
def work(database: Database) -> Iterator[Session]:
    with database.work() as session:
        yield session


def test_numbers_begin_at_one_each_day_and_have_no_gap(work: Session, now: datetime) -> None:
    labels = [take(work, now).label for _ in range(3)]
    tomorrow = take(work, now + timedelta(days=1), day=DAY + timedelta(days=1)).label
    assert labels == ["U001", "U002", "U003"]
    assert tomorrow == "U001"


def test_a_number_that_was_rolled_back_is_given_again(database: Database, now: datetime) -> None:
    with pytest.raises(RuntimeError), database.work() as session:
        take(session, now)
        raise RuntimeError
    with database.work() as session:
        assert take(session, now).label == "U001"


def test_the_same_form_sent_twice_gives_the_same_ticket(database: Database, now: datetime) -> None:
    with database.work() as session:
        first = take(session, now, request="form-1").id
    with database.work() as session:
        assert take(session, now, request="form-1").id == first
        assert take(session, now, request="form-2").label == "U002"


def test_the_same_form_sent_by_eight_threads_at_once_gives_one_ticket(database: Database, now: datetime) -> None:
    def send(_: int) -> str:
        with database.work() as session:
            return take(session, now, request="one form").label

    with ThreadPoolExecutor(8) as pool:
        labels = set(pool.map(send, range(8)))
    assert labels == {"U001"}
    with database.work() as session:
        assert take(session, now).label == "U002", "the number of the second form was lost"


def test_the_red_lane_is_called_first_then_the_longest_waiting(work: Session, now: datetime) -> None:
    first, second = take(work, now), take(work, now)
    urgent = take(work, now, priority=Priority.RED_LANE)
    person = clerk(work, now, "1")
    called = []
    for _ in range(3):
        ticket = actions.call_next(work, person, day=DAY, now=now)
        actions.start(work, ticket, person, now=now)
        actions.finish(work, ticket, person, now=now)
        called.append(ticket.label)
    assert called == [urgent.label, first.label, second.label]
    with pytest.raises(rules.NobodyWaits):
        actions.call_next(work, person, day=DAY, now=now)


def test_a_clerk_is_given_the_tickets_of_own_windows_only(work: Session, now: datetime) -> None:
    take(work, now, window="eu", series="E")
    with pytest.raises(rules.NobodyWaits):
        actions.call_next(work, clerk(work, now, "1", "us"), day=DAY, now=now)


def test_a_counter_with_a_visitor_calls_nobody_else(work: Session, now: datetime) -> None:
    take(work, now)
    take(work, now)
    person = clerk(work, now, "1")
    actions.call_next(work, person, day=DAY, now=now)
    with pytest.raises(rules.CounterBusy) as refused:
        actions.call_next(work, person, day=DAY, now=now)
    assert refused.value.params == {"number": "U001"}


def test_whoever_comes_second_is_told_who_took_the_ticket(database: Database, now: datetime) -> None:
    with database.work() as session:
        ticket = take(session, now).id
        first, second = clerk(session, now, "1").id, clerk(session, now, "2").id
    with database.work() as session:
        stale = session.get_one(Ticket, ticket)
        with database.reading() as other:
            assert other.get_one(Ticket, ticket).state == State.WAITING
        actions.call(session, stale, session.get_one(Person, first), now=now)
    with database.work() as session, pytest.raises(rules.MoveRefused):
        actions.call(session, session.get_one(Ticket, ticket), session.get_one(Person, second), now=now)


def test_a_recall_within_ten_seconds_is_refused(work: Session, now: datetime) -> None:
    take(work, now)
    person = clerk(work, now, "1")
    ticket = actions.call_next(work, person, day=DAY, now=now)
    with pytest.raises(rules.RecallTooSoon):
        actions.recall(work, ticket, person, now=now + timedelta(seconds=9))
    actions.recall(work, ticket, person, now=now + timedelta(seconds=10))
    assert records.recent_calls(work, DAY)[0].calls == 2


def test_a_transferred_visitor_keeps_number_and_place(work: Session, now: datetime) -> None:
    moved = take(work, now)
    take(work, now, window="eu", series="E")
    person = clerk(work, now, "1")
    actions.call_next(work, person, day=DAY, now=now)
    actions.start(work, moved, person, now=now)
    actions.transfer(work, moved, person, window="eu", note="patent question", now=now)
    other = clerk(work, now, "2", "eu")
    assert actions.call_next(work, other, day=DAY, now=now).label == "U001"


def test_a_visitor_who_did_not_come_can_be_called_again(work: Session, now: datetime) -> None:
    take(work, now)
    person = clerk(work, now, "1")
    ticket = actions.call_next(work, person, day=DAY, now=now)
    actions.miss(work, ticket, person, now=now)
    assert [row.state for row in records.queue(work, DAY)] == [State.AWAY]
    assert actions.call(work, ticket, person, now=now).state == State.CALLED


def test_a_finished_ticket_takes_no_further_act(work: Session, now: datetime) -> None:
    take(work, now)
    person = clerk(work, now, "1")
    ticket = actions.call_next(work, person, day=DAY, now=now)
    actions.start(work, ticket, person, now=now)
    actions.finish(work, ticket, person, now=now)
    for deed in (actions.start, actions.miss, actions.finish, actions.recall, actions.call):
        with pytest.raises((rules.MoveRefused, rules.RecallTooSoon)):
            deed(work, ticket, person, now=now + timedelta(minutes=1))


def test_the_board_shows_each_number_once_the_newest_call_first(work: Session, now: datetime) -> None:
    take(work, now)
    take(work, now)
    one, two = clerk(work, now, "1"), clerk(work, now, "2")
    first = actions.call_next(work, one, day=DAY, now=now)
    actions.start(work, first, one, now=now)
    actions.call_next(work, two, day=DAY, now=now + timedelta(seconds=5))
    assert [(call.label, call.counter) for call in records.recent_calls(work, DAY)] == [("U002", "2"), ("U001", "1")]


def test_a_clock_that_jumps_back_does_not_reorder_the_queue(work: Session, now: datetime) -> None:
    first = take(work, now)
    take(work, now - timedelta(days=3))
    assert actions.call_next(work, clerk(work, now, "1"), day=DAY, now=now).label == first.label


def test_a_wait_is_not_known_with_too_little_to_go_on() -> None:
    assert rules.estimate(3, 1, [10.0] * 4) is None
    wait = rules.estimate(4, 2, [5.0, 10.0, 10.0, 15.0, 20.0])
    assert wait is not None
    assert (wait.low, wait.high) == (20, 45)
