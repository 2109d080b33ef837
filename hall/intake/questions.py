"""What an intake flow is made of: pages, fields, options and the conditions under which a page is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

UNSURE = "unsure"
"""The answer "I am not sure"."""
NONE = "none"
"""The answer "there is no such thing", where a field allows it (`absent`)."""
YES = "yes"
NO = "no"

Value = str | tuple[str, ...] | list[str]
"""An answer: one text (a date in ISO 8601), or several for `choices`. Lists come back from JSON."""
Answers = Mapping[str, Value]

Kind = Literal[
    "choice",
    "choices",
    "text",
    "long_text",
    "date",
    "name",
    "email",
    "phone",
    "credit_code",
    "country",
    "document",
    "yes_no",
    "consent",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
CHOSEN: frozenset[Kind] = frozenset({"choice", "choices", "country", "document", "yes_no"})
"""Kinds answered by choosing among options."""
TYPED: Mapping[Kind, int] = {
    "text": 200,
    "long_text": 4000,
    "name": 200,
    "email": 254,
    "phone": 40,
    "credit_code": 40,
}
"""Kinds answered by typing, with the most characters where a field names no `max_length`."""


class InvalidFlow(Exception):
    """A flow file says something the hall does not understand; names the file and the page."""

    def __init__(self, file: Path, page: str, message: str) -> None:
        super().__init__(f"{file.name}: page {page}: {message}" if page else f"{file.name}: {message}")
        self.file = file
        self.page = page
        self.message = message


class UnknownPage(LookupError):
    """The flow has no page of this id."""


@dataclass(frozen=True, slots=True)
class Among:
    """True when the answer to `key` (any of them, for `choices`) is one of `values`."""

    key: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Known:
    """True when `key` has an answer other than "not sure" or "there is none"."""

    key: str


@dataclass(frozen=True, slots=True)
class Not:
    """True when `part` is not."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class All:
    """True when every part is."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: "tuple[Condition, ...]"


Condition = Among | Known | Not | All | AnyOf
ALWAYS = All(())


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose: the value kept, its label and hint (msgids); `alone` excludes all others."""

    value: str
    label: str
    hint: str = ""
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing asked. `source` names the list of further options that the page's caller supplies.

    `unsure` allows "not sure", `absent` allows "there is none". The bounds are for dates: `not_before_field`
    names another date that this one may not precede.
    """

    key: str
    kind: Kind
    label: str
    hint: str = ""
    options: tuple[Option, ...] = ()
    source: str = ""
    required: bool = False
    max_length: int = 0
    unsure: bool = False
    absent: bool = False
    not_after_today: bool = False
    not_before: date = date(1990, 1, 1)
    not_before_field: str = ""

    @property
    def values(self) -> tuple[str, ...]:
        """The values that can always be chosen, "not sure" included; those of `source` come on top."""
        own = (YES, NO) if self.kind == "yes_no" else tuple(option.value for option in self.options)
        return own + ((UNSURE,) if self.unsure else ()) + ((NONE,) if self.absent else ())


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a flow: its title, why we ask and hint (msgids), when it is asked, its fields."""

    id: str
    title: str
    why: str
    fields: tuple[Field, ...]
    hint: str = ""
    when: Condition = ALWAYS


@dataclass(frozen=True, slots=True)
class Flow:
    """The pages of an intake in order; `given` are the keys that the hall itself answers."""

    id: str
    pages: tuple[Page, ...]
    given: tuple[str, ...] = ()

    @property
    def fields(self) -> Mapping[str, Field]:
        """All fields by key."""
        return {field.key: field for page in self.pages for field in page.fields}


def is_blank(value: Value | None) -> bool:
    """Whether nothing was answered."""
    return not value


def is_known(value: Value | None) -> bool:
    """Whether there is an answer other than "not sure" and "there is none"."""
    return any(one not in ("", UNSURE, NONE) for one in values_of(value))


def values_of(value: Value | None) -> tuple[str, ...]:
    """The answer as a tuple: empty, of one, or of several."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether the condition is true of the answers; a key without answer is simply not known."""
    match condition:
        case Among(key, values):
            return not values.isdisjoint(values_of(answers.get(key)))
        case Known(key):
            return is_known(answers.get(key))
        case Not(part):
            return not holds(part, answers)
        case All(parts):
            return all(holds(part, answers) for part in parts)
        case AnyOf(parts):
            return any(holds(part, answers) for part in parts)


def atoms(condition: Condition) -> Iterator[Among | Known]:
    """The plain conditions inside a condition."""
    match condition:
        case Among() | Known():
            yield condition
        case Not(part):
            yield from atoms(part)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from atoms(part)
