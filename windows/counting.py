"""Counting days, working days, months and years: when a period ends. Pure arithmetic on calendar days."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from windows.rulebook import Counting, Period

_DAY = timedelta(days=1)

Closing = Callable[[date], str | None]
"""Gives the name of a day off, None for a working day."""


def end_of(period: Period, counting: Counting, start: date, closing: Closing) -> date:
    """The last day of a period after `start`, not moved to an open day.

    `closing` tells the days left out of working days (and of short periods, see Counting).
    """
    match period.unit:
        case "months":
            return _end_of_months(period.n, counting, start)
        case "years":
            return _end_of_months(12 * period.n, counting, start)
        case "working_days":
            return _end_of_working_days(period.n, counting, start, closing)
    if period.n < counting.working_days_below:
        return _end_of_working_days(period.n, counting, start, closing)
    return _end_of_days(period.n, counting, start, closing)


def _end_of_days(n: int, counting: Counting, start: date, closing: Closing) -> date:
    match counting.first_day:
        case "included":
            return start + timedelta(days=n - 1)
        case "first_business_day":
            return next_open(start + _DAY, closing) + timedelta(days=n - 1)
    return start + timedelta(days=n)


def _end_of_working_days(n: int, counting: Counting, start: date, closing: Closing) -> date:
    day = start if counting.first_day == "included" else start + _DAY
    day = next_open(day, closing)
    for _ in range(n - 1):
        day = next_open(day + _DAY, closing)
    return day


def _end_of_months(n: int, counting: Counting, start: date) -> date:
    match counting.end_of_month:
        case "month_is_30_days":
            return start + timedelta(days=30 * n)
        case "from_next_day":
            return _before_corresponding_day(start + _DAY, n)
    return _corresponding_day(start, n)


def _corresponding_day(start: date, n: int) -> date:
    """The day of the same number `n` months later, or the last day of that month (BGB 188; Rule 131 EPC)."""
    year, month = _month_after(start, n)
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _before_corresponding_day(first: date, n: int) -> date:
    """The day before the one corresponding to the first day counted (Civil Code of Japan 143, Korea 160).

    A count from the 1st ends on the last day of the final month; so does one whose number that month lacks.
    """
    year, month = _month_after(first, n)
    if first.day > monthrange(year, month)[1]:
        return date(year, month, monthrange(year, month)[1])
    return date(year, month, first.day) - _DAY


def _month_after(start: date, n: int) -> tuple[int, int]:
    months = start.year * 12 + start.month - 1 + n
    return months // 12, months % 12 + 1


def next_open(day: date, closing: Closing) -> date:
    """`day`, or the first day after it that is no day off."""
    while closing(day):
        day += _DAY
    return day
