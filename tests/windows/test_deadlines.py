"""From the paper in hand to a date: worked examples, the safe date, refusals, and laws that hold for all rules."""

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windows import calendars, deadlines
from windows.deadlines import (
    DateAfterToday,
    DateMissing,
    DateNotPossible,
    Deadline,
    NotNeeded,
    Rule,
    UnknownAnswer,
    UnknownWay,
)

TODAY = date(2026, 11, 25)


def _compute(
    rule_id: str,
    event_day: date | None = None,
    *,
    today: date = TODAY,
    way: str | None = None,
    answers: Mapping[str, str] | None = None,
    place: str | None = None,
    **others: date,
) -> Deadline:
    rule = deadlines.get_rule(rule_id)
    dates = others if event_day is None else {rule.event: event_day, **others}
    return deadlines.compute(rule, dates=dates, way=way, answers=answers or {}, place=place, today=today)


# Worked examples, counted by hand on a calendar.


@pytest.mark.parametrize(
    ("rule_id", "event_day", "place", "raw", "rolled"),
    [
        # FRCP 12(a)(1)(A)(i), 6(a)
        ("US-ANS-21", date(2026, 3, 2), None, date(2026, 3, 23), date(2026, 3, 23)),
        ("US-ANS-21", date(2026, 3, 7), None, date(2026, 3, 28), date(2026, 3, 30)),  # a Saturday
        ("US-ANS-21", date(2026, 11, 5), None, date(2026, 11, 26), date(2026, 11, 27)),  # Thanksgiving
        ("US-ANS-21", date(2026, 11, 5), "US-TX", date(2026, 11, 26), date(2026, 11, 30)),  # and the day after
        ("US-ANS-21", date(2026, 5, 29), None, date(2026, 6, 19), date(2026, 6, 22)),  # Juneteenth, a Friday
        ("US-SETASIDE-1Y", date(2024, 2, 29), None, date(2025, 2, 28), date(2025, 2, 28)),
        # Reg. 608/2013 art. 23(1)(c): ten working days over Easter 2026
        ("EU-CUS-10", date(2026, 3, 30), "DE", date(2026, 4, 15), date(2026, 4, 15)),
        ("EU-CUS-10", date(2026, 3, 30), "FR", date(2026, 4, 14), date(2026, 4, 14)),  # Good Friday is worked
        ("EU-CUS-3", date(2026, 4, 2), "DE", date(2026, 4, 9), date(2026, 4, 9)),
        ("EU-CUS-RH-3", date(2026, 4, 2), "DE", date(2026, 4, 9), date(2026, 4, 9)),
        ("EU-CUS-SUE-3", date(2026, 4, 2), "DE", date(2026, 4, 9), date(2026, 4, 9)),
        # ZPO 222, BGB 188: leap day; Land holiday
        ("DE-NULL-1M", date(2024, 1, 31), None, date(2024, 2, 29), date(2024, 2, 29)),
        ("DE-NOTICE-2W", date(2026, 5, 21), "DE-BY", date(2026, 6, 4), date(2026, 6, 5)),  # Corpus Christi
        ("DE-NOTICE-2W", date(2026, 5, 21), "DE-BE", date(2026, 6, 4), date(2026, 6, 4)),
        # Japan Patent Act 3: count from the next day; 31 May 2026 is a Sunday
        ("JP-APPEAL-3M", date(2026, 2, 28), None, date(2026, 5, 31), date(2026, 6, 1)),
        # Korea Civil Act 160: begun on 1 September, ends on 30 November
        ("KR-TM-REFUSAL-3M", date(2026, 8, 31), None, date(2026, 11, 30), date(2026, 11, 30)),
        # USPTO: 4 July 2026 observed on Friday the 3rd
        ("US-PAT-ISSUE-3M", date(2026, 4, 3), None, date(2026, 7, 3), date(2026, 7, 6)),
        # Rule 134 EPC: closed over Christmas
        ("EP-713-4M", date(2026, 8, 24), None, date(2026, 12, 24), date(2027, 1, 4)),
        # Paris Convention 4C: the office where protection is sought decides
        ("PARIS-12", date(2025, 12, 26), "US", date(2026, 12, 26), date(2026, 12, 28)),
        ("PARIS-12", date(2025, 12, 29), "JP", date(2026, 12, 29), date(2027, 1, 4)),
        # The end of a state is not moved: 28 November 2026 is a Saturday
        ("UPC-PL-6M", date(2026, 5, 28), None, date(2026, 11, 28), date(2026, 11, 28)),
    ],
)
def test_worked_examples(rule_id: str, event_day: date, place: str | None, raw: date, rolled: date) -> None:
    deadline = _compute(rule_id, event_day, place=place)
    assert (deadline.raw, deadline.rolled) == (raw, rolled)


def test_three_months_at_the_unified_patent_court_end_on_the_last_of_february_and_roll() -> None:
    deadline = _compute("UPC-SOD-3M", date(2026, 11, 30), place="UPC-LD-MUC", today=date(2026, 12, 1))
    assert (deadline.raw, deadline.rolled) == (date(2027, 2, 28), date(2027, 3, 1))
    assert deadline.safe == date(2027, 3, 1), "a Sunday is no doubtful holiday"
    assert deadline.days_left == 90


def test_japanese_customs_count_the_day_of_the_notice_and_leave_out_the_new_year() -> None:
    deadline = _compute("JP-CUSTOMS-10", date(2026, 12, 24), today=date(2026, 12, 24))
    assert deadline.rolled == date(2027, 1, 13), "24, 25, 28 December, 4 to 8, 12 and 13 January"


def test_korean_customs_leave_out_days_off_in_their_ten_days() -> None:
    deadline = _compute("KR-CUSTOMS-10", date(2026, 2, 13))
    assert deadline.rolled == date(2026, 3, 5), "off: 16 to 18 February, and 2 March for Sunday the 1st"


@pytest.mark.parametrize(
    ("rule_id", "served", "way", "rolled"),
    [
        ("ITC-RESP-20", date(2026, 11, 20), "electronic", date(2026, 12, 14)),  # 12 December is a Saturday
        ("ITC-RESP-20", date(2026, 11, 20), "mail_abroad", date(2026, 12, 22)),
        ("ITC-RESP-20", date(2026, 11, 20), "express_abroad", date(2026, 12, 17)),
        ("ITC-RESP-20", date(2026, 11, 25), "electronic", date(2026, 12, 16)),  # day 1 is 27 November
        ("ITC-RESP-20", date(2026, 11, 25), "mail_domestic", date(2026, 12, 21)),  # 19 December is a Saturday
        ("ITC-ID-REVIEW-5BD", date(2026, 11, 24), None, date(2026, 12, 2)),
        ("ITC-ID-REVIEW-5BD", date(2026, 11, 24), "express_abroad", date(2026, 12, 7)),
        ("US-CC-21", date(2026, 11, 2), "mail_domestic", date(2026, 11, 27)),  # 23 and 3: Thanksgiving
    ],
)
def test_the_way_of_service_adds_days_to_the_end(rule_id: str, served: date, way: str | None, rolled: date) -> None:
    assert _compute(rule_id, served, way=way).rolled == rolled


def test_an_unknown_way_adds_nothing_and_says_so() -> None:
    deadline = _compute("ITC-RESP-20", date(2026, 11, 20))
    assert deadline.rolled == date(2026, 12, 14)
    assert any("no days were added" in step.message for step in deadline.doubts)


def test_an_old_paper_of_the_epo_counts_as_delivered_on_the_tenth_day() -> None:
    deadline = _compute("EP-943-4M-OLD", date(2023, 10, 16))
    assert deadline.raw == date(2024, 2, 26)


def test_late_receipt_of_a_paper_of_the_epo_adds_the_days_above_seven() -> None:
    assert _compute("EP-943-4M", date(2023, 11, 6), received=date(2023, 11, 13)).raw == date(2024, 3, 6)
    assert _compute("EP-943-4M", date(2023, 11, 6), received=date(2023, 11, 15)).raw == date(2024, 3, 8)


def test_the_longer_of_two_periods_counts() -> None:
    deadline = _compute("UPC-PI-MERITS-31", date(2026, 11, 20), place="UPC-LD-DUS")
    assert deadline.raw == date(2026, 12, 21), "31 days; 20 working days end on 18 December"
    deadline = _compute("UPC-PI-MERITS-31", date(2026, 12, 18), place="UPC-LD-VIE", today=date(2026, 12, 18))
    assert deadline.raw == date(2027, 1, 20), "20 working days outlast 31 days over Christmas"


def test_the_earlier_of_the_period_and_the_time_in_the_paper_counts() -> None:
    served = date(2026, 11, 2)
    assert _compute("US-SUBP-OBJ", served).rolled == date(2026, 11, 16)
    assert _compute("US-SUBP-OBJ", served, printed_date=date(2026, 11, 10)).rolled == date(2026, 11, 10)
    assert _compute("US-SUBP-OBJ", served, printed_date=date(2026, 12, 1)).rolled == date(2026, 11, 16)


def test_a_date_printed_in_the_paper_wins_over_the_rule() -> None:
    mailed = date(2026, 11, 2)
    assert _compute("US-TTAB-ANS-OPP", mailed).rolled == date(2026, 12, 14)
    printed = _compute("US-TTAB-ANS-OPP", mailed, printed_date=date(2026, 12, 15))
    assert (printed.raw, printed.rolled, printed.safe) == (date(2026, 12, 15),) * 3


def test_a_printed_date_on_a_sunday_is_not_moved_and_safe_the_friday_before() -> None:
    deadline = _compute("JP-COMPLAINT", printed_date=date(2026, 12, 6))
    assert (deadline.rolled, deadline.safe) == (date(2026, 12, 6), date(2026, 12, 4))


def test_a_window_has_a_far_end() -> None:
    deadline = _compute("DMCA-RESTORE", date(2026, 11, 20))
    assert (deadline.rolled, deadline.until) == (date(2026, 12, 7), date(2026, 12, 11))


def test_a_change_of_law_is_two_rules_with_dates_on_both_sides() -> None:
    def rules_of(day: date) -> list[str]:
        found = deadlines.compute_all(
            "TM_PUBLICATION",
            "KR",
            dates={"published": day},
            way=None,
            answers={},
            place=None,
            today=TODAY,
        )
        return [deadline.rule_id for deadline in found if deadline.rolled]

    assert rules_of(date(2025, 7, 21)) == ["KR-TM-OPP-2M-OLD"]
    assert rules_of(date(2025, 7, 22)) == ["KR-TM-OPP-30"]


# The safe date


def test_an_uncertain_day_of_service_counts_from_the_earliest_possible_day() -> None:
    deadline = _compute("US-ANS-21", date(2026, 11, 10), served_earliest=date(2026, 11, 4))
    assert (deadline.rolled, deadline.safe) == (date(2026, 12, 1), date(2026, 11, 25))


def test_a_counting_rule_that_was_not_read_makes_the_working_day_before_safe() -> None:
    deadline = _compute("TM-OPP-TR", date(2026, 11, 23))
    assert (deadline.raw, deadline.safe) == (date(2027, 1, 23), date(2027, 1, 22))
    deadline = _compute("TM-OPP-TR", date(2026, 11, 20))
    assert (deadline.raw, deadline.safe) == (date(2027, 1, 20), date(2027, 1, 19))


def test_a_doubtful_holiday_moves_nothing_and_the_working_day_before_is_safe() -> None:
    deadline = _compute("UPC-SOD-3M", date(2026, 10, 6), place="UPC-LD-MUC")
    assert (deadline.raw, deadline.rolled) == (date(2027, 1, 6), date(2027, 1, 6))
    assert deadline.safe == date(2027, 1, 5)
    assert any("may be a day off" in step.message for step in deadline.doubts)


def test_a_weekday_that_may_be_off_moves_nothing_and_is_not_relied_on() -> None:
    # Singapore: Christmas 2026 is a Friday; whether the court takes Saturday for a day off was not settled.
    deadline = _compute("COMPLAINT-SG", date(2026, 12, 11), today=date(2026, 12, 12))
    assert (deadline.rolled, deadline.safe) == (date(2026, 12, 26), date(2026, 12, 24))


def test_a_provisional_year_gives_no_favour() -> None:
    deadline = _compute("EP-713-4M", date(2026, 8, 24))
    assert deadline.calendar_provisional
    assert deadline.safe == date(2026, 12, 23), "the closing runs into a year not yet announced"


def test_an_end_that_does_not_move_is_safe_on_the_working_day_before() -> None:
    deadline = _compute("UPC-PL-6M", date(2026, 5, 28))
    assert deadline.safe == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("served", "rolled", "safe"),
    [
        (date(2026, 7, 3), date(2026, 7, 17), date(2026, 7, 17)),  # the Friday before the recess
        (date(2026, 7, 6), date(2026, 9, 7), date(2026, 7, 20)),  # its first day
        (date(2026, 8, 17), date(2026, 9, 7), date(2026, 8, 31)),  # its last day
        (date(2026, 8, 18), date(2026, 9, 1), date(2026, 9, 1)),  # the day after
        (date(2025, 8, 11), date(2025, 9, 8), date(2025, 8, 25)),  # a week after the recess is a Sunday
    ],
)
def test_a_period_that_ends_in_the_recess_of_the_court_ends_after_it(served: date, rolled: date, safe: date) -> None:
    # HMK (Law 6100) art. 102, 104; urgent matters (art. 103) gain no time, so the safe date stays.
    deadline = _compute("COMPLAINT-TR", served)
    assert (deadline.rolled, deadline.safe) == (rolled, safe)


def test_what_others_must_do_has_no_earlier_safe_date() -> None:
    deadline = _compute("US-TRO-DISSOLVE", date(2026, 11, 25))
    assert deadline.safe == deadline.rolled == date(2026, 11, 27)


def test_days_left_run_below_nought_once_the_date_has_passed() -> None:
    assert _compute("US-ANS-21", date(2026, 3, 2), today=date(2026, 3, 24)).days_left == -1


# Saying why


def test_a_deadline_explains_itself_in_order() -> None:
    deadline = _compute("US-ANS-21", date(2026, 11, 5))
    messages = [step.message for step in deadline.why]
    assert messages == [
        "%(event)s: %(day)s.",
        "The time is %(length)s; the day of the event does not count.",
        "Counted by %(basis)s.",
        deadlines.get_counting("FRCP6").note,
        "The period ends on %(day)s.",
        "%(day)s is a day off (%(name)s).",
        "So it moves to the next working day, %(day)s.",
    ]
    assert deadline.why[5].params == {"day": date(2026, 11, 26), "name": "Thanksgiving Day"}
    assert deadline.basis == "FRCP 12(a)(1)(A)(i)"


def test_every_sentence_can_be_filled_in() -> None:
    for rule in _dated_rules():
        start = _start_in_force(rule)
        deadline = deadlines.compute(rule, dates={rule.event: start}, way=None, answers={}, place=None, today=TODAY)
        for step in (*deadline.why, *deadline.doubts):
            assert step.message % step.params


def test_an_open_question_is_named() -> None:
    deadline = _compute("ITC-RESP-20", date(2026, 11, 20))
    step = next(step for step in deadline.doubts if "not answered" in step.message)
    assert step.params["question"] == "Does the complaint ask for temporary relief?"
    answered = _compute("ITC-RESP-20", date(2026, 11, 20), answers={"temporary_relief": "no"})
    assert not any("not answered" in step.message for step in answered.doubts)


# Papers without a legal time


def test_a_letter_without_a_law_shows_the_date_demanded_and_no_other() -> None:
    deadline = _compute("CEASE-ANY", printed_date=date(2026, 12, 1))
    assert (deadline.raw, deadline.rolled, deadline.safe) == (None, None, None)
    assert deadline.demanded == date(2026, 12, 1)
    assert deadline.days_left == 6
    assert not deadline.show_date


def test_a_date_of_a_court_whose_law_was_not_read_is_not_called_a_demand() -> None:
    court = _compute("COMPLAINT-RU", printed_date=date(2026, 12, 1)).why[0]
    letter = _compute("CEASE-ANY", printed_date=date(2026, 12, 1)).why[0]
    assert "other side" not in court.message
    assert "other side" in letter.message


def test_no_rule_without_a_source_ever_shows_a_date() -> None:
    for rule in deadlines.all_rules():
        if rule.show_date:
            continue
        dates = dict.fromkeys(rule.takes, date(2026, 11, 20))
        dates = {name: day for name, day in dates.items() if _is_in_force(rule, day)}
        deadline = deadlines.compute(rule, dates=dates, way=None, answers={}, place=None, today=TODAY)
        assert (deadline.raw, deadline.rolled, deadline.safe) == (None, None, None)


def test_every_sourced_rule_gives_a_date_for_a_day_in_force() -> None:
    for rule in _dated_rules():
        deadline = deadlines.compute(
            rule, dates={rule.event: _start_in_force(rule)}, way=None, answers={}, place=None, today=TODAY
        )
        assert deadline.show_date
        assert deadline.safe is not None


def test_a_rule_that_only_the_paper_dates_waits_for_the_printed_date() -> None:
    deadline = _compute("UPC-PI-OBJ")
    assert deadline.raw is None
    assert any("look for it" in step.message for step in deadline.doubts)


# All rules of a paper


def test_the_earliest_safe_date_comes_first_and_undated_rules_last() -> None:
    found = deadlines.compute_all(
        "UPC_CLAIM",
        "UPC",
        dates={"served": date(2026, 11, 20)},
        way=None,
        answers={"upc_claim": "infringement", "upc_role": "defendant"},
        place="UPC-LD-MUC",
        today=TODAY,
    )
    safe = [deadline.safe for deadline in found if deadline.safe is not None]
    assert safe == sorted(safe)
    assert found[-1].rule_id == "UPC-REFUSE-2W", "the day service was attempted was not given"
    assert found[-1].safe is None
    assert {"UPC-DNI-DEF-2M", "UPC-REPLY-2M"}.isdisjoint(deadline.rule_id for deadline in found)


def test_an_open_question_shows_both_rules() -> None:
    found = deadlines.compute_all(
        "EU_CUSTOMS",
        "EU",
        dates={"notified": date(2026, 11, 20)},
        way=None,
        answers={},
        place="NL",
        today=TODAY,
    )
    assert {"EU-CUS-3", "EU-CUS-10"} <= {deadline.rule_id for deadline in found}


def test_the_places_to_ask_for_are_those_of_the_calendars() -> None:
    claim = deadlines.rules_for(document="UPC_CLAIM", jurisdiction="UPC")
    assert "UPC-LD-MUC" in deadlines.places_for(claim)
    assert not deadlines.places_for(deadlines.rules_for(document="JP_CUSTOMS", jurisdiction="JP"))


# Refusals


def test_an_event_after_today_is_refused() -> None:
    with pytest.raises(DateAfterToday) as refused:
        _compute("US-ANS-21", TODAY + timedelta(days=1))
    assert refused.value.name == "served"
    assert refused.value.message % refused.value.params


def test_an_event_that_may_lie_ahead_is_taken() -> None:
    assert _compute("DE-DEFENCE-2W", TODAY + timedelta(days=5)).raw == TODAY + timedelta(days=19)


def test_a_date_the_rule_has_no_use_for_is_refused_with_the_names_it_takes() -> None:
    with pytest.raises(NotNeeded) as refused:
        _compute("US-ANS-21", date(2026, 11, 2), mailed=date(2026, 11, 1))
    assert refused.value.takes == ("served", "served_earliest")


def test_a_missing_event_is_refused() -> None:
    with pytest.raises(DateMissing):
        _compute("US-ANS-21")


@pytest.mark.parametrize(
    ("rule_id", "event_day", "others"),
    [
        ("US-ANS-21", date(2026, 11, 2), {"served_earliest": date(2026, 11, 3)}),
        ("US-TTAB-ANS-OPP", date(2026, 11, 2), {"printed_date": date(2026, 11, 1)}),
        ("EP-943-4M", date(2026, 11, 2), {"received": date(2026, 11, 1)}),
        ("US-ANS-21", date(1926, 11, 2), {}),
        ("US-TTAB-ANS-OPP", date(2026, 11, 2), {"printed_date": date(2066, 11, 1)}),
        ("KR-TM-OPP-30", date(2025, 7, 21), {}),
    ],
)
def test_impossible_dates_are_refused(rule_id: str, event_day: date, others: Mapping[str, date]) -> None:
    rule = deadlines.get_rule(rule_id)
    dates = {rule.event: event_day, **others}
    with pytest.raises(DateNotPossible) as refused:
        deadlines.compute(rule, dates=dates, way=None, answers={}, place=None, today=TODAY)
    assert refused.value.message % refused.value.params


def test_unknown_ways_answers_and_places_are_refused() -> None:
    with pytest.raises(UnknownWay):
        _compute("ITC-RESP-20", date(2026, 11, 20), way="pigeon")
    with pytest.raises(UnknownAnswer):
        _compute("ITC-RESP-20", date(2026, 11, 20), answers={"temporary_relief": "perhaps"})
    with pytest.raises(calendars.UnknownPlace):
        _compute("UPC-SOD-3M", date(2026, 11, 20), place="UPC-LD-MARS")
    with pytest.raises(calendars.UnknownPlace):
        deadlines.compute_all("JP_CUSTOMS", "JP", dates={}, way=None, answers={}, place="UPC-LD-MUC", today=TODAY)


# Laws that hold for all rules


def _dated_rules() -> list[Rule]:
    return [rule for rule in deadlines.all_rules() if rule.show_date and rule.period.n]


def _is_in_force(rule: Rule, day: date) -> bool:
    return (rule.effective_from or date.min) <= day <= (rule.effective_to or date.max)


def _start_in_force(rule: Rule) -> date:
    return min(rule.effective_to or date.max, date(2026, 11, 20))


def _days_of(deadline: Deadline) -> tuple[date, date, date]:
    """The raw, the rolled and the safe date, all of which must be there."""
    assert deadline.raw is not None
    assert deadline.rolled is not None
    assert deadline.safe is not None
    return deadline.raw, deadline.rolled, deadline.safe


@st.composite
def _asked(draw: st.DrawFn) -> tuple[Rule, list[date], str | None, str | None]:
    """A rule, two days on which it was in force in order, a way of service and a place."""
    rule = draw(st.sampled_from(_dated_rules()))
    first = max(rule.effective_from or date.min, date(2015, 1, 1))
    last = min(rule.effective_to or date.max, TODAY)
    days = sorted(draw(st.tuples(st.dates(first, last), st.dates(first, last))))
    way = draw(st.sampled_from([None, *rule.additions]))
    place = draw(st.sampled_from([None, *calendars.get_calendar(rule.calendar).places]))
    return rule, days, way, place


@given(_asked())
def test_a_later_event_never_gives_an_earlier_date(
    asked: tuple[Rule, list[date], str | None, str | None],
) -> None:
    rule, days, way, place = asked
    found = [
        deadlines.compute(rule, dates={rule.event: day}, way=way, answers={}, place=place, today=TODAY) for day in days
    ]
    for one, other in pairwise(found):
        for earlier, later in zip(_days_of(one), _days_of(other), strict=True):
            # The end of a recess (HMK art. 104) overtakes the days just after it: the law itself jumps there.
            assert earlier <= later or (one.rolled, earlier) == (_after_recess(rule, one), one.rolled)


def _after_recess(rule: Rule, deadline: Deadline) -> date | None:
    end = calendars.find_recess_end(rule.calendar, _days_of(deadline)[0])
    while end is not None and calendars.is_closed(rule.calendar, end):
        end += timedelta(days=1)
    return end


@given(_asked())
def test_a_date_only_rolls_forward_and_the_safe_date_is_never_later(
    asked: tuple[Rule, list[date], str | None, str | None],
) -> None:
    rule, (_, day), way, place = asked
    deadline = deadlines.compute(rule, dates={rule.event: day}, way=way, answers={}, place=place, today=TODAY)
    raw, rolled, safe = _days_of(deadline)
    assert day <= raw <= rolled
    assert day <= safe <= rolled


@given(_asked())
def test_a_rolled_date_is_a_working_day(asked: tuple[Rule, list[date], str | None, str | None]) -> None:
    rule, (_, day), way, place = asked
    if deadlines.get_counting(rule.counting).roll_over == "none":
        return
    deadline = deadlines.compute(rule, dates={rule.event: day}, way=way, answers={}, place=place, today=TODAY)
    assert deadline.rolled is not None
    assert not calendars.is_closed(rule.calendar, deadline.rolled, place)


@given(_asked())
def test_an_earlier_possible_day_never_makes_the_safe_date_later(
    asked: tuple[Rule, list[date], str | None, str | None],
) -> None:
    rule, (first, day), way, place = asked
    sure = deadlines.compute(rule, dates={rule.event: day}, way=way, answers={}, place=place, today=TODAY)
    dates = {rule.event: day, rule.event + deadlines.EARLIEST: first}
    unsure = deadlines.compute(rule, dates=dates, way=way, answers={}, place=place, today=TODAY)
    _, rolled, safe = _days_of(sure)
    _, rolled_if_unsure, safe_if_unsure = _days_of(unsure)
    assert safe_if_unsure <= safe
    assert rolled_if_unsure == rolled
