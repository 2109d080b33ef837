"""The outbox: what is to leave the hall, written in the same transaction as the act it tells of."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.database import Base, Instant, new_id


class Mail(Base):
    """An e-mail that waits, was sent, or was given up; address and words are sealed until it is sent."""

    __tablename__ = "mail"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    message_id: Mapped[str] = mapped_column(unique=True)
    sealed: Mapped[bytes | None]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (sa.Index("ix_mail_state_next_at", "state", "next_at"),)


def due(session: Session, now: datetime, limit: int = 50) -> list[str]:
    """Return the ids of the mails whose time has come, the oldest first."""
    question = (
        sa.select(Mail.id).where(Mail.state == "waiting", Mail.next_at <= now).order_by(Mail.created_at).limit(limit)
    )
    return list(session.scalars(question))


def count_by_state(session: Session) -> dict[str, int]:
    """Return how many mails wait, were sent, were given up."""
    return dict(session.execute(sa.select(Mail.state, sa.func.count()).group_by(Mail.state)).all())
