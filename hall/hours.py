"""When the hall is open, and what a promise in open time means on the clock. Pure."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays

# The public counter's day, with its lunch break.
SPANS = ((time(9), time(12)), (time(13, 30), time(17, 30)))
Intervals = Callable[[date], tuple[tuple[datetime, datetime], ...]]
SEARCH_DAYS = 400


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


def is_open_day(day: date, country: str = "CN") -> bool:
    """Whether the hall is open on a day: working days and the State Council's make-up days."""
    return bool(_calendar(country).is_working_day(day))


def open_intervals(day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans of a day in which the hall is open, in order."""
    if not is_open_day(day):
        return ()
    return tuple((datetime.combine(day, start, zone), datetime.combine(day, end, zone)) for start, end in SPANS)


def add_open_time(start: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """Return the moment at which `length` of open time has passed since `start`; closed hours do not count."""
    left = length
    for opens, closes in _spans_from(start, zone):
        begin = max(opens, start)
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    raise ValueError(f"no open time within {SEARCH_DAYS} days")


def working_days_between(first: date, last: date) -> int:
    """Return how many days the hall is open after `first` up to and with `last`; negative when `last` is past."""
    if last < first:
        return -working_days_between(last, first)
    return sum(is_open_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def _spans_from(start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    day = start.astimezone(zone).date()
    for n in range(SEARCH_DAYS):
        for opens, closes in open_intervals(day + timedelta(days=n), zone):
            if closes > start:
                yield opens, closes
