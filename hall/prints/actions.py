"""What can be done with print jobs: order one, hand those over that wait, see what became of them, print again."""

from contextlib import suppress
from datetime import datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from hall.database import Database, keys_of, new_id
from hall.prints import printer, records, rules
from hall.prints.printer import PrinterFailed
from hall.prints.records import PrintBody, PrintJob
from hall.prints.rules import State
from hall.sealing import seal, unseal

log = structlog.get_logger()
KEY_PURPOSE = "prints"


def order(
    session: Session, pages: bytes, *, name: str, device: str, queue: str, sides: str, request: str, now: datetime
) -> PrintJob:
    """Order one copy of a PDF; the same confirmation gives the same job again and no second copy."""
    hashed = keys_of(session).digest("print request", request)
    before = records.find_by_request(session, hashed)
    if before is not None:
        return before
    job = PrintJob(id=new_id(), request_hash=hashed, name=name, device=device, queue=queue, sides=sides, ordered_at=now)
    session.add(job)
    session.flush()
    sealed = seal(keys_of(session).derive(KEY_PURPOSE), pages, bound_to=f"print|{job.id}")
    session.add(PrintBody(job_id=job.id, body_sealed=sealed))
    return job


def print_again(session: Session, job: PrintJob, *, now: datetime) -> bool:
    """Let a failed job be printed once more, confirmed anew; False where its pages are gone."""
    session.refresh(job, with_for_update=True)  # two of the staff may press at once
    if job.state != State.FAILED or session.get(PrintBody, job.id) is None:
        return False
    # A title of its own: what the printing system knows of the first try says nothing of the second.
    fresh = PrintJob(
        id=new_id(),
        request_hash=keys_of(session).digest("print request", f"again {job.id}"),
        name=job.name,
        device=job.device,
        queue=job.queue,
        sides=job.sides,
        ordered_at=now,
    )
    session.add(fresh)
    session.flush()
    pages = _pages(session, job.id)
    sealed = seal(keys_of(session).derive(KEY_PURPOSE), pages, bound_to=f"print|{fresh.id}")
    session.add(PrintBody(job_id=fresh.id, body_sealed=sealed))
    job.again_id = fresh.id
    give_up(session, job)
    return True


def give_up(session: Session, job: PrintJob) -> None:
    """Forget the pages of a failed job."""
    session.execute(sa.delete(PrintBody).where(PrintBody.job_id == job.id))


def sweep(database: Database, *, now: datetime) -> int:
    """Hand over what waits and see what became of the rest; may be repeated at any time. Return how many were seen."""
    with database.reading() as session:
        waiting, printing = (records.ids_in(session, state) for state in (State.PENDING, State.PRINTING))
    for job_id in waiting:
        _hand_over(database, job_id, now=now)
    for job_id in printing:
        follow(database, job_id, now=now)
    with database.work() as session:
        records.forget_bodies(session, now - rules.KEPT)
    return len(waiting) + len(printing)


def follow(database: Database, job_id: str, *, now: datetime) -> None:
    """See what became of a job that was handed over."""
    with database.reading() as session:
        job = session.get_one(PrintJob, job_id)
        state, queue, sent_at, number, tries = job.state, job.queue, job.sent_at, job.number, job.tries
    if state != State.PRINTING:
        return
    with suppress(PrinterFailed):  # the printing system does not answer now: asked again later
        found = printer.find(queue, title_of(job_id), number)
        if found is None:
            if sent_at is not None and now - sent_at > rules.UNSEEN_AFTER:
                # Nobody took it: the process ended between the note and the hand-over.
                _note(database, job_id, State.PENDING, "", tries=tries, now=now)
        elif found[0] != State.PRINTING:
            _note(database, job_id, *found, tries=tries, now=now)


def title_of(job_id: str) -> str:
    """Return the title by which a job is known to the printing system."""
    return f"hall-{job_id}"


def _hand_over(database: Database, job_id: str, *, now: datetime) -> None:
    with database.work() as session:
        job = session.get(PrintJob, job_id, with_for_update={"skip_locked": True})
        if job is None or job.state != State.PENDING or rules.waits(job.tries, job.sent_at, now):
            return
        # Noted before anything is handed over: whoever finds the note asks the printing system, and sends no second.
        job.state, job.sent_at, job.tries = State.PRINTING, now, job.tries + 1
        pages, queue, sides, tries = _pages(session, job_id), job.queue, job.sides, job.tries
    title = title_of(job_id)
    try:
        # An earlier try may have been taken although its answer never came.
        if tries > 1 and printer.find(queue, title, None) is not None:
            return
        number = printer.hand_over(queue, title, pages, sides=sides)
    except PrinterFailed as failed:
        log.error("not_printed", job=job_id, queue=queue, reason=str(failed))
        again = failed.reason == "silent" and tries < rules.TRIES_MOST
        _note(database, job_id, State.PENDING if again else State.FAILED, failed.reason, tries=tries, now=now)
    else:
        with database.work() as session:
            session.get_one(PrintJob, job_id).number = number


def _note(database: Database, job_id: str, state: State, reason: str, *, tries: int, now: datetime) -> None:
    """Write down what became of one try; nothing where another process has written of it, or tried again, meanwhile."""
    with database.work() as session:
        job = session.get_one(PrintJob, job_id, with_for_update=True)
        if job.state != State.PRINTING or job.tries != tries:
            return
        job.state, job.reason = state, reason
        job.finished_at = now if state in (State.PRINTED, State.FAILED) else None
        if state == State.PRINTED:
            give_up(session, job)


def _pages(session: Session, job_id: str) -> bytes:
    body = session.get_one(PrintBody, job_id)
    return unseal(keys_of(session).derive(KEY_PURPOSE), body.body_sealed, bound_to=f"print|{job_id}")
