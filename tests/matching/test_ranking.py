"""Who is eligible, in what order and why; and that turns are taken fairly."""

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.hours import SEARCH_DAYS, Hours, NeverOpen, read_spans
from hall.matching import rules
from hall.matching.rules import Candidate, InvalidWeights, Need, Ranking, kept_weights, offer_due, rank

TODAY = date(2026, 11, 25)
SAFE = date(2026, 12, 10)


def need(**more: Any) -> Need:
    values: dict[str, Any] = {
        "country": "DE",
        "window": "eu",
        "rights": ("mark",),
        "procedure": "cease_and_desist",
        "languages": ("zh_Hans",),
        "urgency": "U2",
        "safe_date": SAFE,
        "kind": "advisor",
    }
    return Need(**(values | more))


def candidate(number: int | str = 1, **more: Any) -> Candidate:
    values: dict[str, Any] = {
        "id": f"m{number}",
        "firm": f"firm {number}",
        "kind": "advisor",
        "countries": ("DE", "FR"),
        "credentials": (("DE", date(2030, 1, 1)),),
        "rights": ("mark", "design"),
        "procedures": ("cease_and_desist", "opposition"),
        "industries": ("9", "H04W"),
        "languages": {"zh-Hans": 1.0, "de": 0.9},
        "capacity": 5,
        "load": 1,
        "completed": 20,
        "on_time": (19, 1),
        "rating": (16, 2),
        "offers_received": 4,
        "offers_expected": 4.0,
        "last_offer_on": date(2026, 11, 1),
        "suspended": False,
        "joined_on": date(2025, 1, 1),
    }
    return Candidate(**(values | more))


def ranked(*candidates: Candidate, conflicted: frozenset[str] = frozenset(), seed: str = "s", **more: Any) -> Ranking:
    return rank(need(**more), candidates, today=TODAY, seed=seed, conflicted=conflicted)


@pytest.mark.parametrize(
    ("code", "who", "what"),
    [
        ("suspended", {"suspended": True}, {}),
        ("other_kind", {"kind": "provider"}, {}),
        ("by_visitor", {}, {"excluded": frozenset({"m1"})}),
        ("by_visitor", {}, {"excluded": frozenset({"firm 1"})}),
        ("country", {"countries": ("FR",)}, {}),
        ("credential", {"kind": "provider", "credentials": ()}, {"kind": "provider"}),
        ("credential", {"kind": "provider", "credentials": (("FR", None),)}, {"kind": "provider"}),
        ("credential", {"kind": "provider", "credentials": (("DE", date(2026, 12, 9)),)}, {"kind": "provider"}),
        ("right", {"rights": ("patent",)}, {}),
        ("procedure", {"procedures": ("filing",)}, {}),
        ("panel", {"verified": False}, {}),
        ("language", {"languages": {"de": 1.0}}, {}),
        ("language", {"languages": {"zh-Hans": 0.4}}, {}),
        ("capacity", {"load": 5}, {}),
        ("capacity", {"available_from": date(2026, 12, 11)}, {}),
        ("insurance", {"insured": False}, {"representation": True}),
        ("fee", {"fee_from": 3000.0}, {"fee_ceiling": 2000.0}),
    ],
)
def test_each_hard_filter_excludes_with_its_code(code: str, who: dict[str, Any], what: dict[str, Any]) -> None:
    found = ranked(candidate(**who), **what)
    assert [(entry.id, entry.code) for entry in found.excluded] == [("m1", code)]
    assert found.excluded[0].message == rules.EXCLUSIONS[code]
    assert not found.eligible
    assert not found.proposal


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ({}, {}),
        ({"kind": "provider", "credentials": (("DE", SAFE),)}, {"kind": "provider"}),
        ({"kind": "provider", "credentials": (("DE", None),)}, {"kind": "provider"}),
        ({"credentials": ()}, {}),  # guidance needs no admission
        ({"verified": False, "has_mentor": True}, {}),
        ({"available_from": SAFE}, {}),
        ({"fee_from": 3000.0}, {}),
        ({"procedures": ("filing",)}, {"procedure": ""}),
        ({"procedures": ("filing",)}, {"procedure": "not in the list"}),
        ({"rights": ()}, {"rights": ()}),
        ({"countries": ()}, {"country": ""}),
        ({"languages": {"en": 0.9}}, {"languages": ("en",)}),
    ],
)
def test_what_is_not_asked_for_excludes_nobody(who: dict[str, Any], what: dict[str, Any]) -> None:
    assert [entry.id for entry in ranked(candidate(**who), **what).eligible] == ["m1"]


def test_a_conflict_of_one_member_excludes_the_whole_firm() -> None:
    panel = [candidate(1, firm="A"), candidate(2, firm="A"), candidate(3, firm="B")]
    found = rank(need(), panel, today=TODAY, seed="s", conflicted=frozenset({"m1"}))
    assert {entry.id: entry.code for entry in found.excluded} == {"m1": "conflict", "m2": "conflict"}
    assert found.proposal == ("m3",)


def test_members_without_a_firm_do_not_share_conflicts() -> None:
    panel = [candidate(1, firm=""), candidate(2, firm="")]
    assert rank(need(), panel, today=TODAY, seed="s", conflicted=frozenset({"m1"})).proposal == ("m2",)


def test_the_panel_is_verified_by_three_matters_or_fifteen_hours() -> None:
    assert rules.is_verified(matters_in_4_years=3, training_hours_in_24_months=0)
    assert rules.is_verified(matters_in_4_years=0, training_hours_in_24_months=15)
    assert not rules.is_verified(matters_in_4_years=2, training_hours_in_24_months=14)


def test_points_say_why_in_sentences_that_can_be_filled_in() -> None:
    found = ranked(candidate(completed_of_kind={"cease_and_desist": 5}), industries=("9",)).eligible[0]
    said = [reason.message % reason.params for reason in found.points]
    assert said == [
        "Handles this procedure and this kind of right",
        "Knows the field 9",
        "Admitted in DE",
        "Handled 5 matters of this kind",
        "On time in 19 of 20 matters",
        "Speaks the visitor's language",
        "4 of 5 places free",
        "Rated well in 16 of 18 matters",
    ]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"rights": ("mark", "design")}, {"rights": ("mark",)}),
        ({"industries": ("9",)}, {"industries": ("25",)}),
        ({"credentials": (("DE", None),)}, {"credentials": ()}),
        ({"completed_of_kind": {"cease_and_desist": 6}}, {"completed_of_kind": {"cease_and_desist": 1}}),
        ({"on_time": (20, 0)}, {"on_time": (12, 8)}),
        ({"languages": {"zh": 1.0}}, {"languages": {"zh": 0.6}}),
        ({"load": 0}, {"load": 4}),
        ({"rating": (20, 0)}, {"rating": (8, 8)}),
    ],
)
def test_each_criterion_counts(better: dict[str, Any], worse: dict[str, Any]) -> None:
    found = ranked(candidate(1, **better), candidate(2, **worse), rights=("mark", "design"), industries=("9",))
    scores = {entry.id: entry.score for entry in found.eligible}
    assert scores["m1"] > scores["m2"]


@pytest.mark.parametrize(
    ("a", "b", "nearness"),
    [
        ("H04W", "H04W", 1),
        ("H04W", "H04L", 0.75),
        ("H04W", "H01M", 0.4),
        ("H04W", "A61B", 0),
        ("9", "25", 0),
        ("9", "9", 1),
        ("8507", "8517", 0.75),
        ("8507", "3304", 0),
        ("9", "H04W", 0),
    ],
)
def test_classes_are_near_by_their_scheme(a: str, b: str, nearness: float) -> None:
    assert rules._nearness(a, b) == rules._nearness(b, a) == nearness


def test_a_new_member_is_shown_as_new_and_gets_the_mean_of_the_panel() -> None:
    found = ranked(candidate(1, completed=4, on_time=(0, 4), rating=(0, 4)), candidate(2))
    new = next(entry for entry in found.eligible if entry.id == "m1")
    assert new.is_new
    assert {"on_time_new", "satisfaction_new"} <= {reason.code for reason in new.points}
    assert not next(entry for entry in found.eligible if entry.id == "m2").is_new


def test_a_short_perfect_record_does_not_beat_a_long_good_one() -> None:
    def bound(kept: int, missed: int) -> float:
        return rules.shrunk_lower_bound(kept, missed, mean=0.8, strength=10, sigma=1.2816)

    assert bound(5, 0) < bound(95, 5) < bound(100, 0)


@pytest.mark.parametrize(("kept", "missed"), [(0, 0), (5, 0), (19, 1), (10, 10), (90, 10)])
def test_the_bound_is_near_the_exact_quantile(kept: int, missed: int) -> None:
    bound = rules.shrunk_lower_bound(kept, missed, mean=0.8, strength=10, sigma=1.2816)
    assert bound == pytest.approx(_beta_quantile(kept + 8, missed + 2, 0.1), abs=0.02)


def _beta_quantile(a: float, b: float, share: float, steps: int = 20_000) -> float:
    density = [((n + 0.5) / steps) ** (a - 1) * (1 - (n + 0.5) / steps) ** (b - 1) for n in range(steps)]
    wanted, whole = share * sum(density), 0.0
    for n, part in enumerate(density):
        whole += part
        if whole >= wanted:
            return (n + 1) / steps
    return 1.0


def test_urgent_papers_count_time_twice_and_still_sum_to_a_hundred() -> None:
    weights = kept_weights()
    calm, urgent = weights.points_for("U2"), weights.points_for("U0")
    assert sum(calm.values()) == pytest.approx(100)
    assert sum(urgent.values()) == pytest.approx(100)
    assert urgent["slack"] / urgent["fit"] == pytest.approx(2 * calm["slack"] / calm["fit"])


def test_within_the_band_the_one_furthest_behind_leads() -> None:
    found = ranked(candidate(1, offers_received=6), candidate(2, offers_received=2, load=2), candidate(3))
    assert [entry.id for entry in found.eligible] == ["m2", "m3", "m1"]
    assert all(entry.band for entry in found.eligible)
    assert found.eligible[0].score < found.eligible[1].score


def test_then_the_one_who_has_waited_longest_and_who_was_never_asked_first() -> None:
    found = ranked(
        candidate(1, last_offer_on=date(2026, 11, 20)),
        candidate(2, last_offer_on=None),
        candidate(3, last_offer_on=date(2026, 10, 1)),
    )
    assert [entry.id for entry in found.eligible] == ["m2", "m3", "m1"]


def test_below_the_band_the_score_decides_and_rotation_does_not() -> None:
    found = ranked(candidate(1), candidate(2, languages={"zh": 0.5}, load=4, offers_received=0, on_time=(5, 15)))
    assert [(entry.id, entry.band) for entry in found.eligible] == [("m1", True), ("m2", False)]


def test_the_lot_of_the_day_is_the_same_for_a_seed_and_another_for_another_day() -> None:
    panel = [candidate(n) for n in range(8)]

    def order(day: date, seed: str = "s") -> list[str]:
        return [entry.id for entry in rank(need(), panel, today=day, seed=seed).eligible]

    assert order(TODAY) == order(TODAY)
    days = {tuple(order(TODAY + timedelta(days=n))) for n in range(5)}
    assert len(days) == 5
    assert order(TODAY, "another") != order(TODAY)


def test_the_order_does_not_depend_on_the_order_of_the_panel() -> None:
    panel = [candidate(n, load=n % 3) for n in range(9)]
    mixed = random.Random(3).sample(panel, len(panel))
    assert rank(need(), panel, today=TODAY, seed="s").proposal == rank(need(), mixed, today=TODAY, seed="s").proposal


def test_rotation_evens_out_what_equally_suited_members_receive() -> None:
    panel = {f"m{n}": candidate(n, offers_received=0, offers_expected=0.0, last_offer_on=None) for n in range(7)}
    received: Counter[str] = Counter()
    for number in range(210):
        found = rank(need(), list(panel.values()), today=TODAY + timedelta(days=number), seed="s")
        first = found.eligible[0].id
        received[first] += 1
        for entry in found.eligible:
            known = panel[entry.id]
            panel[entry.id] = replace(known, offers_expected=known.offers_expected + 1 / len(found.eligible))
        panel[first] = replace(
            panel[first], offers_received=received[first], last_offer_on=TODAY + timedelta(days=number)
        )
    assert set(received.values()) == {30}


def test_advisors_are_one_and_two_alternates_and_providers_three_of_different_firms() -> None:
    assert len(ranked(*[candidate(n) for n in range(6)]).proposal) == 3
    credentials = (("DE", None),)
    firms = [candidate(n, kind="provider", credentials=credentials, firm=f"firm {n // 2}") for n in range(8)]
    shown = ranked(*firms, kind="provider").proposal
    assert len(shown) == 3
    assert len({next(c.firm for c in firms if c.id == member) for member in shown}) == 3


def test_no_more_than_three_referrals_in_twelve_months_save_for_papers_of_hours() -> None:
    firm = candidate(kind="provider")
    assert ranked(firm, kind="provider", referrals=2).proposal == ("m1",)
    assert ranked(firm, kind="provider", referrals=3).proposal == ()
    assert ranked(firm, kind="provider", referrals=3, urgency="U0").proposal == ("m1",)


def test_the_explanation_tells_who_was_considered_left_out_and_proposed() -> None:
    found = ranked(candidate(1), candidate(2), candidate(3, suspended=True), candidate(4, countries=("FR",)))
    told = found.explanation
    assert [row["message"] % row["params"] for row in told["sentences"]] == [
        "4 considered, 2 eligible.",
        "2 are equally suited; the order among them goes by rotation.",
        "The first was drawn by the lot of the day.",
    ]
    assert [(row["code"], row["count"]) for row in told["left_out"]] == [("suspended", 1), ("country", 1)]
    assert told["proposal"] == list(found.proposal)
    assert (told["seed"], told["version"]) == ("s", kept_weights().version)


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ({"offers_received": 2}, {}, "The first has received 2.0 offers fewer than its fair share in 90 days."),
        (
            {"offers_received": 5},
            {"offers_received": 6},
            "The first has received least against its fair share in 90 days.",
        ),
        ({"last_offer_on": None}, {}, "The first has waited longest since the last offer."),
        ({}, {}, "The first was drawn by the lot of the day."),
    ],
)
def test_the_explanation_says_by_which_turn_the_first_leads(
    first: dict[str, Any], second: dict[str, Any], sentence: str
) -> None:
    told = ranked(candidate(1, **first), candidate(2, **second)).explanation["sentences"][-1]
    assert told["message"] % told["params"] == sentence


def test_when_nobody_is_eligible_the_explanation_says_so() -> None:
    told = ranked(candidate(suspended=True)).explanation["sentences"]
    assert told[-1]["message"].startswith("Nobody is eligible.")


ANYBODY = st.builds(
    candidate,
    st.integers(1, 40),
    suspended=st.booleans(),
    kind=st.sampled_from(["advisor", "provider"]),
    countries=st.sampled_from([("DE",), ("FR",), ("DE", "FR")]),
    credentials=st.sampled_from([(), (("DE", None),), (("DE", date(2026, 11, 30)),)]),
    languages=st.dictionaries(st.sampled_from(["zh-Hans", "en"]), st.floats(0, 1)),
    load=st.integers(0, 6),
    completed=st.integers(0, 50),
    on_time=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    rating=st.tuples(st.integers(0, 40), st.integers(0, 40)),
    offers_received=st.integers(0, 9),
    offers_expected=st.floats(0, 9),
)
PANEL = st.lists(ANYBODY, max_size=14, unique_by=lambda who: who.id)


@given(PANEL, st.frozensets(st.integers(1, 40).map("m{}".format), max_size=10), st.sampled_from(rules.URGENCIES))
def test_laws_of_every_ranking(panel: list[Candidate], conflicted: frozenset[str], urgency: str) -> None:
    for kind in rules.KINDS:
        found = rank(need(kind=kind, urgency=urgency), panel, today=TODAY, seed="s", conflicted=conflicted)
        eligible = {entry.id for entry in found.eligible}
        left_out = {entry.id for entry in found.excluded}
        assert eligible | left_out == {who.id for who in panel}
        assert not eligible & left_out
        assert set(found.proposal) <= eligible
        assert not eligible & conflicted
        assert all(who.kind == kind and not who.suspended for who in panel if who.id in eligible)
        assert [entry.place for entry in found.eligible] == list(range(1, len(eligible) + 1))
        for entry in found.eligible:
            assert entry.score == pytest.approx(sum(reason.points for reason in entry.points))
            assert 0 <= entry.score <= 100.5  # each of eight figures is rounded to a tenth
        scores = [entry.score for entry in found.eligible if not entry.band]
        assert scores == sorted(scores, reverse=True)
        assert found == rank(need(kind=kind, urgency=urgency), panel, today=TODAY, seed="s", conflicted=conflicted)


# Weights


def test_the_kept_weights_are_valid_and_sum_to_a_hundred() -> None:
    weights = kept_weights()
    assert sum(weights.points.values()) == 100
    assert set(weights.points) == set(rules.CRITERIA)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("fit = 25", "fit = 26", "sum to 100"),
        ("fit = 25", "fitness = 25", "points: unknown or missing"),
        ("satisfaction = 5 ", "satisfaction = 25 ", "sum to 100"),
        ("width = 5.0", "width = -1.0", "band"),
        ("U1 = 60", "U1 = 600", "the more urgent"),
        ("U1 = 60", "", "accept: unknown or missing"),
        ('"U0", "U1"', '"U0", "U9"', "no such urgency"),
        ('"slack", "on_time"', '"slack", "price"', "no such criterion"),
        ("scale = 3.0", "scale = 0.0", "above 0"),
        ("providers = 3", "providers = 0", "proposals"),
        ("[band]", "[bands]", "'band'"),
        ('version = "2026-11"', 'version = "x"\npaid = 5', "unknown or missing"),
        ("fit = 25", "fit = ", "Invalid value"),
    ],
)
def test_a_file_of_weights_with_a_fault_is_refused(old: str, new: str, message: str) -> None:
    text = rules.WEIGHTS_FILE.read_text("utf-8")
    assert old in text
    with pytest.raises(InvalidWeights, match=message):
        rules.read_weights(text.replace(old, new, 1))


def test_satisfaction_is_never_worth_more_than_fifteen_points() -> None:
    text = rules.WEIGHTS_FILE.read_text("utf-8")
    raised = text.replace("fit = 25", "fit = 10", 1).replace("satisfaction = 5 ", "satisfaction = 20 ", 1)
    with pytest.raises(InvalidWeights, match="15 points at most"):
        rules.read_weights(raised)


# How long an offer stands


OPEN = Hours(read_spans("09:00-12:00 13:30-17:30"), "CN", ZoneInfo("UTC"))


@pytest.mark.parametrize(
    ("urgency", "sent", "due"),
    [
        ("U0", "2026-11-25T10:00", "2026-11-25T10:10"),
        ("U1", "2026-11-25T11:30", "2026-11-25T14:00"),  # over lunch
        ("U2", "2026-11-25T09:00", "2026-11-25T14:30"),
        ("U3", "2026-11-25T10:00", "2026-11-26T10:00"),
        ("U0", "2026-11-25T17:25", "2026-11-26T09:05"),  # over night
        ("U0", "2026-11-28T11:00", "2026-11-30T09:10"),  # on a Saturday
        ("U3", "2026-11-27T17:30", "2026-11-30T17:30"),
        ("U0", "2026-11-25T12:00", "2026-11-25T13:40"),
    ],
)
def test_an_offer_stands_for_open_time_only(urgency: str, sent: str, due: str) -> None:
    moment = datetime.fromisoformat(sent).replace(tzinfo=UTC)
    assert offer_due(urgency, moment, hours=OPEN) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_hall_that_never_opens_gives_no_date() -> None:
    closed = frozenset(date(2026, 11, 25) + timedelta(days=n) for n in range(SEARCH_DAYS))
    with pytest.raises(NeverOpen):
        offer_due("U0", datetime(2026, 11, 25, tzinfo=UTC), hours=replace(OPEN, closed=closed))


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)), st.sampled_from(rules.URGENCIES))  # noqa: DTZ001
def test_open_time_between_sending_and_due_is_the_time_promised(sent: datetime, urgency: str) -> None:
    moment = sent.replace(tzinfo=UTC)
    due = offer_due(urgency, moment, hours=OPEN)
    open_time = timedelta()
    for number in range(-1, 30):
        for opens, closes in OPEN.intervals(moment.date() + timedelta(days=number)):
            open_time += max(timedelta(), min(closes, due) - max(opens, moment))
    assert open_time == timedelta(minutes=kept_weights().accept[urgency])
