"""The shelf: the chapters that people wrote for the handbooks, in every language, and how fresh each is."""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import frontmatter
import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

HERE = Path(__file__).parent
CHAPTERS = HERE / "chapters"
EDITIONS = HERE / "editions.toml"
LANGUAGES = {"zh_Hans": "zh-Hans", "en": "en"}
"""The languages handbooks are printed in: locale to BCP 47 tag."""
SOURCE_LANGUAGE = "en"
"""Chapters are written in this language first; the others say which revision of it they follow."""
TOPICS = (
    "how_to_use",
    "before",
    "filing",
    "inventions",
    "designs",
    "marks",
    "secrets",
    "upkeep",
    "customs",
    "fairs",
    "platforms",
    "accused",
    "copied",
    "courts",
    "settlement",
    "money",
    "checklists",
    "contacts",
    "glossary",
    "imprint",
)
"""The keys of chapters in the order of the book."""
_PART = re.compile(r"^(?P<heading>## .*?)(?: *\{\.(?P<how>for|without)-(?P<role>\w+)\})?$", re.MULTILINE)
"""The heading of a part of a chapter, which may name the role that it is printed for, or left out for."""
REVIEW_DAYS = 366
"""A chapter not reviewed for longer than this says so where it is printed."""


class UnknownLanguage(LookupError):
    """No handbook is printed in this language."""


class InvalidChapter(Exception):
    """A chapter's file is not what it must be; says which file and why."""


class Catalogue(Protocol):
    """What speaks a language: the interface of gettext.NullTranslations that the handbooks need."""

    def gettext(self, message: str, /) -> str:
        """Return a message in the language."""

    def ngettext(self, singular: str, plural: str, number: int, /) -> str:
        """Return the fitting form for a number in the language."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands above a chapter. `markets` are the countries it is printed for; empty means all of them.

    `source_revision` counts the revisions of the English text: its own, or the one a translation follows.
    """

    key: str
    title: str
    reviewed: date
    source_revision: int = Field(ge=1)
    markets: tuple[str, ...] = ()

    __pydantic_config__ = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter or a part of one: key of TOPICS, title, markets, Markdown text, and how fresh it is.

    `is_behind` is true where the English text was revised after this translation; `path` is the file, in which the text
    begins on line `first_line` (from 1).
    """

    key: str
    language: str
    title: str
    markets: tuple[str, ...]
    reviewed: date
    is_behind: bool
    text: str
    path: Path
    first_line: int


@cache
def all_chapters(language: str) -> tuple[Chapter, ...]:
    """All chapters in a language (locale), by topic, the common part of a topic first.

    A chapter not yet translated is given in English, marked as such. Raises InvalidChapter.
    """
    chapters = [_chapter(path, _nearest(path, language), language) for path in _written()]
    return tuple(sorted(chapters, key=lambda chapter: (TOPICS.index(chapter.key), chapter.markets)))


def for_roles(text: str, roles: Collection[str]) -> str:
    """Return a chapter's text without the parts for other roles.

    A part whose heading ends in `{.for-we_claim}` is printed for that role, one that ends in `{.without-we_claim}`
    where that role is not among those chosen.
    """
    headings = list(_PART.finditer(text))
    if not headings:
        return text
    ends = [*(heading.start() for heading in headings[1:]), len(text)]
    told = [text[: headings[0].start()]]
    for heading, end in zip(headings, ends, strict=True):
        if not heading["role"] or (heading["role"] in roles) is (heading["how"] == "for"):
            told.append(heading["heading"] + text[heading.end() : end])
    return "".join(told)


def roles_named(text: str) -> frozenset[str]:
    """Return the roles that the parts of a chapter's text are printed or left out for."""
    return frozenset(heading["role"] for heading in _PART.finditer(text) if heading["role"])


def chapters_for(language: str, key: str, market: str) -> tuple[Chapter, ...]:
    """The chapters of a topic in a language written for one market (ISO code), or for everybody where it is empty."""
    return tuple(
        chapter
        for chapter in all_chapters(language)
        if chapter.key == key and (market in chapter.markets if market else not chapter.markets)
    )


def broken(language: str) -> list[str]:
    """Return what is wrong with the chapters of a language (locale) that cannot be read, one line each."""
    found = []
    for path in _written():
        try:
            _chapter(path, _nearest(path, language), language)
        except InvalidChapter as invalid:
            found.append(str(invalid))
    return found


def orphans(language: str) -> list[Path]:
    """Return the files in a language that no handbook prints, for there is no English chapter of their name."""
    written = {path.name for path in _written()}
    return sorted(path for path in (CHAPTERS / language).glob("*.md") if path.name not in written)


def last_edition() -> date | None:
    """The day on which the last edition of the series was given out; None before the first. Raises InvalidChapter."""
    days = tomllib.loads(EDITIONS.read_text(encoding="utf-8")).get("days", [])
    if not all(type(day) is date for day in days) or days != sorted(days):
        raise InvalidChapter(f"{EDITIONS}: days are dates, the oldest first")
    return days[-1] if days else None


def hash_of(parts: Iterable[bytes]) -> str:
    """Return the SHA-256 of parts, each with its length, so that no two lists give the same."""
    digest = sha256()
    for part in parts:
        digest.update(f"{len(part)}:".encode())
        digest.update(part)
    return digest.hexdigest()


def _written() -> list[Path]:
    return sorted((CHAPTERS / SOURCE_LANGUAGE).glob("*.md"))


def _nearest(source: Path, language: str) -> Path:
    translated = CHAPTERS / language / source.name
    return translated if translated.exists() else source


def _chapter(source: Path, path: Path, language: str) -> Chapter:
    about, text = _read(path)
    original, _ = _read(source)
    if (about.key, about.markets) != (original.key, original.markets):
        raise InvalidChapter(f"{path}: key and markets are not those of {source.name} in {SOURCE_LANGUAGE}")
    return Chapter(
        key=about.key,
        language=language if path.parent.name == language else SOURCE_LANGUAGE,
        title=about.title,
        markets=about.markets,
        reviewed=about.reviewed,
        is_behind=about.source_revision < original.source_revision,
        text=text,
        path=path,
        first_line=1 + path.read_text(encoding="utf-8").partition(text)[0].count("\n"),
    )


_FRONT_MATTER = TypeAdapter(FrontMatter)


@cache
def _read(path: Path) -> tuple[FrontMatter, str]:
    try:
        post = frontmatter.loads(path.read_text(encoding="utf-8"))
        about = _FRONT_MATTER.validate_python(post.metadata)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise InvalidChapter(f"{path}: {told}") from error
    except (ValueError, yaml.YAMLError) as error:  # no UTF-8, no date, no YAML
        raise InvalidChapter(f"{path}: {error}") from error
    if about.key not in TOPICS:
        raise InvalidChapter(f"{path}: unknown key {about.key}")
    if not post.content:
        raise InvalidChapter(f"{path}: there is no text")
    return about, post.content
