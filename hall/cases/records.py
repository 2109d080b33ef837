"""The tables of cases, and their questions. What a visitor wrote is sealed with the case's own key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.cases.rules import ConflictStatus, State
from hall.database import Base, Instant, hall_of, keys_of, new_id
from hall.sealing import seal, seal_text, unseal, unseal_text

WRAP_PURPOSE = "case keys"


class Case(Base):
    """One visitor's matter. Its code is kept as an HMAC only; its words are sealed with `key_wrapped`."""

    __tablename__ = "hall_case"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    hall: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    request_hash: Mapped[str] = mapped_column(unique=True)
    key_wrapped: Mapped[bytes]
    lane: Mapped[str]
    role: Mapped[str]
    window: Mapped[str]
    country: Mapped[str]
    document: Mapped[str]
    rights: Mapped[str]
    procedure: Mapped[str]
    locale: Mapped[str]
    urgency: Mapped[str]
    urgency_rule: Mapped[str]
    urgency_reason: Mapped[str]
    safe_date: Mapped[date | None]
    state: Mapped[str] = mapped_column(index=True)
    conflict_status: Mapped[str] = mapped_column(default=ConflictStatus.NOT_RUN)
    consent_advisor: Mapped[bool]
    consent_provider: Mapped[bool]
    version: Mapped[int] = mapped_column(default=1)
    submitted_at: Mapped[datetime] = mapped_column(Instant, index=True)
    look_by: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    demonstration: Mapped[bool] = mapped_column(default=False)

    __mapper_args__ = {"version_id_col": version}


class Fact(Base):
    """One thing somebody said about a case; a later one supersedes it, nothing is overwritten."""

    __tablename__ = "fact"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    key: Mapped[str]
    position: Mapped[int]
    value_sealed: Mapped[bytes]
    asserted_kind: Mapped[str]
    asserted_id: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    superseded_at: Mapped[datetime | None] = mapped_column(Instant)


class Party(Base):
    """Somebody on a side of a case: client, adverse, counsel; names and numbers are sealed."""

    __tablename__ = "party"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    role: Mapped[str]
    country: Mapped[str]
    position: Mapped[int]
    sealed: Mapped[bytes]


class CaseDeadline(Base):
    """A date computed for a case, as it was explained then; a new one supersedes it."""

    __tablename__ = "case_deadline"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    rule_id: Mapped[str]
    start: Mapped[date | None]
    raw: Mapped[date | None]
    rolled: Mapped[date | None]
    safe: Mapped[date | None]
    explained: Mapped[str]
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    superseded_at: Mapped[datetime | None] = mapped_column(Instant)


class Message(Base):
    """Something said in a case: an opinion to the visitor, a question, an internal note. The words are sealed."""

    __tablename__ = "message"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    author_kind: Mapped[str]
    author_id: Mapped[str]
    body_sealed: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class PartySaid:
    """A party as it was named: role, names in every script, numbers in registers, country."""

    id: str
    role: str
    names: tuple[str, ...]
    ids: tuple[str, ...]
    country: str


@dataclass(frozen=True, slots=True)
class MessageSaid:
    """A message with its words."""

    id: str
    kind: str
    author_id: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list: no words of the visitor."""

    id: str
    reference: str
    window: str
    country: str
    document: str
    role: str
    urgency: str
    state: str
    conflict_status: str
    safe_date: date | None
    submitted_at: datetime
    look_by: datetime | None
    demonstration: bool


def wrap_key(session: Session, case_id: str, key: bytes) -> bytes:
    """Return the case's key sealed with the hall's."""
    return seal(keys_of(session).derive(WRAP_PURPOSE), key, bound_to=f"case key|{case_id}")


def case_key(session: Session, case: Case) -> bytes:
    """Return the key that the words of the case are sealed with."""
    return unseal(keys_of(session).derive(WRAP_PURPOSE), case.key_wrapped, bound_to=f"case key|{case.id}")


def find_case(session: Session, case_id: str) -> Case | None:
    """Return the case, or None."""
    return session.get(Case, case_id)


def find_case_by_code_hash(session: Session, code_hash: str) -> Case | None:
    """Return the case of a code's HMAC, or None: exact match only."""
    return session.scalars(sa.select(Case).where(Case.code_hash == code_hash)).one_or_none()


def find_case_by_request(session: Session, request_hash: str) -> Case | None:
    """Return the case that this form opened before, or None."""
    return session.scalars(sa.select(Case).where(Case.request_hash == request_hash)).one_or_none()


def open_cases(
    session: Session,
    *,
    windows: Sequence[str] | None = None,
    states: Sequence[str] | None = None,
    limit: int = 200,
) -> list[CaseRow]:
    """Return cases for a list, the most urgent first, then the earliest safe date, then the oldest."""
    columns = [getattr(Case, name) for name in CaseRow.__dataclass_fields__]
    question = (
        sa.select(*columns)
        .where(Case.hall == hall_of(session))
        .order_by(Case.urgency, Case.safe_date.is_(None), Case.safe_date, Case.submitted_at)
        .limit(limit)
    )
    question = question.where(Case.state.in_(states) if states is not None else Case.state != State.CLOSED)
    if windows is not None:
        question = question.where(Case.window.in_(windows))
    return [CaseRow(*row) for row in session.execute(question)]


def count_states(session: Session) -> dict[str, int]:
    """Return how many cases stand in each state."""
    question = sa.select(Case.state, sa.func.count()).where(Case.hall == hall_of(session)).group_by(Case.state)
    return dict(session.execute(question).all())


def facts_of(session: Session, case: Case) -> dict[str, Any]:
    """Return what stands now of a case: key to value, in the order it was asked."""
    key = case_key(session, case)
    question = (
        sa.select(Fact).where(Fact.case_id == case.id, Fact.superseded_at.is_(None)).order_by(Fact.position, Fact.at)
    )
    return {
        fact.key: json.loads(unseal(key, fact.value_sealed, bound_to=f"fact|{fact.id}"))
        for fact in session.scalars(question)
    }


def parties_of(session: Session, case: Case) -> list[PartySaid]:
    """Return the parties of a case with their names."""
    key = case_key(session, case)
    rows = session.scalars(sa.select(Party).where(Party.case_id == case.id).order_by(Party.position))
    said = []
    for row in rows:
        words = json.loads(unseal(key, row.sealed, bound_to=f"party|{row.id}"))
        said.append(PartySaid(row.id, row.role, tuple(words["names"]), tuple(words["ids"]), row.country))
    return said


def deadlines_of(session: Session, case_id: str) -> list[CaseDeadline]:
    """Return the dates that stand for a case, the earliest first, those without a date last."""
    question = (
        sa.select(CaseDeadline)
        .where(CaseDeadline.case_id == case_id, CaseDeadline.superseded_at.is_(None))
        .order_by(CaseDeadline.position)
    )
    return list(session.scalars(question))


def messages_of(session: Session, case: Case, *, kinds: Sequence[str]) -> list[MessageSaid]:
    """Return what was said in a case, oldest first, of the named kinds only."""
    key = case_key(session, case)
    question = (
        sa.select(Message).where(Message.case_id == case.id, Message.kind.in_(kinds)).order_by(Message.at, Message.id)
    )
    return [
        MessageSaid(
            row.id,
            row.kind,
            row.author_id,
            unseal_text(key, row.body_sealed, bound_to=f"message|{row.id}"),
            row.at,
        )
        for row in session.scalars(question)
    ]


def add_fact(
    session: Session,
    case: Case,
    key: bytes,
    *,
    name: str,
    value: Any,
    position: int,
    actor: tuple[str, str],
    now: datetime,
) -> Fact:
    """Add one sealed fact."""
    fact = Fact(
        id=new_id(),
        case_id=case.id,
        key=name,
        position=position,
        asserted_kind=actor[0],
        asserted_id=actor[1],
        at=now,
    )
    words = json.dumps(value, ensure_ascii=False).encode()
    fact.value_sealed = seal(key, words, bound_to=f"fact|{fact.id}")
    session.add(fact)
    return fact


def add_party(
    session: Session,
    case: Case,
    key: bytes,
    *,
    role: str,
    names: Sequence[str],
    ids: Sequence[str],
    country: str,
    position: int,
) -> Party:
    """Add one sealed party."""
    party = Party(id=new_id(), case_id=case.id, role=role, country=country, position=position)
    words = json.dumps({"names": list(names), "ids": list(ids)}, ensure_ascii=False).encode()
    party.sealed = seal(key, words, bound_to=f"party|{party.id}")
    session.add(party)
    return party


def add_message(
    session: Session, case: Case, *, kind: str, author: tuple[str, str], body: str, now: datetime
) -> Message:
    """Add one sealed message."""
    message = Message(id=new_id(), case_id=case.id, kind=kind, author_kind=author[0], author_id=author[1], at=now)
    message.body_sealed = seal_text(case_key(session, case), body, bound_to=f"message|{message.id}")
    session.add(message)
    return message
