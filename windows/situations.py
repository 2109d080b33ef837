"""Situations that firms meet abroad, and the ways out of each.

No figure stands in a text: what an option costs is said only where a source says it, and periods come from the rules
of the papers that belong to the situation.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import ConfigDict, TypeAdapter

from windows import directory, knowledge, rulebook
from windows.directory import Right

HERE = Path(__file__).parent / "situations"
_strict = ConfigDict(extra="forbid")


class UnknownSituation(LookupError):
    """The hall describes no such situation."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """One option (msgids): what it is, when it fits, how long, its risk, what it needs, and who decides.

    `rights` are those that it is open to (none: any).
    """

    name: str
    text: str
    fits: str
    time: str
    risk: str
    needs: str
    decides: str
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Market:
    """What is special about a situation in one country (ISO code; text a msgid)."""

    country: str
    text: str

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Situation:
    """A situation: its place in the list, title and summary (msgids), whose it is, papers, first steps, options.

    `rights` are those that it is about (none: any); `only_in` are the countries (ISO codes) in which alone it arises
    (none: any).
    """

    code: str
    order: int
    title: str
    summary: str
    side: Literal["accused", "claim", "both"]
    papers: tuple[str, ...]
    steps: tuple[str, ...]
    options: tuple[WayOut, ...]
    markets: tuple[Market, ...] = ()
    rights: tuple[Right, ...] = ()
    only_in: tuple[str, ...] = ()

    __pydantic_config__ = _strict

    def is_about(self, rights: Collection[str]) -> bool:
        """Whether it may be met by somebody with one of these rights (none named: any)."""
        return _is_about(self.rights, rights)

    def of_rights(self, rights: Collection[str]) -> "Situation":
        """Return it with the options that are open to somebody with one of these rights (none named: all)."""
        return replace(self, options=tuple(one for one in self.options if _is_about(one.rights, rights)))


def _is_about(named: Collection[str], rights: Collection[str]) -> bool:
    return not rights or not named or not frozenset(named).isdisjoint(rights)


_SITUATION = TypeAdapter(Situation)


def all_situations() -> tuple[Situation, ...]:
    """All situations in their order. Raises InvalidKnowledge."""
    return tuple(_all().values())


def get_situation(code: str) -> Situation:
    """The situation of this code. Raises UnknownSituation."""
    try:
        return _all()[code]
    except KeyError:
        raise UnknownSituation(code) from None


@cache
def _all() -> Mapping[str, Situation]:
    return load(HERE)


def load(folder: Path) -> Mapping[str, Situation]:
    """Read and check the situations of a folder. Raises InvalidKnowledge(file, line, message)."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        file = knowledge.read(path)
        situation = file.shaped(_SITUATION, {"code": path.stem, **file.data})
        known = {document.code for document in rulebook.all_documents()}
        for number, paper in enumerate(situation.papers):
            if paper not in known:
                raise file.invalid(("papers", number), f"unknown paper {paper}")
        for number, market in enumerate(situation.markets):
            if directory.find_country(market.country) is None:
                raise file.invalid(("markets", number, "country"), f"unknown country {market.country}")
        found.append(situation)
    return MappingProxyType({situation.code: situation for situation in sorted(found, key=lambda one: one.order)})
