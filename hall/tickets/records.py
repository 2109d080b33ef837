"""The tables of the queue, and their questions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, aliased, make_transient_to_detached, mapped_column

from hall.database import Base, Instant, hall_of, new_id
from hall.tickets import rules
from hall.tickets.rules import State


class Ticket(Base):
    """A visitor's place in the queue; its number never changes, whichever window takes it."""

    __tablename__ = "ticket"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    hall: Mapped[str]
    day: Mapped[date]
    series: Mapped[str]
    number: Mapped[int]
    position: Mapped[int]
    window: Mapped[str]
    locale: Mapped[str]
    priority: Mapped[str] = mapped_column(default="")
    rank: Mapped[int]
    state: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(index=True)
    device_id: Mapped[str | None]
    request_hash: Mapped[str | None] = mapped_column(unique=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (
        sa.UniqueConstraint("hall", "day", "series", "number"),
        sa.Index("ix_ticket_queue", "hall", "day", "state", "window", "rank", "position"),
    )

    @property
    def label(self) -> str:
        """The number as it is shown and called."""
        return rules.label(self.series, self.number)


class Period(Base):
    """A stretch of a ticket's life in one state; reports come from these rows."""

    __tablename__ = "ticket_period"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(sa.ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    state: Mapped[str]
    window: Mapped[str]
    counter: Mapped[str] = mapped_column(default="")
    person_id: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(Instant)
    called_at: Mapped[datetime | None] = mapped_column(Instant)
    calls: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(default="")

    __table_args__ = (
        sa.Index(
            "uq_ticket_period_open",
            "ticket_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(
            "uq_ticket_period_counter",
            "counter",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
            postgresql_where=sa.text("ended_at IS NULL AND state IN ('called', 'serving')"),
        ),
        sa.Index("ix_ticket_period_served", "window", "state", "started_at"),
    )


# A number is given by the hundred an hour: the statements are built once.
ID_BY_REQUEST = sa.select(Ticket.id).where(Ticket.request_hash == sa.bindparam("of"))
NEW_TICKET, NEW_PERIOD = sa.insert(Ticket), sa.insert(Period)


@dataclass(frozen=True, slots=True)
class Call:
    """A number on the board: where to go, since when, how often called, whether the counter still has it."""

    ticket_id: str
    label: str
    window: str
    counter: str
    state: str
    called_at: datetime
    calls: int
    locale: str
    is_there: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A ticket in the queue, as the desk and the board show it."""

    ticket_id: str
    label: str
    window: str
    priority: str
    since: datetime
    case_id: str | None
    state: str


def get_open_period(session: Session, ticket_id: str) -> Period:
    """Return the period that a ticket is in."""
    return session.scalars(sa.select(Period).where(Period.ticket_id == ticket_id, Period.ended_at.is_(None))).one()


def find_ticket(session: Session, ticket_id: str) -> Ticket | None:
    """Return the ticket, or None."""
    return session.get(Ticket, ticket_id)


def find_ticket_by_request(session: Session, request_hash: str) -> Ticket | None:
    """Return the ticket that this form was given before, or None."""
    ticket_id = session.connection().scalar(ID_BY_REQUEST, {"of": request_hash})
    return find_ticket(session, ticket_id) if ticket_id else None


def add_waiting(session: Session, row: Mapping[str, Any]) -> Ticket:
    """Write a new ticket, with its first period, and return it; `row` holds every column."""
    connection = session.connection()
    connection.execute(NEW_TICKET, row)
    period = {"id": new_id(), "ticket_id": row["id"], "state": State.WAITING, "window": row["window"]}
    connection.execute(NEW_PERIOD, {**period, "started_at": row["issued_at"], "counter": "", "calls": 0, "note": ""})
    # Written around the unit of work, which costs as much again as the two rows; from here on it knows the ticket.
    ticket = Ticket(**row)
    make_transient_to_detached(ticket)
    session.add(ticket)
    return ticket


def find_ticket_of_case(session: Session, case_id: str) -> Ticket | None:
    """Return the newest ticket of a case, or None."""
    question = sa.select(Ticket).where(Ticket.case_id == case_id).order_by(Ticket.position.desc()).limit(1)
    return session.scalars(question).one_or_none()


def find_at_counter(session: Session, counter: str) -> tuple[Ticket, Period] | None:
    """Return the ticket that is called to or served at a counter, with its period, or None."""
    question = (
        sa.select(Ticket, Period)
        .join(Period, Period.ticket_id == Ticket.id)
        .where(Period.counter == counter, Period.ended_at.is_(None), Period.state.in_(rules.AT_A_COUNTER))
    )
    row = session.execute(question).one_or_none()
    return (row[0], row[1]) if row else None


def find_note(session: Session, ticket_id: str) -> str:
    """Return what the window that sent the visitor on wrote last for the next one, or ''."""
    question = sa.select(Period.note).where(Period.ticket_id == ticket_id, Period.note != "")
    return session.scalar(question.order_by(Period.started_at.desc()).limit(1)) or ""


def queue(session: Session, day: date, windows: Sequence[str] | None = None) -> list[Waiting]:
    """Return who waits or did not come, in the order in which they are called."""
    question = (
        sa.select(
            Ticket.id,
            Ticket.series,
            Ticket.number,
            Ticket.window,
            Ticket.priority,
            Period.started_at,
            Ticket.case_id,
            Ticket.state,
        )
        .join(Period, sa.and_(Period.ticket_id == Ticket.id, Period.ended_at.is_(None)))
        .where(Ticket.hall == hall_of(session), Ticket.day == day)
        .where(Ticket.state.in_((State.WAITING, State.AWAY)))
        .order_by(Ticket.state.desc(), Ticket.rank, Ticket.position)
    )
    if windows is not None:
        question = question.where(Ticket.window.in_(windows))
    return [
        Waiting(
            row.id,
            rules.label(row.series, row.number),
            row.window,
            row.priority,
            row.started_at,
            row.case_id,
            row.state,
        )
        for row in session.execute(question)
    ]


def count_waiting(session: Session, day: date) -> dict[str, int]:
    """Return how many wait at each window today."""
    question = (
        sa.select(Ticket.window, sa.func.count())
        .where(Ticket.hall == hall_of(session), Ticket.day == day, Ticket.state == State.WAITING)
        .group_by(Ticket.window)
    )
    return dict(session.execute(question).all())


def recent_calls(session: Session, day: date, limit: int = 6) -> list[Call]:
    """Return the numbers at the counters, the newest call first, then those that left a counter last."""
    later = aliased(Period)
    is_last_call = ~sa.exists().where(
        later.ticket_id == Period.ticket_id,
        later.state.in_(rules.AT_A_COUNTER),
        sa.or_(
            later.called_at > Period.called_at,
            # Called and then served at the same counter: the service carries the moment of the call on.
            sa.and_(later.called_at == Period.called_at, later.state > Period.state),
        ),
    )
    question = (
        sa.select(Ticket, Period)
        .join(Period, Period.ticket_id == Ticket.id)
        .where(Ticket.hall == hall_of(session), Ticket.day == day, Period.called_at.is_not(None), is_last_call)
        .order_by(sa.case((Period.ended_at.is_(None), 0), else_=1), Period.called_at.desc())
        .limit(limit)
    )
    return [
        Call(
            ticket.id,
            ticket.label,
            ticket.window,
            period.counter,
            period.state,
            period.called_at,
            period.calls,
            ticket.locale,
            period.ended_at is None,
        )
        for ticket, period in session.execute(question)
        if period.called_at is not None
    ]


def ahead_of(session: Session, ticket: Ticket) -> int:
    """Return how many waiting tickets of the same window are called before this one."""
    other = aliased(Ticket)
    question = sa.select(sa.func.count()).where(
        other.hall == ticket.hall,
        other.day == ticket.day,
        other.window == ticket.window,
        other.state == State.WAITING,
        sa.or_(other.rank < ticket.rank, sa.and_(other.rank == ticket.rank, other.position < ticket.position)),
    )
    return session.scalar(question) or 0


def minutes_served(session: Session, window: str, since: datetime, limit: int = 200) -> list[float]:
    """Return the lengths in minutes of the latest services of a window."""
    question = (
        sa.select(Period.started_at, Period.ended_at)
        .where(Period.window == window, Period.state == State.SERVING, Period.started_at > since)
        .where(Period.ended_at.is_not(None))
        .order_by(Period.started_at.desc())
        .limit(limit)
    )
    return [(ended - started).total_seconds() / 60 for started, ended in session.execute(question) if ended is not None]


def count_counters(session: Session, windows: Iterable[str], since: datetime) -> int:
    """Return how many counters called a ticket of these windows since then."""
    question = sa.select(sa.func.count(sa.distinct(Period.counter))).where(
        Period.window.in_(list(windows)), Period.counter != "", Period.called_at > since
    )
    return session.scalar(question) or 0
