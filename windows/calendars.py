"""When courts, offices and customs are closed: the calendars of forums, laid over the `holidays` library.

A forum's calendar is not its country's: an office closes on days of its own, a court on those of its place.
Days are certain (weekends, announced closings), doubtful (a pattern of earlier years, a day not settled), or
provisional (a year whose list was not yet announced). Only announced closings may move a date.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import holidays
from dateutil.easter import easter
from pydantic import ConfigDict, Field, TypeAdapter

from hall.words import N_
from windows import knowledge
from windows.directory import Source
from windows.knowledge import KnowledgeFile

HERE = Path(__file__).parent / "calendars"
HOLIDAY_NAMES = Path(__file__).parent / "holiday_names.toml"

_strict = ConfigDict(extra="forbid")

Confidence = Literal["official", "secondary", "library", "pattern", "general"]
"""How sure a closing is; see MOVES_A_DATE."""
MOVES_A_DATE = frozenset({"official", "secondary", "library"})
"""A pattern of earlier years and general knowledge warn, but move no date."""
Mode = Literal["all", "union", "one_of", "resolver", "none"]
"""How the library's days are put together.

`all`: those of `holidays`; `union`: those and the days of the place; `one_of`: those of the place alone;
`resolver`: the place names another calendar; `none`: no closed day is known.
"""
DayOrRange = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}(/\d{4}-\d{2}-\d{2})?$")]
MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
EachYear = Annotated[str, Field(pattern=r"^(\d{2}-\d{2}(/\d{2}-\d{2})?|easter[+-]\d{1,2})$")]
Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAY_NAMES = {
    "Mon": N_("Monday"),
    "Tue": N_("Tuesday"),
    "Wed": N_("Wednesday"),
    "Thu": N_("Thursday"),
    "Fri": N_("Friday"),
    "Sat": N_("Saturday"),
    "Sun": N_("Sunday"),
}
_REMARK = re.compile(r" \(.*\)$")
_DAY = timedelta(days=1)


class UnknownCalendar(LookupError):
    """No forum calendar has this id."""


class UnknownPlace(LookupError):
    """The forum has no seat, state or office of this code."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Days a forum is closed besides the library's: `day` (or a range), or `each_year` a rule.

    `each_year` is `MM-DD`, a range of them (which may run over the new year) or `easter+N` in days.
    `until` is the last year of the rule.
    """

    name: str
    confidence: Confidence
    day: DayOrRange = ""
    each_year: EachYear = ""
    until: int = 9999
    doubtful: bool = False
    sources: tuple[Source, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Recess:
    """A yearly recess: a period that ends from `first` to `last` (`MM-DD`) ends `days` after `last` instead."""

    first: MonthDay
    last: MonthDay
    days: int
    sources: tuple[Source, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Opened:
    """A day that is worked although it looks like a day off (a make-up working day)."""

    day: date
    name: str
    sources: tuple[Source, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Place:
    """A seat, state or office of a forum: its name (msgid, empty for countries) and whose holidays it keeps.

    `holidays` is a code of the library or, in a resolver, the id of a calendar. Days that are not in `certain`
    too (the state against the Land) are doubtful. `weekend` replaces the calendar's.
    """

    holidays: str
    name: str = ""
    certain: str = ""
    categories: tuple[str, ...] = ()
    weekend: tuple[Weekday, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one forum. `provisional_from` is the first year whose list was not found."""

    id: str
    name: str
    mode: Mode
    confidence: Confidence
    holidays: tuple[str, ...] = ()
    categories: tuple[str, ...] = ("public",)
    doubtful_categories: tuple[str, ...] = ()
    weekend: tuple[Weekday, ...] = ("Sat", "Sun")
    doubtful_weekdays: tuple[Weekday, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    closed: tuple[Closed, ...] = ()
    opened: tuple[Opened, ...] = ()
    recess: Recess | None = None
    provisional_from: int = 9999
    sources: tuple[Source, ...] = ()
    note: str = ""

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day off and its name (msgid)."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class _Year:
    closed: Mapping[date, str]
    doubtful: Mapping[date, str]
    opened: frozenset[date]
    is_provisional: bool


_CALENDARS = TypeAdapter(dict[str, Calendar])
_NAMES = TypeAdapter(dict[str, dict[Literal["name"], str]])


def load(folder: Path) -> Mapping[str, Calendar]:
    """Read and check all calendars in `folder`. Raises InvalidKnowledge for whatever the hall does not know."""
    calendars: dict[str, Calendar] = {}
    files = {path: knowledge.read(path) for path in sorted(folder.glob("*.toml"))}
    for file in files.values():
        here = file.shaped(_CALENDARS, file.tables("id"))
        for calendar in here.values():
            _check(file, calendar, calendars)
        calendars |= here
    for file in files.values():
        _check_resolvers(file, calendars)
    return MappingProxyType(calendars)


@cache
def _all() -> Mapping[str, Calendar]:
    return load(HERE)


def all_calendars() -> tuple[Calendar, ...]:
    """All forum calendars."""
    return tuple(_all().values())


def get_calendar(calendar: str) -> Calendar:
    """The calendar of this id. Raises UnknownCalendar."""
    try:
        return _all()[calendar]
    except KeyError:
        raise UnknownCalendar(calendar) from None


def is_closed(calendar: str, day: date, place: str | None = None) -> bool:
    """Whether the forum is closed on `day` for certain enough to move a date.

    Without `place` only days closed at every place count. Raises UnknownCalendar, UnknownPlace.
    """
    return find_closing(calendar, day, place) is not None


def find_closing(calendar: str, day: date, place: str | None = None) -> str | None:
    """The name (msgid) of the closing that moves a date from `day`, if there is one."""
    return _closing(*_resolved(calendar, place), day)


def find_certain_closing(calendar: str, day: date, place: str | None = None) -> str | None:
    """As find_closing, but in a provisional year only weekends count."""
    known, where = _resolved(calendar, place)
    if known.provisional_from <= day.year:
        return None if day in _year(known.id, where, day.year).opened else _weekend(known, where, day)
    return _closing(known, where, day)


def find_possible_closing(calendar: str, day: date, place: str | None = None) -> str | None:
    """The name (msgid) of a closing that is announced, doubtful or may be: on such a day do not rely on it."""
    known, where = _resolved(calendar, place)
    if name := _closing(known, where, day):
        return name
    if (weekday := _WEEKDAYS[day.weekday()]) in known.doubtful_weekdays:
        return _WEEKDAY_NAMES[weekday]
    return _year(known.id, where, day.year).doubtful.get(day)


def find_recess_end(calendar: str, day: date) -> date | None:
    """The day on which a period ends instead that would end on `day`, in the forum's recess; None outside of one."""
    recess = get_calendar(calendar).recess
    if recess is None or not _on(day.year, recess.first) <= day <= _on(day.year, recess.last):
        return None
    return _on(day.year, recess.last) + timedelta(days=recess.days)


def is_provisional(calendar: str, year: int, place: str | None = None) -> bool:
    """Whether the list of closed days of `year` was not yet announced when the hall learnt it."""
    return _resolved(calendar, place)[0].provisional_from <= year


def doubtful_days(calendar: str, year: int, place: str | None = None) -> tuple[ClosedDay, ...]:
    """The days of `year` on which the forum may be closed, in order; none of them moves a date."""
    known, where = _resolved(calendar, place)
    days = sorted(_year(known.id, where, year).doubtful.items())
    return tuple(ClosedDay(day, name) for day, name in days if not _closing(known, where, day))


def _resolved(calendar: str, place: str | None) -> tuple[Calendar, str | None]:
    known = get_calendar(calendar)
    if place is None or not known.places:
        return known, None
    if place not in known.places:
        raise UnknownPlace(place)
    if known.mode == "resolver":
        return get_calendar(known.places[place].holidays), None
    return known, place


def _closing(calendar: Calendar, place: str | None, day: date) -> str | None:
    year = _year(calendar.id, place, day.year)
    if day in year.opened:
        return None
    return _weekend(calendar, place, day) or year.closed.get(day)


def _weekend(calendar: Calendar, place: str | None, day: date) -> str | None:
    weekday = _WEEKDAYS[day.weekday()]
    weekend = calendar.places[place].weekend if place is not None else ()
    return _WEEKDAY_NAMES[weekday] if weekday in (weekend or calendar.weekend) else None


@cache
def _year(calendar: str, place: str | None, year: int) -> _Year:
    known = get_calendar(calendar)
    closed, doubtful = _library_days(known, place, year)
    for entry in known.closed:
        sure = entry.confidence in MOVES_A_DATE and not entry.doubtful
        for day in _days_of(entry, year):
            (closed if sure else doubtful).setdefault(day, entry.name)
    opened = frozenset(entry.day for entry in known.opened if entry.day.year == year)
    return _Year(
        closed={day: name for day, name in closed.items() if day not in opened},
        doubtful={day: name for day, name in doubtful.items() if day not in opened and day not in closed},
        opened=opened,
        is_provisional=known.provisional_from <= year,
    )


def _library_days(calendar: Calendar, place: str | None, year: int) -> tuple[dict[date, str], dict[date, str]]:
    """The library's days that are closed for certain, and those that may be."""
    closed = _together(calendar.holidays, calendar.categories, year)
    doubtful = _together(calendar.holidays, calendar.doubtful_categories, year)
    if place is not None:
        sure, unsure = _days_of_place(calendar, calendar.places[place], year)
        return closed | sure, doubtful | unsure
    if calendar.mode == "one_of":
        sure, unsure = _days_of_all_places(calendar, year)
        return closed | sure, doubtful | unsure
    return closed, doubtful


def _days_of_place(calendar: Calendar, place: Place, year: int) -> tuple[dict[date, str], dict[date, str]]:
    days = _library(place.holidays, place.categories or calendar.categories, year)
    if not place.certain:
        return dict(days), {}
    certain = _library(place.certain, calendar.categories, year)
    sure = {day: name for day, name in days.items() if day in certain}
    return sure, {day: name for day, name in days.items() if day not in certain}


def _days_of_all_places(calendar: Calendar, year: int) -> tuple[dict[date, str], dict[date, str]]:
    each = [_days_of_place(calendar, place, year) for place in calendar.places.values()]
    sure = {day: name for day, name in each[0][0].items() if all(day in days for days, _ in each)}
    some = {day: name for pair in each for days in pair for day, name in days.items()}
    return sure, {day: name for day, name in some.items() if day not in sure}


def _together(codes: tuple[str, ...], categories: tuple[str, ...], year: int) -> dict[date, str]:
    return dict(chain.from_iterable(_library(code, categories, year).items() for code in codes))


@cache
def _library(code: str, categories: tuple[str, ...], year: int) -> Mapping[date, str]:
    """The library's days of a country (`US`) or a part of it (`US-CA`), with their English names."""
    if not categories:
        return {}
    country, _, part = code.partition("-")
    found = holidays.country_holidays(
        country, subdiv=part or None, years=year, categories=categories, language=_language(country)
    )
    return {day: _worded(name) for day, name in found.items() if day.year == year}


def _worded(name: str) -> str:
    """The library's name as a msgid the hall has words for."""
    for part in name.split("; "):
        plain = _REMARK.sub("", part)
        if plain in _names():
            return plain
        if plain.startswith("Alternative holiday for"):
            return N_("substitute holiday")
    return N_("public holiday")


@cache
def _names() -> frozenset[str]:
    file = knowledge.read(HOLIDAY_NAMES)
    return frozenset(entry["name"] for entry in file.shaped(_NAMES).values())


def _language(country: str) -> str | None:
    languages = holidays.country_holidays(country).supported_languages
    return next((tag for tag in ("en_US", "en_GB", "en") if tag in languages), None)


def _days_of(entry: Closed, year: int) -> Iterator[date]:
    if entry.day:
        first, _, last = entry.day.partition("/")
        days = _span(date.fromisoformat(first), date.fromisoformat(last or first))
        yield from (day for day in days if day.year == year)
    elif year <= entry.until:
        yield from _days_each_year(entry.each_year, year)


def _days_each_year(rule: str, year: int) -> Iterator[date]:
    if rule.startswith("easter"):
        yield easter(year) + timedelta(days=int(rule.removeprefix("easter")))
        return
    first, _, last = rule.partition("/")
    begin, end = _on(year, first), _on(year, last or first)
    if begin <= end:
        yield from _span(begin, end)
    else:
        yield from _span(date(year, 1, 1), end)
        yield from _span(begin, date(year, 12, 31))


def _on(year: int, month_and_day: str) -> date:
    return date(year, int(month_and_day[:2]), int(month_and_day[3:]))


def _span(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY


def _check(file: KnowledgeFile, calendar: Calendar, known: Mapping[str, Calendar]) -> None:
    if calendar.id in known:
        raise file.invalid((calendar.id,), f"{calendar.id} stands in another file already")
    for number, entry in enumerate(calendar.closed):
        if bool(entry.day) == bool(entry.each_year):
            raise file.invalid((calendar.id, "closed", number), f"{calendar.id}: a day or a rule, not both")
    if calendar.mode != "resolver":
        for code in _codes(calendar):
            if not _is_in_library(code):
                raise file.invalid((calendar.id,), f"{calendar.id}: the library has no holidays of {code}")


def _check_resolvers(file: KnowledgeFile, calendars: Mapping[str, Calendar]) -> None:
    for key in file.data:
        for code, place in calendars[key].places.items():
            if calendars[key].mode == "resolver" and place.holidays not in calendars:
                raise file.invalid((key, "places", code), f"{key}: unknown calendar {place.holidays}")


def _codes(calendar: Calendar) -> Iterator[str]:
    yield from calendar.holidays
    for place in calendar.places.values():
        yield place.holidays
        if place.certain:
            yield place.certain


@cache
def _supported() -> Mapping[str, list[str]]:
    return holidays.list_supported_countries(include_aliases=False)


def _is_in_library(code: str) -> bool:
    country, _, part = code.partition("-")
    return country in _supported() and (not part or part in _supported()[country])
