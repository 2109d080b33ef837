"""Whether the handbooks may be handed out: chapters translated, fresh and without typed figures, nothing broken."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from markupsafe import Markup

from handbooks import composition, selection, shelf
from handbooks.composition import Writer
from handbooks.selection import Handbook
from handbooks.shelf import LANGUAGES, Catalogue, Chapter
from windows import directory, prose
from windows.checking import FIGURE

MARKS = re.compile(r"\*+|\{\{|\}\}|\]\{|\]\(|(?<=>)#+|(?<=[\s>])#{1,6} |\[[ xX]\]|(?<=>)\{\.")
"""What the press would print if a mark of Markdown were not understood."""
PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)?")
"""A picture in Markdown: the press fetches nothing."""
KINDS = {
    "headings": re.compile(r"#"),
    "points": re.compile(r"\s*(?:[-*:]|\d+\.) "),
    "rows of tables": re.compile(r"\|"),
}
"""What a line of Markdown is, besides a line of a paragraph."""
_TAG = re.compile(r"<[^>]+>")


def examine(today: date, catalogues: dict[str, Catalogue]) -> Iterator[str]:
    """Yield what is wrong, one line each; `catalogues` speak the languages (by locale).

    Where chapters cannot be read, these alone are named: nothing is printed before they can.
    """
    broken = dict.fromkeys(told for language in LANGUAGES for told in shelf.broken(language))
    if broken:
        yield from broken
        return
    for language in LANGUAGES:
        for path in shelf.orphans(language):
            yield f"chapter {path.stem}, {language}: there is no English chapter of this name, so no handbook prints it"
        for chapter in shelf.all_chapters(language):
            for fault in (*chapter_faults(chapter, language, today), *step_faults(chapter)):
                yield f"chapter {name_of(chapter)}, {language}: {fault}"
    for handbook in selection.all_handbooks():
        writer = composition.writer(handbook.language, catalogues[handbook.language], today=today)
        for fault in handbook_faults(handbook, writer):
            yield f"handbook {handbook.code}: {fault}"


def summary() -> str:
    """Return what was found in order."""
    chapters = sum(len(shelf.all_chapters(language)) for language in LANGUAGES)
    handbooks = selection.all_handbooks()
    return f"{len(LANGUAGES)} languages, {chapters} chapters, {len(handbooks)} handbooks of the series: in order."


def name_of(chapter: Chapter) -> str:
    """Return how a chapter's file is called, without its ending."""
    return ".".join([chapter.key, *(market.lower() for market in chapter.markets)])


def chapter_faults(chapter: Chapter, language: str, today: date) -> Iterator[str]:
    """Yield what is wrong with a chapter in a language (locale)."""
    if chapter.language != language:
        yield "not translated"
        return
    if chapter.is_behind:
        yield "behind the English text"
    if chapter.reviewed > today:
        yield f"reviewed on {chapter.reviewed}, which is still to come"
    elif today - chapter.reviewed > timedelta(days=shelf.REVIEW_DAYS):
        yield f"reviewed on {chapter.reviewed}, more than a year ago"
    for market in chapter.markets:
        if directory.find_country(market) is None:
            yield f"{market}: no such market, so no handbook prints this chapter"
    named = shelf.roles_named(chapter.text)
    if named and chapter.key not in selection.BY_ROLE:
        yield f"parts for roles, which this chapter does not have: {', '.join(sorted(named))}"
    for role in sorted(named.difference(selection.ROLES)):
        yield f"a part for a role that there is not: {role}"
    for line, block in _blocks(chapter):
        yield from (f"line {line}: {fault}" for fault in _block_faults(block, chapter.markets))


def step_faults(chapter: Chapter) -> Iterator[str]:
    """Yield where a translation has more or fewer headings, paragraphs, points or rows than the English text."""
    [original] = [
        one
        for one in shelf.all_chapters(shelf.SOURCE_LANGUAGE)
        if (one.key, one.markets) == (chapter.key, chapter.markets)
    ]
    there, here = Counter(_kinds(original.text)), Counter(_kinds(chapter.text))
    for kind in sorted(there | here):
        if there[kind] != here[kind]:
            yield f"not in step with the English text: {kind}, {there[kind]} there and {here[kind]} here"
    if shelf.roles_named(original.text) != shelf.roles_named(chapter.text):
        yield "not in step with the English text: the roles that parts are for"
    if Counter(prose.rights_of_lines(original.text)) != Counter(prose.rights_of_lines(chapter.text)):
        yield "not in step with the English text: the rights that lines are about"


def _kinds(text: str) -> Iterator[str]:
    for block in re.split(r"\n{2,}", text.strip()):
        lines = [next((kind for kind, mark in KINDS.items() if mark.match(line)), "") for line in block.splitlines()]
        yield from filter(None, lines)
        if not lines[0]:
            yield "paragraphs"


def _blocks(chapter: Chapter) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs, lists and tables of a chapter, each with the line of the file on which it begins."""
    line = chapter.first_line
    for block in re.split(r"(\n{2,})", chapter.text):
        if block.strip():
            yield line, block
        line += block.count("\n")


def _block_faults(block: str, markets: tuple[str, ...]) -> Iterator[str]:
    for market in markets or ("",):
        for reference in prose.references(block):
            yield from _reference_faults(reference, market)
    for typed in FIGURE.finditer(re.sub(r"\{\{.*?\}\}", "", block)):
        yield f"a figure typed into the prose: {typed.group()}"
    for right in sorted(prose.rights_named(block) - set(selection.RIGHTS)):
        yield f"a line of an unknown right: {right}"
    for picture in PICTURE.findall(block):
        yield f"a picture, which the press does not fetch: {picture}"
    printed = prose.render(block, lambda reference: Markup("<i></i>"))
    for mark in sorted(set(MARKS.findall(_TAG.sub(" ", printed)))):
        yield f"a mark of Markdown is left over: {mark.strip()}"
    if "{.of-" in printed:
        yield "the rights of a line are named at its end alone"


def _reference_faults(reference: prose.Reference, market: str) -> Iterator[str]:
    if reference.kind == "fact" and reference.place == prose.HERE_WORD and not market:
        yield f"{reference}: a chapter for all markets speaks of no one of them"
        return
    try:
        known = prose.find_fact(reference, market) if reference.kind == "fact" else prose.get_rule(reference)
    except prose.UnknownReference:
        known = None
    if known is None:
        yield f"{reference}: not found"


def handbook_faults(handbook: Handbook, writer: Writer) -> Iterator[str]:
    """Yield what is wrong with a composed handbook: links that lead nowhere, names given twice, marks left over."""
    try:
        html = composition.compose(handbook, writer)
    except prose.UnknownReference as unknown:
        yield f"{unknown}: not found"
        return
    places = re.findall(r'\bid="([^"]+)"', html)
    for place in sorted({place for place in places if places.count(place) > 1}):
        yield f"two places are called {place}"
    for link in sorted(set(re.findall(r'href="#([^"]+)"', html)) - set(places)):
        yield f"a link to {link} leads nowhere"
    for mark in sorted(set(MARKS.findall(_TAG.sub(" ", html.partition("<body>")[2])))):
        yield f"a mark of Markdown is left over: {mark.strip()}"
