"""The register of names, the checks made against it, and the decisions. Names are sealed; only a check reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.database import Base, Instant, hall_of, keys_of, new_id
from hall.sealing import seal, unseal, unseal_text

KEY_PURPOSE = "conflict register"


class RegisterRow(Base):
    """A name that stands on a side of a matter: of a case of the hall, or of a member's firm."""

    __tablename__ = "register_name"

    seq: Mapped[int] = mapped_column(primary_key=True)
    hall: Mapped[str] = mapped_column(index=True)
    side: Mapped[str]
    matter: Mapped[str]
    holder: Mapped[str] = mapped_column(index=True)
    case_id: Mapped[str | None] = mapped_column(index=True)
    party_id: Mapped[str | None]
    place: Mapped[str]
    sealed: Mapped[bytes]
    since: Mapped[date]
    ended_on: Mapped[date | None]


class Search(Base):
    """One conflict check of a case: when, against how many names, with which rules, with what outcome."""

    __tablename__ = "conflict_search"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    names: Mapped[int]
    compared: Mapped[int]
    version: Mapped[str]
    status: Mapped[str]


class SearchHit(Base):
    """A likeness that a check found between a party and a name of the register."""

    __tablename__ = "conflict_hit"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    search_id: Mapped[str] = mapped_column(sa.ForeignKey("conflict_search.id", ondelete="CASCADE"), index=True)
    party_id: Mapped[str]
    register_seq: Mapped[int]
    score: Mapped[float]
    band: Mapped[str]
    reason: Mapped[str]
    rule: Mapped[str]


class Decision(Base):
    """What the conflict officer decided about a case, and why; the reason is sealed."""

    __tablename__ = "conflict_decision"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    search_id: Mapped[str] = mapped_column(sa.ForeignKey("conflict_search.id", ondelete="CASCADE"))
    person_id: Mapped[str]
    outcome: Mapped[str]
    reason_sealed: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(Instant)


@dataclass(frozen=True, slots=True)
class NameSaid:
    """A name of the register, opened: for a check and for the conflict officer only."""

    seq: int
    name: str
    ids: tuple[str, ...]
    side: str
    matter: str
    holder: str
    case_id: str | None
    place: str
    since: date
    ended_on: date | None


def add_name(
    session: Session,
    *,
    name: str,
    ids: Sequence[str],
    side: str,
    matter: str,
    holder: str,
    place: str,
    since: date,
    case_id: str | None = None,
    party_id: str | None = None,
    ended_on: date | None = None,
) -> RegisterRow:
    """Add one name to the register."""
    words = json.dumps({"name": name, "ids": list(ids)}, ensure_ascii=False).encode()
    row = RegisterRow(
        hall=hall_of(session),
        side=side,
        matter=matter,
        holder=holder,
        case_id=case_id,
        party_id=party_id,
        place=place,
        since=since,
        ended_on=ended_on,
        # Bound to holder, matter and side: a name cannot be moved to another side of another matter.
        sealed=seal(keys_of(session).derive(KEY_PURPOSE), words, bound_to=_place_of(holder, matter, side)),
    )
    session.add(row)
    return row


def all_numbers(session: Session) -> dict[int, date | None]:
    """Return number and end of every name: enough to tell what a kept copy of the register lacks."""
    question = sa.select(RegisterRow.seq, RegisterRow.ended_on).where(RegisterRow.hall == hall_of(session))
    return dict(session.execute(question).all())


def names(session: Session, numbers: Sequence[int] | None = None) -> list[NameSaid]:
    """Return the names of the register, opened; `numbers` narrows to some."""
    question = sa.select(RegisterRow).where(RegisterRow.hall == hall_of(session)).order_by(RegisterRow.seq)
    if numbers is not None:
        question = question.where(RegisterRow.seq.in_(numbers))
    key = keys_of(session).derive(KEY_PURPOSE)
    return [_opened(key, row) for row in session.scalars(question)]


def latest_search(session: Session, case_id: str) -> Search | None:
    """Return the newest check of a case, or None."""
    question = sa.select(Search).where(Search.case_id == case_id).order_by(Search.at.desc()).limit(1)
    return session.scalars(question).one_or_none()


def hits_of(session: Session, search_id: str) -> list[SearchHit]:
    """Return the likenesses of a check, the strongest first."""
    question = sa.select(SearchHit).where(SearchHit.search_id == search_id).order_by(SearchHit.score.desc())
    return list(session.scalars(question))


def latest_decision(session: Session, case_id: str) -> tuple[Decision, str] | None:
    """Return the newest decision about a case with its reason, or None."""
    question = sa.select(Decision).where(Decision.case_id == case_id).order_by(Decision.at.desc()).limit(1)
    row = session.scalars(question).one_or_none()
    if row is None:
        return None
    key = keys_of(session).derive(KEY_PURPOSE)
    return row, unseal_text(key, row.reason_sealed, bound_to=f"decision|{row.id}")


def _opened(key: bytes, row: RegisterRow) -> NameSaid:
    words = json.loads(unseal(key, row.sealed, bound_to=_place_of(row.holder, row.matter, row.side)))
    return NameSaid(
        row.seq,
        words["name"],
        tuple(words["ids"]),
        row.side,
        row.matter,
        row.holder,
        row.case_id,
        row.place,
        row.since,
        row.ended_on,
    )


def _place_of(holder: str, matter: str, side: str) -> str:
    return f"register|{holder}|{matter}|{side}"
