"""The ways from a first filing into a country, and until when each is open."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from windows import deadlines, rulebook
from windows.deadlines import Deadline, RefusedDate
from windows.directory import Country
from windows.rulebook import Rule

Way = Literal["marks_and_designs", "patents", "pct"]
PARIS_SIX, PARIS_TWELVE = "PARIS-6", "PARIS-12"
PCT = "PCT_PUBLICATION"


@dataclass(frozen=True, slots=True)
class Route:
    """A way into a country and the last day for it: Paris priority, or the national or regional phase of the PCT."""

    way: Way
    jurisdiction: str
    deadline: Deadline


def routes(country: Country, *, first_filing: date, today: date) -> tuple[Route, ...]:
    """Return the ways into a country from a first filing on a day, the earliest first.

    Raises RefusedDate for a day that cannot be (still to come, or too long ago).
    """
    found = [
        _route("marks_and_designs", rulebook.get_rule(PARIS_SIX), first_filing, today),
        _route("patents", rulebook.get_rule(PARIS_TWELVE), first_filing, today),
    ]
    for rule in _phases(country):
        try:
            found.append(_route("pct", rule, first_filing, today))
        except RefusedDate as refused:
            if refused.name != rule.event:
                raise
    return tuple(sorted(found, key=lambda route: route.deadline.sort_date or date.max))


def _phases(country: Country) -> list[Rule]:
    # An office of its own, and the regional one: the EPO for its member states.
    laws = rulebook.laws_of(country)
    return [
        rule
        for rule in rulebook.rules_for(document=PCT)
        if rule.jurisdiction in laws and rule.is_own_act and rule.effective_to is None
    ]


def _route(way: Way, rule: Rule, first_filing: date, today: date) -> Route:
    found = deadlines.compute(rule, dates={rule.event: first_filing}, way=None, answers={}, place=None, today=today)
    return Route(way, rule.jurisdiction, found)
