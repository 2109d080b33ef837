"""Urgency: the first fitting rule decides, a missing date is asked for and never counts as far."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.intake import flow, papers, triage
from hall.intake.flow import Answers, InvalidFlow
from hall.matching import rules as matching
from windows import deadlines

TODAY = date(2026, 11, 25)  # a Wednesday
FAR = date(2027, 3, 1)


def working_days(first: date, last: date) -> int:
    return sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))


def weigh(facts: Answers, safe_date: date | None = None) -> triage.Triage:
    return triage.triage(facts, safe_date=safe_date, today=TODAY, working_days_between=working_days)


PAPER: Answers = {"role": "we_are_accused", "country": "US", "date_received": "2026-11-20", "date_demanded": "none"}
PLAN: Answers = {"role": "we_are_preparing", "country": "US", "plan": ("file",), "rights": ("patent",)}
NOT_SHOWN: Answers = {**PLAN, "disclosed": "no", "date_first_filing": "none"}
CLAIM: Answers = {"role": "we_claim", "country": "DE"}
CASES: dict[str, tuple[Answers, date | None]] = {
    "u0_on_site": ({**PAPER, "stake": ("payment", "on_site")}, FAR),
    "u0_destruction": ({**PAPER, "document": "EU_CUSTOMS", "stake": ("destruction",)}, FAR),
    "u0_safe_date": ({**PAPER, "document": "US_COMPLAINT"}, date(2026, 11, 27)),
    "u0_demanded": ({**PAPER, "document": "CEASE_DESIST", "date_demanded": "2026-11-26"}, None),
    "u0_hearing": ({**PAPER, "document": "DE_PI", "date_hearing": "2026-11-26"}, FAR),
    "u0_fair_open": ({**PAPER, "way": "fair_stand", "date_fair_closes": "2026-11-28"}, None),
    "u0_fair_unknown": ({**PAPER, "document": "no_paper", "event": "fair"}, None),
    "u0_claim_fair_open": ({**CLAIM, "claim": "copied_at_fair", "date_claim_fair_closes": "2026-11-25"}, None),
    "u0_claim_fair_unknown": ({**CLAIM, "claim": "copied_at_fair", "date_claim_fair_closes": "unsure"}, None),
    "u1_safe_date": ({**PAPER, "document": "US_COMPLAINT"}, date(2026, 12, 4)),
    "u1_demanded": ({**PAPER, "document": "CEASE_DESIST", "date_demanded": "2026-12-04"}, None),
    "u1_hearing": ({**PAPER, "document": "US_COMPLAINT", "date_hearing": "2026-11-20"}, FAR),
    "u1_frozen": ({**PAPER, "document": "US_TRO"}, FAR),
    "u1_customs": ({**PAPER, "document": "US_DETENTION"}, FAR),
    "u1_temporary_relief": ({**PAPER, "document": "ITC_NOI", "temporary_relief": "unsure"}, FAR),
    "u1_undertaking": ({**PAPER, "document": "CEASE_DESIST", "letter_demand": ("stop", "sign_undertaking")}, None),
    "u1_date_unknown": ({**PAPER, "document": "US_COMPLAINT", "date_received": "unsure"}, None),
    "u1_disclosure": ({**NOT_SHOWN, "date_disclosure_planned": "2026-12-01"}, None),
    "u2_court": ({**PAPER, "document": "US_COMPLAINT"}, FAR),
    "u2_office": ({**PAPER, "document": "OPPOSITION_NOTICE"}, FAR),
    "u2_opposition": ({**CLAIM, "claim": "mark_taken", "date_published": "unsure"}, None),
    "u2_domain": ({**PAPER, "document": "UDRP_COMPLAINT"}, FAR),
    "u2_platform": ({**PAPER, "document": "AMAZON_APEX"}, FAR),
    "u2_standard_licence": ({**PAPER, "document": "CEASE_DESIST", "letter_demand": ("standard_licence",)}, None),
    "u2_licence_letter": ({**PAPER, "document": "CEASE_DESIST", "letter_demand": ("take_licence",)}, None),
    "u2_letter": ({**PAPER, "document": "CEASE_DESIST", "letter_demand": ("stop",)}, None),
    "u2_priority": ({**PLAN, "date_first_filing": "2025-12-30"}, date(2026, 12, 30)),
    "u2_priority_unknown": ({**PLAN, "date_first_filing": "unsure"}, None),
    "u2_novelty": ({**NOT_SHOWN, "date_disclosure_planned": "2027-02-01"}, None),
    "u2_disclosed": ({**PLAN, "disclosed": "yes", "date_first_filing": "none"}, None),
    "u2_unknown_paper": ({**PAPER, "document": "unsure"}, None),
    "u2_date_open": ({**PAPER, "document": "PCT_PUBLICATION"}, None),
    "u3_rest": ({**PLAN, "plan": ("train",)}, None),
}


def test_every_rule_has_a_case() -> None:
    assert list(CASES) == [rule.id for rule in triage.all_rules().rules]


@pytest.mark.parametrize("rule", CASES)
def test_the_rule_decides_its_case(rule: str) -> None:
    facts, safe_date = CASES[rule]
    found = weigh(facts, safe_date)
    assert found.rule_id == rule
    assert found.urgency == rule[:2].upper()
    assert found.reason
    assert found.source


def test_the_cases_are_made_of_answers_the_flow_can_give() -> None:
    fields = flow.get_flow("main").fields
    for facts, _ in CASES.values():
        for key, value in facts.items():
            if fields[key].kind in ("choice", "choices", "yes_no"):
                assert set(value if isinstance(value, tuple) else [value]) <= set(fields[key].values)


def test_rules_stand_in_the_order_of_urgency() -> None:
    urgencies = [rule.urgency for rule in triage.all_rules().rules]
    assert urgencies == sorted(urgencies)


@pytest.mark.parametrize(
    ("safe_date", "urgency"),
    [
        (date(2026, 11, 1), "U0"),
        (date(2026, 11, 25), "U0"),
        (date(2026, 11, 27), "U0"),
        (date(2026, 11, 29), "U0"),  # a Sunday: still two working days
        (date(2026, 11, 30), "U1"),
        (date(2026, 12, 4), "U1"),
        (date(2026, 12, 7), "U2"),
        (date(2030, 1, 1), "U2"),
    ],
)
def test_working_days_to_the_safe_date_set_the_urgency(safe_date: date, urgency: str) -> None:
    assert weigh({**PAPER, "document": "US_COMPLAINT"}, safe_date).urgency == urgency


def test_a_missing_date_is_asked_for_and_raises_the_urgency() -> None:
    known = {**PAPER, "document": "US_COMPLAINT", "date_printed": "2026-11-10", "date_hearing": "none"}
    unknown = {**known, "date_received": "unsure"}
    assert weigh(known, FAR).ask == ()
    assert weigh(unknown).ask == ("date_received",)
    assert weigh(unknown).urgency < weigh(known, FAR).urgency


@given(first=st.integers(-400, 4000), later=st.integers(0, 400), rule=st.sampled_from(sorted(CASES)))
def test_an_earlier_safe_date_is_never_less_urgent(first: int, later: int, rule: str) -> None:
    facts, _ = CASES[rule]
    near, far = TODAY + timedelta(days=first), TODAY + timedelta(days=first + later)
    assert weigh(facts, near).urgency <= weigh(facts, far).urgency


def test_a_fair_long_closed_is_no_longer_a_matter_of_minutes() -> None:
    facts = {**PAPER, "document": "CEASE_DESIST", "way": "fair_stand", "date_fair_closes": "2026-10-01"}
    assert weigh(facts).rule_id == "u2_letter"


@pytest.mark.parametrize(
    ("facts", "procedure", "right"),
    [
        ({**PAPER, "document": "ITC_NOI", "rights": ("design", "patent")}, "itc_337", "patent"),
        ({**PAPER, "document": "CEASE_DESIST", "way": "fair_stand"}, "trade_fair", "unknown"),
        ({**PAPER, "document": "CEASE_DESIST", "letter_demand": ("take_licence",)}, "patent_assertion", "unknown"),
        ({**PAPER, "document": "DE_ABMAHNUNG", "rights": ("mark",)}, "cease_and_desist", "mark"),
        ({**PAPER, "document": "TM_CANCELLATION", "rights": ("unsure",)}, "cancellation", "mark"),
        ({**PAPER, "document": "no_paper", "event": "frozen"}, "litigation", "unknown"),
        ({**PAPER, "document": "unsure", "event": "unsure"}, "advice", "unknown"),
        ({**CLAIM, "claim": "mark_taken"}, "squatting", "mark"),
        ({**CLAIM, "claim": "copied_online", "rights": ("copyright",)}, "platform", "copyright"),
        (PLAN, "filing", "patent"),
    ],
)
def test_the_need_follows_from_the_answers(facts: Answers, procedure: str, right: str) -> None:
    need = triage.need_of({**facts, "window": "us"})
    assert (need.procedure, need.right) == (procedure, right)
    assert need.window == "us"
    assert need.role == facts["role"]


def test_the_codes_are_those_of_the_matching() -> None:
    assert set(matching.PROCEDURES) >= triage.PROCEDURES
    assert set(triage.RIGHTS) <= set(matching.RIGHTS)


def test_every_type_of_paper_has_its_place() -> None:
    assert set(papers.all_papers().papers) == {document.code for document in deadlines.all_documents()}


def test_ways_and_dates_are_those_of_the_deadline_rules() -> None:
    assert set(papers.all_papers().ways.values()) <= {way.code for way in deadlines.all_ways()}
    assert {option.value for option in flow.get_flow("main").fields["way"].options} == set(papers.all_papers().ways)
    asked = {name for document in deadlines.all_documents() for name in document.events}
    named = [name for names in papers.all_papers().events.values() for name in names]
    assert set(named) <= asked
    assert len(named) == len(set(named))
    assert set(papers.all_papers().events) <= set(flow.get_flow("main").fields)


def test_the_day_printed_is_the_earliest_day_of_service_where_that_is_not_known() -> None:
    names = ("served", "served_earliest", "order_entered", "printed_date")
    facts = {"date_printed": "2026-11-03", "date_received": "unsure", "date_demanded": "none"}
    printed = date(2026, 11, 3)
    assert papers.dates_of(facts, names) == {"order_entered": printed, "served_earliest": printed}
    facts["date_received"] = "2026-11-09"
    assert papers.dates_of(facts, names) == {"order_entered": printed, "served": date(2026, 11, 9)}


def test_a_first_filing_or_a_publication_is_a_paper_of_its_own() -> None:
    for key, code in (("date_first_filing", "FIRST_FILING"), ("date_published", "TM_PUBLICATION")):
        found = papers.find_paper({key: "2026-05-04"})
        assert found is not None
        assert found.code == code
        assert papers.find_paper({key: "unsure"}) is None


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('urgency = "U3"', 'urgency = "U4"', "urgency from U0 to U3"),
        ("safe_within = 2", "safe_with = 2", "unknown key safe_with"),
        ('equals = "on_site"', 'equals = "on_sight"', "no answer on_sight"),
        ('key = "stake", equals = "on_site"', 'key = "steak", equals = "on_site"', "not asked"),
        ('date = "date_hearing"', 'date = "hearing"', "no date of the main flow"),
        ('procedure = "squatting"', 'procedure = "theft"', "unknown procedure"),
        ("train = {", "drain = {", "the answers of the flow"),
        ('id = "u3_rest"', 'id = "u3_rest"\nsafe_unknown = true', "no conditions"),
        ('id = "u2_letter"', 'id = "u2_court"', "stands twice"),
    ],
)
def test_a_mistake_in_the_rules_is_named(tmp_path: Path, good: str, bad: str, says: str) -> None:
    text = triage.FILE.read_text(encoding="utf-8")
    assert good in text
    path = tmp_path / "triage.toml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(InvalidFlow, match=says) as caught:
        triage.load(path)
    assert "triage.toml" in str(caught.value)
