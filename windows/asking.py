"""A deadline asked for in one line: a rule or a paper, dates by name, and what else its rules need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from windows import deadlines, directory, rulebook
from windows.calendars import UnknownPlace
from windows.deadlines import Deadline, NotNeeded, RefusedDate
from windows.rulebook import Rule

WAY, STATE, COUNTRY = "way", "state", "country"


class AskedWrongly(ValueError):
    """The question cannot be answered; says in English what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A rule or a paper, and what was told by name."""

    of: str
    told: Mapping[str, str]

    @property
    def country(self) -> str:
        """The country that was told, or ''."""
        return self.told.get(COUNTRY, "").upper()


def ask(of: str, told: Iterable[tuple[str, str]]) -> Question:
    """Return the question about a rule or paper. Raises AskedWrongly when a name was told two different things."""
    named: dict[str, str] = {}
    for name, text in told:
        if named.setdefault(name, text) != text:
            raise AskedWrongly(f"{name} was given twice: {named[name]} and {text}")
    return Question(of, named)


def answer(question: Question, *, today: date) -> list[Deadline]:
    """Return the deadlines of a rule (by its id) or a paper (by its code), the earliest safe date first.

    Dates go by the names of the rules file, `way` is a way of service, `state` a seat, state or office of the forum's
    calendar, `country` the country of a paper; every other name is a question of the rules. Raises AskedWrongly,
    RefusedDate, NotNeeded.
    """
    rules, jurisdiction = _rules(question)
    known = {code.code for code in rulebook.questions_for(rules)}
    plain = {name: text for name, text in question.told.items() if name not in (WAY, STATE, COUNTRY)}
    answers = {name: text for name, text in plain.items() if name in known}
    dates = {name: _day(name, text) for name, text in plain.items() if name not in known}
    place, way = _place(question.told.get(STATE), rules), question.told.get(WAY)
    try:
        if len(rules) == 1 and rules[0].id == question.of.upper():
            found = deadlines.compute(rules[0], dates=dates, way=way, answers=answers, place=place, today=today)
            return [found]
        return deadlines.compute_all(
            question.of.upper(), jurisdiction, dates=dates, way=way, answers=answers, place=place, today=today
        )
    except rulebook.UnknownWay as wrong:
        raise AskedWrongly(f"way {wrong}; known are {', '.join(way.code for way in rulebook.all_ways())}") from wrong
    except (rulebook.UnknownAnswer, UnknownPlace) as wrong:
        raise AskedWrongly(f"{wrong} is not known") from wrong


def _rules(question: Question) -> tuple[tuple[Rule, ...], str | None]:
    try:
        return (rulebook.get_rule(question.of.upper()),), None
    except rulebook.UnknownRule:
        pass
    try:
        document = rulebook.get_document(question.of.upper())
    except rulebook.UnknownDocument:
        raise AskedWrongly(f"{question.of} is neither a rule nor a paper") from None
    jurisdiction = _jurisdiction(document.jurisdictions, question.country)
    return rulebook.rules_for(document=document.code, jurisdiction=jurisdiction), jurisdiction


def _jurisdiction(known: tuple[str, ...], country: str) -> str | None:
    if not country or country in known:
        return country or None
    place = directory.find_country(country)
    if place is None:
        raise AskedWrongly(f"the country {country} is not known")
    laws = rulebook.laws_of(place)
    return next((code for code in known if code in laws), country)


def _place(state: str | None, rules: tuple[Rule, ...]) -> str | None:
    if state is None:
        return None
    known = deadlines.places_for(rules)
    spelled = state.upper()
    for code in (spelled, *(code for code in known if code.endswith(f"-{spelled}"))):
        if code in known:
            return code
    raise AskedWrongly(f"the state {state} is not known; known are {', '.join(known) or 'none'}")


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AskedWrongly(f"{name}={text} is no date; dates are written 2026-11-25") from None


__all__ = ["AskedWrongly", "NotNeeded", "Question", "RefusedDate", "answer"]
