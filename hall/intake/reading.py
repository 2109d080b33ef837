"""Reads flows from TOML, once and strictly: what cannot be understood, asked or reached fails with file and page."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, product
from math import prod
from pathlib import Path
from typing import Any, cast

from hall.intake.questions import (
    ALWAYS,
    CHOSEN,
    KINDS,
    NONE,
    TYPED,
    UNSURE,
    All,
    Among,
    AnyOf,
    Condition,
    Field,
    Flow,
    InvalidFlow,
    Known,
    Not,
    Option,
    Page,
    Value,
    atoms,
    holds,
)

Groups = Mapping[str, frozenset[str]]
"""Names for sets of values, for conditions on long lists (`within`)."""

_FLOW_KEYS = {"id": str, "given": list, "pages": list}
_PAGE_KEYS = {"id": str, "title": str, "why": str, "hint": str, "when": dict, "fields": list, "copy": str}
_OPTION_KEYS = {"value": str, "label": str, "hint": str, "alone": bool}
_FIELD_KEYS = {
    "key": str,
    "kind": str,
    "label": str,
    "hint": str,
    "options": list,
    "source": str,
    "required": bool,
    "max_length": int,
    "unsure": bool,
    "absent": bool,
    "not_after_today": bool,
    "not_before": date,
    "not_before_field": str,
}
_DATE_ONLY = ("absent", "not_after_today", "not_before", "not_before_field")
_MOST_WORLDS = 500_000


def read_flow(path: Path, groups: Groups) -> Flow:
    """The flow of one TOML file; a page with `copy = "other/page"` repeats a page of the flow beside it.

    Raises InvalidFlow, with file and page, for unknown keys, kinds, conditions and values, for conditions on
    something not asked before, and for pages that no answers lead to.
    """
    return _Reader(path, groups).flow()


def read_condition(path: Path, page: str, table: Any, *, groups: Groups, flow: Flow) -> Condition:
    """The condition of one table: `all`, `any`, `not`, or a `key` with `equals`, `in`, `within` or `answered`.

    Raises InvalidFlow, also where it is on something that the flow does not ask or give.
    """
    reader = _Reader(path, groups)
    condition = reader.condition(page, table)
    for atom in atoms(condition):
        reader.check_atom(page, atom, {**dict.fromkeys(flow.given), **flow.fields})
    return condition


def read_toml(path: Path) -> dict[str, Any]:
    """The data of a TOML file. Raises InvalidFlow where it is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as mistake:
        raise InvalidFlow(path, "", str(mistake)) from None


class _Reader:
    """One file on its way to a flow; knows the file for the sake of every complaint."""

    def __init__(self, path: Path, groups: Groups) -> None:
        self.path = path
        self.groups = groups

    def flow(self) -> Flow:
        data = read_toml(self.path)
        self._check_keys("", data, _FLOW_KEYS, needed=("id", "pages"))
        flow = Flow(
            id=data["id"],
            pages=tuple(self._page(table) for table in data["pages"]),
            given=tuple(data.get("given", ())),
        )
        if not flow.pages:
            raise InvalidFlow(self.path, "", "a flow has at least one page")
        self._check_unique(flow)
        self._check_references(flow)
        self._check_reachable(flow)
        return flow

    def _page(self, table: Any) -> Page:
        if not isinstance(table, dict):
            raise InvalidFlow(self.path, "", "a page is a table")
        name = str(table.get("id") or table.get("copy") or "?")
        if "copy" in table:
            table = self._copied(name, table)
        self._check_keys(name, table, _PAGE_KEYS, needed=("id", "title", "why", "fields"))
        if not table["fields"]:
            raise InvalidFlow(self.path, name, "a page asks at least one thing")
        return Page(
            id=name,
            title=table["title"],
            why=table["why"],
            hint=table.get("hint", ""),
            when=self.condition(name, table["when"]) if "when" in table else ALWAYS,
            fields=tuple(self._field(name, field) for field in table["fields"]),
        )

    def _copied(self, name: str, table: dict[str, Any]) -> dict[str, Any]:
        source, _, page = str(table["copy"]).partition("/")
        path = self.path.with_name(f"{source}.toml")
        if not path.is_file():
            raise InvalidFlow(self.path, name, f"there is no flow {source} to copy from")
        for original in read_toml(path).get("pages", ()):
            if original.get("id") == page and "copy" not in original:
                # The conditions of the other flow need not hold here: a copy states its own.
                own = {key: value for key, value in table.items() if key != "copy"}
                return {key: value for key, value in original.items() if key != "when"} | own
        raise InvalidFlow(self.path, name, f"the flow {source} has no page {page} of its own")

    def _field(self, page: str, table: Any) -> Field:
        self._check_keys(page, table, _FIELD_KEYS, needed=("key", "kind", "label"))
        key, kind = table["key"], table["kind"]
        if kind not in KINDS:
            raise InvalidFlow(self.path, page, f"{key}: unknown kind {kind}")
        options = tuple(self._option(page, key, option) for option in table.get("options", ()))
        values = [option.value for option in options]
        if len(set(values)) != len(values) or {UNSURE, NONE} & set(values):
            raise InvalidFlow(self.path, page, f"{key}: an option stands twice, or takes a reserved value")
        for name in _DATE_ONLY:
            if name in table and kind != "date":
                raise InvalidFlow(self.path, page, f"{key}: {name} is for dates")
        has_options = bool(options or table.get("source"))
        if has_options != (kind in CHOSEN and kind != "yes_no"):
            raise InvalidFlow(self.path, page, f"{key}: {kind} {'takes no' if has_options else 'needs'} options")
        if "max_length" in table and kind not in TYPED:
            raise InvalidFlow(self.path, page, f"{key}: max_length is for typed text")
        settings = {name: table[name] for name in _FIELD_KEYS if name in table and name != "options"}
        settings["max_length"] = table.get("max_length", TYPED.get(kind, 0))
        return Field(**settings, options=options)

    def _option(self, page: str, key: str, table: Any) -> Option:
        self._check_keys(page, table, _OPTION_KEYS, needed=("value", "label"), inside=f"{key}: option ")
        return Option(**table)

    def condition(self, page: str, table: Any) -> Condition:
        """The compiled condition. Raises InvalidFlow."""
        if not isinstance(table, dict):
            raise InvalidFlow(self.path, page, "a condition is a table")
        match sorted(table):
            case ["all"]:
                return All(self._parts(page, table["all"]))
            case ["any"]:
                return AnyOf(self._parts(page, table["any"]))
            case ["not"]:
                return Not(self.condition(page, table["not"]))
            case ["equals", "key"]:
                return Among(table["key"], frozenset({table["equals"]}))
            case ["in", "key"] if isinstance(table["in"], list):
                return Among(table["key"], frozenset(table["in"]))
            case ["key", "within"]:
                return Among(table["key"], self._group(page, table["within"]))
            case ["answered", "key"] if isinstance(table["answered"], bool):
                return Known(table["key"]) if table["answered"] else Not(Known(table["key"]))
        raise InvalidFlow(self.path, page, f"unknown condition: {', '.join(sorted(table)) or 'empty'}")

    def _parts(self, page: str, tables: Any) -> tuple[Condition, ...]:
        if not isinstance(tables, list) or not tables:
            raise InvalidFlow(self.path, page, "all and any take a list of conditions")
        return tuple(self.condition(page, table) for table in tables)

    def _group(self, page: str, names: str | list[str]) -> frozenset[str]:
        names = [names] if isinstance(names, str) else names
        for name in names:
            if name not in self.groups:
                raise InvalidFlow(self.path, page, f"unknown group {name}")
        return frozenset[str]().union(*(self.groups[name] for name in names))

    def _check_keys(
        self,
        page: str,
        table: Any,
        allowed: Mapping[str, type],
        *,
        needed: Sequence[str],
        inside: str = "",
    ) -> None:
        if not isinstance(table, dict):
            raise InvalidFlow(self.path, page, f"{inside}a table was expected")
        for key, value in table.items():
            if key not in allowed:
                raise InvalidFlow(self.path, page, f"{inside}unknown key {key}")
            if type(value) is not allowed[key]:
                raise InvalidFlow(self.path, page, f"{inside}{key} is not of type {allowed[key].__name__}")
        for key in needed:
            if key not in table:
                raise InvalidFlow(self.path, page, f"{inside}{key} is missing")

    def _check_unique(self, flow: Flow) -> None:
        ids: set[str] = set()
        keys: set[str] = set(flow.given)
        for page in flow.pages:
            if page.id in ids:
                raise InvalidFlow(self.path, page.id, "the page stands twice")
            ids.add(page.id)
            for field in page.fields:
                if field.key in keys:
                    raise InvalidFlow(self.path, page.id, f"{field.key} is asked twice")
                keys.add(field.key)

    def _check_references(self, flow: Flow) -> None:
        asked: dict[str, Field | None] = dict.fromkeys(flow.given)
        for page in flow.pages:
            for atom in atoms(page.when):
                self.check_atom(page.id, atom, asked)
            for field in page.fields:
                asked[field.key] = field
                earlier = asked.get(field.not_before_field)
                if field.not_before_field and (earlier is None or earlier.kind != "date"):
                    raise InvalidFlow(self.path, page.id, f"{field.not_before_field} is no date asked before")

    def check_atom(self, page: str, atom: Among | Known, asked: Mapping[str, Field | None]) -> None:
        """Raise InvalidFlow where a condition is on something not asked, or on an answer that cannot be given."""
        if atom.key not in asked:
            raise InvalidFlow(self.path, page, f"the condition on {atom.key} is on something not asked before")
        self._check_values(page, atom, asked[atom.key])

    def _check_values(self, page: str, atom: Among | Known, field: Field | None) -> None:
        if field is None or field.source or isinstance(atom, Known):
            return
        for value in sorted(atom.values - set(field.values)):
            raise InvalidFlow(self.path, page, f"{atom.key} has no answer {value}")

    def _check_reachable(self, flow: Flow) -> None:
        for page in flow.pages:
            worlds = _worlds(flow, page)
            if worlds is None:
                raise InvalidFlow(self.path, page.id, "its conditions are too many to check")
            if not any(_is_asked(flow, page, world) for world in worlds):
                raise InvalidFlow(self.path, page.id, "no answers lead to this page")


def _worlds(flow: Flow, page: Page) -> Iterator[dict[str, Value]] | None:
    """Every combination of answers that can make a difference to whether the page is asked."""
    place = {field.key: one for one in flow.pages for field in one.fields}
    keys: list[str] = []
    waiting = [page]
    while waiting:
        for atom in atoms(waiting.pop().when):
            if atom.key not in keys:
                keys.append(atom.key)
                waiting += [place[atom.key]] if atom.key in place else []
    domains = [_domain(flow, key) for key in keys]
    if prod(map(len, domains)) > _MOST_WORLDS:
        return None
    return (dict(zip(keys, world, strict=True)) for world in product(*domains))


def _domain(flow: Flow, key: str) -> list[Value]:
    """The answers to `key` between which some condition of the flow can tell, and one besides."""
    named = {
        value
        for page in flow.pages
        for atom in atoms(page.when)
        if atom.key == key and isinstance(atom, Among)
        for value in atom.values
    }
    field = flow.fields.get(key)
    if field is None or field.source:
        return ["", "?", *sorted(named)]
    if field.kind not in CHOSEN:
        return ["", "?", *field.values]
    others = [value for value in field.values if value not in named][:1]
    singles = [*sorted(named), *others]
    if field.kind == "choices":
        return [(), *((one,) for one in singles), *combinations(singles, 2)]
    return cast(list[Value], singles)


def _is_asked(flow: Flow, wanted: Page, world: Mapping[str, Value]) -> bool:
    counted = {key: world[key] for key in flow.given if key in world}
    for page in flow.pages:
        keys = [field.key for field in page.fields if field.key in world]
        if page is not wanted and not keys:
            continue
        if holds(page.when, counted):
            if page is wanted:
                return True
            counted |= {key: world[key] for key in keys}
    return False
