"""Composes handbooks into HTML: chapters, facts and rules in the reader's words, sources numbered by place.

A handbook is made of sections. A section reads the same in every handbook that holds it, so it is composed once for a
language; its sources are numbered through all sections of its place (a market, a window, or everywhere).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from hall.words import N_
from handbooks import selection, shelf
from handbooks.selection import IN_A_WINDOW, RIGHTS, ROLES, STAGES, Handbook, Section
from handbooks.shelf import Catalogue, Chapter
from handbooks.wording import LEFT_OUT, NOT_KNOWN, NOT_OF_THIS_RIGHT, UNION, Sources, Wording, together
from windows import directory, ledger, mapping, prose, rulebook, situations
from windows.directory import Country, Fact
from windows.prose import Reference

HERE = Path(__file__).parent
ACCENTS = {"eu": "#23458f", "us": "#15557a", "japan": "#9c2a3c", "korea": "#1d6b62", "belt_and_road": "#8a5a1c"}
"""The one colour of each window's books."""
OWN_ACCENT = "#0f5560"
"""The colour of a handbook for the markets of several windows."""
GLANCE = (
    "filing_languages",
    "local_agent_required",
    "tm_system",
    "tm_opposition_period",
    "tm_nonuse_years",
    "patent_term_years",
    "patent_grace_period_months",
    "utility_model_available",
    "utility_model_term_years",
    "design_term_years_max",
    "customs_measures",
    "limitation_period",
)
"""The facts by which a market is known at a glance."""
COMPARED = frozenset(
    {"filing", "customs", "treaties", *(group.code for group in directory.all_groups() if group.rights)}
)
"""The groups of facts that stand side by side."""
NOT_COMPARED = frozenset({"customs_response", "customs_response_working_days", "office_note"})
"""Times that bind the holder of the goods in one market and the right holder in another: each market tells its own."""
COMPARED_WIDE = (
    "tm_system",
    "tm_opposition_period",
    "tm_nonuse_years",
    "patent_term_years",
    "utility_model_available",
    "madrid_protocol",
)
"""What stands side by side where there are more markets than columns."""
GAP = Markup('<span class="none">–</span>')
"""Stands in a comparison where a market has nothing."""
SHORT = 16
"""Fewer characters than these stay on one line in prose."""
DAYS_OF = {"days": 1.0, "months": 30.44, "years": 365.25}

GENERAL_PAPERS: Mapping[str, frozenset[str]] = {
    "upkeep": frozenset({"own", "office"}),
    "platforms": frozenset({"platform", "domain"}),
}
"""The groups of papers with no law of their own, and the sections they stand in."""
MORE_CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "courts": ("settlement",),
    "sources": ("imprint",),
}
"""Short chapters that stand in the section of another."""
SIDES: Mapping[str, tuple[str, str]] = {
    "accused_ways": (N_("Situations of the accused, and the ways out"), "accused"),
    "copied_ways": (N_("Situations of the owner, and the ways out"), "claim"),
    "either_ways": (N_("Situations that either side may meet"), "both"),
}
"""The sections of situations: title, and whose situations they hold."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a section of a market is made of: title, groups of facts, topics of chapters, groups of papers."""

    title: str
    groups: tuple[str, ...]
    topics: tuple[str, ...] = ()
    senders: frozenset[str] = frozenset()


OF_A_MARKET: Mapping[str, Plan] = {
    "filing_here": Plan(N_("Filing and keeping rights"), ("filing", "treaties"), ("filing", "upkeep")),
    "border_here": Plan(
        N_("Customs, fairs and platforms"),
        ("customs",),
        ("customs", "fairs", "platforms"),
        frozenset({"customs", "platform"}),
    ),
    "accused_here": Plan(
        N_("If we are accused here"), (), ("accused",), frozenset({"letter", "court", "order", "trade_commission"})
    ),
    "copied_here": Plan(N_("If we are copied here"), (), ("copied",)),
    "courts_here": Plan(N_("Courts, remedies and limitation"), ("courts", "disputes"), ("courts",)),
}
OFFICE_PAPERS = frozenset({"office", "attack", "own", "publication", "domain"})
"""The groups of papers about a right itself."""


REGISTERED = frozenset({"patent", "utility_model", "design", "mark"})
"""The rights that an office registers."""


@dataclass(frozen=True, slots=True)
class Part:
    """A chapter as printed: its title where it is that of one market, its topic, its language and age, its text."""

    title: str
    topic: str
    language: str
    is_behind: bool
    is_overdue: bool
    reviewed: str
    body: Markup


@dataclass(frozen=True, slots=True)
class Composed:
    """A composed section: its name in the book, the market it belongs to in words, its title, its HTML, its age.

    `more` are the titles of the short chapters that stand in it too.
    """

    anchor: str
    market: str
    title: str
    html: Markup
    reviewed: date
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a comparison: its market, its value in words, its length in percent of the longest."""

    market: str
    words: Markup
    percent: float


@dataclass(frozen=True, slots=True)
class OwnDeadline:
    """A deadline of the reader's case, in words but for its days.

    `is_demanded` where no law sets the day but the other side asks for it; `doubts` are what is not certain about it.
    """

    action: str
    paper: str
    day: date | None
    safe_day: date | None
    words: str
    basis: str
    when: str = ""
    consequence: str = ""
    extension: str = ""
    doubts: tuple[str, ...] = ()
    is_demanded: bool = False


Reach = tuple[tuple[str, str], ...]
"""How the hall is reached: labels (msgids), and a number or an address."""


@dataclass(frozen=True, slots=True)
class OwnCase:
    """What a handbook says of the reader's own case: plain words, and the QR code (SVG) that opens it on the phone.

    `printed` is the day on which it stood so.
    """

    number: str
    deadlines: tuple[OwnDeadline, ...]
    steps: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]
    qr: Markup
    address: str
    printed: date


@dataclass(frozen=True, slots=True)
class Pages:
    """Where the sections of a book begin, by anchor, and how many pages it has."""

    first: Mapping[str, int]
    count: int

    def agree_with(self, others: "Pages") -> bool:
        """Whether every place that both know begins on the same page, and the pages are as many."""
        both = self.first.keys() & others.first.keys()
        return self.count == others.count and all(self.first[name] == others.first[name] for name in both)


def compose(handbook: Handbook, writer: "Writer", *, pages: Pages | None = None, case: OwnCase | None = None) -> str:
    """Return a handbook as one HTML document in the language of its writer.

    Where `pages` are known the contents are printed with them; else the press finds them, in a second pass.
    Raises windows.prose.UnknownReference where a chapter refers to what the windows do not know.
    """
    return writer.template("book.html").render(writer.book(handbook, pages=pages, case=case))


def compose_front(handbook: Handbook, writer: "Writer", *, case: OwnCase | None = None) -> str:
    """Return what is made afresh for a joined handbook: cover, contents, the reader's case.

    The contents say with an anchor `at-ANCHOR` where the number of a page is to be printed.
    """
    return writer.template("front.html").render(writer.book(handbook, pages=None, case=case), is_joined=True)


def compose_comparison(handbook: Handbook, writer: "Writer") -> str:
    """Return the page on which the markets of a handbook stand side by side as a document of its own."""
    return _alone(writer.comparison(handbook), handbook, writer)


def compose_section(section: Section, handbook: Handbook, writer: "Writer") -> str:
    """Return one section as a document of its own, in the form of a handbook."""
    return _alone(writer.section(section), handbook, writer)


def _alone(composed: "Composed", handbook: Handbook, writer: "Writer") -> str:
    return writer.template("section.html").render(
        form=handbook.form, tag=handbook.tag, accent=accent_of(handbook), composed=composed
    )


def edition(handbook: Handbook, writer: "Writer") -> date:
    """Return the day of the newest thing in a handbook: a chapter, or a fact or rule that is told otherwise since."""
    laws = {law for code in handbook.markets for law in rulebook.laws_of(directory.get_country(code))}
    laws |= set(rulebook.EVERYWHERE)
    corrected = (one.day for one in ledger.all_corrections() if one.jurisdiction in laws)
    return max(*(writer.section(section).reviewed for section in handbook.sections), *corrected)


def accent_of(handbook: Handbook) -> str:
    """Return the colour of a handbook: that of its window, or the hall's where it serves several."""
    windows = {directory.get_country(code).windows[0] for code in handbook.markets}
    return ACCENTS[handbook.window] if handbook.kind != "own" or len(windows) == 1 else OWN_ACCENT


def content_hash(html: str) -> str:
    """Return the hash of all that decides how a document looks: its text and the style."""
    return shelf.hash_of([html.encode(), _style()])


def writer(language: str, catalogue: Catalogue, *, today: date, reach: Reach = ()) -> "Writer":
    """Return the writer of a language (locale), which `catalogue` speaks; `reach` is how the hall is reached."""
    last = today - timedelta(days=shelf.REVIEW_DAYS)
    overdue = frozenset(chapter for chapter in shelf.all_chapters(language) if chapter.reviewed < last)
    speaker: Any = catalogue  # hashed by what it is, not by what it says
    return _writer(language, speaker, overdue, reach)


@lru_cache(maxsize=16)
def _writer(language: str, catalogue: Any, overdue: frozenset[Chapter], reach: Reach) -> "Writer":
    return Writer(language, catalogue, overdue, reach)


def _templates(catalogue: Catalogue) -> Environment:
    """Return templates that speak the language of a catalogue: the words are global in an environment."""
    spoken = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    spoken.install_gettext_callables(  # type: ignore[attr-defined]
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    return spoken


@cache
def _style() -> bytes:
    return sha256((HERE / "print.css").read_bytes()).digest()


class Writer:
    """Puts chapters, facts, rules and dates into the words of one language, and remembers what each place cites."""

    def __init__(
        self, language: str, catalogue: Catalogue, overdue: frozenset[Chapter] = frozenset(), reach: Reach = ()
    ) -> None:
        self.language = language
        self.words = Wording(language, catalogue)
        self.overdue = overdue
        self.reach = reach
        self._spoken = _templates(catalogue)
        self._places: dict[str, dict[Section, Composed]] = {}
        self._sources: dict[str, Sources] = {}

    def template(self, name: str) -> Template:
        """Return a template that speaks the language."""
        return self._spoken.get_template(name)

    def section(self, section: Section) -> Composed:
        """Return a section as it is printed in every handbook."""
        if section.place not in self._places:
            self._compose_place(section.place)
        found = self._places[section.place]
        if section not in found:
            # A section for some rights alone: all that it cites was cited with all rights.
            found[section] = self._compose_section(section)
        return found[section]

    def sources(self, place: str) -> Sources:
        """Return the sources of a place: a market, a window, or '' for what holds everywhere."""
        if place not in self._places:
            self._compose_place(place)
        return self._sources[place]

    def book(self, handbook: Handbook, *, pages: Pages | None, case: OwnCase | None) -> Mapping[str, Any]:
        """Return everything the templates of a whole handbook need."""
        window = directory.get_window(handbook.window)
        body = [self.section(section) for section in handbook.sections]
        front = [self._own_case(case)] if case else []
        body = [*([self.comparison(handbook)] if handbook.has_comparison else []), *body]
        newest = edition(handbook, self)
        return {
            "form": handbook.form,
            "tag": handbook.tag,
            "pages": pages,
            "title": self.title(handbook),
            "subject": self.subject(handbook),
            "markets": self.markets(handbook),
            "choices": self._choices(handbook),
            "kind": handbook.kind,
            "window": self.words.say(window.name),
            "letter": window.letter,
            "letters": _letters(handbook),
            "language_name": str(Locale.parse(handbook.language).languages[handbook.language]),
            "edition": newest.isoformat(),
            "edition_words": self.words.day(newest),
            "code": handbook.code,
            "foot": self.footer(handbook),
            "accent": accent_of(handbook),
            "front": front,
            "body": body,
            "contents": _contents([*front, *body]),
            "contents_lines": len(front) + len(body) + len(handbook.markets),
            "is_joined": False,
        }

    def title(self, handbook: Handbook) -> str:
        """Return the title of a handbook as documents and catalogues show it."""
        markets = self.words.say(N_(", ")).join(self.markets(handbook))
        return self.words.say(N_("%(market)s: intellectual property handbook")) % {"market": markets}

    def subject(self, handbook: Handbook) -> str:
        """Return what stands under the name of the market on the cover."""
        if handbook.kind == "window":
            return self.words.say(N_("Intellectual property handbook of the window"))
        if handbook.kind == "own":
            return self.words.say(N_("My intellectual property handbook"))
        return self.words.say(N_("Intellectual property handbook"))

    def markets(self, handbook: Handbook) -> list[str]:
        """Return the names that stand on the cover: the window's, or those of the markets."""
        if handbook.kind == "window":
            return [self.words.say(directory.get_window(handbook.window).name)]
        return [self.words.market(code) for code in handbook.markets]

    def footer(self, handbook: Handbook) -> str:
        """Return what stands at the foot of every page, but for its number."""
        words = self.words.say(N_("Edition of %(date)s")) % {"date": self.words.day(edition(handbook, self))}
        return f"{words} · {handbook.short_code}"

    def about(self, handbook: Handbook) -> dict[str, str]:
        """Return what the PDF of a handbook says of itself."""
        return {
            "title": self.title(handbook),
            "author": self.words.say(N_("International IP Service Hall")),
            "subject": self.words.say(N_("Guidance for enterprises going abroad; not legal advice")),
            "keywords": ", ".join([*self.markets(handbook), handbook.code]),
            "language": handbook.tag,
            "day": edition(handbook, self).isoformat(),
        }

    def page_words(self, page: object, count: object) -> str:
        """Return the number of a page as it is printed."""
        return self.words.say(N_("Page %(page)s of %(pages)s")) % {"page": page, "pages": count}

    # Sections

    def _compose_place(self, place: str) -> None:
        self._sources[place] = Sources(place)
        # A section that lists what the others cite comes after them, whatever its place in the book.
        sections = sorted(_sections_of(place), key=lambda section: section.key.startswith("sources"))
        self._places[place] = {section: self._compose_section(section) for section in sections}

    def _compose_section(self, section: Section) -> Composed:
        if section.key.startswith("sources"):
            return self._sources_section(section)
        if section.key in SIDES:
            return self._situations_section(section)
        if section.key == "region":
            return self._region_section(section)
        if section.key == "brief":
            return self._brief_section(section)
        if section.key == "rights_here":
            return self._rights_section(section)
        if section.key == "times_here":
            return self._times_section(section)
        if section.key in OF_A_MARKET:
            return self._market_section(section)
        return self._general_section(section)

    def _general_section(self, section: Section) -> Composed:
        rights = _rights_of(section)
        more = self._titled(MORE_CHAPTERS.get(section.key, ()), "", rights)
        [chapter] = shelf.chapters_for(self.language, section.key, "")
        if section.key in selection.BY_ROLE:
            chapter = replace(chapter, text=shelf.for_roles(chapter.text, section.variant.split(".")))
        senders = GENERAL_PAPERS.get(section.key, ())
        documents = (document for document in rulebook.all_documents() if document.group in senders)
        composed = self._composed(
            section,
            chapter.title,
            chapter.reviewed,
            "general.html",
            chapters=[self._part(chapter, "", rights, title=""), *more],
            papers=self.words.papers(documents, None, _last_checked(), self._sources[""], rights=rights),
            windows=[
                (one.letter, self.words.say(one.name), [self.words.market(code) for code in selection.markets_of(one)])
                for one in directory.all_windows()
            ],
            reach=[(self.words.say(label), value) for label, value in self.reach],
        )
        return replace(composed, more=tuple(part.title for part in more))

    def _brief_section(self, section: Section) -> Composed:
        country = directory.get_country(section.place)
        rights = _rights_of(section)
        known = (country.facts[key] for key in GLANCE if key in country.facts)
        facts = [fact for fact in (directory.told_of(one, rights) for one in known) if fact]
        guide = prose.guide_text(country.windows[0], country.code, self.language)
        return self._composed(
            section,
            self.words.say(N_("The market in brief")),
            country.checked,
            "brief.html",
            guide=prose.render(prose.for_rights(guide, rights), self._show(country.code, rights)),
            offices=[(self.words.say(one.name), one) for one in directory.of_rights(country.offices, rights)],
            rows=self.words.glance(facts, self._sources[country.code]),
        )

    def _market_section(self, section: Section) -> Composed:
        country, plan = directory.get_country(section.place), OF_A_MARKET[section.key]
        cited, rights = self._sources[country.code], _rights_of(section)
        chapters = [one for topic in plan.topics for one in shelf.chapters_for(self.language, topic, country.code)]
        several = len(plan.topics) > 1
        # A table of facts stands with the chapter on the same topic, where that has a heading to stand under.
        beside = {chapter.key for chapter in chapters}.intersection(plan.groups) if several else set()
        tables = {group: rows for group in beside for _, rows in self.words.groups(country, [group], cited, rights)}
        parts = (
            self._titled(plan.topics, country.code, rights)
            if several
            else [self._part(chapter, country.code, rights, title="") for chapter in chapters]
        )
        documents = (document for document in rulebook.all_documents() if document.group in plan.senders)
        return self._composed(
            section,
            self.words.say(self._title_of(section, plan)),
            max([country.checked, *(chapter.reviewed for chapter in chapters)]),
            "market.html",
            lanes=self.words.lanes(country, cited, rights) if section.key == "filing_here" else [],
            groups=self.words.groups(country, [group for group in plan.groups if group not in beside], cited, rights),
            tables=tables,
            # Of some rights a chapter tells nothing: its title would stand alone.
            chapters=[part for part in parts if part.body or part.topic in tables],
            notes=list(self._market_notes(section)),
            papers=self.words.papers(documents, country, country.checked, cited, rights=rights),
            has_court=_has_court(country),
        )

    def _title_of(self, section: Section, plan: Plan) -> str:
        # A title promises nothing that is not there.
        if section.key == "border_here" and not shelf.chapters_for(self.language, "fairs", section.place):
            return N_("Customs and platforms")
        if section.key == "courts_here" and "limitation_period" not in directory.get_country(section.place).facts:
            return N_("Courts and remedies")
        return plan.title

    def _rights_section(self, section: Section) -> Composed:
        country = directory.get_country(section.place)
        cited = self._sources[country.code]
        rights = _rights_of(section)
        documents = (
            document
            for document in rulebook.all_documents()
            if document.group in OFFICE_PAPERS and (document.right or rights & REGISTERED)
        )
        return self._composed(
            section,
            self.words.say(N_("The rights here, and their times")),
            country.checked,
            "market.html",
            lanes=[],
            groups=self.words.groups(
                country, [group.code for group in directory.all_groups() if group.rights], cited, rights
            ),
            tables={},
            chapters=[],
            notes=[],
            papers=self.words.papers(documents, country, country.checked, cited, rights=rights),
        )

    def _times_section(self, section: Section) -> Composed:
        country = directory.get_country(section.place)
        # What a member state has in common with the Union stands once, with the Union.
        union = directory.get_country(UNION)
        is_beside_it = country is not union and UNION in directory.get_window(country.windows[0]).countries
        common = frozenset(rulebook.laws_of(union)) if is_beside_it else frozenset()
        shared = common.intersection(rulebook.laws_of(country))
        return self._composed(
            section,
            self.words.say(N_("Papers and their times")),
            country.checked,
            "times.html",
            papers=self.words.papers(
                # What others send comes first: it cannot wait.
                sorted(rulebook.all_documents(), key=lambda document: document.group in OFFICE_PAPERS),
                country,
                country.checked,
                self._sources[country.code],
                told_elsewhere=common,
            ),
            has_common=bool(shared),
            shares_patents_alone=shared == {"EP"},
            has_court=_has_court(country),
        )

    def _region_section(self, section: Section) -> Composed:
        window = directory.get_window(section.place)
        guide = prose.guide_text(window.code, "", self.language)
        checked = max(directory.get_country(code).checked for code in window.countries)
        return self._composed(
            section,
            self.words.say(N_("How the region works")),
            checked,
            "region.html",
            summary=self.words.say(window.summary),
            guide=prose.render(guide, self._show(section.place)),
            map=_map(window.countries),
            codes=[
                Markup('<span class="together">{} {}-{}</span>').format(self.words.market(code), code, self.tag)
                for code in selection.markets_of(window)
            ],
            accent=ACCENTS[window.code],
        )

    def _situations_section(self, section: Section) -> Composed:
        title, side = SIDES[section.key]
        rights, markets = _rights_of(section), set(section.variant.split(".")) - RIGHTS.keys()
        found = [
            one.of_rights(rights)
            for one in situations.all_situations()
            if one.side == side and one.is_about(rights) and (not one.only_in or markets.intersection(one.only_in))
        ]
        # Situations bear no date of their own: the chapter on the accused is reviewed with them.
        [chapter] = shelf.chapters_for(self.language, "accused", "")
        return self._composed(section, self.words.say(title), chapter.reviewed, "situations.html", situations=found)

    def _sources_section(self, section: Section) -> Composed:
        cited = self._sources[section.place]
        place = directory.find_country(section.place)
        last = shelf.last_edition()
        changed = list(self.words.changes(place, cited)) if place else []
        words = self._titled(("glossary",), section.place) if place else []
        listed = self.words.listed(cited)
        is_shortened = bool(place) and section.variant == IN_A_WINDOW
        if place and is_shortened:
            told = [*self._told_in_windows(place), *(part.body for part in words), *(marks for *_, marks in changed)]
            marks = set(re.findall(r'href="#([^"]+)"', Markup("").join(told)))
            listed = [source for source in listed if source[0] in marks]
        return self._composed(
            section,
            self.words.say(N_("Words, changes and sources") if place else N_("Sources and imprint")),
            place.checked if place else max(one.reviewed for one in shelf.all_chapters(self.language)),
            "sources.html",
            sources=listed,
            is_shortened=is_shortened,
            changes=changed,
            last_edition=self.words.day(last) if last else "",
            corrected=list(self.words.corrected(place, last)) if last and place else [],
            words=words,
            chapters=self._titled(MORE_CHAPTERS["sources"], "") if not section.place else [],
        )

    def _told_in_windows(self, country: Country) -> Iterator[Markup]:
        """Yield what the handbooks of its windows tell of a country, besides the list of its sources."""
        for window in country.windows:
            handbook = selection.of_window(window, self.language)
            yield self.comparison(handbook).html
            yield from (
                self.section(section).html
                for section in handbook.sections
                if section.place in (country.code, window) and section.key != "sources_here"
            )

    def _composed(self, section: Section, title: str, reviewed: date, template: str, **values: Any) -> Composed:
        market = self.words.market(section.place) if directory.find_country(section.place) else ""
        html = self.template(template).render(
            section=section, market=market, title=title, reviewed=self.words.day(reviewed), tag=self.tag, **values
        )
        return Composed(section.anchor, market, title, Markup(html), reviewed)  # noqa: S704 - our own template

    @property
    def tag(self) -> str:
        """The language as BCP 47 tag."""
        return shelf.LANGUAGES[self.language]

    # What is made for one handbook

    def _own_case(self, case: OwnCase) -> Composed:
        html = self.template("own_case.html").render(case=case, day=self.words.day)
        return Composed("own_case", "", self.words.say(N_("Your case")), Markup(html), date.min)  # noqa: S704

    def comparison(self, handbook: Handbook) -> Composed:
        """Return the page on which the markets of a handbook stand side by side."""
        countries = [directory.get_country(code) for code in handbook.markets]
        wide = len(countries) > selection.MARKETS_MOST
        groups = [] if wide else self._compared(handbook, countries)
        lines = [
            (
                self.words.market(country.code),
                [self._cell(country, directory.compared_fact(country, key)) for key in COMPARED_WIDE],
            )
            for country in countries
            if wide
        ]
        cells = chain(
            (cell for _, rows in groups for _, row in rows for cell in row), (one for _, row in lines for one in row)
        )
        html = self.template("comparison.html").render(
            names=[self.words.market(country.code) for country in countries],
            groups=groups,
            has_gaps=GAP in cells,
            labels=[self.words.say(directory.get_fact_key(key).label) for key in COMPARED_WIDE] if wide else [],
            lines=lines,
            bars=self._opposition_bars(countries) if "mark" in handbook.rights else [],
        )
        title = self.words.say(N_("The markets side by side"))
        return Composed("comparison", "", title, Markup(html), date.min)  # noqa: S704

    def _compared(self, handbook: Handbook, countries: Sequence[Country]) -> list[tuple[str, list[Any]]]:
        groups = []
        for group in directory.all_groups():
            if group.code not in COMPARED:
                continue
            keys = [
                key
                for key in directory.compared_fact_keys()
                if key.group == group.code and key.code not in LEFT_OUT | NOT_COMPARED
            ]
            told = [(key, [_told(country, key.code, handbook.rights) for country in countries]) for key in keys]
            rows = [
                (
                    self.words.say(key.label),
                    [_may_part(self._cell(country, fact)) for country, fact in zip(countries, facts, strict=True)],
                )
                for key, facts in told
                if sum(fact is not None for fact in facts) > 1
            ]
            groups.append((self.words.say(group.label), rows))
        return [(label, rows) for label, rows in groups if rows]

    def _cell(self, country: Country, fact: Fact | None) -> Markup:
        cited = self.sources(country.code)  # numbered on its own pages
        if fact is None:
            return GAP
        proviso = self.words.proviso(fact)
        marked = self.words.marked(fact, cited, are_clauses_apart=True)
        return marked + Markup('<br><span class="basis">{}</span>').format(proviso) if proviso else marked

    def _opposition_bars(self, countries: Sequence[Country]) -> list[Bar]:
        facts = [(country, country.facts.get("tm_opposition_period")) for country in countries]
        days = {
            country.code: fact.value * DAYS_OF[fact.unit]
            for country, fact in facts
            if fact and isinstance(fact.value, int) and fact.unit in DAYS_OF
        }
        longest = max(days.values(), default=1.0)
        return [
            Bar(
                self.words.market(code),
                self._cell(place, place.facts["tm_opposition_period"]),
                100 * length / longest,
            )
            for code, length in sorted(days.items(), key=lambda item: item[1])
            for place in [directory.get_country(code)]
        ]

    def _choices(self, handbook: Handbook) -> list[tuple[str, str]]:
        comma = self.words.say(N_(", "))
        if handbook.kind == "window":
            return [(self.words.say(N_("Markets")), comma.join(map(self.words.market, handbook.markets)))]
        if handbook.kind != "own":
            return []
        known = (
            (N_("Rights"), RIGHTS, handbook.rights),
            (N_("Role"), ROLES, handbook.roles),
            (N_("Stage"), STAGES, handbook.stages),
        )
        told = ((label, [words for code, words in table.items() if code in chosen]) for label, table, chosen in known)
        return [(self.words.say(label), comma.join(map(self.words.say, words))) for label, words in told]

    # Words

    def _show(self, place: str, rights: frozenset[str] = frozenset()) -> prose.Show:
        """Return what shows the references of a text printed for a place, to a reader of some rights (none: of all)."""

        def show(reference: Reference) -> Markup:
            if reference.kind == "rule":
                rule = prose.get_rule(reference)
                cited = self._cited_in(place, rule.jurisdiction).cite(rule.sources[:2])
                period = self.words.period(rule)
                return together(period, cited, is_short=len(period.striptags()) < SHORT)
            fact = prose.find_fact(reference, place)
            if fact is None:
                return Markup('<span class="unsettled">{}</span>').format(self.words.say(NOT_KNOWN))
            told = directory.told_of(fact, rights)
            if told is None and fact.clauses:
                # A list of what holds for others would mislead; a figure within a sentence stays.
                return Markup('<span class="unsettled">{}</span>').format(self.words.say(NOT_OF_THIS_RIGHT))
            # A sentence on filing or another right speaks of it whatever the reader chose.
            told = told or fact
            where = self._cited_in(place, reference.place)
            # Many in a row of a sentence would not be read.
            return self.words.marked(told, where, are_clauses_apart=len(told.clauses) > prose.FEW_CLAUSES)

        return show

    def _cited_in(self, place: str, country: str) -> Sources:
        # A window's handbook has no list of its own: what its text cites stands with the market that it speaks of.
        is_window = bool(place) and directory.find_country(place) is None
        if is_window and directory.find_country(country) is None:
            raise prose.UnknownReference(f"{country}: a law without a market has no list of sources here")
        return self.sources(country) if is_window else self._sources[place]

    # Chapters

    def _titled(self, topics: Iterable[str], market: str, rights: frozenset[str] = frozenset()) -> list[Part]:
        """Return the chapters of several topics, each under the title of its topic."""
        parts = []
        for topic in topics:
            [general] = shelf.chapters_for(self.language, topic, "")
            chapters = shelf.chapters_for(self.language, topic, market)
            for chapter in chapters:
                title = chapter.title if topic == "glossary" else general.title
                if len(chapters) > 1:  # what holds in the whole Union, and what holds in one state
                    title = f"{title} · {chapter.title}"
                parts.append(self._part(chapter, market, rights, title=title))
        return parts

    def _part(self, chapter: Chapter, place: str, rights: frozenset[str] = frozenset(), *, title: str) -> Part:
        return Part(
            title=title,
            topic=chapter.key,
            language=chapter.language.replace("_", "-"),
            is_behind=chapter.is_behind,
            is_overdue=chapter in self.overdue,
            reviewed=self.words.day(chapter.reviewed),
            body=prose.render(prose.for_rights(chapter.text, rights), self._show(place, rights)),
        )

    def _market_notes(self, section: Section) -> Iterator[tuple[str, str]]:
        sides = {"accused_here": {"accused", "both"}, "copied_here": {"claim"}}.get(section.key, set())
        rights = _rights_of(section)
        for situation in situations.all_situations():
            if situation.side not in sides or not situation.is_about(rights):
                continue
            for market in situation.markets:
                if market.country == section.place:
                    yield self.words.say(situation.title), self.words.say(market.text)

    # Facts


def _sections_of(place: str) -> Iterator[Section]:
    plans = chain(selection.OPENING, selection.OF_A_WINDOW, selection.OF_A_MARKET, selection.CLOSING)
    scope = "market" if directory.find_country(place) else "window" if place else "general"
    for plan in plans:
        if plan.scope == scope:
            yield Section(plan.key, place, selection.variant_of(plan.key))


def _has_court(country: Country) -> bool:
    """Whether a time of a court is known under the laws of a country."""
    return any(
        rule.jurisdiction in rulebook.laws_of(country)
        for document in rulebook.all_documents()
        if document.group == "court"
        for rule in rulebook.rules_for(document=document.code)
    )


def _rights_of(section: Section) -> frozenset[str]:
    return frozenset(RIGHTS).intersection(section.variant.split(".") if section.key in selection.BY_RIGHT else ())


def _told(country: Country, key: str, rights: frozenset[str]) -> Fact | None:
    fact = directory.compared_fact(country, key)
    return directory.told_of(fact, rights) if fact else None


def _last_checked() -> date:
    return max(country.checked for country in directory.all_countries())


def _map(codes: Iterable[str]) -> dict[str, Any]:
    own = [directory.get_country(code) for code in codes]
    drawn = mapping.draw(own, [])
    land = "".join(f"M{x} {y}h0" for x, y in drawn.land)
    return {"width": mapping.WIDTH, "height": mapping.HEIGHT, "land": land, "dots": drawn.dots}


def _may_part(cell: Markup) -> Markup:
    """Let the source numbers of a narrow cell go to a line of their own rather than over the next cell."""
    return cell.replace("\N{WORD JOINER}", "\N{ZERO WIDTH SPACE}")


def _letters(handbook: Handbook) -> str:
    if handbook.kind == "window":
        return directory.get_window(handbook.window).letter
    return handbook.markets[0] if len(handbook.markets) == 1 else "IP"


def _contents(sections: Iterable[Composed]) -> list[tuple[str, list[Composed]]]:
    """Return the sections under the names of their markets, in the order of the book."""
    parts: list[tuple[str, list[Composed]]] = []
    for section in sections:
        if not parts or parts[-1][0] != section.market:
            parts.append((section.market, []))
        parts[-1][1].append(section)
    return parts
