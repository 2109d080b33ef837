"""The tables of the expert panel and the directory of providers, and their questions."""

from collections.abc import Iterable
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hall.database import Base, Instant, new_id

FACETS = ("country", "right", "procedure", "industry", "language")


class Member(Base):
    """An advisor of the panel or a provider of the directory; `kind` tells which."""

    __tablename__ = "member"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(index=True)
    practice: Mapped[str]
    name_zh: Mapped[str]
    name_en: Mapped[str]
    firm_zh: Mapped[str]
    firm_en: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id", ondelete="SET NULL"), unique=True)
    capacity: Mapped[int]
    completed: Mapped[int] = mapped_column(default=0)
    on_time_kept: Mapped[int] = mapped_column(default=0)
    on_time_missed: Mapped[int] = mapped_column(default=0)
    rated_good: Mapped[int] = mapped_column(default=0)
    rated_poor: Mapped[int] = mapped_column(default=0)
    insured: Mapped[bool] = mapped_column(default=False)
    joined_on: Mapped[date]
    suspended_at: Mapped[datetime | None] = mapped_column(Instant)
    demonstration: Mapped[bool] = mapped_column(default=False)

    facets: Mapped[list["Facet"]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    credentials: Mapped[list["Credential"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    def values(self, facet: str) -> tuple[str, ...]:
        """Return the member's values of one facet, sorted."""
        return tuple(sorted(row.value for row in self.facets if row.facet == facet))


class Facet(Base):
    """One thing a member can do: a country, right, procedure, industry or language (with its quality, 0 to 1)."""

    __tablename__ = "member_facet"

    member_id: Mapped[str] = mapped_column(sa.ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    facet: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    quality: Mapped[float] = mapped_column(default=1.0)

    __table_args__ = (sa.Index("ix_member_facet_facet_value", "facet", "value"),)


class Credential(Base):
    """A verified admission of a member to act in a country."""

    __tablename__ = "credential"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    member_id: Mapped[str] = mapped_column(sa.ForeignKey("member.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    country: Mapped[str]
    number: Mapped[str]
    verified_on: Mapped[date]
    valid_until: Mapped[date | None]


def find_member(session: Session, member_id: str) -> Member | None:
    """Return the member, or None."""
    return session.get(Member, member_id)


def find_member_of_person(session: Session, person_id: str, kind: str) -> Member | None:
    """Return the panel member or provider that the person signs in for, or None."""
    return session.scalars(sa.select(Member).where(Member.person_id == person_id, Member.kind == kind)).one_or_none()


def all_members(session: Session, *, kind: str, ids: Iterable[str] | None = None) -> list[Member]:
    """Return the advisors or the providers, by name; `ids` narrows to some."""
    question = sa.select(Member).where(Member.kind == kind).order_by(Member.name_en)
    if ids is not None:
        question = question.where(Member.id.in_(list(ids)))
    return list(session.scalars(question))


def members_for_country(session: Session, *, kind: str, country: str) -> list[Member]:
    """Return the members that act in a country, by name, without those suspended."""
    question = (
        sa.select(Member)
        .join(Facet)
        .where(
            Member.kind == kind,
            Member.suspended_at.is_(None),
            Facet.facet == "country",
            Facet.value == country,
        )
        .order_by(Member.name_en)
    )
    return list(session.scalars(question))
