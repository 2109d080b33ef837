"""The ledger: every fact and every deadline rule as the hall told it, since which day; a change is a further line.

Each line is JSON: `{"day": "2026-11-25", "name": "fact:DE.tm_opposition_period", "told": {"value": 3, …}}`. Lines
are never changed or taken out. `told` is null from the day on which the hall no longer tells it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from windows import directory, rulebook
from windows.directory import Fact, Plain, Value
from windows.knowledge import InvalidKnowledge
from windows.rulebook import Period, Rule

FILE = Path(__file__).parent / "ledger.jsonl"
# What decides a date, and what it rests on; words may be bettered without a line.
RULE_FIELDS = frozenset(
    {
        "document",
        "jurisdiction",
        "kind",
        "event",
        "period",
        "counting",
        "calendar",
        "conditions",
        "additions",
        "delivery",
        "effective_from",
        "effective_to",
        "show_date",
        "basis",
    }
)

Told = Mapping[str, Any]
"""What the hall tells under a name, as JSON holds it."""


@dataclass(frozen=True, slots=True)
class Line:
    """Since `day` the hall tells this under the name `fact:CODE.key` or `rule:ID`; None: it tells it no longer."""

    day: date
    name: str
    told: Told | None


@dataclass(frozen=True, slots=True)
class Correction:
    """What the hall tells since a day, and what it told before."""

    day: date
    name: str
    before: Told | None
    now: Told | None

    @property
    def fact(self) -> tuple[str, str]:
        """The code of the country and the key of a fact; two empty words for a rule."""
        kind, _, rest = self.name.partition(":")
        country, _, key = rest.partition(".")
        return (country, key) if kind == "fact" else ("", "")

    @property
    def rule(self) -> str:
        """The id of a rule; empty for a fact."""
        kind, _, rest = self.name.partition(":")
        return rest if kind == "rule" else ""

    @property
    def jurisdiction(self) -> str:
        """Where it holds: a country, or a union or office as the rules name it."""
        told = self.now or self.before or {}
        return self.fact[0] or str(told["jurisdiction"])


_LINE = TypeAdapter(Line)
_RULE = TypeAdapter(Rule)
_PERIOD = TypeAdapter(Period)


def told_now() -> dict[str, Told]:
    """Return what the hall tells of each fact and rule, by name."""
    facts = {
        f"fact:{country.code}.{fact.key}": _of_fact(fact)
        for country in directory.all_countries()
        for fact in country.facts.values()
    }
    return facts | {f"rule:{rule.id}": _of_rule(rule) for rule in rulebook.all_rules()}


def read(path: Path = FILE) -> tuple[Line, ...]:
    """Read all lines of a ledger, the oldest first. Raises InvalidKnowledge(file, line, message)."""
    lines: list[Line] = []
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            line = _LINE.validate_json(text)
        except ValueError:
            raise InvalidKnowledge(path, number, "a line has a day, a name and what was told") from None
        if lines and line.day < lines[-1].day:
            raise InvalidKnowledge(path, number, "the newest line comes last")
        lines.append(line)
    return tuple(lines)


def unrecorded(lines: tuple[Line, ...], now: Mapping[str, Told]) -> Iterator[tuple[str, Told | None]]:
    """Yield the name of each fact and rule that the ledger does not hold as it is told now, and how it is told."""
    known = {line.name: line.told for line in lines}
    for name in sorted(known.keys() | now.keys()):
        if known.get(name) != now.get(name):
            yield name, now.get(name)


def record(today: date, path: Path = FILE) -> int:
    """Add a line for whatever changed since the last one, and return how many were added."""
    lines = read(path) if path.exists() else ()
    added = [
        json.dumps({"day": today.isoformat(), "name": name, "told": told}, ensure_ascii=False, sort_keys=True)
        for name, told in unrecorded(lines, told_now())
    ]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{text}\n" for text in added)
    return len(added)


def corrections(lines: tuple[Line, ...]) -> tuple[Correction, ...]:
    """Return what the hall told otherwise before, or not at all, the newest first; its first day is no correction.

    What was changed several times on one day is one correction, and none where it came back to what it was.
    """
    told: dict[str, Told | None] = {}
    found: dict[tuple[date, str], Correction] = {}
    for line in lines:
        if line.day > lines[0].day:
            earlier = found.pop((line.day, line.name), None)
            before = earlier.before if earlier else told.get(line.name)
            if before != line.told:
                found[line.day, line.name] = Correction(line.day, line.name, before, line.told)
        told[line.name] = line.told
    return tuple(reversed(found.values()))


@cache
def all_corrections() -> tuple[Correction, ...]:
    """All corrections of the hall's own ledger, the newest first. Raises InvalidKnowledge."""
    return corrections(read(FILE))


def fact_value(told: Told, key: str) -> Value:
    """Return the value of a fact that was told, as a part a page can show. Raises KeyError for an unknown key."""
    value = told["value"]
    plain: Plain = date.fromisoformat(value) if told["unit"] == "date" else value
    return directory.part(tuple(value) if isinstance(value, list) else plain, told["unit"], directory.get_fact_key(key))


def period(told: Told) -> Period:
    """Return the period of a rule that was told."""
    return _PERIOD.validate_json(json.dumps(told["period"]))


def _of_fact(fact: Fact) -> Told:
    value = fact.value
    plain = value.isoformat() if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
    return {"value": plain, "unit": fact.unit}


def _of_rule(rule: Rule) -> Told:
    told: Told = _RULE.dump_python(rule, mode="json", include=set(RULE_FIELDS), exclude_defaults=True)
    return told
