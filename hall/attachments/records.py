"""The tables of the papers of a case. Names and bytes are sealed with the case's own key.

They lie in the database, not beside it: a paper is kept in the same transaction as its event, a backup holds both,
and removing a paper overwrites its bytes (secure_delete).
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from hall.cases.records import Case, case_key
from hall.database import Base, Instant, new_id
from hall.sealing import seal, seal_text, unseal, unseal_text


class Attachment(Base):
    """A photo or scan that somebody added to a case; `request_hash` and `position` name it in its form."""

    __tablename__ = "attachment"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(sa.ForeignKey("hall_case.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    size: Mapped[int]
    name_sealed: Mapped[bytes]
    author_kind: Mapped[str]
    author_id: Mapped[str]
    request_hash: Mapped[str]
    position: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)

    __table_args__ = (sa.UniqueConstraint("request_hash", "position"),)


class AttachmentBody(Base):
    """The sealed bytes of an attachment, apart from it, so that lists do not read them; gone when it is removed."""

    __tablename__ = "attachment_body"

    attachment_id: Mapped[str] = mapped_column(sa.ForeignKey("attachment.id", ondelete="CASCADE"), primary_key=True)
    body_sealed: Mapped[bytes]


@dataclass(frozen=True, slots=True)
class Paper:
    """An attachment in a list: its name in words, without its bytes."""

    id: str
    name: str
    kind: str
    size: int
    at: datetime
    author_kind: str
    author_id: str


def find_attachment(session: Session, case_id: str, attachment_id: str) -> Attachment | None:
    """Return an attachment of this case that was not removed, or None."""
    question = sa.select(Attachment).where(
        Attachment.id == attachment_id, Attachment.case_id == case_id, Attachment.removed_at.is_(None)
    )
    return session.scalars(question).one_or_none()


def has_request(session: Session, request_hash: str) -> bool:
    """Whether this form was taken before."""
    return session.scalar(sa.select(Attachment.id).where(Attachment.request_hash == request_hash).limit(1)) is not None


def sizes_of(session: Session, case_id: str) -> list[int]:
    """Return the sizes in bytes of what a case holds."""
    question = sa.select(Attachment.size).where(Attachment.case_id == case_id, Attachment.removed_at.is_(None))
    return list(session.scalars(question))


def count_ever(session: Session, case_id: str) -> int:
    """Return how many files a case was given, those removed again included."""
    return session.scalar(sa.select(sa.func.count()).where(Attachment.case_id == case_id)) or 0


def papers_of(session: Session, case: Case) -> list[Paper]:
    """Return the papers of a case in the order in which they came."""
    key = case_key(session, case)
    question = (
        sa.select(Attachment)
        .where(Attachment.case_id == case.id, Attachment.removed_at.is_(None))
        .order_by(Attachment.at, Attachment.position)
    )
    return [
        Paper(
            row.id,
            unseal_text(key, row.name_sealed, bound_to=f"attachment name|{row.id}"),
            row.kind,
            row.size,
            row.at,
            row.author_kind,
            row.author_id,
        )
        for row in session.scalars(question)
    ]


def add(
    session: Session,
    case: Case,
    *,
    name: str,
    kind: str,
    body: bytes,
    author: tuple[str, str],
    request_hash: str,
    position: int,
    now: datetime,
) -> Attachment:
    """Add one sealed attachment."""
    key, row_id = case_key(session, case), new_id()
    row = Attachment(
        id=row_id,
        case_id=case.id,
        kind=kind,
        size=len(body),
        name_sealed=seal_text(key, name, bound_to=f"attachment name|{row_id}"),
        author_kind=author[0],
        author_id=author[1],
        request_hash=request_hash,
        position=position,
        at=now,
    )
    session.add(row)
    session.flush()
    sealed = seal(key, body, bound_to=f"attachment|{row_id}")
    session.add(AttachmentBody(attachment_id=row_id, body_sealed=sealed))
    session.flush()
    return row


def body_of(session: Session, case: Case, row: Attachment) -> bytes:
    """Return the bytes of an attachment; SealBroken when they were changed or moved."""
    sealed = session.get_one(AttachmentBody, row.id).body_sealed
    return unseal(case_key(session, case), sealed, bound_to=f"attachment|{row.id}")


def name_of(session: Session, case: Case, row: Attachment) -> str:
    """Return the name of an attachment."""
    return unseal_text(case_key(session, case), row.name_sealed, bound_to=f"attachment name|{row.id}")


def drop_body(session: Session, row: Attachment) -> None:
    """Delete the bytes of an attachment for good."""
    session.execute(sa.delete(AttachmentBody).where(AttachmentBody.attachment_id == row.id))
