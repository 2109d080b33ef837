"""The tables of people, devices and sessions, and their questions."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from hall.database import Base, Instant, new_id


class Person(Base):
    """Somebody with an account: staff, advisor or provider."""

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_sealed: Mapped[bytes | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    counter: Mapped[str] = mapped_column(default="")
    locale: Mapped[str] = mapped_column(default="zh_Hans")
    created_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)
    demonstration: Mapped[bool] = mapped_column(default=False)

    grants: Mapped[list["Grant"]] = relationship(cascade="all, delete-orphan", lazy="selectin")

    @property
    def roles(self) -> frozenset[str]:
        """The roles of the person."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def windows(self) -> tuple[str, ...]:
        """The windows the person serves, in the order of their codes."""
        return tuple(sorted({grant.window for grant in self.grants if grant.window}))


class Grant(Base):
    """One role of one person; `window` narrows a clerk to a window, and is empty for the others."""

    __tablename__ = "person_grant"

    person_id: Mapped[str] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    window: Mapped[str] = mapped_column(primary_key=True, default="")


class Device(Base):
    """An enrolled terminal or board; only the hash of its token is kept."""

    __tablename__ = "device"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    name: Mapped[str]
    enrolment_hash: Mapped[str | None] = mapped_column(unique=True)
    enrolment_until: Mapped[datetime | None] = mapped_column(Instant)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class HallSession(Base):
    """A session kept on the server; the cookie holds its token, this row the hash of it."""

    __tablename__ = "hall_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    person_id: Mapped[str | None] = mapped_column(sa.ForeignKey("person.id", ondelete="CASCADE"))
    device_id: Mapped[str | None] = mapped_column(sa.ForeignKey("device.id", ondelete="CASCADE"))
    case_id: Mapped[str | None]
    data_sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)


# Every request of a visit asks for its session: the statements are built once, and load no objects.
SESSION = sa.select(*HallSession.__table__.columns).where(HallSession.token_hash == sa.bindparam("of"))
CHANGE_SESSION = sa.update(HallSession).where(HallSession.token_hash == sa.bindparam("of"))


class FailedTry(Base):
    """A failed sign-in, code look-up or enrolment, counted to slow the next ones down."""

    __tablename__ = "failed_try"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    what: Mapped[str]
    subject_hash: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)

    __table_args__ = (sa.Index("ix_failed_try_what_at", "what", "at"),)


def find_person(session: Session, person_id: str) -> Person | None:
    """Return the person, or None."""
    return session.get(Person, person_id)


def find_person_by_email(session: Session, email: str) -> Person | None:
    """Return the person with this address (kept folded), or None."""
    return session.scalars(sa.select(Person).where(Person.email == email)).one_or_none()


def all_people(session: Session, *, demonstration: bool | None = None) -> list[Person]:
    """Return everybody, or only those (not) of the demonstration, by address."""
    question = sa.select(Person).order_by(Person.email)
    if demonstration is not None:
        question = question.where(Person.demonstration == demonstration)
    return list(session.scalars(question))


def has_demonstration(session: Session) -> bool:
    """Whether anybody of the demonstration has an account."""
    return session.scalar(sa.select(Person.id).where(Person.demonstration).limit(1)) is not None


def find_device(session: Session, token_hash: str) -> Device | None:
    """Return the enrolled device with this token, unless it was revoked."""
    question = sa.select(Device).where(Device.token_hash == token_hash, Device.revoked_at.is_(None))
    return session.scalars(question).one_or_none()


def find_enrolment(session: Session, enrolment_hash: str, now: datetime) -> Device | None:
    """Return the device that waits for this enrolment code, unless the code is stale."""
    question = sa.select(Device).where(Device.enrolment_hash == enrolment_hash, Device.enrolment_until > now)
    return session.scalars(question).one_or_none()


def all_devices(session: Session) -> list[Device]:
    """Return every device, oldest first."""
    return list(session.scalars(sa.select(Device).order_by(Device.created_at)))


def count_failed(session: Session, what: str, *, since: datetime, subject_hash: str | None = None) -> int:
    """Return how often `what` failed since then, by one subject or by all."""
    question = sa.select(sa.func.count()).where(FailedTry.what == what, FailedTry.at > since)
    if subject_hash is not None:
        question = question.where(FailedTry.subject_hash == subject_hash)
    return session.scalar(question) or 0
