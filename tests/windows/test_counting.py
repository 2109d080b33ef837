"""When periods end: arithmetic on days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from windows import counting
from windows.counting import Closing
from windows.rulebook import Counting, EndOfMonth, FirstDay, Period, PeriodUnit

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))


def _counting(
    *,
    first_day: FirstDay = "excluded",
    end_of_month: EndOfMonth = "same_number_else_last_day",
    working_days_below: int = 0,
) -> Counting:
    return Counting(
        code="X",
        first_day=first_day,
        end_of_month=end_of_month,
        roll_over="none",
        basis="",
        working_days_below=working_days_below,
    )


def _weekend(day: date) -> str | None:
    return "weekend" if day.weekday() >= 5 else None


def _never(day: date) -> str | None:
    return None


def _end(n: int, unit: PeriodUnit, rule: Counting, start: date, closing: Closing = _weekend) -> date:
    return counting.end_of(Period(n, unit), rule, start, closing)


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 2, 28), 2, date(2026, 4, 28)),
        (date(2026, 10, 31), 4, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_europe_and_america_end_on_the_same_number_or_the_last_day(start: date, months: int, end: date) -> None:
    assert _end(months, "months", _counting(), start) == end


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 2, 28), 2, date(2026, 4, 30)),  # the count begins on 1 March
        (date(2026, 8, 31), 3, date(2026, 11, 30)),  # the count begins on 1 September
        (date(2026, 11, 24), 3, date(2027, 2, 24)),
        (date(2026, 11, 29), 3, date(2027, 2, 28)),  # no 30 February
        (date(2026, 1, 30), 1, date(2026, 2, 28)),  # no 31 February
        (date(2027, 12, 31), 2, date(2028, 2, 29)),  # the count begins on 1 January
    ],
)
def test_japan_and_korea_count_from_the_next_day(start: date, months: int, end: date) -> None:
    assert _end(months, "months", _counting(end_of_month="from_next_day"), start) == end


def test_a_year_is_twelve_months_and_leaps_to_the_last_day() -> None:
    assert _end(1, "years", _counting(), date(2024, 2, 29)) == date(2025, 2, 28)


def test_a_month_may_be_thirty_days() -> None:
    rule = _counting(end_of_month="month_is_30_days")
    assert _end(2, "months", rule, date(2026, 1, 31)) == date(2026, 4, 1)


def test_the_first_day_is_left_out_or_counted() -> None:
    start = date(2026, 11, 23)
    assert _end(10, "days", _counting(), start) == date(2026, 12, 3)
    assert _end(10, "days", _counting(first_day="included"), start) == date(2026, 12, 2)


def test_day_one_may_be_the_first_business_day() -> None:
    friday = date(2026, 11, 20)
    assert _end(20, "days", _counting(first_day="first_business_day"), friday) == date(2026, 12, 12)


def test_working_days_leave_out_days_off() -> None:
    friday = date(2026, 11, 20)
    assert _end(1, "working_days", _counting(), friday) == date(2026, 11, 23)
    assert _end(5, "working_days", _counting(), friday) == date(2026, 11, 27)
    assert _end(6, "working_days", _counting(), friday) == date(2026, 11, 30)


def test_a_working_period_that_counts_its_first_day_waits_for_an_open_one() -> None:
    saturday = date(2026, 11, 21)
    assert _end(1, "working_days", _counting(first_day="included"), saturday) == date(2026, 11, 23)


def test_a_short_period_leaves_out_days_off_and_a_long_one_does_not() -> None:
    rule = _counting(working_days_below=7)
    friday = date(2026, 11, 20)
    assert _end(6, "days", rule, friday) == date(2026, 11, 30)
    assert _end(7, "days", rule, friday) == date(2026, 11, 27)


@given(DAYS, st.integers(1, 60))
def test_without_days_off_working_days_are_days(start: date, n: int) -> None:
    assert _end(n, "working_days", _counting(), start, _never) == start + timedelta(days=n)


@given(DAYS, DAYS, st.integers(1, 48), st.sampled_from(["same_number_else_last_day", "from_next_day"]))
def test_a_later_start_never_ends_a_period_of_months_earlier(
    one: date, other: date, n: int, end_of_month: EndOfMonth
) -> None:
    rule = _counting(end_of_month=end_of_month)
    first, second = sorted((one, other))
    assert _end(n, "months", rule, first) <= _end(n, "months", rule, second)


@given(DAYS, st.integers(1, 48))
def test_the_asian_count_ends_at_most_three_days_after_the_european_one(start: date, n: int) -> None:
    europe = _end(n, "months", _counting(), start)
    asia = _end(n, "months", _counting(end_of_month="from_next_day"), start)
    assert timedelta() <= asia - europe <= timedelta(days=3)
