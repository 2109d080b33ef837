"""The event log: one act, one event, in the same transaction, chained so that no row can be changed, cut or swapped.

Events hold ids and codes only, never the words of a case. Each row carries an HMAC over the row before it; the
head of the chain carries one over its own number. Whoever holds the database but not the key cannot make either.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.database import Base, Instant, hall_of, keys_of

KEY_PURPOSE = "event chain"
Payload = Mapping[str, str | int | float | bool | list[str] | None]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person, a visit, a terminal or the hall itself; `id` is empty for the hall."""

    kind: str
    id: str = ""


THE_HALL = Actor("hall")


class Event(Base):
    """One act of somebody, never changed and never deleted."""

    __tablename__ = "event"

    hall: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str]
    actor_id: Mapped[str]
    action: Mapped[str] = mapped_column(index=True)
    object_kind: Mapped[str]
    object_id: Mapped[str]
    case_id: Mapped[str | None] = mapped_column(index=True)
    payload: Mapped[str]
    mac: Mapped[str]


class EventHead(Base):
    """The end of a hall's chain; its seal shows a tail that was cut off."""

    __tablename__ = "event_head"

    hall: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    mac: Mapped[str]
    seal: Mapped[str]


# Every act appends an event: the statements are built once, and go around the unit of work.
CHAINED = tuple(column.name for column in Event.__table__.columns if column.name != "mac")
APPEND = sa.insert(Event)
HEAD = sa.select(EventHead.seq, EventHead.mac).where(EventHead.hall == sa.bindparam("of")).with_for_update()
MOVE_HEAD = sa.update(EventHead).where(EventHead.hall == sa.bindparam("of"))


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place where the chain does not hold, and what is wrong with it."""

    seq: int
    what: str


def record(
    session: Session,
    action: str,
    *,
    now: datetime,
    actor: Actor,
    subject: tuple[str, str],
    case_id: str | None = None,
    payload: Payload | None = None,
) -> int:
    """Append one event to the hall's chain and return its number; `subject` is kind and id of what was acted on."""
    session.flush()
    connection, key, hall = session.connection(), keys_of(session).derive(KEY_PURPOSE), hall_of(session)
    seq, previous = _locked_head(connection, key, hall)
    row = {
        "hall": hall,
        "seq": seq + 1,
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "object_kind": subject[0],
        "object_id": subject[1],
        "case_id": case_id,
        "payload": json.dumps(dict(payload or {}), sort_keys=True, ensure_ascii=False),
    }
    mac = _mac(key, previous, row)
    connection.execute(APPEND, {**row, "mac": mac})
    connection.execute(MOVE_HEAD, {"of": hall, "seq": seq + 1, "mac": mac, "seal": _seal(key, hall, seq + 1, mac)})
    return seq + 1


def events_of_case(session: Session, case_id: str) -> list[Event]:
    """Return the events of one case, oldest first."""
    return list(session.scalars(sa.select(Event).where(Event.case_id == case_id).order_by(Event.seq)))


def flaws(session: Session) -> Iterator[Flaw]:
    """Yield every place where the hall's chain was changed, cut, swapped or filled in; nothing when it is whole."""
    key, hall = keys_of(session).derive(KEY_PURPOSE), hall_of(session)
    expected, previous = 1, ""
    for event in session.scalars(sa.select(Event).where(Event.hall == hall).order_by(Event.seq)).yield_per(1000):
        if event.seq != expected:
            yield Flaw(expected, f"rows {expected} to {event.seq - 1} are missing")
        elif not hmac.compare_digest(event.mac, _mac(key, previous, {name: getattr(event, name) for name in CHAINED})):
            yield Flaw(event.seq, "the row does not follow from the row before it")
        expected, previous = event.seq + 1, event.mac
    yield from _head_flaws(session, key, hall, expected - 1, previous)


def head_of(session: Session) -> tuple[int, str]:
    """Return number and HMAC of the newest event: to be kept outside the hall as an anchor."""
    head = session.get(EventHead, hall_of(session))
    return (head.seq, head.mac) if head else (0, "")


def holds_anchor(session: Session, seq: int, mac: str) -> bool:
    """Whether the event that was the newest when an anchor was taken still stands: finds an old copy put back."""
    event = session.get(Event, (hall_of(session), seq))
    return seq == 0 or (event is not None and hmac.compare_digest(event.mac, mac))


def _head_flaws(session: Session, key: bytes, hall: str, last: int, mac: str) -> Iterator[Flaw]:
    head = session.get(EventHead, hall)
    if head is None:
        if last:
            yield Flaw(last, "the head of the chain is missing")
        return
    if not hmac.compare_digest(head.seal, _seal(key, hall, head.seq, head.mac)):
        yield Flaw(head.seq, "the head of the chain was changed")
    elif (head.seq, head.mac) != (last, mac):
        yield Flaw(last + 1, f"the chain ends at {last}, but {head.seq} were written")


def _locked_head(connection: sa.Connection, key: bytes, hall: str) -> tuple[int, str]:
    row = connection.execute(HEAD, {"of": hall}).one_or_none()
    if row is not None:
        return row.seq, row.mac
    connection.execute(sa.insert(EventHead).values(hall=hall, seq=0, mac="", seal=_seal(key, hall, 0, "")))
    return 0, ""


def _mac(key: bytes, previous: str, row: Mapping[str, Any]) -> str:
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    words = [previous, *(at if name == "at" else row[name] for name in CHAINED)]
    return hmac.new(key, json.dumps(words).encode(), hashlib.sha256).hexdigest()


def _seal(key: bytes, hall: str, seq: int, mac: str) -> str:
    return hmac.new(key, f"head|{hall}|{seq}|{mac}".encode(), hashlib.sha256).hexdigest()
