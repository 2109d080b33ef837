"""How the hall reads its own knowledge: TOML files, checked strictly, with the line of every mistake."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

Shape = TypeVar("Shape")
Place = tuple[str | int, ...]
"""Where a value stands in a file: the keys (and list positions) that lead to it."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\"'-]+)\s*=")
_ITEM = re.compile(r"^\s*\{")
_TOML_LINE = re.compile(r"at line (\d+)")


class InvalidKnowledge(Exception):
    """A knowledge file says something the hall does not understand."""

    def __init__(self, file: Path, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


@dataclass(frozen=True, slots=True)
class KnowledgeFile:
    """One TOML file as read: its path, its text and its data (lists as tuples)."""

    path: Path
    text: str
    data: dict[str, Any]

    def shaped(self, shape: TypeAdapter[Shape], data: Mapping[str, Any] | None = None) -> Shape:
        """The file's data (or `data`, prepared from it) as `shape`.

        Raises InvalidKnowledge with the line of the first value that does not fit.
        """
        try:
            return shape.validate_python(self.data if data is None else data)
        except ValidationError as mistake:
            first = mistake.errors(include_url=False)[0]
            raise self.invalid(first["loc"], f"{_spelled(first['loc'])}: {first['msg']}") from None

    def invalid(self, place: Place, message: str) -> InvalidKnowledge:
        """The error to raise for a mistake at `place`."""
        return InvalidKnowledge(self.path, line_of(self.text, place), message)

    def tables(self, name: str, **defaults: Any) -> dict[str, dict[str, Any]]:
        """The tables of the file, each told its own key under `name` and given the missing `defaults`.

        Raises InvalidKnowledge where a top-level value is no table or gives `name` itself.
        """
        return {key: self._told(key, table, name, defaults) for key, table in self.data.items()}

    def _told(self, key: str, table: Any, name: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(table, dict):
            raise self.invalid((key,), f"{key}: a table was expected")
        if name in table:
            raise self.invalid((key, name), f"{key}.{name}: the name of the table says it already")
        return {name: key, **defaults, **table}


def read(path: Path) -> KnowledgeFile:
    """Read one TOML file (UTF-8). Raises InvalidKnowledge if it is no TOML, OSError if it is missing."""
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as mistake:
        found = _TOML_LINE.search(str(mistake))
        raise InvalidKnowledge(path, int(found[1]) if found else 1, str(mistake)) from None
    return KnowledgeFile(path, text, _with_tuples(data))


def line_of(text: str, place: Place) -> int:
    """The line (from 1) of the deepest part of `place` that stands in the TOML `text`; 1 if none does."""
    best, depth = 1, 0
    for number, at in _places(text):
        if len(at) > depth and at == place[: len(at)]:
            best, depth = number, len(at)
    return best


def _places(text: str) -> Iterator[tuple[int, Place]]:
    table: Place = ()
    array: Place = ()
    item = -1
    seen: dict[Place, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(_keys(header[2]))
            if header[1] == "[[":
                position = seen[table] = seen.get(table, -1) + 1
                table = (*table, position)
            yield number, table
        elif key := _KEY.match(line):
            array, item = (*table, *_keys(key[1])), -1
            yield number, array
        elif _ITEM.match(line):
            item += 1
            yield number, (*array, item)


def _keys(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _spelled(place: Place) -> str:
    return ".".join(str(part) for part in place)


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    return value
