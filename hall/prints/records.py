"""The print jobs. What is printed is sealed, and gone once it is on paper."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.database import Base, Instant, new_id
from hall.prints.rules import State


class PrintJob(Base):
    """A handbook to be printed once: `request_hash` names the confirmation, `name` what it is, `queue` the printer.

    `number` is what the printing system calls it; `again_id` the job that takes its place, where it failed and was
    confirmed anew.
    """

    __tablename__ = "print_job"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    request_hash: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    device: Mapped[str]
    queue: Mapped[str]
    sides: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.PENDING, index=True)
    reason: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    number: Mapped[int | None]
    ordered_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    again_id: Mapped[str | None]


class PrintBody(Base):
    """The sealed pages of a job, apart from it; gone when they are printed or given up."""

    __tablename__ = "print_body"

    job_id: Mapped[str] = mapped_column(sa.ForeignKey("print_job.id", ondelete="CASCADE"), primary_key=True)
    body_sealed: Mapped[bytes]


def find_job(session: Session, job_id: str) -> PrintJob | None:
    """Return a print job, or None."""
    return session.get(PrintJob, job_id)


def find_latest(session: Session, job_id: str) -> PrintJob | None:
    """Return a print job, or the one that took its place in the end; None where there is none."""
    job = find_job(session, job_id)
    while job is not None and job.again_id is not None:
        job = find_job(session, job.again_id)
    return job


def find_by_request(session: Session, request_hash: str) -> PrintJob | None:
    """Return the job of a confirmation, or None."""
    return session.scalars(sa.select(PrintJob).where(PrintJob.request_hash == request_hash)).one_or_none()


def ids_in(session: Session, state: State) -> list[str]:
    """Return the ids of the jobs in a state, the oldest first."""
    return list(session.scalars(sa.select(PrintJob.id).where(PrintJob.state == state).order_by(PrintJob.ordered_at)))


def to_watch(session: Session, *, failed_since: datetime, printed_since: datetime) -> list[PrintJob]:
    """Return the jobs on their way, and those that ended of late and nothing took the place of; the newest first."""
    question = sa.select(PrintJob).where(
        PrintJob.state.in_((State.PENDING, State.PRINTING))
        | ((PrintJob.state == State.FAILED) & (PrintJob.finished_at >= failed_since) & PrintJob.again_id.is_(None))
        | ((PrintJob.state == State.PRINTED) & (PrintJob.finished_at >= printed_since))
    )
    return list(session.scalars(question.order_by(PrintJob.ordered_at.desc())))


def count_amiss(session: Session, *, failed_since: datetime, ordered_before: datetime) -> int:
    """Return how many jobs need a look: failed of late with nothing in their place, or on their way for long."""
    question = sa.select(sa.func.count()).where(
        (PrintJob.state.in_((State.PENDING, State.PRINTING)) & (PrintJob.ordered_at < ordered_before))
        | ((PrintJob.state == State.FAILED) & (PrintJob.finished_at >= failed_since) & PrintJob.again_id.is_(None))
    )
    return session.scalars(question).one()


def with_pages(session: Session, job_ids: list[str]) -> set[str]:
    """Return those of some jobs whose pages are still there."""
    return set(session.scalars(sa.select(PrintBody.job_id).where(PrintBody.job_id.in_(job_ids))))


def second_tries(session: Session, job_ids: list[str]) -> set[str]:
    """Return those of some jobs that took the place of one that failed."""
    question = sa.select(PrintJob.again_id).where(PrintJob.again_id.in_(job_ids))
    return {again_id for again_id in session.scalars(question) if again_id}


def forget_bodies(session: Session, before: datetime) -> int:
    """Delete the pages of jobs that failed before a time; return how many."""
    old = sa.select(PrintJob.id).where(PrintJob.state == State.FAILED, PrintJob.finished_at < before)
    return session.execute(sa.delete(PrintBody).where(PrintBody.job_id.in_(old))).rowcount  # type: ignore[attr-defined,no-any-return]
