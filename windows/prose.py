"""Prose about countries: Markdown whose figures are references to facts and rules, made into safe HTML.

A figure is never typed into a text. `{{fact:US.tm_opposition_period}}` stands for a fact of a country,
`{{fact:here.tm_term_years}}` for a fact of the country the text is printed for, `{{rule:US-ANS-21}}` for the
period of a deadline rule. Who renders the text says how a reference is shown.
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup, escape
from mdit_py_plugins.attrs import attrs_block_plugin, attrs_plugin
from mdit_py_plugins.deflist import deflist_plugin

from hall.words import N_
from windows import directory, rulebook
from windows.directory import Country, Fact
from windows.rulebook import DocumentType, Period, Rule

HERE = Path(__file__).parent
HERE_WORD = "here"
"""In a reference: the country the text is printed for."""
_BETWEEN = Markup("\N{NO-BREAK SPACE}· ")
_SHORT_PIECE = 24
_REFERENCE = re.compile(r"\{\{(fact|rule):(?:([A-Za-z]{2,4})\.)?([A-Za-z0-9_-]+)\}\}")
_DATE = re.compile(r"(?<![\d-])\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])")
_NEEDLESS_SPACE = re.compile(r"(?<=[。：；！？])(</(?:strong|em)>|)(?: |\n)")
"""Markdown needs a space after emphasis that ends in a full-width mark, and a paragraph has one where it goes on in the
next line; readers need none: the mark is wide enough."""
_OF_RIGHTS = re.compile(r" *\{(?P<names>\.of-\w+(?: \.of-\w+)*)\} *$", re.MULTILINE)
"""At the end of a line: the rights that it is about."""
_HEADING = re.compile(r"^(#+) ")
_TABLE_RULE = re.compile(r"^\|[-: |]+\|$")
FEW_CLAUSES = 2
"""So many clauses of a fact stand within a sentence; more stand apart, each on a line of its own."""
_ALLOWED_ATTRIBUTES = ("lang", "class")


class UnknownReference(LookupError):
    """A text refers to a fact or a rule that the windows do not know."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands in a text instead of a figure; `place` is a country code, `here`, or empty for a rule."""

    kind: Literal["fact", "rule"]
    place: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.place}.{self.key}" if self.place else f"{self.kind}:{self.key}"


Show = Callable[[Reference], str]
"""Makes HTML of a reference: a plain string is escaped, Markup is not."""
Words = Callable[[Fact | Rule], str]
"""Puts the value of a fact, or the period of a rule, into the reader's words."""


def references(text: str) -> Iterator[Reference]:
    """Yield every reference of a Markdown text in order."""
    for match in _REFERENCE.finditer(text):
        yield _reference(match)


def find_fact(reference: Reference, here: str) -> Fact | None:
    """The fact a reference means, for a text printed for the country `here`; None where that country has none.

    Raises UnknownReference for a country or a key the windows do not know at all, and for a fact that is
    missing although the text names its country.
    """
    code = here if reference.place == HERE_WORD else reference.place
    country = directory.find_country(code)
    if country is None or reference.key not in {key.code for key in directory.all_fact_keys()}:
        raise UnknownReference(str(reference))
    fact = country.facts.get(reference.key)
    if fact is None and reference.place != HERE_WORD:
        raise UnknownReference(str(reference))
    return fact


def get_rule(reference: Reference) -> Rule:
    """The deadline rule a reference means. Raises UnknownReference."""
    try:
        return rulebook.get_rule(reference.key)
    except rulebook.UnknownRule:
        raise UnknownReference(str(reference)) from None


def for_rights(text: str, rights: Collection[str]) -> str:
    """Return a Markdown text without the lines about other rights than these (none named: all of it).

    A line (of a paragraph, an item of a list, a row of a table) that ends in `{.of-mark}` or
    `{.of-patent .of-design}` is about these rights; a heading that does is so with its whole part. What heads
    nothing any longer is left out.
    """
    told: list[str] = []
    hidden = 0
    for line in text.splitlines():
        level = _level(line)
        if level and level <= hidden:
            hidden = 0
        marker = _OF_RIGHTS.search(line)
        is_told = marker is None or not rights or not rights_named(line).isdisjoint(rights)
        if not is_told and level and not hidden:
            hidden = level
        if is_told and not hidden:
            told.append(line[: marker.start()] if marker else line)
    return "\n".join(_without_bare_heads(told) if rights else told)


def rights_named(text: str) -> frozenset[str]:
    """The rights that lines of a Markdown text are about."""
    return frozenset().union(*rights_of_lines(text))


def rights_of_lines(text: str) -> Iterator[frozenset[str]]:
    """Yield the rights that lines of a Markdown text are about, of each line that names some."""
    for marker in _OF_RIGHTS.finditer(text):
        yield frozenset(name.removeprefix(".of-") for name in marker["names"].split())


def _level(line: str) -> int:
    heading = _HEADING.match(line)
    return len(heading[1]) if heading else 0


def _without_bare_heads(lines: list[str]) -> list[str]:
    """Return the lines of a text without headings of empty parts and heads of tables without a row."""
    told: list[str] = []  # from the end, so that a part is known before its heading
    heads_nothing = False
    for line in reversed(lines):
        if heads_nothing:
            heads_nothing = False
        elif _TABLE_RULE.match(line) and not (told and told[-1].startswith("|")):
            heads_nothing = True
        elif not (_level(line) and _is_part_empty(told, _level(line))):
            told.append(line)
    return told[::-1]


def _is_part_empty(told: list[str], level: int) -> bool:
    """Whether nothing stands under a heading of this level; `told` begins at the end of the text."""
    after = next((line for line in reversed(told) if line.strip()), "")
    return not after or 0 < _level(after) <= level


def render(text: str, show: Show) -> Markup:
    """Make safe HTML of a Markdown text; raw HTML in it is escaped, attributes other than lang and class are dropped.

    The rights that its lines are about are not printed (see `for_rights`). Raises what `show` raises.
    """
    # The parser turns the Markdown into markup and escapes every text that stood in it.
    html = _markdown().render(for_rights(text, ()), {"show": show})
    return Markup(_NEEDLESS_SPACE.sub(r"\1", html))  # noqa: S704


def printed_words(document: DocumentType, country: Country | None = None, *, without: Collection[str] = ()) -> Markup:
    """The words printed on a paper, each piece told its language for voices, fonts and hyphens (WCAG 2.2, 3.1.2).

    Where the country is known that it comes from, only the words that are printed there, but for those of the laws
    (jurisdictions) `without`.
    """
    words = rulebook.words_printed_in(country, document, without=without) if country else document.recognise
    pieces = (Markup('<span lang="{}">{}</span>').format(tag, _untorn(text)) for tag, text in words.items())
    return _BETWEEN.join(pieces)


def _untorn(text: str) -> Markup:
    """Let no short piece of the words printed on a paper be torn by the end of a line: they are compared with it."""
    pieces = (
        Markup('<span class="together">{}</span>').format(piece) if len(piece) < _SHORT_PIECE else escape(piece)
        for piece in text.split(" · ")
    )
    return _BETWEEN.join(pieces)


def with_dates(text: str, day: Callable[[date], str]) -> str:
    """Return a text in which dates stand as 2025-10-01 with each put into words by `day`."""
    return _DATE.sub(lambda match: day(date.fromisoformat(match.group())), text)


def length_words(period: Period, amount: Callable[[int, str], str], say: Callable[[str], str]) -> str:
    """Return how long a period is, or that the paper tells it; `amount` words a number of a unit, `say` a msgid."""
    if period.before_hearing:
        before = {"length": amount(period.before_hearing, period.unit)}
        return say(N_("%(length)s before the hearing printed in the paper")) % before
    if not period.n:
        return say(N_("the date printed in the paper"))
    length = amount(period.n, period.unit)
    if period.n_max:
        most = amount(period.n_max, period.unit)
        length = say(N_("%(least)s to %(most)s")) % {"least": period.n, "most": most}
    for other in period.longer_of:
        both = {"one": length, "other": amount(other.n, other.unit)}
        length = say(N_("%(one)s or %(other)s, whichever is longer")) % both
    return length


def guide(window: str, locale: str, words: Words) -> Markup:
    """The short guide of a window (its code, e.g. `us`) in a locale, as HTML; empty where none is written.

    Raises UnknownReference.
    """
    return _guide(_path(window, "", locale), "", words)


def country_guide(window: str, country: str, locale: str, words: Words) -> Markup:
    """The short guide of a country (ISO code) in a locale, as HTML; empty where none is written.

    Raises UnknownReference.
    """
    return _guide(_path(window, country, locale), country, words)


def guide_text(window: str, country: str, locale: str) -> str:
    """The Markdown of a guide: of a window, or of a country (ISO code) of it; '' where none is written."""
    return _read(_path(window, country, locale))


def guide_sections(window: str, country: str, locale: str, words: Words) -> Iterator[tuple[str, str]]:
    """Yield heading and plain text of each section of a guide: of a window, or of a country (ISO code) of it."""
    path = _path(window, country, locale)
    for section in for_rights(_read(path), ()).split("## ")[1:]:
        heading, _, text = section.partition("\n")
        yield heading.strip(), " ".join(_rendered(text, path, country, words).striptags().split())


def _path(window: str, country: str, locale: str) -> Path:
    return HERE / window / "guide" / (f"{country.lower()}.{locale}.md" if country else f"{locale}.md")


def _guide(path: Path, here: str, words: Words) -> Markup:
    text = _read(path)
    return _rendered(text, path, here, words) if text else Markup("")


def _rendered(text: str, path: Path, here: str, words: Words) -> Markup:
    def show(reference: Reference) -> str:
        known = find_fact(reference, here) if reference.kind == "fact" else get_rule(reference)
        if known is None:
            raise UnknownReference(f"{path.name}: {reference}")
        return Markup('<span class="fact">{}</span>').format(words(known))

    return render(text, show)


@cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


@cache
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(attrs_plugin, spans=True, allowed=_ALLOWED_ATTRIBUTES)
    parser.use(attrs_block_plugin, allowed=_ALLOWED_ATTRIBUTES)
    parser.use(deflist_plugin)
    parser.inline.ruler.before("emphasis", "strong_beside_any_script", _strong)
    parser.inline.ruler.before("escape", "reference", _take_reference)
    parser.add_render_rule("reference", _show_reference)
    return parser


def _take_reference(state: StateInline, silent: bool) -> bool:
    match = _REFERENCE.match(state.src, state.pos)
    if match is None:
        return False
    if not silent:
        token = state.push("reference", "", 0)
        token.meta = {"reference": _reference(match)}
    state.pos = match.end()
    return True


def _strong(state: StateInline, silent: bool) -> bool:
    # Beside CJK punctuation CommonMark takes ** for no emphasis (commonmark-spec#650), so we pair them ourselves.
    start = state.pos
    if not state.src.startswith("**", start):
        return False
    end = state.src.find("**", start + 2)
    inner = state.src[start + 2 : end]
    if end < 0 or end > state.posMax or not inner or inner != inner.strip():
        return False
    if not silent:
        last = state.posMax
        state.push("strong_open", "strong", 1)
        state.pos, state.posMax = start + 2, end
        state.md.inline.tokenize(state)
        state.posMax = last
        state.push("strong_close", "strong", -1)
    state.pos = end + 2
    return True


def _show_reference(
    _renderer: RendererHTML, tokens: list[Token], index: int, _options: OptionsDict, env: EnvType
) -> str:
    return str(escape(env["show"](tokens[index].meta["reference"])))


def _reference(match: re.Match[str]) -> Reference:
    kind, place, key = match.groups()
    return Reference(cast(Literal["fact", "rule"], kind), place or "", key)
