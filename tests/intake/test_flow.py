"""The walk through the intake: every path ends, every page is reached, nothing that counts is lost."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hall.intake import details, flow, papers
from hall.intake.flow import Answers, Field, Flow, Page, Value

TODAY = date(2026, 11, 25)
CHOICES = {
    "countries": ["US", "DE", "JP"],
    "markets": ["US", "DE", "JP"],
    "documents": list(papers.all_papers().papers),
    "languages": ["zh-Hans", "en"],
}
TYPED = {"email": "li@example.com", "phone": "+86 755 1234 5678", "credit_code": "91000000MA5ABCDE1N"}
Form = dict[str, list[str]]


def form_of(field: Field, draw: st.DrawFn) -> Form:
    """A form a visitor may send for one field, right by its own rules."""
    if field.kind == "consent":
        return {field.key: ["yes"] if field.required or draw(st.booleans()) else []}
    offered = [*field.values, *CHOICES.get(field.source, ())]
    if field.kind == "choices":
        alone = {"unsure", *(option.value for option in field.options if option.alone)}
        free = [value for value in offered if value not in alone]
        return {
            field.key: draw(st.one_of(st.lists(st.sampled_from(free), min_size=1, max_size=3), st.just(["unsure"])))
        }
    if field.kind in ("choice", "country", "document", "yes_no"):
        return {field.key: [draw(st.sampled_from(offered))]}
    instead = [value for value in field.values if draw(st.booleans())]
    if instead:
        return {f"{field.key}-instead": instead}
    if field.kind == "date":
        # A paper's own date lies before the day it came.
        ages = (1, 30) if field.not_before_field else (31, 400)
        return {field.key: [(TODAY - timedelta(days=draw(st.integers(*ages)))).isoformat()]}
    if not field.required and draw(st.booleans()):
        return {field.key: [""]}
    return {field.key: [TYPED.get(field.kind, draw(st.sampled_from(["深圳灯具", "Müller GmbH", "a\nb"])))]}


@st.composite
def answered(draw: st.DrawFn, page: Page, answers: Answers) -> dict[str, Value]:
    """The answers with a page answered at random."""
    form: Form = {}
    for field in page.fields:
        form |= form_of(field, draw)
    parsed = flow.parse(page, form, today=TODAY, choices=CHOICES, answers=answers)
    assert not parsed.problems, (page.id, form, parsed.problems)
    return flow.merge(page, answers, parsed)


@st.composite
def finished(draw: st.DrawFn, name: str) -> tuple[Flow, dict[str, Value], list[str]]:
    """A flow walked to its end with random answers, and the ids of the pages met."""
    one = flow.get_flow(name)
    answers: dict[str, Value] = {}
    met: list[str] = []
    while (page := flow.walk(one, answers, choices=CHOICES).next) is not None:
        assert page.id not in met
        met.append(page.id)
        answers = draw(answered(page, answers))
    return one, answers, met


@pytest.mark.parametrize("name", flow.FLOWS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_every_path_reaches_the_end(name: str, data: st.DataObject) -> None:
    one, answers, met = data.draw(finished(name))
    walk = flow.walk(one, answers, choices=CHOICES)
    assert walk.complete
    assert [page.id for page in walk.asked] == met
    assert walk.position == walk.total == len(met)
    assert set(flow.counting(one, answers)) == {field.key for page in walk.asked for field in page.fields}


@pytest.mark.parametrize("name", flow.FLOWS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_back_and_after_are_each_others_inverse(name: str, data: st.DataObject) -> None:
    one, answers, met = data.draw(finished(name))
    assert flow.back(one, answers, met[0]) is None
    assert flow.after(one, answers, met[-1]) is None
    for earlier, later in pairwise(met):
        following, previous = flow.after(one, answers, earlier), flow.back(one, answers, later)
        assert following is not None
        assert previous is not None
        assert (following.id, previous.id) == (later, earlier)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_answers_to_other_pages_and_blanks_never_lose_a_date(data: st.DataObject) -> None:
    one, answers, _ = data.draw(finished("main"))
    dates = {field.key for field in one.fields.values() if field.kind == "date"}
    before = {key: answers[key] for key in dates & set(answers) if answers[key]}
    for page in data.draw(st.permutations(one.pages))[:6]:
        form: Form = {} if data.draw(st.booleans()) else {field.key: [""] for field in page.fields}
        parsed = flow.parse(page, form, today=TODAY, choices=CHOICES, answers=answers)
        answers = flow.merge(page, answers, parsed)
    other = flow.get_page(one, "role")
    answers = data.draw(answered(other, answers))
    assert {key: answers[key] for key in before} == before


# Values that lead to each page: one path per page, walked in earnest.
LEADING: Mapping[str, Mapping[str, Value]] = {
    "event": {"role": "we_are_accused", "document": "unsure"},
    "temporary_relief": {"role": "we_are_accused", "document": "ITC_NOI"},
    "date_hearing": {"role": "we_are_accused", "document": "US_COMPLAINT"},
    "letter_demand": {"role": "we_are_accused", "document": "CEASE_DESIST"},
    "customs": {"role": "we_are_accused", "document": "EU_CUSTOMS"},
    "fair": {"role": "we_are_accused", "document": "CEASE_DESIST", "way": "fair_stand"},
    "platform": {"role": "we_are_accused", "document": "AMAZON_APEX"},
    "case_number": {"role": "we_are_accused", "document": "UDRP_COMPLAINT"},
    "claim_fair": {"role": "we_claim", "claim": "copied_at_fair"},
    "date_published": {"role": "we_claim", "claim": "mark_taken"},
    "date_disclosed": {"role": "we_are_preparing", "plan": ("file",), "rights": ("patent",), "disclosed": "yes"},
    "date_disclosure_planned": {
        "role": "we_are_preparing",
        "plan": ("file",),
        "rights": ("design",),
        "disclosed": "no",
    },
    "date_first_filing": {"role": "we_are_preparing", "plan": ("file",)},
    "date_launch": {"role": "we_are_preparing", "plan": ("clear",)},
}
BY_ROLE = {
    "we_are_accused": {"paper", "way", "date_printed", "date_received", "date_demanded", "stake"},
    "we_claim": {"claim", "copied", "evidence"},
    "we_are_preparing": {"plan", "markets"},
}


def test_every_page_of_the_main_flow_is_reached() -> None:
    one = flow.get_flow("main")
    reached = {page.id for page in flow.visible(one, {})}
    for role, pages in BY_ROLE.items():
        own = {page.id for page in flow.visible(one, {"role": role, "document": "US_COMPLAINT"})}
        assert pages <= own
        reached |= own
    for page_id, answers in LEADING.items():
        seen = {page.id for page in flow.visible(one, answers)}
        assert page_id in seen
        reached |= seen
    assert reached >= {page.id for page in one.pages} - {"disclosed"}
    assert "disclosed" in {page.id for page in flow.visible(one, LEADING["date_disclosed"])}


def test_a_role_sees_no_page_of_another_role() -> None:
    one = flow.get_flow("main")
    for role in BY_ROLE:
        others = set().union(*(pages for other, pages in BY_ROLE.items() if other != role))
        assert others.isdisjoint(page.id for page in flow.visible(one, {"role": role}))


def test_an_answer_on_a_page_no_longer_asked_is_ignored_but_comes_back() -> None:
    one = flow.get_flow("main")
    answers: dict[str, Value] = {
        "role": "we_are_accused",
        "country": "DE",
        "document": "CEASE_DESIST",
        "way": "fair_stand",
        "date_fair_closes": "2026-11-27",
    }
    assert flow.counting(one, answers)["date_fair_closes"] == "2026-11-27"
    answers["way"] = "electronic"
    assert "date_fair_closes" not in flow.counting(one, answers)
    answers["way"] = "fair_stand"
    assert flow.counting(one, answers)["date_fair_closes"] == "2026-11-27"


def test_pruning_reaches_through_pages_that_hang_on_pruned_pages() -> None:
    one = flow.get_flow("main")
    answers = {**LEADING["date_disclosed"], "date_disclosed": "2026-10-01", "country": "US"}
    assert "date_disclosed" in flow.counting(one, answers)
    answers["plan"] = ("train",)
    counted = flow.counting(one, answers)
    assert "disclosed" not in counted
    assert "date_disclosed" not in counted


def test_an_answer_the_list_no_longer_has_is_asked_again() -> None:
    one = flow.get_flow("main")
    answers = {"role": "we_are_accused", "country": "DE", "document": "US_COMPLAINT", "way": "electronic"}
    walk = flow.walk(one, answers, choices={"documents": ["DE_CLAIM"]})
    assert walk.next is not None
    assert walk.next.id == "paper"
    assert "document" not in flow.counting(one, answers, choices={"documents": ["DE_CLAIM"]})


def test_what_the_door_gave_is_not_asked_again_but_can_be_changed() -> None:
    one = flow.get_flow("main")
    walk = flow.walk(one, {"window": "us", "country": "US", "role": "we_claim"})
    assert [page.id for page in walk.asked] == ["role", "country"]
    assert flow.counting(one, {"window": "us"}) == {"window": "us"}


def test_the_red_lane_needs_five_answers_and_the_consent() -> None:
    one = flow.get_flow("red_lane")
    pages = flow.visible(one, {"role": "we_are_accused", "country": "US", "document": "US_TRO"})
    assert [page.id for page in pages] == ["role", "country", "paper", "received", "stake", "consent"]


def test_answers_of_the_red_lane_carry_over_into_the_main_flow() -> None:
    red, main = flow.get_flow("red_lane"), flow.get_flow("main")
    for key, field in red.fields.items():
        assert main.fields[key].kind == field.kind
        assert set(field.values) <= set(main.fields[key].values)


def test_every_visitor_question_of_choice_or_date_allows_not_sure() -> None:
    told = {"role", "answer_language"}
    for name in flow.FLOWS:
        for field in flow.get_flow(name).fields.values():
            if field.kind in ("choice", "choices", "country", "document", "yes_no", "date"):
                assert field.unsure or field.key in told, field.key


def test_a_page_that_does_not_exist_is_refused() -> None:
    one = flow.get_flow("main")
    for deed in (flow.get_page, lambda flow_, page: flow.back(flow_, {}, page), lambda f, p: flow.after(f, {}, p)):
        with pytest.raises(flow.UnknownPage):
            deed(one, "nowhere")
    with pytest.raises(LookupError):
        flow.get_flow("../main")


def test_a_page_that_asks_one_thing_about_the_paper_is_headed_by_the_question() -> None:
    def title(country: str, document: str) -> str:
        told: Answers = {"country": country, "document": document}
        return flow.get_page(details.with_details(flow.get_flow("main"), told), details.PAGE).title

    assert title("KR", "KR_COMPLAINT") == "What did the Korean court send?"
    assert title("DE", "DE_CLAIM") == "A little more about the paper"
