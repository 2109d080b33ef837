"""The tables of proposals and offers, and their questions."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.cases.records import Case
from hall.database import Base, Instant, new_id

OPEN_STATES = ("offered", "declared", "accepted")
READERS = ("declared", "accepted")  # those to whom the facts of the case are open


class Ranking(Base):
    """Who was proposed for a case and why, as it was computed then."""

    __tablename__ = "ranking"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
    explained: Mapped[str]

    @property
    def explanation(self) -> dict[str, Any]:
        """The stored explanation."""
        words: dict[str, Any] = json.loads(self.explained)
        return words


class Eligible(Base):
    """A member who was eligible in a ranking, and the share of the offer that fairness would give."""

    __tablename__ = "ranking_eligible"

    ranking_id: Mapped[str] = mapped_column(sa.ForeignKey("ranking.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[str] = mapped_column(sa.ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    share: Mapped[float]
    at: Mapped[datetime] = mapped_column(Instant, index=True)


class Offer(Base):
    """A case offered to a panel member: an assignment to an advisor, or a referral to a provider."""

    __tablename__ = "offer"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[str] = mapped_column(sa.ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    state: Mapped[str]
    sent_by: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    declared_at: Mapped[datetime | None] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(default="")
    override_sealed: Mapped[bytes | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # A case has one open assignment; a member has a case once.
        sa.Index(
            "uq_offer_assignment",
            "case_id",
            unique=True,
            sqlite_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("kind = 'advisor' AND state IN ('offered', 'declared', 'accepted')"),
        ),
        sa.Index(
            "uq_offer_member",
            "case_id",
            "member_id",
            unique=True,
            sqlite_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
            postgresql_where=sa.text("state IN ('offered', 'declared', 'accepted')"),
        ),
        sa.Index("ix_offer_state_due_at", "state", "due_at"),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """What a member carries and was offered of late."""

    open_now: int
    offers_90_days: int
    last_offer_at: datetime | None


def find_offer(session: Session, offer_id: str, member_id: str) -> Offer | None:
    """Return the offer if it was made to this member, else None: another's offer does not exist."""
    return session.scalars(sa.select(Offer).where(Offer.id == offer_id, Offer.member_id == member_id)).one_or_none()


def find_open_assignment(session: Session, case_id: str) -> Offer | None:
    """Return the open offer of a case to an advisor, or None."""
    question = sa.select(Offer).where(Offer.case_id == case_id, Offer.kind == "advisor", Offer.state.in_(OPEN_STATES))
    return session.scalars(question).one_or_none()


def offers_of_case(session: Session, case_id: str) -> list[Offer]:
    """Return all offers of a case, oldest first."""
    return list(session.scalars(sa.select(Offer).where(Offer.case_id == case_id).order_by(Offer.sent_at)))


def offers_to(session: Session, member_id: str) -> list[tuple[Offer, Case]]:
    """Return the offers to a member with their cases, the open ones first, then the newest."""
    closed = sa.case((Offer.state.in_(OPEN_STATES), 0), else_=1)
    question = (
        sa.select(Offer, Case)
        .join(Case, Case.id == Offer.case_id)
        .where(Offer.member_id == member_id)
        .order_by(closed, Offer.due_at)
        .limit(100)
    )
    return [(offer, case) for offer, case in session.execute(question)]


def overdue(session: Session, now: datetime) -> list[Offer]:
    """Return the offers that nobody answered in time."""
    question = sa.select(Offer).where(Offer.state.in_(("offered", "declared")), Offer.due_at <= now)
    return list(session.scalars(question))


def loads(session: Session, *, kind: str, since: datetime) -> dict[str, Load]:
    """Return what every member of a kind carries, and was offered since then."""
    question = (
        sa.select(
            Offer.member_id,
            sa.func.sum(sa.case((Offer.state.in_(OPEN_STATES), 1), else_=0)),
            sa.func.sum(sa.case((Offer.sent_at > since, 1), else_=0)),
            sa.func.max(Offer.sent_at),
        )
        .where(Offer.kind == kind)
        .group_by(Offer.member_id)
    )
    return {
        member: Load(int(open_now), int(recent), last) for member, open_now, recent, last in session.execute(question)
    }


def expected_shares(session: Session, since: datetime) -> dict[str, float]:
    """Return how many offers fairness would have given each member since then."""
    question = (
        sa.select(Eligible.member_id, sa.func.sum(Eligible.share))
        .where(Eligible.at > since)
        .group_by(Eligible.member_id)
    )
    return dict(session.execute(question).all())


def latest_ranking(session: Session, case_id: str, kind: str) -> Ranking | None:
    """Return the newest ranking of a case for advisors or providers, or None."""
    question = (
        sa.select(Ranking).where(Ranking.case_id == case_id, Ranking.kind == kind).order_by(Ranking.at.desc()).limit(1)
    )
    return session.scalars(question).one_or_none()
