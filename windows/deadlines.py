"""From the paper in hand to a date that explains itself: rules, counting and the safe date.

A rule is data (rules/*.toml): the event a period runs from, its length, how it is counted, the forum's calendar,
what to do and what happens else. `compute` turns a rule and the dates a visitor knows into a Deadline with three
dates: `raw` (the last day of the period), `rolled` (moved to the next open day where the law moves it) and `safe`
(the earliest under every doubt). Nothing here knows the time or the place: both are arguments.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from hall.words import N_
from windows import calendars, counting, rulebook
from windows.counting import Closing
from windows.directory import Source
from windows.rulebook import (
    EARLIEST,
    JURISDICTIONS,
    OWN,
    PRINTED_DATE,
    RECEIVED,
    Condition,
    Counting,
    Delivery,
    DocumentType,
    EventType,
    FirstDay,
    Forum,
    Kind,
    Period,
    Question,
    Rule,
    UnknownAnswer,
    UnknownDocument,
    UnknownRule,
    UnknownWay,
    Way,
    all_documents,
    all_rules,
    all_ways,
    applies,
    events_for,
    get_counting,
    get_document,
    get_event,
    get_forum,
    get_rule,
    questions_for,
    rules_for,
    start_of,
    ways_for,
)

__all__ = [
    "EARLIEST",
    "JURISDICTIONS",
    "OWN",
    "PRINTED_DATE",
    "Amount",
    "Condition",
    "Counting",
    "DateAfterToday",
    "DateMissing",
    "DateNotPossible",
    "Deadline",
    "Delivery",
    "DocumentType",
    "EventType",
    "Forum",
    "Kind",
    "NotNeeded",
    "Period",
    "Question",
    "RefusedDate",
    "Rule",
    "Step",
    "UnknownAnswer",
    "UnknownDocument",
    "UnknownRule",
    "UnknownWay",
    "Way",
    "Words",
    "all_documents",
    "all_rules",
    "all_ways",
    "applies",
    "compute",
    "compute_all",
    "events_for",
    "get_counting",
    "get_document",
    "get_event",
    "get_forum",
    "get_rule",
    "places_for",
    "questions_for",
    "rules_for",
    "start_of",
    "ways_for",
]

_DAY = timedelta(days=1)
_LONGEST_PRINTED = timedelta(days=5 * 366)
_OLDEST = timedelta(days=30 * 366)
_MUST_BE_SAFE = frozenset({"own_act", "own_or_other_side", "state_ends"})
"""Kinds of rules whose safe date may be earlier than the legal one."""
_PRIVATE = frozenset({"out_of_court", "platform", "amazon"})
"""Forums that are no authority: their dates are demands."""


class Words(str):
    """A parameter of a message that is itself a msgid: the page translates it before it fills it in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Amount:
    """A parameter of a message that is a length of time: the page words it with directory.UNITS."""

    num: int
    unit: str


Params = Mapping[str, date | Amount | Words | str | int]


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of the explanation: a msgid and its parameters (dates stay dates)."""

    message: str
    params: Params = field(default_factory=dict)


class RefusedDate(ValueError):
    """A date that cannot be used, with the sentence for the visitor: `message` (msgid) and `params`."""

    def __init__(self, name: str, message: str, params: Params) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        self.params = params


class DateNotPossible(RefusedDate):
    """A date that contradicts another date or the rule, or lies too far away."""


class DateAfterToday(RefusedDate):
    """An event that cannot have happened yet."""


class DateMissing(RefusedDate):
    """The rule counts from an event whose date was not given."""


class NotNeeded(ValueError):
    """A date was given that the rule has no use for; `takes` are the names it takes."""

    def __init__(self, name: str, takes: tuple[str, ...]) -> None:
        super().__init__(f"{name} is not needed; taken are {', '.join(takes)}")
        self.name = name
        self.takes = takes


@dataclass(frozen=True, slots=True)
class Deadline:
    """A rule put to work.

    `raw`, `rolled`, `safe` are None where no date may be shown; `until` is the far end of a window. `demanded` is
    a date printed in a paper that no law the hall has read supports. `days_left` counts from today to
    the safe (or demanded) date and is negative once that has passed. `why` and `doubts` are sentences in order.
    """

    rule_id: str
    action: str
    kind: Kind
    event: str
    start: date | None
    raw: date | None
    rolled: date | None
    safe: date | None
    until: date | None
    demanded: date | None
    days_left: int | None
    basis: str
    forum: str
    calendar: str
    calendar_provisional: bool
    applies_when: str
    consequence: str
    extension: str
    note: str
    show_date: bool
    source: tuple[Source, ...]
    why: tuple[Step, ...]
    doubts: tuple[Step, ...]

    @property
    def sort_date(self) -> date | None:
        """The date by which the deadline is put in order."""
        return self.safe or self.demanded


def compute_all(
    document: str,
    jurisdiction: str | None,
    *,
    dates: Mapping[str, date],
    way: str | None,
    answers: Mapping[str, str],
    place: str | None,
    today: date,
) -> list[Deadline]:
    """The deadlines of all rules that may apply to a paper, the earliest safe date first, undated ones last.

    A rule whose event has no date yet, or that may show none, comes without dates. A rule not in force on its
    event's day is left out. Raises UnknownDocument, UnknownAnswer, UnknownWay, UnknownPlace, and RefusedDate or
    NotNeeded as compute does (NotNeeded if no rule of the paper takes the name).
    """
    rules = [rule for rule in rules_for(document=document, jurisdiction=jurisdiction) if applies(rule, answers)]
    _check_names(dates, tuple(dict.fromkeys(name for rule in rules for name in rule.takes)))
    if place is not None and place not in places_for(rules):
        raise calendars.UnknownPlace(place)
    found = [
        _deadline(
            rule,
            dates={name: day for name, day in dates.items() if name in rule.takes},
            way=way,
            answers=answers,
            place=place if _has_place(rule, place) else None,
            today=today,
        )
        for rule in rules
        if _is_in_force(rule, dates.get(rule.event))
    ]
    return sorted(found, key=_order)


def places_for(rules: Iterable[Rule]) -> Mapping[str, calendars.Place]:
    """The seats, states and offices to ask for because a rule's closed days depend on them; may be none."""
    known = (calendars.get_calendar(rule.calendar).places for rule in rules)
    return {code: place for places in known for code, place in places.items()}


def _has_place(rule: Rule, place: str | None) -> bool:
    return place in calendars.get_calendar(rule.calendar).places


def _order(deadline: Deadline) -> tuple[bool, date, bool]:
    return deadline.sort_date is None, deadline.sort_date or date.max, deadline.kind not in OWN


def compute(
    rule: Rule,
    *,
    dates: Mapping[str, date],
    way: str | None,
    answers: Mapping[str, str],
    place: str | None,
    today: date,
) -> Deadline:
    """The deadline of one rule.

    `dates` holds days by name: the rule's event, the same with `_earliest` (the first day it may have happened),
    `printed_date`, `received` (see Rule.takes). `place` is a seat, state or office of the forum's calendar.
    Raises DateMissing, DateNotPossible, DateAfterToday, NotNeeded, UnknownAnswer, UnknownWay, UnknownPlace.
    """
    _check_names(dates, rule.takes)
    if rule.show_date and rule.period.n and not _has_start(rule, dates):
        raise DateMissing(rule.event, N_("The date of this event is needed."), {})
    start = dates.get(rule.event)
    if start is not None and not _is_in_force(rule, start):
        raise DateNotPossible(rule.event, N_("This rule was not in force on %(day)s."), {"day": start})
    return _deadline(rule, dates=dates, way=way, answers=answers, place=place, today=today)


def _has_start(rule: Rule, dates: Mapping[str, date]) -> bool:
    return rule.event in dates or (rule.period.set_in_document and PRINTED_DATE in dates)


def _deadline(
    rule: Rule,
    *,
    dates: Mapping[str, date],
    way: str | None,
    answers: Mapping[str, str],
    place: str | None,
    today: date,
) -> Deadline:
    _check_dates(rule, dates, today)
    rulebook.check_answers(answers)
    if way is not None:
        rulebook.get_way(way)
    asked = _Asked(rule, dates, way, place)
    result = _result(asked)
    doubts = tuple(_doubts(asked, answers, result))
    sort_date = result.safe or result.demanded
    return Deadline(
        rule_id=rule.id,
        action=rule.action,
        kind=rule.kind,
        event=rule.event,
        start=dates.get(rule.event),
        raw=result.raw,
        rolled=result.rolled,
        safe=result.safe,
        until=result.until,
        demanded=result.demanded,
        days_left=None if sort_date is None else (sort_date - today).days,
        basis=rule.basis,
        forum=rule.forum,
        calendar=rule.calendar,
        calendar_provisional=_is_provisional(asked, result),
        applies_when=rule.applies_when,
        consequence=rule.consequence,
        extension=rule.extension,
        note=rule.note,
        show_date=result.raw is not None,
        source=rule.sources,
        why=result.why,
        doubts=doubts,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule with what the visitor knows."""

    rule: Rule
    dates: Mapping[str, date]
    way: str | None
    place: str | None

    @property
    def counting(self) -> Counting:
        return get_counting(self.rule.counting)

    @property
    def start(self) -> date | None:
        return self.dates.get(self.rule.event)

    @property
    def printed(self) -> date | None:
        return self.dates.get(PRINTED_DATE)

    @property
    def is_counting_sourced(self) -> bool:
        return self.rule.is_counting_sourced and self.counting.is_sourced

    def closing(self, day: date) -> str | None:
        """The closing that moves a date from `day`."""
        return calendars.find_closing(self.rule.calendar, day, self.place)

    def certain_closing(self, day: date) -> str | None:
        """The closing that moves a date from `day` even if a list of days changes."""
        return calendars.find_certain_closing(self.rule.calendar, day, self.place)

    def possible_closing(self, day: date) -> str | None:
        """Any closing, be it doubtful."""
        return calendars.find_possible_closing(self.rule.calendar, day, self.place)


@dataclass(frozen=True, slots=True)
class _Result:
    raw: date | None = None
    rolled: date | None = None
    safe: date | None = None
    until: date | None = None
    demanded: date | None = None
    why: tuple[Step, ...] = ()


def _result(asked: _Asked) -> _Result:
    rule = asked.rule
    if not rule.show_date:
        return _Result(demanded=asked.printed, why=_why_demanded(asked))
    if rule.period.set_in_document and asked.printed is not None:
        return _printed(asked, asked.printed)
    if asked.start is None or rule.period.n == 0:
        return _Result()
    return _counted(asked, asked.start)


def _why_demanded(asked: _Asked) -> tuple[Step, ...]:
    if asked.printed is None:
        return (Step(N_("No law was found that sets a date; none is shown.")),)
    if asked.rule.forum in _PRIVATE:
        message = N_("%(day)s is the date set by the other side; no law sets it.")
    else:
        message = N_("The paper states %(day)s; the law behind that date was not read.")
    return (Step(message, {"day": asked.printed}),)


def _printed(asked: _Asked, day: date) -> _Result:
    why = [Step(N_("The paper itself states %(day)s as the last day; that date counts."), {"day": day})]
    safe = _last_open(asked, day) if asked.rule.kind in _MUST_BE_SAFE else day
    why += _why_safe(safe, day, N_("because the last day may be a day off"))
    return _Result(raw=day, rolled=day, safe=safe, why=tuple(why))


def _counted(asked: _Asked, start: date) -> _Result:
    rule = asked.rule
    why = [_why_start(asked, start), *_why_period(asked)]
    begin = _delivered(asked, start)
    if begin != start:
        why.append(Step(N_("Counted as delivered on %(day)s."), {"day": begin}))
    raw = _raw(asked, start, asked.closing)
    why += _why_additions(asked)
    why.append(Step(N_("The period ends on %(day)s."), {"day": raw}))
    recess_end = calendars.find_recess_end(rule.calendar, raw)
    if recess_end is not None:
        why.append(
            Step(N_("That is in the recess of the court; the time ends on %(day)s instead."), {"day": recess_end})
        )
    rolled, moves = _rolled(asked, recess_end or raw, asked.closing)
    why += [Step(N_("%(day)s is a day off (%(name)s)."), {"day": day, "name": Words(name)}) for day, name in moves]
    if moves:
        why.append(Step(N_("So it moves to the next working day, %(day)s."), {"day": rolled}))
    if rule.period.earlier_of_printed and asked.printed is not None and asked.printed < rolled:
        why.append(Step(N_("The paper states the earlier date %(day)s; that date counts."), {"day": asked.printed}))
        raw = rolled = asked.printed
    safe = _safe(asked, start, rolled)
    reason = N_("because the recess does not lengthen the time of urgent matters") if recess_end else _reason(asked)
    why += _why_safe(safe, rolled, reason)
    return _Result(raw=raw, rolled=rolled, safe=safe, until=_until(asked, start), why=tuple(why))


def _why_start(asked: _Asked, start: date) -> Step:
    label = get_event(asked.rule.event).label
    return Step(N_("%(event)s: %(day)s."), {"event": Words(label), "day": start})


_FIRST_DAY: Mapping[FirstDay, str] = MappingProxyType(
    {
        "excluded": N_("The time is %(length)s; the day of the event does not count."),
        "included": N_("The time is %(length)s; the day of the event counts as the first."),
        "first_business_day": N_("The time is %(length)s; day 1 is the first business day after the event."),
    }
)


def _why_period(asked: _Asked) -> Iterator[Step]:
    period = asked.rule.period
    yield Step(_FIRST_DAY[asked.counting.first_day], {"length": Amount(period.n, period.unit)})
    for other in period.longer_of:
        yield Step(N_("Or %(length)s, if that ends later."), {"length": Amount(other.n, other.unit)})
    if asked.counting.basis:
        yield Step(N_("Counted by %(basis)s."), {"basis": Words(asked.counting.basis)})
    if asked.counting.note:
        yield Step(asked.counting.note)


def _why_additions(asked: _Asked) -> Iterator[Step]:
    if days := _added_days(asked):
        yield Step(N_("The way of service adds %(length)s to the end."), {"length": Amount(days, "days")})
    if days := _late_days(asked):
        yield Step(N_("Late receipt adds %(length)s to the end."), {"length": Amount(days, "days")})


def _why_safe(safe: date, rolled: date, reason: str) -> Iterator[Step]:
    if safe < rolled:
        yield Step(N_("Act by %(day)s to be safe, %(reason)s."), {"day": safe, "reason": Words(reason)})


def _reason(asked: _Asked) -> str:
    if not asked.is_counting_sourced:
        return N_("because the counting rule was not read")
    if asked.rule.event + EARLIEST in asked.dates:
        return N_("because the day of the event is not certain")
    if asked.counting.roll_over == "none":
        return N_("because no rule moves a last day that is a day off")
    return N_("because a closed day is not confirmed")


def _raw(asked: _Asked, start: date, closing: Closing) -> date:
    """The last day of the period with all additions, not rolled."""
    begin = _delivered(asked, start)
    period = asked.rule.period
    ends = [counting.end_of(one, asked.counting, begin, closing) for one in (period, *period.longer_of)]
    return max(ends) + timedelta(days=_added_days(asked) + _late_days(asked))


def _until(asked: _Asked, start: date) -> date | None:
    period = asked.rule.period
    if not period.n_max:
        return None
    longest = Period(period.n_max, period.unit)
    return counting.end_of(longest, asked.counting, _delivered(asked, start), asked.closing)


def _last_open(asked: _Asked, day: date) -> date:
    while asked.possible_closing(day):
        day -= _DAY
    return day


def _rolled(asked: _Asked, raw: date, closing: Closing) -> tuple[date, list[tuple[date, str]]]:
    """The day moved to the next open one where the law moves it, and the days off passed with their names."""
    moves: list[tuple[date, str]] = []
    if asked.counting.roll_over == "none":
        return raw, moves
    while name := closing(raw):
        moves.append((raw, name))
        raw += _DAY
    return raw, moves


def _safe(asked: _Asked, start: date, rolled: date) -> date:
    """The earliest last day under every doubt, never after `rolled`."""
    if asked.rule.kind not in _MUST_BE_SAFE:
        return rolled
    earliest = asked.dates.get(asked.rule.event + EARLIEST, start)
    raw = _raw(asked, earliest, asked.certain_closing)
    if asked.is_counting_sourced:
        day, _ = _rolled(asked, raw, asked.certain_closing)
        safe = _last_open(asked, min(day, rolled))
    else:
        safe = _last_open(asked, raw - _DAY)
    return min(max(safe, earliest), rolled)  # Nobody can act before the event.


def _delivered(asked: _Asked, start: date) -> date:
    """The day a dated paper counts as delivered (Rule 126(2) EPC as in force to 31 October 2023)."""
    delivery = asked.rule.delivery
    if delivery is None or not delivery.deemed_days:
        return start
    received = asked.dates.get(RECEIVED, start)
    return max(start + timedelta(days=delivery.deemed_days), received)


def _late_days(asked: _Asked) -> int:
    """The days of receipt above the allowed ones (Rule 126(2) EPC as in force from 1 November 2023)."""
    delivery = asked.rule.delivery
    if delivery is None or not delivery.late_after_days or asked.start is None:
        return 0
    received = asked.dates.get(RECEIVED, asked.start)
    return max(0, (received - asked.start).days - delivery.late_after_days)


def _added_days(asked: _Asked) -> int:
    return asked.rule.additions.get(asked.way, 0) if asked.way is not None else 0


def _is_provisional(asked: _Asked, result: _Result) -> bool:
    return result.rolled is not None and calendars.is_provisional(asked.rule.calendar, result.rolled.year, asked.place)


def _doubts(asked: _Asked, answers: Mapping[str, str], result: _Result) -> Iterator[Step]:
    rule = asked.rule
    for condition in rule.conditions:
        if condition.question not in answers:
            label = rulebook.get_question(condition.question).label
            yield Step(
                N_("It is not known whether this rule applies; not answered: %(question)s"),
                {"question": Words(label)},
            )
    if rule.show_date and rule.period.n and asked.start is None and asked.printed is None:
        yield Step(N_("The date of the event is not known yet, so no date can be shown."))
    if rule.period.set_in_document and asked.printed is None:
        yield Step(N_("A date printed in the paper wins over this one: look for it."))
    if result.raw is None or result.rolled is None:
        return
    yield from _doubts_of_counting(asked)
    yield from _doubts_of_days(asked, result.raw, result.rolled)


def _doubts_of_counting(asked: _Asked) -> Iterator[Step]:
    rule = asked.rule
    if not asked.is_counting_sourced and asked.printed is None:
        yield Step(N_("How this time is counted was not read: act on the working day before."))
    if rule.additions and asked.way is None:
        yield Step(N_("How the paper came is not known: no days were added for the way of service."))
    earliest = asked.dates.get(rule.event + EARLIEST)
    if earliest is not None and asked.start is not None and earliest < asked.start:
        yield Step(
            N_("The event may have happened from %(first)s on; the safe date counts from then."),
            {"first": earliest},
        )


def _doubts_of_days(asked: _Asked, raw: date, rolled: date) -> Iterator[Step]:
    calendar = calendars.get_calendar(asked.rule.calendar)
    if calendar.places and asked.place is None:
        yield Step(N_("The place is not known: only days off that are the same everywhere were counted."))
    if calendars.is_provisional(calendar.id, rolled.year, asked.place):
        yield Step(N_("The closed days of %(year)d were not confirmed when the rule was read."), {"year": rolled.year})
    for day in dict.fromkeys((raw, rolled)):
        name = asked.possible_closing(day)
        if name and not asked.closing(day):
            yield Step(
                N_("%(day)s may be a day off (%(name)s); the date was not moved for it."),
                {"day": day, "name": Words(name)},
            )


def _check_names(dates: Mapping[str, date], takes: tuple[str, ...]) -> None:
    for name in dates:
        if name not in takes:
            raise NotNeeded(name, takes)


def _is_in_force(rule: Rule, day: date | None) -> bool:
    if day is None:
        return rule.effective_to is None
    return (rule.effective_from or date.min) <= day <= (rule.effective_to or date.max)


def _check_dates(rule: Rule, dates: Mapping[str, date], today: date) -> None:
    for name, day in dates.items():
        _check_date(name, day, today)
    start = dates.get(rule.event)
    if start is None:
        return
    earliest = dates.get(rule.event + EARLIEST, start)
    if earliest > start:
        raise DateNotPossible(
            rule.event + EARLIEST,
            N_("The first possible day %(first)s is after the day itself, %(day)s."),
            {"first": earliest, "day": start},
        )
    for name in (PRINTED_DATE, RECEIVED):
        if dates.get(name, start) < start:
            raise DateNotPossible(
                name,
                N_("%(later)s is before %(day)s, the day the time begins."),
                {"later": dates[name], "day": start},
            )


def _check_date(name: str, day: date, today: date) -> None:
    event = get_event(name.removesuffix(EARLIEST))
    if day > today and not event.may_lie_ahead:
        raise DateAfterToday(name, N_("%(day)s has not come yet."), {"day": day})
    if not today - _OLDEST <= day <= today + _LONGEST_PRINTED:
        raise DateNotPossible(name, N_("%(day)s lies too far from today."), {"day": day})
