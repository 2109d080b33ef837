"""When the hall is open, and what a promise in open time means on the clock. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

SEARCH_DAYS = 400
_SPAN = re.compile(r"([0-2]\d:[0-5]\d)-([0-2]\d:[0-5]\d)")
Span = tuple[time, time]


class NeverOpen(ValueError):
    """No open time comes within SEARCH_DAYS days."""


def read_spans(text: str) -> tuple[Span, ...]:
    """Return the spans that a setting such as '09:00-12:00 13:30-17:30' names; ValueError unless in order."""
    parts = [_SPAN.fullmatch(part) for part in text.split()]
    spans = tuple((time.fromisoformat(part[1]), time.fromisoformat(part[2])) for part in parts if part)
    moments = [moment for span in spans for moment in span]
    if not spans or len(spans) != len(parts) or any(one >= other for one, other in pairwise(moments)):
        raise ValueError("opening hours are written like 09:00-12:00 13:30-17:30, in order")
    return spans


@cache
def _calendar(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


@dataclass(frozen=True, slots=True)
class Hours:
    """The hall's day in spans, the country whose holidays and make-up days it keeps, and days it is closed besides."""

    spans: tuple[Span, ...]
    country: str
    zone: ZoneInfo
    closed: frozenset[date] = frozenset()

    def is_open_day(self, day: date) -> bool:
        """Whether the hall opens on a day: working days, and weekends that are worked for a holiday."""
        return day not in self.closed and bool(_calendar(self.country).is_working_day(day))

    def intervals(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the spans of a day in which the hall is open, in order."""
        if not self.is_open_day(day):
            return ()
        moment = datetime.combine
        return tuple((moment(day, opens, self.zone), moment(day, closes, self.zone)) for opens, closes in self.spans)

    def next_interval(self, moment: datetime) -> tuple[datetime, datetime]:
        """Return the span in which the hall is open at a moment, else the next one; NeverOpen."""
        for interval in self._from(moment):
            return interval
        raise NeverOpen(f"no open time within {SEARCH_DAYS} days")

    def add(self, start: datetime, length: timedelta) -> datetime:
        """Return the moment at which `length` of open time has passed since `start`; NeverOpen."""
        left = length
        for opens, closes in self._from(start):
            begin = max(opens, start)
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        raise NeverOpen(f"no {left} of open time within {SEARCH_DAYS} days")

    def working_days_between(self, first: date, last: date) -> int:
        """Return how many days the hall opens after `first` up to and with `last`; negative when `last` is past."""
        if last < first:
            return -self.working_days_between(last, first)
        return sum(self.is_open_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))

    def _from(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        day = start.astimezone(self.zone).date()
        for n in range(SEARCH_DAYS):
            for opens, closes in self.intervals(day + timedelta(days=n)):
                if closes > start:
                    yield opens, closes
