"""What changed in the law of the countries: the day, what it is and was, and where it stands now."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter

from windows import directory, knowledge, rulebook
from windows.directory import Source
from windows.knowledge import KnowledgeFile

FILE = Path(__file__).parent / "changes.toml"


@dataclass(frozen=True, slots=True)
class Change:
    """A change of law: since when, in which country, the fact or rule that carries it now, and what it says (msgid)."""

    day: date
    country: str
    text: str
    sources: tuple[Source, ...]
    fact: str = ""
    rule: str = ""

    __pydantic_config__ = ConfigDict(extra="forbid")

    @property
    def name(self) -> str:
        """A name that stays: the day, the country and what changed."""
        return f"{self.day.isoformat()}-{self.country}-{self.fact or self.rule}"


_CHANGES = TypeAdapter(tuple[Change, ...])


@cache
def all_changes() -> tuple[Change, ...]:
    """All changes, the newest first. Raises InvalidKnowledge."""
    return load(FILE)


def changes_of(country: str) -> tuple[Change, ...]:
    """The changes of one country (ISO code), the newest first."""
    return tuple(change for change in all_changes() if change.country == country)


def load(path: Path) -> tuple[Change, ...]:
    """Read and check the changes of a file. Raises InvalidKnowledge(file, line, message)."""
    file = knowledge.read(path)
    changes = file.shaped(_CHANGES, file.data.get("changes", ()))
    for number, change in enumerate(changes):
        fault = _fault(change)
        if fault:
            raise file.invalid(("changes", number), f"{change.name}: {fault}")
    _check_order(file, changes)
    return changes


def _fault(change: Change) -> str:
    country = directory.find_country(change.country)
    if country is None:
        return "unknown country"
    if bool(change.fact) == bool(change.rule):
        return "a change is carried by a fact or by a rule"
    if change.fact and change.fact not in country.facts:
        return f"unknown fact {change.fact}"
    if change.rule and change.rule not in {rule.id for rule in rulebook.all_rules()}:
        return f"unknown rule {change.rule}"
    return "" if change.sources else "a change has a source"


def _check_order(file: KnowledgeFile, changes: tuple[Change, ...]) -> None:
    days = [change.day for change in changes]
    if days != sorted(days, reverse=True):
        wrong: Any = next(n for n in range(1, len(days)) if days[n] > days[n - 1])
        raise file.invalid(("changes", wrong), f"{changes[wrong].name}: the newest comes first")
