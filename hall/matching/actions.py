"""What can be done to bring a case to the right people: propose, offer, declare, accept, decline, pass on."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from hall import events
from hall.cases import actions as case_actions
from hall.cases import records as cases
from hall.cases import rules as case_rules
from hall.cases.records import Case, PartySaid
from hall.cases.rules import State
from hall.conflicts import actions as conflicts
from hall.database import keys_of, new_id
from hall.events import THE_HALL, Actor
from hall.hours import Hours
from hall.matching import records, rules
from hall.matching.records import Eligible, Load, Offer
from hall.panel import records as panel
from hall.panel.records import Member
from hall.sealing import seal_text
from hall.words import N_, Refused

FAIRNESS_DAYS = timedelta(days=90)
REFERRALS_MOST = 3
Tell = Callable[[Session, Offer, Case, datetime], None]


class OfferRefused(Refused):
    """The offer is not open any more, or not in the state for this."""

    message = N_("This offer is no longer open.")


class NotDeclared(Refused):
    """The facts are closed until the member has declared to have no conflict of interest."""

    message = N_("First look at the names of the parties and declare that you have no conflict of interest.")


class NotEligible(Refused):
    """The member may not have this case: excluded by a hard filter or a conflict."""

    message = N_("This member cannot take this case: %(reason)s")


class NoConsent(Refused):
    """The visitor did not agree to this."""

    message = N_("The visitor did not agree that the case is passed on.")


class EnoughReferrals(Refused):
    """Three providers already have the brief."""

    message = N_("The case was already sent to three providers.")


class AlreadyAsked(Refused):
    """The member has the case already, or another advisor has it."""

    message = N_("The case is already with this member, or with another advisor.")


class ReasonNeeded(Refused):
    """Somebody who was not proposed is to have the case, and nobody said why."""

    message = N_("This member was not proposed first. Please write why the case goes to this one.")


def propose(session: Session, case: Case, *, kind: str, today: date, now: datetime) -> rules.Ranking:
    """Rank the advisors or providers for a case and store who was eligible and why; ConflictNotCleared.

    `kind` is 'advisor' or 'provider'.
    """
    case_rules.check_cleared(case.conflict_status)
    ranking = _rank(session, case, kind=kind, today=today, now=now)
    stored = records.Ranking(
        id=new_id(), case_id=case.id, kind=kind, at=now, explained=json.dumps(ranking.explanation, default=str)
    )
    session.add(stored)
    session.flush()
    for entry in ranking.eligible:
        session.add(Eligible(ranking_id=stored.id, member_id=entry.id, share=1 / len(ranking.eligible), at=now))
    events.record(
        session,
        "members_proposed",
        now=now,
        actor=THE_HALL,
        subject=("case", case.id),
        case_id=case.id,
        payload={"kind": kind, "considered": ranking.considered, "eligible": len(ranking.eligible)},
    )
    return ranking


def offer(
    session: Session,
    case: Case,
    member: Member,
    *,
    reason: str,
    actor: Actor,
    tell: Tell,
    today: date,
    now: datetime,
    hours: Hours,
) -> Offer:
    """Offer a case to an advisor, or refer it to a provider; `reason` is needed for one who was not proposed first.

    Raises ConflictNotCleared, NoConsent, NotEligible, ReasonNeeded, AlreadyAsked, EnoughReferrals.
    """
    case_rules.check_cleared(case.conflict_status)
    _check_consent(case, member.kind)
    _check_eligible(session, case, member, today=today, now=now)
    _check_reason(session, case, member, reason=reason, actor=actor)
    made = Offer(
        id=new_id(),
        case_id=case.id,
        member_id=member.id,
        kind=member.kind,
        state="offered",
        sent_by=actor.id,
        sent_at=now,
        due_at=rules.offer_due(case.urgency, now, hours=hours),
    )
    if reason.strip():
        made.override_sealed = seal_text(
            keys_of(session).derive("overrides"), reason.strip(), bound_to=f"offer|{made.id}"
        )
    going = _open(session, case, member.kind)
    if any(before.kind == "advisor" or before.member_id == member.id for before in going):
        raise AlreadyAsked
    if member.kind == "advisor":
        if case.state != State.IN_CONSULTATION:
            case_actions.move(session, case, State.OFFERED)
    elif len(going) >= REFERRALS_MOST:
        raise EnoughReferrals
    session.add(made)
    session.flush()
    _record(session, "offer_sent" if member.kind == "advisor" else "referral_sent", made, actor, now=now)
    tell(session, made, case, now)
    return made


def parties_shown(session: Session, case: Case) -> list[PartySaid]:
    """Return what a member may see before declaring: who the parties are, and nothing else."""
    return cases.parties_of(session, case)


def declare(session: Session, made: Offer, *, actor: Actor, now: datetime) -> None:
    """The member declares to have no conflict of interest with the parties; from now on the facts are open."""
    _check_state(made, "offered", now)
    made.state, made.declared_at = "declared", now
    _record(session, "no_conflict_declared", made, actor, now=now)


def accept(session: Session, made: Offer, case: Case, *, actor: Actor, now: datetime) -> None:
    """The member takes the case; NotDeclared, OfferRefused."""
    if made.state == "offered":
        raise NotDeclared
    _check_state(made, "declared", now)
    case_rules.check_cleared(case.conflict_status)
    made.state, made.answered_at = "accepted", now
    if made.kind == "advisor":
        case_actions.move(session, case, State.IN_CONSULTATION)
    _record(session, "offer_accepted" if made.kind == "advisor" else "referral_accepted", made, actor, now=now)


def decline(
    session: Session, made: Offer, case: Case, *, reason: str, actor: Actor, tell: Tell, now: datetime, hours: Hours
) -> None:
    """The member declines with a reason code; an advisor's case goes on to the next one at once.

    A conflict or leave is never held against anybody.
    """
    if made.state not in ("offered", "declared"):
        raise OfferRefused
    _end(session, made, case, state="declined", reason=reason, now=now)
    _record(session, "offer_declined", made, actor, now=now)
    if made.kind == "advisor":
        _offer_next(session, case, now=now, hours=hours, tell=tell)


def is_open_to(made: Offer, case: Case) -> bool:
    """Whether the member may read the facts: declared, not ended, and the case still cleared."""
    cleared = case.conflict_status in case_rules.MAY_GO_ON
    return cleared and made.declared_at is not None and made.state in records.READERS


def resume(session: Session, case: Case) -> None:
    """Give a case that may go on back to the advisor who had it before the review."""
    made = records.find_open_assignment(session, case.id)
    if made is not None and case.state == State.MATCHING:
        case_actions.move(session, case, State.IN_CONSULTATION if made.state == "accepted" else State.OFFERED)


def close_case(session: Session, case: Case, *, actor: Actor, now: datetime) -> None:
    """Close a case; what was offered ends with it, and nobody of the panel reads it any more."""
    for made in records.offers_of_case(session, case.id):
        if made.state in records.OPEN_STATES:
            made.state, made.ended_at = "ended", now
    case_actions.close(session, case, actor=actor, now=now)


def answer(session: Session, made: Offer, case: Case, *, text: str, actor: Actor, now: datetime) -> None:
    """The advisor who accepted gives the opinion; OfferRefused, AnswerTooShort."""
    if made.state != "accepted" or made.kind != "advisor":
        raise OfferRefused
    case_actions.answer(session, case, text=text, actor=actor, author_id=made.member_id, now=now)


def pass_on_overdue(session: Session, *, now: datetime, hours: Hours, tell: Tell) -> int:
    """Take back every offer that nobody answered in time, and offer the case to the next advisor; return how many."""
    late = records.overdue(session, now)
    for made in late:
        case = session.get_one(Case, made.case_id)
        _end(session, made, case, state="expired", reason="silence", now=now)
        _record(session, "offer_expired", made, THE_HALL, now=now)
        if made.kind == "advisor":
            _offer_next(session, case, now=now, hours=hours, tell=tell)
    return len(late)


def _offer_next(session: Session, case: Case, *, now: datetime, hours: Hours, tell: Tell) -> None:
    today = now.astimezone(hours.zone).date()
    asked = {made.member_id for made in records.offers_of_case(session, case.id)}
    ranking = _rank(session, case, kind="advisor", today=today, now=now)
    for entry in ranking.eligible:
        if entry.id not in asked:
            member = session.get_one(Member, entry.id)
            offer(session, case, member, reason="", actor=THE_HALL, tell=tell, today=today, now=now, hours=hours)
            return


def _rank(session: Session, case: Case, *, kind: str, today: date, now: datetime) -> rules.Ranking:
    since = now - FAIRNESS_DAYS
    loads = records.loads(session, kind=kind, since=since)
    expected = records.expected_shares(session, since)
    members = panel.all_members(session, kind=kind)
    need = rules.Need(
        country=case.country,
        window=case.window,
        rights=tuple(filter(None, case.rights.split(","))),
        procedure=case.procedure,
        languages=(case.locale.replace("_", "-"),),
        urgency=case.urgency,
        safe_date=case.safe_date,
        kind=kind,
        representation=kind == "provider" and case.procedure in rules.PROCEDURES and case.procedure != "advice",
    )
    return rules.rank(
        need,
        [_candidate(member, loads.get(member.id), expected.get(member.id, 0.0)) for member in members],
        today=today,
        # The draw of the day: the same all day, different tomorrow, and repeatable from the log.
        seed=f"{case.hall}|{today.isoformat()}",
        conflicted=conflicts.conflicted_firms(session, case, today=today),
    )


def _candidate(member: Member, load: Load | None, expected: float) -> rules.Candidate:
    load = load or Load(0, 0, None)
    return rules.Candidate(
        id=member.id,
        firm=member.firm_en,
        kind=member.kind,
        countries=member.values("country"),
        credentials=tuple((row.country, row.valid_until) for row in member.credentials),
        rights=member.values("right"),
        procedures=member.values("procedure"),
        industries=member.values("industry"),
        languages={row.value: row.quality for row in member.facets if row.facet == "language"},
        capacity=member.capacity,
        load=load.open_now,
        completed=member.completed,
        on_time=(member.on_time_kept, member.on_time_missed),
        rating=(member.rated_good, member.rated_poor),
        offers_received=load.offers_90_days,
        offers_expected=expected,
        last_offer_on=load.last_offer_at.date() if load.last_offer_at else None,
        suspended=member.suspended_at is not None,
        joined_on=member.joined_on,
        insured=member.insured,
    )


def _check_consent(case: Case, kind: str) -> None:
    if not (case.consent_advisor if kind == "advisor" else case.consent_provider):
        raise NoConsent


def _check_eligible(session: Session, case: Case, member: Member, *, today: date, now: datetime) -> None:
    ranking = _rank(session, case, kind=member.kind, today=today, now=now)
    for excluded in ranking.excluded:
        if excluded.id == member.id:
            raise NotEligible(reason=excluded.message)


def _check_reason(session: Session, case: Case, member: Member, *, reason: str, actor: Actor) -> None:
    if actor == THE_HALL or reason.strip():
        return
    ranking = records.latest_ranking(session, case.id, member.kind)
    proposed = ranking.explanation["proposal"] if ranking else []
    # Of advisors the first is the proposal and the others stand by; of providers three are shown and one may choose.
    if member.id not in (proposed[:1] if member.kind == "advisor" else proposed):
        raise ReasonNeeded


def _check_state(made: Offer, state: str, now: datetime) -> None:
    if made.state != state or made.due_at <= now:
        raise OfferRefused


def _end(session: Session, made: Offer, case: Case, *, state: str, reason: str, now: datetime) -> None:
    made.state, made.reason, made.ended_at, made.answered_at = state, reason, now, now
    session.flush()
    if made.kind == "advisor" and case.state == State.OFFERED:
        case_actions.move(session, case, State.MATCHING)


def _open(session: Session, case: Case, kind: str) -> Sequence[Offer]:
    return [
        made
        for made in records.offers_of_case(session, case.id)
        if made.kind == kind and made.state in records.OPEN_STATES
    ]


def _record(session: Session, action: str, made: Offer, actor: Actor, *, now: datetime) -> None:
    events.record(
        session,
        action,
        now=now,
        actor=actor,
        subject=("offer", made.id),
        case_id=made.case_id,
        payload={"member": made.member_id, "reason": made.reason or ""},
    )
