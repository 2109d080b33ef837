"""The windows of the hall, the countries behind them and the facts known of each country."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, Strict, TypeAdapter

from windows import knowledge
from windows.knowledge import InvalidKnowledge, KnowledgeFile

__all__ = [
    "UNITS",
    "Code",
    "Country",
    "Day",
    "Fact",
    "FactKey",
    "Flag",
    "Group",
    "InvalidKnowledge",
    "Knowledge",
    "LanguageTag",
    "Names",
    "Number",
    "Office",
    "Source",
    "Text",
    "Texts",
    "UnknownCountry",
    "UnknownWindow",
    "Window",
    "about",
    "all_countries",
    "all_fact_keys",
    "all_groups",
    "all_windows",
    "basis_of",
    "compared_fact",
    "compared_fact_keys",
    "facts_by_group",
    "find_country",
    "get_country",
    "get_fact_key",
    "get_window",
    "load",
    "of_rights",
    "part",
    "told_of",
    "value_of",
]

HERE = Path(__file__).parent

_strict = ConfigDict(extra="forbid")

StrictBool = Annotated[bool, Strict()]
StrictInt = Annotated[int, Strict()]
Dated = Annotated[str, Field(pattern=r"^(undated|<?(19|20)\d{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?\+?)$")]
"""When a source speaks: `2025-10-07`, `2025-10` or `2025`; `2022-05+` is then or later, `<2017` is before."""
Address = Annotated[str, Field(pattern=r"^(https?://\S+|github:[\w.-]+/[\w.-]+(@\w+)? \S.*|unrecorded:[a-z-]+)$")]
"""Where a source stands: a web address, `github:owner/repository@commit path`, or `unrecorded:what-it-is`."""
LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?$")]
"""A language (BCP 47), with its script where it needs one: `en`, `ja`, `zh-Hans`."""
Degrees = Annotated[int, Strict(), Field(ge=-180, le=180)]
Confidence = Literal["sourced", "general"]
Unit = Literal["bool", "days", "working_days", "months", "years", "hijri_years", "date", "text", "code", "list"]
Kind = Literal["number", "flag", "date", "text", "code", "names"]
Right = Literal["patent", "utility_model", "design", "mark", "copyright", "trade_secret"]


def N2_(one: str, many: str) -> tuple[str, str]:
    """Mark a pair of messages for ngettext and return it unchanged."""
    return one, many


UNITS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "days": N2_("%(num)d day", "%(num)d days"),
        "working_days": N2_("%(num)d working day", "%(num)d working days"),
        "months": N2_("%(num)d month", "%(num)d months"),
        "years": N2_("%(num)d year", "%(num)d years"),
        "hijri_years": N2_("%(num)d Hijri year", "%(num)d Hijri years"),
    }
)
"""For each unit the singular and plural msgid, to be given to ngettext with `num`."""


class UnknownWindow(LookupError):
    """No window of the hall has this code."""


class UnknownCountry(LookupError):
    """No window of the hall knows this country."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where something was read: the address and the date of the text (see Address and Dated).

    `rights` are those of which a fact was read there, where it tells of several (none named: of all).
    """

    address: Address
    dated: Dated = "undated"
    rights: tuple[Right, ...] = ()


Plain = StrictBool | StrictInt | date | str | tuple[str, ...]
"""A value as the files hold it; its unit says which kind it is."""


@dataclass(frozen=True, slots=True)
class OtherValue:
    """What other sources say a fact is, in the unit of the fact."""

    value: Plain
    sources: tuple[Source, ...]

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Basis:
    """A law (msgid) on which a fact rests for some rights (for any where none is named)."""

    text: str
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Clause:
    """What a fact in words says of some rights (of any where none is named), and its basis: one, or one a right."""

    text: str
    rights: tuple[Right, ...] = ()
    basis: str = ""
    bases: tuple[Basis, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known of a country: the value in its unit, and what it rests on.

    `confidence` is `sourced` where an address says it, `general` where no source was read. `others` are the values of
    sources that disagree with those of the fact. `rights` are those it is about, where its key does not tell;
    `clauses` are the words of one that says something else of each right (its value: all of them), `bases` the laws of
    one that rests on another for each.
    """

    key: str
    value: Plain
    unit: Unit
    checked: date
    sources: tuple[Source, ...] = ()
    confidence: Confidence = "general"
    basis: str = ""
    note: str = ""
    others: tuple[OtherValue, ...] = ()
    rights: tuple[Right, ...] = ()
    clauses: tuple[Clause, ...] = ()
    bases: tuple[Basis, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Office:
    """An office that grants or registers rights: its name (msgid), its web address, its own name and its language.

    `rights` are those it has to do with (none named: all).
    """

    name: str
    name_local: str
    address: Annotated[str, Field(pattern=r"^https?://\S+$")]
    language: LanguageTag | Literal[""] = ""
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


Told = TypeVar("Told", Basis, Clause, Source, Office)
"""What may name the rights it is about."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country or union: ISO codes, offices, facts by key, and the common systems it belongs to.

    `name` is a msgid where CLDR has no fitting name (the European Union), else empty. `position` is where a dot
    stands for it: longitude and latitude of its capital, in whole degrees.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    alpha3: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")]
    windows: tuple[str, ...]
    checked: date
    offices: tuple[Office, ...]
    position: tuple[Degrees, Degrees]
    facts: Mapping[str, Fact]
    systems: tuple[str, ...] = ()
    name: str = ""

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Window:
    """A window of the hall: its letter on tickets, its name and what it is for (msgids), its countries."""

    code: str
    letter: Annotated[str, Field(pattern=r"^[A-Z]$")]
    name: str
    summary: str
    countries: tuple[str, ...]

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Group:
    """A heading under which facts are shown; `rights` are those that all of them are about (none: any)."""

    code: str
    label: str
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Option:
    """A code a fact may have, with its label (msgid); `rights` are those it is about (none: any)."""

    label: str
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class FactKey:
    """What facts of one key are: label (msgid), group, kind of value, units allowed.

    `options` are the codes allowed and their labels; the option `zero` says what the number 0 means.
    `instead_of` is the key whose place a text takes where what it tells is no mere number. `rights` are those it is
    about, where its group is about any.
    """

    code: str
    label: str
    group: str
    kind: Kind
    units: tuple[Unit, ...]
    options: Mapping[str, Option] = field(default_factory=dict)
    instead_of: str = ""
    rights: tuple[Right, ...] = ()

    __pydantic_config__ = _strict


# The parts a page can show; a page puts them into the reader's language.


@dataclass(frozen=True, slots=True)
class Number:
    """An amount of a unit of UNITS."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no."""

    is_true: bool


@dataclass(frozen=True, slots=True)
class Code:
    """One of a list of codes, with its label (msgid)."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Text:
    """Words (msgid)."""

    message: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Words one after the other (msgids)."""

    messages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    day: date


@dataclass(frozen=True, slots=True)
class Names:
    """Names (msgids) in their order."""

    names: tuple[str, ...]


Value = Number | Flag | Code | Text | Texts | Day | Names


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that was read from one folder of windows."""

    windows: Mapping[str, Window]
    countries: Mapping[str, Country]
    fact_keys: Mapping[str, FactKey]
    groups: Mapping[str, Group]


_FACT_KEYS = TypeAdapter(dict[str, FactKey])
_GROUPS = TypeAdapter(dict[str, Group])
_COUNTRY = TypeAdapter(Country)
_WINDOW = TypeAdapter(Window)
_WINDOW_ORDER = ("eu", "us", "japan", "korea", "belt_and_road")


def load(folder: Path) -> Knowledge:
    """Read and check all windows under `folder`.

    Raises InvalidKnowledge(file, line, message) for an unknown key, unit or code, a fact with neither source
    nor the mark `general`, a wrong kind of value, or a country told twice.
    """
    groups = _read_groups(folder / "fact_groups.toml")
    fact_keys = _read_fact_keys(folder / "facts.toml", groups)
    windows: dict[str, Window] = {}
    countries: dict[str, Country] = {}
    for code in _WINDOW_ORDER:
        here = _read_countries(folder / code / "countries", code, fact_keys, countries)
        windows[code] = _read_window(folder / code / "window.toml", code, tuple(sorted(here)))
        countries |= here
    return Knowledge(
        MappingProxyType(windows),
        MappingProxyType(countries),
        MappingProxyType(fact_keys),
        MappingProxyType(groups),
    )


@cache
def _knowledge() -> Knowledge:
    return load(HERE)


def all_windows() -> tuple[Window, ...]:
    """All windows in the order of the hall."""
    return tuple(_knowledge().windows.values())


def get_window(code: str) -> Window:
    """The window of this code. Raises UnknownWindow."""
    try:
        return _knowledge().windows[code]
    except KeyError:
        raise UnknownWindow(code) from None


def all_countries() -> tuple[Country, ...]:
    """All countries, window by window."""
    return tuple(_knowledge().countries.values())


def find_country(code: str) -> Country | None:
    """The country of this ISO 3166-1 alpha-2 code (EU for the Union), if a window knows it."""
    return _knowledge().countries.get(code)


def get_country(code: str) -> Country:
    """The country of this ISO 3166-1 alpha-2 code (EU for the Union). Raises UnknownCountry."""
    country = find_country(code)
    if country is None:
        raise UnknownCountry(code)
    return country


def all_groups() -> tuple[Group, ...]:
    """The headings of facts in the order they are shown."""
    return tuple(_knowledge().groups.values())


def all_fact_keys() -> tuple[FactKey, ...]:
    """All keys a fact may have in the order they are shown."""
    return tuple(_knowledge().fact_keys.values())


def get_fact_key(code: str) -> FactKey:
    """What facts of this key are. Raises KeyError for a key the hall does not have."""
    return _knowledge().fact_keys[code]


def compared_fact_keys() -> tuple[FactKey, ...]:
    """The keys by which countries are set side by side, in the order they are shown."""
    return tuple(key for key in all_fact_keys() if not key.instead_of)


def compared_fact(country: Country, code: str) -> Fact | None:
    """The fact of a country under a key, or the one that takes its place there; None where neither is known."""
    stands_in = (key.code for key in all_fact_keys() if key.instead_of == code)
    return next((country.facts[key] for key in (code, *stands_in) if key in country.facts), None)


def facts_by_group(country: Country) -> tuple[tuple[Group, tuple[Fact, ...]], ...]:
    """The facts of a country under their headings, both in the order they are shown; no empty heading."""
    ordered = [(key.group, country.facts[key.code]) for key in all_fact_keys() if key.code in country.facts]
    grouped = ((group, tuple(fact for code, fact in ordered if code == group.code)) for group in all_groups())
    return tuple((group, facts) for group, facts in grouped if facts)


def value_of(fact: Fact) -> Value:
    """The value of a fact as a typed part a page can show. Raises KeyError for an unknown key."""
    return part(fact.value, fact.unit, get_fact_key(fact.key))


def basis_of(fact: Fact) -> tuple[str, ...]:
    """What a fact rests on in law (msgids): its own basis, then those of its clauses."""
    parts: tuple[Fact | Clause, ...] = (fact, *fact.clauses)
    told = [law for one in parts for law in (one.basis, *(basis.text for basis in one.bases))]
    return tuple(dict.fromkeys(law for law in told if law))


def about(fact: Fact) -> frozenset[str]:
    """The rights a fact says something of; none where it is about any. Raises KeyError for an unknown key."""
    key = get_fact_key(fact.key)
    return frozenset(fact.rights or key.rights or _knowledge().groups[key.group].rights)


def told_of(fact: Fact, rights: Collection[str]) -> Fact | None:
    """What a fact tells a reader of these rights (none named: of all), or None where that is nothing."""
    if not rights:
        return fact
    if not _is_about(about(fact), rights):
        return None
    clauses = tuple(
        replace(clause, bases=of_rights(clause.bases, rights)) for clause in of_rights(fact.clauses, rights)
    )
    if fact.clauses and not clauses:
        return None
    value = fact.value
    if len(clauses) != len(fact.clauses):
        value = tuple(clause.text for clause in clauses)
    elif fact.unit == "list" and isinstance(value, tuple) and value:
        options = get_fact_key(fact.key).options
        value = tuple(code for code in value if _is_about(options[code].rights, rights))
        if not value:
            return None
    sources = of_rights(fact.sources, rights)
    return replace(fact, value=value, clauses=clauses, bases=of_rights(fact.bases, rights), sources=sources)


def of_rights(told: tuple[Told, ...], rights: Collection[str]) -> tuple[Told, ...]:
    """Those that are about one of these rights, or about any (none named: all)."""
    return tuple(one for one in told if not rights or _is_about(one.rights, rights))


def _is_about(told: Collection[str], rights: Collection[str]) -> bool:
    return not told or not frozenset(told).isdisjoint(rights)


def other_values(fact: Fact) -> tuple[tuple[Value, tuple[Source, ...]], ...]:
    """What other sources say instead, each value as a typed part a page can show, with its sources."""
    key = get_fact_key(fact.key)
    return tuple((part(other.value, fact.unit, key), other.sources) for other in fact.others)


def part(value: Plain, unit: Unit, key: FactKey) -> Value:
    """A value of a fact of this key as a typed part a page can show."""
    match value:
        case bool():
            return Flag(value)
        case 0 if "zero" in key.options:
            return Code("zero", key.options["zero"].label)
        case int():
            return Number(value, unit)
        case date():
            return Day(value)
        case tuple() if unit == "text":
            return Texts(value)
        case () if "zero" in key.options:
            return Code("zero", key.options["zero"].label)
        case tuple():
            return Names(tuple(key.options[code].label for code in value))
        case str() if unit == "code":
            return Code(value, key.options[value].label)
        case text:
            return Text(text)


def _read_groups(path: Path) -> dict[str, Group]:
    file = knowledge.read(path)
    return file.shaped(_GROUPS, file.tables("code"))


def _read_fact_keys(path: Path, groups: Mapping[str, Group]) -> dict[str, FactKey]:
    file = knowledge.read(path)
    keys = file.shaped(_FACT_KEYS, file.tables("code"))
    for key in keys.values():
        if key.group not in groups:
            raise file.invalid((key.code, "group"), f"{key.code}: unknown group {key.group}")
        if key.instead_of and key.instead_of not in keys:
            raise file.invalid((key.code, "instead_of"), f"{key.code}: unknown key {key.instead_of}")
    return keys


def _read_window(path: Path, code: str, countries: tuple[str, ...]) -> Window:
    file = knowledge.read(path)
    window = file.shaped(_WINDOW, {**file.data, "countries": countries})
    if window.code != code:
        raise file.invalid(("code",), f"the folder {code} holds a window called {window.code}")
    return window


def _read_countries(
    folder: Path, window: str, keys: Mapping[str, FactKey], known: Mapping[str, Country]
) -> dict[str, Country]:
    countries = {}
    for path in sorted(folder.glob("*.toml")):
        file = knowledge.read(path)
        country = _read_country(file, window, keys)
        if country.code in known:
            raise file.invalid(("code",), f"{country.code} stands in another window already")
        countries[country.code] = country
    return countries


def _read_country(file: KnowledgeFile, window: str, keys: Mapping[str, FactKey]) -> Country:
    facts = file.data.get("facts", {})
    checked = file.data.get("checked")
    told = {key: {"key": key, "checked": checked, **_with_text(file, key, fact)} for key, fact in facts.items()}
    country = file.shaped(_COUNTRY, {"windows": (window,), **file.data, "facts": told})
    if country.code.lower() != file.path.stem:
        raise file.invalid(("code",), f"the file {file.path.name} holds the country {country.code}")
    if window not in country.windows:
        raise file.invalid(("windows",), f"{country.code} does not name the window it stands in")
    for number, office in enumerate(country.offices):
        if bool(office.name_local) != bool(office.language):
            raise file.invalid(("offices", number), f"{office.name}: a name of its own and its language go together")
    for fact in country.facts.values():
        _check_fact(file, fact, keys)
    return country


def _with_text(file: KnowledgeFile, key: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    """A fact in words is written as `text` or as `clauses`, so that its words are gathered for translation."""
    ways = [name for name in ("text", "clauses") if name in fact]
    if not ways:
        return dict(fact)
    if len(ways) > 1 or "value" in fact or "unit" in fact:
        raise file.invalid(
            ("facts", key, ways[0]), f"{key}: words, clauses, or a value in a unit, and one of them alone"
        )
    if ways == ["clauses"]:
        return {"value": tuple(one.get("text", "") for one in fact["clauses"]), "unit": "text", **fact}
    told = {"value": fact["text"], "unit": "text", **{name: part for name, part in fact.items() if name != "text"}}
    if "others" in fact:
        told["others"] = [
            {("value" if name == "text" else name): part for name, part in other.items()} for other in fact["others"]
        ]
    return told


def _check_fact(file: KnowledgeFile, fact: Fact, keys: Mapping[str, FactKey]) -> None:
    place = ("facts", fact.key)
    key = keys.get(fact.key)
    if key is None:
        raise file.invalid(place, f"unknown fact {fact.key}")
    if fact.unit not in key.units:
        raise file.invalid((*place, "unit"), f"{fact.key}: unit {fact.unit}, allowed are {', '.join(key.units)}")
    for name, value in (("value", fact.value), *(("others", other.value) for other in fact.others)):
        if not _has_unit(value, fact.unit):
            raise file.invalid((*place, name), f"{fact.key}: the value is no {fact.unit}")
        for code in _codes(value, fact.unit):
            if code not in key.options:
                raise file.invalid((*place, name), f"{fact.key}: unknown code {code}")
    if any(other.value == fact.value or not other.sources for other in fact.others):
        raise file.invalid((*place, "others"), f"{fact.key}: another value differs from the fact's and has a source")
    if fact.confidence == "sourced" and not fact.sources:
        raise file.invalid((*place, "confidence"), f"{fact.key}: a fact has a source or is marked general")


def _codes(value: Plain, unit: Unit) -> tuple[str, ...]:
    if isinstance(value, tuple) and unit == "list":
        return value
    return (str(value),) if unit == "code" else ()


def _has_unit(value: object, unit: str) -> bool:
    match unit:
        case "bool":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, date)
        case "list":
            return isinstance(value, tuple)
        case "text":
            return isinstance(value, str | tuple)
        case "code":
            return isinstance(value, str)
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
