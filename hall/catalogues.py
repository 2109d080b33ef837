"""The catalogues of messages: gathering, updating, checking and compiling them.

The words of the hall are written in English where they are used: in Python, in templates and in the
TOML files of the knowledge. English is the msgid; every other language is a folder under `translations/`.
A translation is text from outside the code and is treated so: it may not bring in markup, placeholders or
invisible characters that the English does not have.

Run as `python -m hall.catalogues update|compile|check`.
"""

import io
import json
import os
import re
import sys
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hall.settings import HOUSE

TRANSLATIONS = HOUSE / "translations"
PLACES = ("hall", "windows", "handbooks")
SOURCE_LOCALE = "en"

# Keys under which a text stands for each of several countries.
BY_COUNTRY = frozenset({"name_in"})
# The keys of our TOML files whose values people read.
MESSAGE_KEYS = frozenset(
    {
        "action",
        "applies_when",
        "basis",
        "body",
        "consequence",
        "decides",
        "extension",
        "fits",
        "hint",
        "label",
        "name",
        "name_here",
        "needs",
        "note",
        "risk",
        "steps",
        "summary",
        "text",
        "time",
        "title",
        "why",
    }
)

# How a message is marked: function name -> which arguments are texts (as Babel states it).
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "N_": None,
    "N2_": (1, 2),
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
_TAG = re.compile(r"<[^>]*>?")
_TOML_TOKEN = re.compile(
    r"""
    \#[^\n]*
    | "{3}(?:\\.|[^\\])*?"{3,5}
    | '{3}.*?'{3,5}
    | "(?:\\.|[^"\\\n])*"
    | '[^'\n]*'
    """,
    re.VERBOSE | re.DOTALL,
)
# Joiners and direction marks are part of honest writing in Persian, Arabic and the Indic scripts.
_HONEST_FORMAT_CHARACTERS = frozenset("\u200c\u200d\u200e\u200f")


class _Dummy(int):
    """A value that every placeholder accepts: `%(name)s` and `%(name)d`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one message of one catalogue."""

    locale: str
    message: str
    what: str

    def __str__(self) -> str:
        return f"{self.locale}: {self.what}: {self.message!r}"


# Gathering


def extract_toml(
    file: IO[bytes],
    keywords: Mapping[str, object],
    comment_tags: Collection[str],
    options: Mapping[str, object],
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield (line, function, message, comments) for every text people read in a TOML file.

    Babel's interface for extraction methods; `keywords`, `comment_tags` and `options` do not apply to TOML.
    Raises tomllib.TOMLDecodeError when the file is not TOML.
    """
    source = file.read().decode("utf-8")
    lines = _lines_of_strings(source)
    for message in _messages_in(tomllib.loads(source)):
        yield lines.get(message, 0), "", message, []


def extract_ledger(
    file: IO[bytes],
    keywords: Mapping[str, object],
    comment_tags: Collection[str],
    options: Mapping[str, object],
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield (line, function, message, comments) for the texts that a ledger holds: what was told once stays readable.

    Babel's interface for extraction methods. Raises json.JSONDecodeError when a line is not JSON.
    """
    for number, line in enumerate(file, start=1):
        told = json.loads(line)["told"]
        if told and told.get("unit") == "text":
            yield number, "", told["value"], []


def _messages_in(table: Mapping[str, Any]) -> Iterator[str]:
    for key, value in table.items():
        if key in MESSAGE_KEYS:
            yield from _texts_in(value)
        if key in BY_COUNTRY:
            yield from _texts_in(list(value.values()))
        yield from _messages_below(value)


def _texts_in(value: object) -> Iterator[str]:
    texts = value if isinstance(value, list) else [value]
    yield from (text for text in texts if isinstance(text, str) and text.strip())


def _messages_below(value: object) -> Iterator[str]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            yield from _messages_in(part)


def _lines_of_strings(source: str) -> dict[str, int]:
    """Each string of a TOML source with the line where it first begins (tomllib tells no positions)."""
    lines: dict[str, int] = {}
    for token in _TOML_TOKEN.finditer(source):
        if not token.group().startswith("#"):
            text = tomllib.loads(f"text = {token.group()}")["text"]
            lines.setdefault(text, source.count("\n", 0, token.start()) + 1)
    return lines


# Every kind of source, and how Babel reads it. Jinja's options are those of the application.
METHODS = [
    ("**.py", "python"),
    ("**.toml", "hall.catalogues:extract_toml"),
    ("**/ledger.jsonl", "hall.catalogues:extract_ledger"),
    ("**/templates/**.html", "jinja2.ext:babel_extract"),
    ("**/templates/**.txt", "jinja2.ext:babel_extract"),
    ("**/templates/**.xml", "jinja2.ext:babel_extract"),
]
_JINJA_OPTIONS = {
    "silent": "false",
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
}
OPTIONS = {pattern: _JINJA_OPTIONS for pattern, method in METHODS if method.startswith("jinja2")}


def gather(house: Path = HOUSE) -> Catalog:
    """Return every message of the hall as a template, with the files and lines where it stands."""
    template = Catalog(charset="utf-8", fuzzy=False)
    for place in PLACES:
        found = extract_from_dir(house / place, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("Translators:",))
        for name, line, message, comments, context in found:
            location = (Path(place, name).as_posix(), line)
            template.add(message, None, [location], auto_comments=comments, context=context)
    return template


# Reading, writing, updating, compiling


def all_locales(translations: Path = TRANSLATIONS) -> list[str]:
    """The locales that have a catalogue, in the order of their names."""
    return sorted(path.parent.parent.name for path in translations.glob("*/LC_MESSAGES/messages.po"))


def catalogue_path(locale: str, translations: Path = TRANSLATIONS) -> Path:
    """Where the catalogue of a locale lies."""
    return translations / locale / "LC_MESSAGES" / "messages.po"


def read(locale: str, translations: Path = TRANSLATIONS) -> Catalog:
    """Return the catalogue of a locale; raises FileNotFoundError."""
    with catalogue_path(locale, translations).open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def write(catalogue: Catalog, locale: str, translations: Path = TRANSLATIONS) -> None:
    """Write a catalogue as the repository keeps it: sorted, and without line numbers, which only churn."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=100, sort_output=True, include_lineno=False, ignore_obsolete=True)
    _replace(catalogue_path(locale, translations), stream.getvalue())


def update(locale: str, template: Catalog, translations: Path = TRANSLATIONS) -> Catalog:
    """Bring the catalogue of a locale up to the template, write and return it.

    No guessing: a changed English sentence is a new message; a near match in a deadline is a wrong one.
    """
    path = catalogue_path(locale, translations)
    catalogue = read(locale, translations) if path.exists() else _new_catalogue(locale)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    write(catalogue, locale, translations)
    return catalogue


def _new_catalogue(locale: str) -> Catalog:
    return Catalog(
        locale=locale,
        project="International IP Service Hall",
        version="1",
        header_comment="# The words of the hall. English is the msgid; see hall/catalogues.py.",
        msgid_bugs_address="the office of the hall",
        last_translator="the translators of the hall",
        language_team="the translators of the hall",
        revision_date=datetime.now(UTC),
        charset="utf-8",
        fuzzy=False,
    )


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue in gettext's machine form; the same catalogue gives the same bytes."""
    stream = io.BytesIO()
    write_mo(stream, catalogue, use_fuzzy=False)
    return stream.getvalue()


def compile_all(translations: Path = TRANSLATIONS) -> list[Fault]:
    """Compile every catalogue that is safe to show and return what is wrong with the others.

    A catalogue with a fault is not written: the last good one goes on serving. Gaps are no fault here,
    they show the English.
    """
    faults: list[Fault] = []
    for locale in all_locales(translations):
        catalogue = read(locale, translations)
        wrong = list(faults_of(catalogue, locale))
        faults += wrong
        if not wrong:
            _replace(catalogue_path(locale, translations).with_suffix(".mo"), compiled(catalogue))
    return faults


def _replace(path: Path, content: bytes) -> None:
    """Write in one step, so that a running server never reads half a file; untouched when nothing changed."""
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.draft")
    draft.write_bytes(content)
    draft.replace(path)


# Checking


def gaps_of(catalogue: Catalog, locale: str) -> Iterator[Fault]:
    """Yield every message that has no translation, or only a guessed one.

    The English catalogue has to be empty instead: its words are the msgids, and a second copy would drift.
    """
    for message in _messages_of(catalogue):
        filled = [bool(text) for text in _translations_of(message)]
        if locale == SOURCE_LOCALE:
            if any(filled):
                yield Fault(locale, _first(message), "English is the msgid and has no second wording")
        elif message.fuzzy:
            yield Fault(locale, _first(message), "only a guess")
        elif not filled or not all(filled):
            yield Fault(locale, _first(message), "not translated")


def faults_of(catalogue: Catalog, locale: str) -> Iterator[Fault]:
    """Yield everything that makes a message unfit to be shown, in the English and in its translations."""
    for message in _messages_of(catalogue):
        for original, text in _pairs(message):
            for what in _faults_between(original, text):
                yield Fault(locale, _first(message), what)


def differences(template: Catalog, catalogue: Catalog, locale: str) -> Iterator[Fault]:
    """Yield what the catalogue lacks of the template, and what it still has though nobody says it."""
    wanted, kept = _keys_of(template), _keys_of(catalogue)
    for key in sorted(wanted - kept, key=str):
        yield Fault(locale, key[1][0], "missing, run make catalogues")
    for key in sorted(kept - wanted, key=str):
        yield Fault(locale, key[1][0], "no longer used, run make catalogues")
    for obsolete in catalogue.obsolete.values():
        yield Fault(locale, _first(obsolete), "obsolete")


def _messages_of(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _keys_of(catalogue: Catalog) -> set[tuple[str | None, tuple[str, ...]]]:
    return {(message.context, tuple(_originals_of(message))) for message in _messages_of(catalogue)}


def _first(message: Message) -> str:
    return _originals_of(message)[0]


def _originals_of(message: Message) -> list[str]:
    return _texts_of(message.id)


def _translations_of(message: Message) -> list[str]:
    return _texts_of(message.string or "")


def _texts_of(value: str | list[str] | tuple[str, ...]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _pairs(message: Message) -> Iterator[tuple[str, str]]:
    """Each text with the English it stands for; the last English form stands for all further plural forms."""
    originals = _originals_of(message)
    yield from ((original, original) for original in originals)
    translations = _translations_of(message)
    if len(translations) == 1:
        # A language without plural forms says the general sentence, the one with the number in it.
        originals = originals[-1:]
    for number, text in enumerate(translations):
        if text:
            yield originals[min(number, len(originals) - 1)], text


def _faults_between(original: str, text: str) -> Iterator[str]:
    if Counter(_PLACEHOLDER.findall(original)) != Counter(_PLACEHOLDER.findall(text)):
        yield "its placeholders differ from the English"
    if not set(_TAG.findall(text)) <= set(_TAG.findall(original)):
        yield "it brings in markup that the English does not have"
    if any(_is_unseen(character) for character in text):
        yield "it holds an invisible or control character"
    if "{" in text or "}" in text:
        yield "it holds a brace: placeholders are %(name)s, never str.format"
    if "%" in _PLACEHOLDER.sub("", text):
        # Some places format a message that has no placeholder, others do not: neither % nor %% is right in both.
        yield "it holds a percent sign: give it as a parameter"
    elif not _renders(text):
        yield "it cannot be formatted"


def _is_unseen(character: str) -> bool:
    if character == "\n" or character in _HONEST_FORMAT_CHARACTERS:
        return False
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _renders(text: str) -> bool:
    """Whether the text can be formatted as the pages do, with values for its placeholders only."""
    values = dict.fromkeys(_PLACEHOLDER.findall(text), _Dummy(7))
    try:
        return "%" not in text % values
    except (KeyError, TypeError, ValueError):
        return False


# The command


def check_all(house: Path = HOUSE, translations: Path = TRANSLATIONS) -> list[Fault]:
    """Return everything that is wrong with the catalogues of the hall."""
    template = gather(house)
    faults: list[Fault] = []
    for locale in all_locales(translations):
        catalogue = read(locale, translations)
        faults += differences(template, catalogue, locale)
        faults += gaps_of(catalogue, locale)
        faults += faults_of(catalogue, locale)
    return faults


def update_all(house: Path = HOUSE, translations: Path = TRANSLATIONS) -> list[Fault]:
    """Bring every catalogue up to date and return what is left for the translators."""
    template = gather(house)
    faults: list[Fault] = []
    for locale in all_locales(translations):
        faults += gaps_of(update(locale, template, translations), locale)
    return faults


COMMANDS: dict[str, Callable[[], list[Fault]]] = {
    "update": update_all,
    "compile": compile_all,
    "check": check_all,
}


def main(arguments: list[str]) -> int:
    """Run one command and name what is wrong; what `update` leaves to the translators is no failure."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        sys.stderr.write(f"usage: python -m hall.catalogues {'|'.join(COMMANDS)}\n")
        return 2
    faults = COMMANDS[arguments[0]]()
    sys.stderr.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults and arguments[0] != "update" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
