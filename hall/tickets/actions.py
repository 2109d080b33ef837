"""What can be done in the queue: take, call, recall, start, transfer, finish."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hall import events
from hall.accounts.records import Person
from hall.database import hall_of, new_id
from hall.events import Actor
from hall.numbering import give_back, next_number
from hall.tickets import records, rules
from hall.tickets.records import Period, Ticket
from hall.tickets.rules import Priority, State


def take(
    session: Session,
    *,
    window: str,
    series: str,
    day: date,
    now: datetime,
    locale: str,
    actor: Actor,
    request_hash: str | None,
    priority: Priority = Priority.NONE,
    case_id: str | None = None,
    device_id: str | None = None,
) -> Ticket:
    """Give the next number of the day's series; the same request gives the same ticket again.

    Numbers start at 1 each service day and have no gaps: the number and the ticket are one transaction.
    """
    # The number first: whoever sends the same form at the same time waits here, and then finds the ticket.
    numbers = f"ticket|{day.isoformat()}|{series}"
    number = next_number(session, numbers)
    before = records.find_ticket_by_request(session, request_hash) if request_hash is not None else None
    if before is not None:
        give_back(session, numbers)
        return before
    ticket_id = new_id()
    position = events.record(
        session,
        "ticket_taken",
        now=now,
        actor=actor,
        subject=("ticket", ticket_id),
        case_id=case_id,
        payload={"window": window, "label": rules.label(series, number), "priority": priority},
    )
    row = {
        "id": ticket_id,
        "hall": hall_of(session),
        "day": day,
        "series": series,
        "number": number,
        # The order of the queue is the order of the event log: a clock that jumps cannot reorder it.
        "position": position,
        "window": window,
        "locale": locale,
        "priority": priority,
        "rank": rules.RANK[priority],
        "state": State.WAITING,
        "case_id": case_id,
        "device_id": device_id,
        "request_hash": request_hash,
        "issued_at": now,
    }
    return records.add_waiting(session, row)


def call_next(session: Session, person: Person, *, day: date, now: datetime) -> Ticket:
    """Call the next ticket of the person's windows: red lane, appointments, then the longest waiting.

    Raises NoCounter, CounterBusy, NobodyWaits.
    """
    _check_counter(session, person)
    choice = (
        sa.select(Ticket.id)
        .where(Ticket.hall == hall_of(session), Ticket.day == day, Ticket.state == State.WAITING)
        .where(Ticket.window.in_(person.windows))
        .order_by(Ticket.rank, Ticket.position)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    claimed = _claim(session, Ticket.id == choice, from_state=State.WAITING)
    if claimed is None:
        raise rules.NobodyWaits
    return _call(session, claimed, person, now=now)


def call(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> Ticket:
    """Call this ticket; NoCounter, CounterBusy, MoveRefused, or TakenByOther when somebody was quicker."""
    _check_counter(session, person)
    rules.check_move(ticket.label, ticket.state, State.CALLED)
    claimed = _claim(session, Ticket.id == ticket.id, from_state=State(ticket.state))
    if claimed is None:
        raise rules.TakenByOther(number=ticket.label, counter=records.get_open_period(session, ticket.id).counter)
    return _call(session, claimed, person, now=now)


def recall(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> None:
    """Call the number again, no sooner than ten seconds after the last call; RecallTooSoon, MoveRefused."""
    period = _own_period(session, ticket, person, State.CALLED)
    rules.check_recall(period.called_at or period.started_at, now)
    period.called_at, period.calls = now, period.calls + 1
    _record(session, "ticket_recalled", ticket, person, now=now, calls=period.calls)


def start(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> None:
    """Begin to serve the called visitor."""
    period = _own_period(session, ticket, person, State.CALLED)
    _move(session, ticket, State.SERVING, person, now=now, counter=period.counter, called_at=period.called_at)
    _record(session, "ticket_started", ticket, person, now=now)


def miss(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> None:
    """The visitor did not come: set the ticket aside; it can be called again."""
    _own_period(session, ticket, person, State.CALLED)
    _move(session, ticket, State.AWAY, person, now=now)
    _record(session, "ticket_missed", ticket, person, now=now)


def transfer(session: Session, ticket: Ticket, person: Person, *, window: str, note: str, now: datetime) -> None:
    """Send the visitor on to another window with a note; the number stays, the place in the queue too."""
    period = records.get_open_period(session, ticket.id)
    _own_period(session, ticket, person, State(period.state))
    rules.check_move(ticket.label, ticket.state, State.WAITING)
    ticket.window = window
    _move(session, ticket, State.WAITING, person, now=now, note=note)
    _record(session, "ticket_transferred", ticket, person, now=now, window=window)


def finish(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> None:
    """End the service of a visitor."""
    _own_period(session, ticket, person, State.SERVING)
    _move(session, ticket, State.FINISHED, person, now=now)
    _record(session, "ticket_finished", ticket, person, now=now)


def attach_case(session: Session, ticket: Ticket, case_id: str) -> None:
    """Tie a ticket to the case that it is about."""
    ticket.case_id = case_id


def _claim(session: Session, which: sa.ColumnElement[bool], *, from_state: State) -> Ticket | None:
    question = (
        sa.update(Ticket).where(which, Ticket.state == from_state).values(state=State.CALLED).returning(Ticket.id)
    )
    ticket_id = session.scalar(question.execution_options(synchronize_session=False))
    return session.get(Ticket, ticket_id, populate_existing=True) if ticket_id else None


def _call(session: Session, ticket: Ticket, person: Person, *, now: datetime) -> Ticket:
    _move(session, ticket, State.CALLED, person, now=now, counter=person.counter, called_at=now)
    _record(session, "ticket_called", ticket, person, now=now, counter=person.counter)
    return ticket


def _move(
    session: Session,
    ticket: Ticket,
    state: State,
    person: Person,
    *,
    now: datetime,
    counter: str = "",
    called_at: datetime | None = None,
    note: str = "",
) -> None:
    open_period = records.get_open_period(session, ticket.id)
    open_period.ended_at = now
    session.flush()
    ticket.state = state
    ended = now if state is State.FINISHED else None
    session.add(
        Period(
            ticket_id=ticket.id,
            state=state,
            window=ticket.window,
            counter=counter,
            person_id=person.id,
            started_at=now,
            called_at=called_at,
            calls=1 if called_at else 0,
            ended_at=ended,
            note=note,
        )
    )
    session.flush()


def _check_counter(session: Session, person: Person) -> None:
    if not person.counter:
        raise rules.NoCounter
    held = records.find_at_counter(session, person.counter)
    if held is not None:
        raise rules.CounterBusy(number=held[0].label)


def _own_period(session: Session, ticket: Ticket, person: Person, state: State) -> Period:
    session.refresh(ticket, with_for_update=True)
    if ticket.state == State.FINISHED:
        raise rules.MoveRefused(number=ticket.label, state=rules.STATE_NAMES[State.FINISHED])
    period = records.get_open_period(session, ticket.id)
    if period.state != state:
        raise rules.MoveRefused(number=ticket.label, state=rules.STATE_NAMES[State(period.state)])
    if period.counter != person.counter:
        raise rules.TakenByOther(number=ticket.label, counter=period.counter)
    return period


def _record(
    session: Session, action: str, ticket: Ticket, person: Person, *, now: datetime, **payload: str | int
) -> None:
    events.record(
        session,
        action,
        now=now,
        actor=Actor("person", person.id),
        subject=("ticket", ticket.id),
        case_id=ticket.case_id,
        payload={"label": ticket.label, **payload},
    )
