"""Composes a handbook into one HTML document: chapters, facts and rules in the reader's words, sources numbered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hall.words import N_
from handbooks.shelf import TOPICS, Catalogue, Chapter, Handbook
from windows import citations, directory, prose, rulebook
from windows.directory import Code, Country, Day, Fact, Flag, Names, Number, Source, Text
from windows.prose import Reference
from windows.rulebook import Period, Rule

HERE = Path(__file__).parent
TO_BE_CONFIRMED = N_("to be confirmed")
NOT_KNOWN = N_("not yet in our records")
ACCENTS = {"eu": "#23458f", "us": "#15557a", "japan": "#9c2a3c", "korea": "#1d6b62", "belt_and_road": "#8a5a1c"}
"""The one colour of each window's books."""
GLANCE_LEFT_OUT = frozenset({"pct_national_phase_months_ch2", "pct_entry_date", "filing_language_note"})
LANES = (
    (N_("Trademarks and designs"), N_("direct filing, Madrid or Hague"), "priority_tm_design_months", ""),
    (N_("Patents and utility models"), N_("direct filing (Paris Convention)"), "priority_patent_months", ""),
    (
        N_("Patents through the PCT"),
        N_("one application, then the national phase"),
        "priority_patent_months",
        "pct_national_phase_months",
    ),
)
"""The ways from a first filing: right, way, fact of the time to file abroad, fact of the time of a later step."""


class Sources:
    """The list of sources at the end of a book, numbered in the order in which they are cited."""

    def __init__(self) -> None:
        self._numbers: dict[Source, int] = {}

    def cite(self, sources: Iterable[Source]) -> Markup:
        """Return the marks of sources as linked numbers."""
        numbers = sorted({self._numbers.setdefault(source, len(self._numbers) + 1) for source in sources})
        links = [Markup('<a href="#source-{0}">{0}</a>').format(number) for number in numbers]
        return Markup('<span class="marks">{}</span>').format(Markup(" ").join(links)) if links else Markup("")

    def __iter__(self) -> Iterator[tuple[int, Source]]:
        return iter([(number, source) for source, number in self._numbers.items()])


@dataclass(frozen=True, slots=True)
class Part:
    """What is printed of a chapter: its common text, or the text of one market under it."""

    title: str
    language: str
    is_behind: bool
    reviewed: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter of the book with an anchor, or a page made of facts and rules (no parts)."""

    key: str
    number: int
    title: str
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table of facts."""

    label: str
    value: Markup
    others: tuple[Markup, ...]
    note: str
    basis: str


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the table of deadlines."""

    action: str
    kind: str
    forum: str
    when: str
    period: Markup
    since: str
    consequence: str
    basis: str
    marks: Markup


@dataclass(frozen=True, slots=True)
class Lane:
    """A bar of the time line: months and their places on it in percent of the whole."""

    right: str
    way: str
    first: Markup
    first_percent: float
    second: Markup = field(default=Markup(""))
    second_percent: float = 0.0


def compose(handbook: Handbook, catalogue: Catalogue) -> str:
    """Return a handbook as one HTML document in its language, which `catalogue` speaks.

    Raises windows.prose.UnknownReference where a chapter refers to what the windows do not know.
    """
    speaker = Speaker(handbook, catalogue)
    book = speaker.book()
    return _templates().overlay_for(catalogue).get_template("book.html").render(book)


class _Templates(Environment):
    def overlay_for(self, catalogue: Catalogue) -> Environment:
        """Return the templates speaking the language of a catalogue."""
        spoken = self.overlay()
        spoken.install_gettext_callables(  # type: ignore[attr-defined]
            catalogue.gettext, catalogue.ngettext, newstyle=True
        )
        return spoken


@cache
def _templates() -> _Templates:
    return _Templates(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )


class Speaker:
    """Puts facts, rules and dates of one handbook into the reader's words and remembers what was cited."""

    def __init__(self, handbook: Handbook, catalogue: Catalogue) -> None:
        self.handbook = handbook
        self.catalogue = catalogue
        self.sources = Sources()

    def book(self) -> Mapping[str, Any]:
        """Return everything the templates need, cited in the order of the book."""
        handbook = self.handbook
        window = directory.get_window(handbook.window)
        opening = self._chapter_section("how_to_use", 1)
        glance = [(self._say(group.label), self._rows(facts)) for group, facts in self._fact_groups()]
        body = self._body(first=3)
        return {
            "tag": handbook.tag,
            "page_number": Markup('<span class="page-number"></span>'),
            "page_count": Markup('<span class="page-count"></span>'),
            "title": self.title,
            "market": self.market,
            "window": self._say(window.name),
            "letter": window.letter,
            "language_name": str(Locale.parse(handbook.language).languages[handbook.language]),
            "edition": handbook.edition.isoformat(),
            "edition_words": self.day(handbook.edition),
            "code": handbook.code,
            "accent": ACCENTS[handbook.window],
            "has_own_chapters": handbook.has_own_chapters,
            "opening": opening,
            "imprint": self._chapter_section("imprint", 0),
            "glance": glance,
            "offices": [(self._say(office.name), office) for office in self._offices()],
            "body": body,
            "lanes": self._lanes(),
            "papers": self._papers(),
            "windows": [(one.letter, self._say(one.name)) for one in directory.all_windows()],
            "sources": [(number, *self._source(source)) for number, source in self.sources],
            "contents": [
                opening,
                Section("glance", 2, self._say(N_("The market at a glance"))),
                *body,
                Section("sources", len(body) + 3, self._say(N_("Sources"))),
            ],
        }

    @property
    def market(self) -> str:
        """The name of the country."""
        return _country_name(self.handbook.country, self.handbook.language, self.catalogue)

    @property
    def title(self) -> str:
        """The title of the book as documents and catalogues show it."""
        return self._say(N_("%(market)s: intellectual property handbook")) % {"market": self.market}

    def day(self, day: Any) -> str:
        """Return a date in words."""
        return str(format_date(day, "long", self.handbook.language))

    def value(self, fact: Fact) -> str:
        """Return the value of a fact in words."""
        return self._words_of(directory.value_of(fact))

    def _words_of(self, value: directory.Value) -> str:
        match value:
            case Number(amount, unit):
                return self._amount(amount, unit)
            case Flag(is_true):
                return self._say(N_("yes")) if is_true else self._say(N_("no"))
            case Code(_, label):
                return self._say(label)
            case Day(day):
                return self.day(day)
            case Names(names):
                return self._say(N_(", ")).join(map(self._say, names)) if names else self._say(N_("none"))
            case Text(message):
                return self._say(message)

    def marked(self, fact: Fact) -> Markup:
        """Return the value of a fact with its source marks; an unsettled one says that it is to be confirmed."""
        manner = "fact words" if fact.unit == "text" else "fact"
        value = Markup('<span class="{}">{}</span>').format(manner, self.value(fact))
        if fact.confidence == "general":
            return value + Markup(' <span class="unsettled">({})</span>').format(self._say(TO_BE_CONFIRMED))
        return _together(value, self.sources.cite(fact.sources[:2]), is_short=fact.unit != "text")

    def _other(self, value: directory.Value, sources: tuple[Source, ...]) -> Markup:
        words = Markup("{} {}").format(self._say(N_("Other sources say:")), self._words_of(value))
        return _together(words, self.sources.cite(sources), is_short=False)

    def _show(self, reference: Reference) -> Markup:
        if reference.kind == "rule":
            rule = prose.get_rule(reference)
            return _together(self._period(rule, in_prose=True), self.sources.cite(rule.sources[:2]), is_short=True)
        fact = prose.find_fact(reference, self.handbook.country.code)
        if fact is None:
            return Markup('<span class="unsettled">{}</span>').format(self._say(NOT_KNOWN))
        return self.marked(fact)

    def _say(self, message: str) -> str:
        return self.catalogue.gettext(message) if message else ""

    def _amount(self, amount: int, unit: str) -> str:
        return self.catalogue.ngettext(*directory.UNITS[unit], amount) % {"num": amount}

    # Chapters

    def _body(self, first: int) -> list[Section]:
        keys = [key for key in TOPICS if key not in ("how_to_use", "imprint")]
        sections: list[Section] = []
        for key in keys:
            if key == "settlement":
                title = self._say(N_("Deadlines by the paper in your hand"))
                sections.append(Section("deadlines", first + len(sections), title))
            sections.append(self._chapter_section(key, first + len(sections)))
        return sections

    def _chapter_section(self, key: str, number: int) -> Section:
        chapters = [chapter for chapter in self.handbook.chapters if chapter.key == key]
        return Section(key, number, chapters[0].title, tuple(map(self._part, chapters)))

    def _part(self, chapter: Chapter) -> Part:
        return Part(
            title=chapter.title if chapter.markets else "",
            language=chapter.language.replace("_", "-"),
            is_behind=chapter.is_behind,
            reviewed=self.day(chapter.reviewed),
            body=prose.render(chapter.text, self._show),
        )

    # Facts

    def _fact_groups(self) -> Sequence[tuple[directory.Group, Sequence[Fact]]]:
        return directory.facts_by_group(self.handbook.country)

    def _rows(self, facts: Iterable[Fact]) -> list[Row]:
        return [
            Row(
                self._say(directory.get_fact_key(fact.key).label),
                self.marked(fact),
                tuple(self._other(value, sources) for value, sources in directory.other_values(fact)),
                self._say(fact.note),
                self._basis(fact.basis),
            )
            for fact in facts
            if fact.key not in GLANCE_LEFT_OUT
        ]

    def _offices(self) -> tuple[directory.Office, ...]:
        return self.handbook.country.offices

    def _lanes(self) -> list[Lane]:
        facts = self.handbook.country.facts
        months = {key: fact.value for key, fact in facts.items() if isinstance(fact.value, int)}
        longest = max(months.get(key, 0) for *_, first, second in LANES for key in (first, second or first)) or 1
        lanes = []
        for right, way, first, second in LANES:
            if first not in months:
                continue
            share = 100 * months[first] / longest
            lane = Lane(self._say(right), self._say(way), self.marked(facts[first]), share)
            if second in months:
                rest = 100 * months[second] / longest - share
                lane = Lane(lane.right, lane.way, lane.first, share, self.marked(facts[second]), rest)
            lanes.append(lane)
        return lanes

    # Deadlines

    def _papers(self) -> list[tuple[str, Markup, list[Task]]]:
        places = _jurisdictions(self.handbook.country)
        papers = []
        for document in rulebook.all_documents():
            rules = [
                rule
                for rule in rulebook.rules_for(document=document.code)
                if rule.jurisdiction in places and rule.kind != "authority_act" and not _has_ended(rule, self.handbook)
            ]
            if rules:
                papers.append(
                    (self._say(document.name), prose.printed_words(document), [self._task(rule) for rule in rules])
                )
        return papers

    def _task(self, rule: Rule) -> Task:
        return Task(
            action=self._say(rule.action),
            kind="" if rule.is_own_act or rule.kind == "no_deadline" else self._say(rulebook.KINDS[rule.kind]),
            forum=self._say(rulebook.get_forum(rule.forum).name) if rule.forum else "",
            when=self._say(rule.applies_when),
            period=self._period(rule),
            since=self._say(rulebook.get_event(rule.event).label) if rule.event and rule.period.n else "",
            consequence=self._say(rule.consequence),
            basis=self._basis(rule.basis),
            marks=self.sources.cite(rule.sources[:2]),
        )

    def _period(self, rule: Rule, *, in_prose: bool = False) -> Markup:
        if rule.kind == "no_deadline":
            return Markup('<span class="fact">{}</span>').format(self._say(N_("no fixed time: act at once")))
        if not rule.show_date or rule.confidence == "general":
            words = self._say(TO_BE_CONFIRMED)
            if rule.period.set_in_document:
                words = self._say(N_("the date printed in the paper"))
            return Markup('<span class="unsettled">{}</span>').format(words)
        return Markup('<span class="fact">{}</span>').format(self._length(rule.period, in_prose=in_prose))

    def _length(self, period: Period, *, in_prose: bool) -> str:
        if period.n == 0:
            return self._say(N_("the date printed in the paper"))
        length = prose.length_words(period, self._amount, self._say)
        if in_prose:  # the table of deadlines says what a date printed in the paper changes
            return length
        if period.earlier_of_printed:
            length = self._say(N_("%(length)s or the date printed in the paper, whichever is earlier")) % {
                "length": length
            }
        elif period.set_in_document:
            length = self._say(N_("%(length)s; a date printed in the paper wins")) % {"length": length}
        return length

    # Sources

    def _source(self, source: Source) -> tuple[str, str, str]:
        words = citations.address_words(source.address, self._say)
        link = source.address if words == source.address else ""
        return words, link, citations.dated_words(source.dated, self._say)

    def _basis(self, basis: str) -> str:
        return citations.basis_words(basis, self._say)


def _together(value: Markup, marks: Markup, *, is_short: bool) -> Markup:
    # A mark alone at the head of a line looks lost; only long texts may break before it.
    return Markup('<span class="together">{}{}</span>').format(value, marks) if is_short else value + marks


def _country_name(country: Country, locale: str, catalogue: Catalogue) -> str:
    if country.name:
        return catalogue.gettext(country.name)
    return str(Locale.parse(locale).territories[country.code])


def _jurisdictions(country: Country) -> frozenset[str]:
    systems = {rulebook.COMMON_SYSTEMS[system] for system in country.systems if system in rulebook.COMMON_SYSTEMS}
    return frozenset({country.code, *systems})


def _has_ended(rule: Rule, handbook: Handbook) -> bool:
    return rule.effective_to is not None and rule.effective_to < handbook.edition
