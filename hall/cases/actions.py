"""What can be done with a case: open, find by code, change urgency, answer, close."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from hall import events
from hall.cases import records, rules
from hall.cases.records import Case, CaseDeadline, PartySaid
from hall.cases.rules import State
from hall.database import hall_of, keys_of, new_id
from hall.events import Actor
from hall.numbering import give_back, next_number
from hall.sealing import new_key

CODE_PURPOSE = "case codes"
CODE_HASH_PURPOSE = "case code hashes"
REQUEST_PURPOSE = "requests"


@dataclass(frozen=True, slots=True)
class DeadlineFound:
    """A date found for a case and how it was explained; `explained` is JSON-able, with messages and dates."""

    rule_id: str
    start: date | None
    raw: date | None
    rolled: date | None
    safe: date | None
    explained: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Submission:
    """All that a visitor hands in at the end of the intake."""

    lane: str
    role: str
    window: str
    country: str
    document: str
    rights: tuple[str, ...]
    procedure: str
    locale: str
    urgency: str
    urgency_rule: str
    urgency_reason: str
    facts: Mapping[str, Any]
    parties: Sequence[PartySaid]
    deadlines: Sequence[DeadlineFound]
    consent_advisor: bool
    consent_provider: bool
    look_by: datetime | None = None
    demonstration: bool = field(default=False)


def open_case(
    session: Session, submission: Submission, *, request: str, year: int, now: datetime, actor: Actor
) -> tuple[Case, str]:
    """Open a case and return it with its code; the same request gives the same case and code again."""
    code = rules.make_code(keys_of(session).derive(CODE_PURPOSE), request)
    hashed = request_hash(session, request)
    before = records.find_case_by_request(session, hashed)
    if before is not None:
        return before, code
    numbers = f"case|{year}"
    number = next_number(session, numbers)
    # On PostgreSQL the same form may have come twice at once; the number's row made us wait for the other.
    before = records.find_case_by_request(session, hashed)
    if before is not None:
        give_back(session, numbers)
        return before, code
    case = _new_case(session, submission, reference=rules.reference(hall_of(session), year, number), now=now)
    case.code_hash, case.request_hash = _code_hash(session, code), hashed
    key = new_key()
    case.key_wrapped = records.wrap_key(session, case.id, key)
    session.add(case)
    session.flush()
    _write_down(session, case, key, submission, actor=actor, now=now)
    events.record(
        session,
        "case_submitted",
        now=now,
        actor=actor,
        subject=("case", case.id),
        case_id=case.id,
        payload={"lane": case.lane, "urgency": case.urgency, "urgency_rule": case.urgency_rule},
    )
    return case, code


def find_by_code(session: Session, typed: str) -> Case:
    """Return the case of a typed or scanned code; CodeUnreadable or CodeUnknown."""
    case = records.find_case_by_code_hash(session, _code_hash(session, rules.read_code(typed)))
    if case is None:
        raise rules.CodeUnknown
    return case


def read_as(session: Session, case: Case, *, actor: Actor, why: str, now: datetime) -> dict[str, Any]:
    """Return the facts of a case to somebody of the hall; that they were read is an event."""
    events.record(
        session,
        "case_read",
        now=now,
        actor=actor,
        subject=("case", case.id),
        case_id=case.id,
        payload={"why": why},
    )
    return records.facts_of(session, case)


def add_party(
    session: Session, case: Case, *, role: str, names: Sequence[str], country: str, actor: Actor, now: datetime
) -> PartySaid:
    """Add a party that came to light later; the conflict check has to run again."""
    key = records.case_key(session, case)
    position = len(records.parties_of(session, case))
    row = records.add_party(session, case, key, role=role, names=names, ids=(), country=country, position=position)
    _record(session, "party_added", case, actor, now=now, role=role)
    return PartySaid(row.id, role, tuple(names), (), country)


def change_urgency(
    session: Session, case: Case, *, urgency: str, reason: str, version: int, actor: Actor, now: datetime
) -> None:
    """Change how urgent a case is, with a reason; ChangedMeanwhile when the page was old."""
    check_version(case, version)
    before, case.urgency = case.urgency, urgency
    records.add_message(session, case, kind="note", author=(actor.kind, actor.id), body=reason, now=now)
    _record(session, "urgency_changed", case, actor, now=now, before=before, after=urgency)


def move(session: Session, case: Case, target: State) -> None:
    """Take the case to another state; MoveRefused when it cannot go there."""
    rules.check_move(case.state, target)
    case.state = target


def answer(session: Session, case: Case, *, text: str, actor: Actor, author_id: str, now: datetime) -> None:
    """Give the visitor the advisor's written opinion; AnswerTooShort, MoveRefused, ConflictNotCleared."""
    rules.check_cleared(case.conflict_status)
    body = rules.check_text(text)
    move(session, case, State.ANSWERED)
    records.add_message(session, case, kind="opinion", author=("member", author_id), body=body, now=now)
    _record(session, "case_answered", case, actor, now=now)


def ask_again(session: Session, case: Case, *, text: str, actor: Actor, now: datetime) -> None:
    """The visitor asks a follow-up question about the answer."""
    body = rules.check_text(text)
    move(session, case, State.IN_CONSULTATION)
    records.add_message(session, case, kind="question", author=(actor.kind, actor.id), body=body, now=now)
    _record(session, "visitor_asked", case, actor, now=now)


def close(session: Session, case: Case, *, actor: Actor, now: datetime) -> None:
    """Close a case."""
    move(session, case, State.CLOSED)
    case.closed_at = now
    _record(session, "case_closed", case, actor, now=now)


def check_version(case: Case, version: int) -> None:
    """Raise ChangedMeanwhile when the page was made for an older version of the case."""
    if case.version != version:
        raise rules.ChangedMeanwhile


def request_hash(session: Session, request: str) -> str:
    """Return what is kept of a form's request key."""
    return keys_of(session).digest(REQUEST_PURPOSE, request)


def _new_case(session: Session, submission: Submission, *, reference: str, now: datetime) -> Case:
    dates = [found.safe for found in submission.deadlines if found.safe is not None]
    return Case(
        id=new_id(),
        hall=hall_of(session),
        reference=reference,
        lane=submission.lane,
        role=submission.role,
        window=submission.window,
        country=submission.country,
        document=submission.document,
        rights=",".join(submission.rights),
        procedure=submission.procedure,
        locale=submission.locale,
        urgency=submission.urgency,
        urgency_rule=submission.urgency_rule,
        urgency_reason=submission.urgency_reason,
        safe_date=min(dates, default=None),
        state=State.SUBMITTED,
        consent_advisor=submission.consent_advisor,
        consent_provider=submission.consent_provider,
        submitted_at=now,
        look_by=submission.look_by,
        demonstration=submission.demonstration,
    )


def _write_down(
    session: Session, case: Case, key: bytes, submission: Submission, *, actor: Actor, now: datetime
) -> None:
    said_by = (actor.kind, actor.id)
    for position, (name, value) in enumerate(submission.facts.items()):
        records.add_fact(session, case, key, name=name, value=value, position=position, actor=said_by, now=now)
    for position, party in enumerate(submission.parties):
        records.add_party(
            session,
            case,
            key,
            role=party.role,
            names=party.names,
            ids=party.ids,
            country=party.country,
            position=position,
        )
    for position, found in enumerate(submission.deadlines):
        session.add(
            CaseDeadline(
                case_id=case.id,
                rule_id=found.rule_id,
                start=found.start,
                raw=found.raw,
                rolled=found.rolled,
                safe=found.safe,
                explained=json.dumps(found.explained, ensure_ascii=False, default=date.isoformat),
                position=position,
                at=now,
            )
        )
    session.flush()


def _code_hash(session: Session, code: str) -> str:
    return keys_of(session).digest(CODE_HASH_PURPOSE, code)


def _record(session: Session, action: str, case: Case, actor: Actor, *, now: datetime, **payload: str) -> None:
    events.record(session, action, now=now, actor=actor, subject=("case", case.id), case_id=case.id, payload=payload)
