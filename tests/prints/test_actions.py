"""A confirmation is one copy: ordered, handed to a real printing system, followed, and never printed twice."""

import threading
import time
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from hall.database import Database, new_id
from hall.prints import actions, printer, records, rules
from hall.prints.printer import PrinterFailed
from hall.prints.records import PrintBody, PrintJob
from hall.prints.rules import State
from handbooks.press import Press
from tests.handbooks.test_press import count_pages, page
from tests.prints.conftest import QUEUE, PrintingSystem, wait

pytestmark = pytest.mark.only_on("sqlite")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A real PDF of two pages."""
    folder = tmp_path_factory.mktemp("pages")
    with Press(folder) as press:
        press.print_html(page('<p>First leaf.</p><p style="break-before: page">Second leaf.</p>'), folder / "x.pdf")
    return (folder / "x.pdf").read_bytes()


def order(database: Database, pages: bytes, now: datetime, *, request: str = "r" * 24, queue: str = QUEUE) -> str:
    with database.work() as session:
        return actions.order(
            session,
            pages,
            name="US-en",
            device="Entrance",
            queue=queue,
            sides="two-sided-long-edge",
            request=request,
            now=now,
        ).id


def state_of(database: Database, job_id: str) -> str:
    with database.reading() as session:
        return session.get_one(PrintJob, job_id).state


def sweep_until(database: Database, job_id: str, state: State, now: datetime) -> None:
    def is_there() -> bool:
        actions.sweep(database, now=now)
        return state_of(database, job_id) == state

    wait(is_there)


def has_pages(database: Database, job_id: str) -> bool:
    with database.reading() as session:
        return session.get(PrintBody, job_id) is not None


def test_an_ordered_handbook_comes_out_once_and_its_pages_are_gone(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    job_id = order(database, pages, now)
    assert state_of(database, job_id) == State.PENDING
    sweep_until(database, job_id, State.PRINTED, now)
    title = actions.title_of(job_id)
    [sheet] = printing_system.copies_of(title)
    assert count_pages(sheet) == 2
    assert not has_pages(database, job_id)
    for _ in range(3):
        actions.sweep(database, now=now + timedelta(hours=1))
    assert printing_system.copies_of(title) == [sheet]


def test_the_same_confirmation_is_one_copy_however_often_it_is_sent(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    jobs = {order(database, pages, now) for _ in range(3)}
    assert len(jobs) == 1
    threads = [threading.Thread(target=actions.sweep, args=(database,), kwargs={"now": now}) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [job_id] = jobs
    sweep_until(database, job_id, State.PRINTED, now)
    assert len(printing_system.copies_of(actions.title_of(job_id))) == 1
    assert order(database, pages, now, request="s" * 24) != job_id


def test_a_process_killed_before_the_hand_over_prints_later_and_once(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    job_id = order(database, pages, now)
    with database.work() as session:  # what stands in the database when the process ends right after its note
        job = session.get_one(PrintJob, job_id)
        job.state, job.sent_at, job.tries = State.PRINTING, now, 1
    actions.sweep(database, now=now + timedelta(seconds=5))
    assert state_of(database, job_id) == State.PRINTING  # perhaps somebody is just handing it over
    sweep_until(database, job_id, State.PRINTED, now + rules.UNSEEN_AFTER + timedelta(seconds=1))
    assert len(printing_system.copies_of(actions.title_of(job_id))) == 1


def test_a_process_killed_after_the_hand_over_does_not_print_again(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(database, pages, now)
    real = printer.hand_over

    class Killed(BaseException):
        """The process ends here."""

    def hand_over_and_die(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]
        raise Killed

    monkeypatch.setattr(printer, "hand_over", hand_over_and_die)
    with pytest.raises(Killed):
        actions.sweep(database, now=now)
    monkeypatch.setattr(printer, "hand_over", real)
    later = now + timedelta(hours=1)
    sweep_until(database, job_id, State.PRINTED, later)
    actions.sweep(database, now=later + timedelta(hours=1))
    assert len(printing_system.copies_of(actions.title_of(job_id))) == 1


def test_a_job_is_known_by_its_title_long_after_it_was_printed(printing_system: PrintingSystem, pages: bytes) -> None:
    title = f"hall-{new_id()}"
    number = printer.hand_over(QUEUE, title, pages, sides="one-sided")
    wait(lambda: printer.find(QUEUE, title, number) == (State.PRINTED, ""))
    # CUPS puts the job out of its memory within a second.
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        assert printer.find(QUEUE, title, None) == (State.PRINTED, "")
    assert len(printing_system.copies_of(title)) == 1


def test_a_hand_over_whose_answer_never_came_is_not_made_again(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(database, pages, now)
    real = printer.hand_over

    def taken_but_silent(*arguments: object, **more: object) -> None:
        real(*arguments, **more)  # type: ignore[arg-type]
        raise PrinterFailed("silent", "it took too long")

    monkeypatch.setattr(printer, "hand_over", taken_but_silent)
    actions.sweep(database, now=now)
    assert state_of(database, job_id) == State.PENDING
    monkeypatch.setattr(printer, "hand_over", real)
    sweep_until(database, job_id, State.PRINTED, now + rules.RETRY_AFTER)
    assert len(printing_system.copies_of(actions.title_of(job_id))) == 1


def test_two_that_look_at_once_do_not_send_a_second_copy(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = order(database, pages, now)
    with database.work() as session:
        job = session.get_one(PrintJob, job_id)
        job.state, job.sent_at, job.tries = State.PRINTING, now, 1
    later, real = now + rules.UNSEEN_AFTER + timedelta(seconds=1), printer.find

    def slow_find(*arguments: object) -> None:
        # While this one waits for the answer, another sweep finds out, hands the job over and sees it printed.
        monkeypatch.setattr(printer, "find", real)
        sweep_until(database, job_id, State.PRINTED, later)

    monkeypatch.setattr(printer, "find", slow_find)
    actions.follow(database, job_id, now=later)
    assert state_of(database, job_id) == State.PRINTED
    actions.sweep(database, now=later)
    assert len(printing_system.copies_of(actions.title_of(job_id))) == 1


def test_a_job_that_was_taken_and_is_forgotten_is_not_printed_again(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    job_id = order(database, pages, now)
    with database.work() as session:
        job = session.get_one(PrintJob, job_id)
        job.state, job.sent_at, job.tries, job.number = State.PRINTING, now, 1, 4711
    actions.sweep(database, now=now + timedelta(hours=1))
    with database.reading() as session:
        job = session.get_one(PrintJob, job_id)
        assert (job.state, job.reason) == (State.FAILED, "unknown")
    assert printing_system.copies_of(actions.title_of(job_id)) == []


def test_a_printer_that_is_not_there_says_so_and_the_pages_stay(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    job_id = order(database, pages, now, queue="Nope")
    actions.sweep(database, now=now)
    with database.work() as session:
        job = session.get_one(PrintJob, job_id)
        assert (job.state, job.reason) == (State.FAILED, "refused")
        job.queue = QUEUE
        session.flush()
        assert actions.print_again(session, job, now=now)
        [again] = records.ids_in(session, State.PENDING)
    sweep_until(database, again, State.PRINTED, now)
    assert len(printing_system.copies_of(actions.title_of(again))) == 1
    with database.work() as session:
        assert not actions.print_again(session, session.get_one(PrintJob, job_id), now=now)


def test_a_job_taken_off_the_printer_is_told(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    printing_system.run("/usr/sbin/cupsdisable", QUEUE)
    job_id = order(database, pages, now)
    actions.sweep(database, now=now)
    actions.sweep(database, now=now)
    assert state_of(database, job_id) == State.PRINTING  # it waits in the printer
    printing_system.run("cancel", "-a", QUEUE)
    sweep_until(database, job_id, State.FAILED, now)
    with database.reading() as session:
        assert session.get_one(PrintJob, job_id).reason == "canceled"
    assert has_pages(database, job_id)
    assert printing_system.copies_of(actions.title_of(job_id)) == []


def test_a_printing_system_that_does_not_answer_is_asked_again_and_then_given_up(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    printing_system.stop()
    job_id = order(database, pages, now)
    for _ in range(rules.TRIES_MOST - 1):
        actions.sweep(database, now=now)
        actions.sweep(database, now=now + rules.RETRY_AFTER / 2)  # too early: not a try
        assert state_of(database, job_id) == State.PENDING
        now += rules.RETRY_AFTER
    actions.sweep(database, now=now)
    with database.reading() as session:
        job = session.get_one(PrintJob, job_id)
        assert job.tries == rules.TRIES_MOST
        assert (job.state, job.reason) == (State.FAILED, "silent")


def test_pages_that_were_not_printed_are_forgotten_after_a_day(
    database: Database, pages: bytes, now: datetime, printing_system: PrintingSystem
) -> None:
    job_id = order(database, pages, now, queue="Nope")
    actions.sweep(database, now=now)
    actions.sweep(database, now=now + rules.KEPT - timedelta(minutes=1))
    assert has_pages(database, job_id)
    actions.sweep(database, now=now + rules.KEPT + timedelta(minutes=1))
    assert not has_pages(database, job_id)


def test_the_pages_lie_sealed(database: Database, pages: bytes, now: datetime) -> None:
    job_id = order(database, pages, now)
    with database.reading() as session:
        sealed = session.scalars(sa.select(PrintBody.body_sealed).where(PrintBody.job_id == job_id)).one()
    assert b"%PDF" not in sealed
    assert b"leaf" not in sealed


def test_a_machine_without_cups_says_that_nothing_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PrinterFailed) as failed:
        printer.find(QUEUE, "x", None)
    assert failed.value.reason == "silent"


@pytest.mark.parametrize(
    ("state", "seconds", "stuck"),
    [(State.PENDING, 20, False), (State.PENDING, 31, True), (State.PRINTING, 31, True), (State.PRINTED, 999, False)],
)
def test_nobody_waits_for_a_printer_for_ever(state: State, seconds: int, stuck: bool) -> None:
    assert rules.is_stuck(state, timedelta(seconds=seconds)) is stuck
