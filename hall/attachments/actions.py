"""What can be done with the papers of a case: add, open, remove."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from hall import events, pictures
from hall.attachments import records, rules
from hall.attachments.records import Attachment
from hall.attachments.rules import Checked, Given
from hall.cases.actions import request_hash
from hall.cases.records import Case
from hall.cases.rules import STAFF_LABELS, MoveRefused, State
from hall.events import Actor


def prepare(given: Sequence[Given]) -> list[Checked]:
    """Return the files of a form as they are kept: pictures drawn anew, without what a camera hides in them.

    To be called outside of a piece of work, for it takes a moment. Raises NoFile, TooManyFiles, FileTooLarge,
    FileUnknown, FileBroken.
    """
    return [_drawn(file) if file.is_picture else file for file in rules.check(given)]


def add(
    session: Session, case: Case, files: Sequence[Checked], *, request: str, actor: Actor, now: datetime
) -> list[Attachment]:
    """Add the prepared files of one form; the same form sent again adds nothing. CaseFull, MoveRefused when closed."""
    # Forms sent together wait for each other: was it sent before, is there room?
    session.refresh(case, with_for_update=True)
    _check_open(case)
    hashed = request_hash(session, f"attachment {case.id} {request}")
    if records.has_request(session, hashed):
        return []
    rules.check_room(
        records.sizes_of(session, case.id),
        [len(file.body) for file in files],
        ever=records.count_ever(session, case.id),
    )
    added = [
        records.add(
            session,
            case,
            name=file.name,
            kind=file.kind,
            body=file.body,
            author=(actor.kind, actor.id),
            request_hash=hashed,
            position=position,
            now=now,
        )
        for position, file in enumerate(files)
    ]
    for row in added:
        _record(session, "paper_added", case, row, actor=actor, now=now)
    return added


def open_paper(session: Session, case: Case, row: Attachment, *, actor: Actor, now: datetime) -> Checked:
    """Return a paper to whoever may read the case; that it was opened is an event."""
    _record(session, "paper_opened", case, row, actor=actor, now=now)
    return Checked(records.name_of(session, case, row), row.kind, records.body_of(session, case, row))


def remove(session: Session, case: Case, row: Attachment, *, actor: Actor, now: datetime) -> None:
    """Remove a paper: its bytes are deleted, that there was one stands. MoveRefused when the case is closed."""
    _check_open(case)
    records.drop_body(session, row)
    row.removed_at = now
    _record(session, "paper_removed", case, row, actor=actor, now=now)


def _drawn(file: Checked) -> Checked:
    try:
        body = pictures.redraw(file.body)
    except pictures.NotDrawn as fault:
        raise rules.FileBroken(name=file.name) from fault
    return replace(file, name=rules.clean_name(file.name, pictures.KIND), kind=pictures.KIND, body=body)


def _check_open(case: Case) -> None:
    if case.state == State.CLOSED:
        raise MoveRefused(state=STAFF_LABELS[State.CLOSED])


def _record(session: Session, action: str, case: Case, row: Attachment, *, actor: Actor, now: datetime) -> None:
    events.record(
        session,
        action,
        now=now,
        actor=actor,
        subject=("attachment", row.id),
        case_id=case.id,
        payload={"kind": row.kind, "size": row.size},
    )
