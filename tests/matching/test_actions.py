"""From the check to the answer, on a real database: who is asked, who may read, what passes on."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from hall import demonstration, events
from hall.cases import actions as case_actions
from hall.cases import records as cases
from hall.cases.actions import Submission
from hall.cases.records import Case, PartySaid
from hall.cases.rules import AnswerTooShort, ConflictNotCleared, ConflictStatus, MoveRefused, State
from hall.conflicts import actions as conflicts
from hall.conflicts import records as register
from hall.database import Base, Database
from hall.events import THE_HALL, Actor
from hall.matching import actions, records
from hall.matching.actions import AlreadyAsked, NoConsent, NotDeclared, OfferRefused, ReasonNeeded
from hall.matching.records import Offer
from hall.panel.records import Member
from hall.settings import Settings

HOURS = Settings().hours
TODAY = date(2026, 3, 3)
CLERK = Actor("person", "clerk")
OPINION = "Answer in time; have counsel enter an appearance."
SECRET = "the mould lies in the second drawer"


def nobody_is_told(_session: Session, _offer: Offer, _case: Case, _now: datetime) -> None:
    """The mails are tested where they are written."""


@pytest.fixture
def work(database: Database, now: datetime) -> Iterator[Session]:
    with database.work() as session:
        demonstration.add(session, now=now, today=TODAY)
        yield session


def open_case(
    session: Session,
    now: datetime,
    *,
    request: str = "request-1",
    client: str = "深圳市星澜电子有限公司",
    adverse: str = "Acme Power Incorporated",
    consent: bool = True,
) -> Case:
    submission = Submission(
        lane="main",
        role="we_are_accused",
        window="us",
        country="US",
        document="US_COMPLAINT",
        rights=("patent",),
        procedure="litigation",
        locale="zh_Hans",
        urgency="U1",
        urgency_rule="test",
        urgency_reason="",
        facts={"story": SECRET},
        parties=[
            PartySaid("", "client", (client,), (), "CN"),
            PartySaid("", "adverse", (adverse,) if adverse else (), (), ""),
        ],
        deadlines=[],
        consent_advisor=consent,
        consent_provider=consent,
    )
    case, _ = case_actions.open_case(session, submission, request=request, year=2026, now=now, actor=THE_HALL)
    conflicts.note_parties(session, case, today=TODAY)
    conflicts.check_case(session, case, actor=THE_HALL, today=TODAY, now=now)
    return case


def proposed(session: Session, case: Case, now: datetime, kind: str = "advisor") -> list[Member]:
    ranking = actions.propose(session, case, kind=kind, today=TODAY, now=now)
    return [session.get_one(Member, member_id) for member_id in ranking.proposal]


def offer(session: Session, case: Case, member: Member, now: datetime, reason: str = "") -> Offer:
    return actions.offer(
        session, case, member, reason=reason, actor=CLERK, tell=nobody_is_told, today=TODAY, now=now, hours=HOURS
    )


def test_a_clear_case_goes_to_matching_and_says_how_many_names_were_compared(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    assert (case.conflict_status, case.state) == (ConflictStatus.CLEAR, State.MATCHING)
    search = register.latest_search(work, case.id)
    assert search is not None
    assert search.compared > 0


def test_an_opponent_who_is_a_client_of_the_hall_blocks_the_case(work: Session, now: datetime) -> None:
    open_case(work, now)
    second = open_case(work, now, request="request-2", client="Acme Power, Inc.", adverse="星澜电子")
    assert (second.conflict_status, second.state) == (ConflictStatus.BLOCKED, State.CONFLICT_REVIEW)
    with pytest.raises(ConflictNotCleared):
        actions.propose(work, second, kind="advisor", today=TODAY, now=now)


def test_a_case_without_the_names_of_the_other_side_is_not_cleared(work: Session, now: datetime) -> None:
    case = open_case(work, now, adverse="")
    assert case.conflict_status == ConflictStatus.NOT_RUN


def test_the_officer_lets_a_case_go_on_with_a_reason(work: Session, now: datetime) -> None:
    open_case(work, now)
    case = open_case(work, now, request="request-2", client="Acme Power, Inc.", adverse="星澜电子")
    work.flush()
    officer = Actor("person", "officer")
    decide = {"outcome": ConflictStatus.WAIVED, "actor": officer, "now": now}
    with pytest.raises(AnswerTooShort):
        conflicts.decide(work, case, reason="ok", version=case.version, **decide)  # type: ignore[arg-type]
    reason = "Both parties agreed in writing; another team works on it."
    conflicts.decide(work, case, reason=reason, version=case.version, **decide)  # type: ignore[arg-type]
    assert case.state == State.MATCHING


def test_facts_open_only_after_the_declaration_and_close_with_the_case(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    advisor = proposed(work, case, now)[0]
    made = offer(work, case, advisor, now)
    actor = Actor("person", advisor.person_id or "")
    assert not actions.is_open_to(made, case)
    with pytest.raises(NotDeclared):
        actions.accept(work, made, case, actor=actor, now=now)
    actions.declare(work, made, actor=actor, now=now)
    assert actions.is_open_to(made, case)
    actions.accept(work, made, case, actor=actor, now=now)
    with pytest.raises(AnswerTooShort):
        actions.answer(work, made, case, text="yes", actor=actor, now=now)
    actions.answer(work, made, case, text=OPINION, actor=actor, now=now)
    assert [said.body for said in cases.messages_of(work, case, kinds=("opinion",))] == [OPINION]
    actions.close_case(work, case, actor=CLERK, now=now)
    assert not actions.is_open_to(made, case)


def test_a_conflict_that_comes_to_light_closes_the_facts_at_once(work: Session, now: datetime) -> None:
    other = open_case(work, now, request="request-0", client="Beacon Cells Limited", adverse="Northlight GmbH")
    case = open_case(work, now)
    advisor = proposed(work, case, now)[0]
    made = offer(work, case, advisor, now)
    actions.declare(work, made, actor=CLERK, now=now)
    party = case_actions.add_party(
        work, case, role="adverse", names=("Beacon Cells Ltd",), country="", actor=CLERK, now=now
    )
    conflicts.note_party(work, case, party, today=TODAY)
    conflicts.check_case(work, case, actor=CLERK, today=TODAY, now=now)
    assert other.state == State.MATCHING
    assert case.state == State.CONFLICT_REVIEW
    assert not actions.is_open_to(made, case)


def test_an_offer_nobody_answers_goes_to_the_next_advisor(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    first = proposed(work, case, now)[0]
    made = offer(work, case, first, now)
    assert actions.pass_on_overdue(work, now=made.due_at - timedelta(seconds=1), hours=HOURS, tell=nobody_is_told) == 0
    assert actions.pass_on_overdue(work, now=made.due_at, hours=HOURS, tell=nobody_is_told) == 1
    assert made.state == "expired"
    following = records.find_open_assignment(work, case.id)
    assert following is not None
    assert following.member_id != first.id
    with pytest.raises(OfferRefused):
        actions.declare(work, made, actor=CLERK, now=now)


def test_a_declined_case_goes_to_the_next_advisor_at_once(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    first = proposed(work, case, now)[0]
    made = offer(work, case, first, now)
    actions.decline(work, made, case, reason="conflict", actor=CLERK, tell=nobody_is_told, now=now, hours=HOURS)
    following = records.find_open_assignment(work, case.id)
    assert following is not None
    assert following.member_id != first.id
    assert case.state == State.OFFERED


def test_who_was_not_proposed_needs_a_reason(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    second = proposed(work, case, now)[1]
    with pytest.raises(ReasonNeeded):
        offer(work, case, second, now)
    assert offer(work, case, second, now, reason="The visitor asked for this advisor.").state == "offered"


def test_a_case_has_one_advisor_and_a_provider_is_asked_once(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    advisors = proposed(work, case, now)
    offer(work, case, advisors[0], now)
    with pytest.raises((AlreadyAsked, MoveRefused)):
        offer(work, case, advisors[1], now, reason="second")
    provider = proposed(work, case, now, "provider")[0]
    offer(work, case, provider, now)
    with pytest.raises(AlreadyAsked):
        offer(work, case, provider, now)


def test_nothing_is_passed_on_without_consent(work: Session, now: datetime) -> None:
    case = open_case(work, now, consent=False)
    for kind in ("advisor", "provider"):
        with pytest.raises(NoConsent):
            offer(work, case, proposed(work, case, now, kind)[0], now)


def test_an_offer_to_one_does_not_exist_for_another(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    first, second = proposed(work, case, now)[:2]
    made = offer(work, case, first, now)
    assert records.find_offer(work, made.id, first.id) is made
    assert records.find_offer(work, made.id, second.id) is None


def test_words_of_a_case_are_nowhere_in_the_clear(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    advisor = proposed(work, case, now)[0]
    made = offer(work, case, advisor, now)
    actions.declare(work, made, actor=CLERK, now=now)
    actions.accept(work, made, case, actor=CLERK, now=now)
    actions.answer(work, made, case, text=OPINION, actor=CLERK, now=now)
    work.flush()
    kept = "".join(repr(list(row)) for table in Base.metadata.sorted_tables for row in work.execute(sa.select(table)))
    for word in (SECRET, OPINION, "星澜电子", "Acme Power"):
        assert word not in kept
        assert json.dumps(word)[1:-1] not in kept


def test_every_act_is_one_event_and_the_chain_holds(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    made = offer(work, case, proposed(work, case, now)[0], now)
    actions.declare(work, made, actor=CLERK, now=now)
    actions.accept(work, made, case, actor=CLERK, now=now)
    actions.answer(work, made, case, text=OPINION, actor=CLERK, now=now)
    happened = [event.action for event in events.events_of_case(work, case.id)]
    assert happened == [
        "case_submitted",
        "conflict_checked",
        "members_proposed",
        "offer_sent",
        "no_conflict_declared",
        "offer_accepted",
        "case_answered",
    ]
    assert list(events.flaws(work)) == []


def test_the_demonstration_goes_as_a_whole(work: Session, now: datetime) -> None:
    case = open_case(work, now)
    case.demonstration = True
    work.flush()
    assert demonstration.remove(work, now=datetime.now(UTC)) > 50
    for table in (Member, Offer, Case, register.RegisterRow):
        assert work.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    assert demonstration.add(work, now=now, today=TODAY) == 50
