"""The intake as a walk: which question is next, which answers still count. Pure; every request walks anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hall.intake import papers, reading
from hall.intake.answers import Parsed, Problem, merge, names_of, parse
from hall.intake.questions import (
    NONE,
    UNSURE,
    Answers,
    Field,
    Flow,
    InvalidFlow,
    Option,
    Page,
    UnknownPage,
    Value,
    holds,
    is_blank,
    values_of,
)

__all__ = [
    "FLOWS",
    "NONE",
    "UNSURE",
    "Answers",
    "Field",
    "Flow",
    "InvalidFlow",
    "Option",
    "Page",
    "Parsed",
    "Problem",
    "UnknownPage",
    "Value",
    "Walk",
    "after",
    "back",
    "counting",
    "get_flow",
    "get_page",
    "load",
    "merge",
    "names_of",
    "parse",
    "visible",
    "walk",
]

HERE = Path(__file__).parent / "flows"
FLOWS = ("main", "red_lane")

Choices = Mapping[str, Sequence[str]]
"""The values of each option source, such as {"countries": [...], "documents": [...]}."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Where the visitor stands: pages answered in order, the next one, and how far of how many (from 1)."""

    asked: tuple[Page, ...]
    next: Page | None
    position: int
    total: int

    @property
    def complete(self) -> bool:
        """Whether nothing is left to ask."""
        return self.next is None


@cache
def get_flow(name: str) -> Flow:
    """The flow of this name, one of FLOWS, read once. Raises LookupError, InvalidFlow."""
    if name not in FLOWS:
        raise LookupError(name)
    return load(HERE / f"{name}.toml")


def load(path: Path) -> Flow:
    """Read a flow from a file, with the groups of papers known to its conditions. Raises InvalidFlow."""
    return reading.read_flow(path, papers.groups())


def get_page(flow: Flow, page_id: str) -> Page:
    """The page of this id, asked or not. Raises UnknownPage."""
    return flow.pages[_place(flow, page_id)]


def walk(flow: Flow, answers: Answers, *, choices: Choices | None = None) -> Walk:
    """Walk through the flow up to the first page that is not answered.

    `choices`: where given, an answer that its option source no longer has counts as not given (a paper of
    another country). `total` grows when an answer opens further pages.
    """
    pages, counted = _simulate(flow, answers, choices or {})
    asked: list[Page] = []
    for page in pages:
        if not _is_answered(page, counted):
            return Walk(tuple(asked), page, len(asked) + 1, len(pages))
        asked.append(page)
    return Walk(tuple(asked), None, len(pages), len(pages))


def visible(flow: Flow, answers: Answers, *, choices: Choices | None = None) -> tuple[Page, ...]:
    """All pages the answers so far lead to, answered or not (for the dense form)."""
    return _simulate(flow, answers, choices or {})[0]


def counting(flow: Flow, answers: Answers, *, choices: Choices | None = None) -> dict[str, Value]:
    """The answers that count: those given, and those on pages still asked; all others are ignored."""
    return _simulate(flow, answers, choices or {})[1]


def back(flow: Flow, answers: Answers, page_id: str) -> Page | None:
    """The page before this one, or None at the beginning. Raises UnknownPage."""
    place = _place(flow, page_id)
    seen = set(visible(flow, answers))
    return next((page for page in reversed(flow.pages[:place]) if page in seen), None)


def after(flow: Flow, answers: Answers, page_id: str) -> Page | None:
    """The page after this one, or None at the end. Raises UnknownPage."""
    place = _place(flow, page_id)
    seen = set(visible(flow, answers))
    return next((page for page in flow.pages[place + 1 :] if page in seen), None)


def _place(flow: Flow, page_id: str) -> int:
    for place, page in enumerate(flow.pages):
        if page.id == page_id:
            return place
    raise UnknownPage(page_id)


def _simulate(flow: Flow, answers: Answers, choices: Choices) -> tuple[tuple[Page, ...], dict[str, Value]]:
    """The pages asked and the answers that count. A condition sees only answers that themselves count."""
    counted = {key: answers[key] for key in flow.given if key in answers}
    pages: list[Page] = []
    for page in flow.pages:
        if holds(page.when, counted):
            pages.append(page)
            counted |= {
                field.key: answers[field.key]
                for field in page.fields
                if field.key in answers and _is_on_offer(field, answers[field.key], choices)
            }
    return tuple(pages), counted


def _is_on_offer(field: Field, value: Value, choices: Choices) -> bool:
    if field.source not in choices:
        return True
    allowed = {*field.values, *choices[field.source], ""}
    return allowed.issuperset(values_of(value))


def _is_answered(page: Page, answers: Answers) -> bool:
    return all(
        field.key in answers and not (field.required and _is_missing(field, answers[field.key]))
        for field in page.fields
    )


def _is_missing(field: Field, value: Value) -> bool:
    return value != "yes" if field.kind == "consent" else is_blank(value)
