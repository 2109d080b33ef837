"""What is chosen for a handbook: its markets, rights, roles and stage, and the sections it therefore holds.

The printed series is chosen too: a country's handbook holds all that is known of one market, a window's handbook
says of each of its markets what comes first.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain, product
from types import MappingProxyType
from typing import Literal

from babel import Locale

from hall.words import N_, Refused
from handbooks.shelf import LANGUAGES, UnknownLanguage
from windows import directory, situations
from windows.directory import Window

MARKETS_MOST = 5
ROLES = MappingProxyType(
    {
        "we_are_accused": N_("We are accused"),
        "we_claim": N_("We are copied"),
        "we_are_preparing": N_("We are preparing"),
    }
)
"""What brings the reader, as the intake asks it (msgids)."""
RIGHTS = MappingProxyType(
    {
        "patent": N_("Patent"),
        "utility_model": N_("Utility model"),
        "design": N_("Design"),
        "mark": N_("Trademark"),
        "copyright": N_("Copyright"),
        "trade_secret": N_("Trade secret"),
    }
)
STAGES = MappingProxyType(
    {
        "planning": N_("Not yet in the market"),
        "selling": N_("Selling or showing there"),
        "dispute": N_("In a dispute"),
    }
)
FORMS = MappingProxyType({"a4": N_("A4"), "booklet": N_("A5 booklet"), "large": N_("Large print")})
"""How a handbook is printed (msgids)."""

NAMESAKES = MappingProxyType({"us": "US", "eu": "EU", "japan": "JP", "korea": "KR"})
"""The country or union that a window is named after."""

Kind = Literal["country", "window", "own"]
OTHER_NAMES = MappingProxyType({"trademark": "mark", "trade_mark": "mark", "invention": "patent"})
"""What else people call a right."""
KINDS = frozenset(("country", "window", "own"))
Scope = Literal["general", "market", "window"]


class NotPrinted(Refused):
    """A handbook that nobody can have, and why."""

    message = N_("The hall has no such handbook: %(code)s")


class NoMarket(NotPrinted):
    """No market was chosen."""

    message = N_("Choose at least one market.")


class TooManyMarkets(NotPrinted):
    """More markets were chosen than a handbook holds."""

    message = N_("Choose no more than %(most)s markets.")


class UnknownMarket(NotPrinted):
    """A market that the hall has no handbook of."""

    message = N_("The hall has no handbook for this market: %(market)s")


class NotInThisLanguage(NotPrinted):
    """A language in which no handbook is printed."""

    message = N_("No handbook is printed in this language: %(language)s")


class UnknownChoice(NotPrinted):
    """A right, role, stage or form that there is not."""

    message = N_("%(given)s is not known; known are %(known)s")


@dataclass(frozen=True, slots=True)
class Plan:
    """When a section is in a handbook: for which roles, stages and rights (empty: for all), in which kinds."""

    key: str
    scope: Scope
    roles: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    rights: frozenset[str] = frozenset()
    kinds: frozenset[str] = KINDS


def _plan(key: str, scope: Scope, *, roles: str = "", stages: str = "", rights: str = "", kinds: str = "") -> Plan:
    known: dict[str, Collection[str]] = {"roles": ROLES, "stages": STAGES, "rights": RIGHTS}
    given = {"roles": roles.split(), "stages": stages.split(), "rights": rights.split()}
    for name, codes in given.items():
        unknown = set(codes) - set(known[name])
        if unknown:
            raise ValueError(f"{key}: unknown {name} {unknown}")
    chosen = {name: frozenset(codes) for name, codes in given.items()}
    return Plan(key, scope, **chosen, kinds=frozenset(kinds.split() or KINDS))


OWNERS = "we_claim we_are_preparing"
DISPUTED = "we_are_accused we_claim"
INVENTIONS, SECRETS = "patent utility_model", "copyright trade_secret"
FILED = f"{INVENTIONS} design mark"
BY_RIGHT = frozenset(
    {
        "before",
        "filing",
        "upkeep",
        "platforms",
        "copied",
        "courts",
        "checklists",
        "brief",
        "filing_here",
        "rights_here",
        "border_here",
        "accused_here",
        "copied_here",
        "courts_here",
        "accused_ways",
        "copied_ways",
        "either_ways",
    },
)
"""The sections whose papers, facts, ways and sentences are those of the rights chosen."""
BY_MARKET = frozenset({"accused_ways", "copied_ways", "either_ways"})
"""The sections with situations that arise in some markets alone."""
BY_ROLE = frozenset({"how_to_use"})
"""The sections that speak to the roles chosen."""
OPENING = (
    _plan("how_to_use", "general"),
    _plan("before", "general", roles=OWNERS, stages="planning selling"),
    _plan("filing", "general", roles=OWNERS, stages="planning selling", rights=FILED),
    _plan("inventions", "general", roles=OWNERS, stages="planning selling", rights=INVENTIONS),
    _plan("designs", "general", roles=OWNERS, stages="planning selling", rights="design"),
    _plan("marks", "general", roles=OWNERS, stages="planning selling", rights="mark"),
    _plan("secrets", "general", stages="planning selling", rights=SECRETS),
    _plan("upkeep", "general", roles=OWNERS),
    _plan("customs", "general", stages="selling dispute"),
    _plan("fairs", "general"),
    _plan("platforms", "general", stages="selling dispute"),
    _plan("accused", "general", roles="we_are_accused"),
    _plan("accused_ways", "general", roles="we_are_accused"),
    _plan("copied", "general", roles="we_claim"),
    _plan("copied_ways", "general", roles="we_claim"),
    _plan("either_ways", "general", roles=DISPUTED),
    _plan("courts", "general", roles=DISPUTED),
)
OF_A_WINDOW = (_plan("region", "window", kinds="window"),)
OF_A_MARKET = (
    _plan("brief", "market"),
    _plan("filing_here", "market", roles=OWNERS, kinds="country own"),
    _plan("rights_here", "market", kinds="country own"),
    _plan("border_here", "market", kinds="country own"),
    _plan("accused_here", "market", roles="we_are_accused", kinds="country own"),
    _plan("copied_here", "market", roles="we_claim", kinds="country own"),
    _plan("courts_here", "market", roles=DISPUTED, kinds="country own"),
    _plan("times_here", "market", kinds="window"),
    _plan("sources_here", "market"),
)
CLOSING = (
    _plan("checklists", "general"),
    _plan("contacts", "general"),
    _plan("money", "general"),
    _plan("glossary", "general"),
    _plan("sources", "general"),
)


IN_A_WINDOW = "window"
"""The variant of a market's sources in the handbook of a window, which tells less of the market."""


def variant_of(key: str, rights: Collection[str] = RIGHTS, roles: Collection[str] = ROLES) -> str:
    """The variant of a section (key) in a handbook for these rights and roles; '' where it has none."""
    if key in BY_RIGHT:
        return ".".join(right for right in RIGHTS if right in rights)
    return ".".join(role for role in ROLES if role in roles) if key in BY_ROLE else ""


@dataclass(frozen=True, slots=True, order=True)
class Section:
    """A section of a handbook: its key, the country or window it is about (empty: all), and its variant.

    The variant is the rights it tells of, with the markets that situations arise in alone, or the roles it speaks to
    (joined with dots), or IN_A_WINDOW.
    """

    key: str
    place: str = ""
    variant: str = ""

    @property
    def anchor(self) -> str:
        """Its name inside a book, to which links lead."""
        return f"{self.key}-{self.place}" if self.place else self.key


@dataclass(frozen=True)
class Handbook:
    """A handbook that can be printed: markets (ISO codes), rights, roles and stages (codes), language and form.

    `window` is the window that looks after it.
    """

    kind: Kind
    markets: tuple[str, ...]
    window: str
    language: str
    rights: frozenset[str] = frozenset(RIGHTS)
    roles: frozenset[str] = frozenset(ROLES)
    stages: frozenset[str] = frozenset(STAGES)
    form: str = "a4"

    @property
    def tag(self) -> str:
        """The language as BCP 47 tag."""
        return LANGUAGES[self.language]

    @cached_property
    def code(self) -> str:
        """What the handbook is called in the hall, e.g. `US-zh-Hans`, `window-eu-en`, `DE.US-mark-accused-en`."""
        chosen = "-".join([self.place_code, *self._choices()])
        return f"{chosen}-{self.tag}" + ("" if self.form == "a4" else f"-{self.form}")

    @property
    def place_code(self) -> str:
        """The window (`window-eu`) or the markets (`DE.US`) that it is for."""
        return f"window-{self.window.replace('_', '-')}" if self.kind == "window" else ".".join(self.markets)

    @property
    def short_code(self) -> str:
        """The markets and the language alone, as they stand at the foot of each page."""
        return f"{self.place_code}-{self.tag}"

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """The sections it holds, in order."""
        of_markets = product(self.markets, OF_A_MARKET)
        return tuple(
            chain(
                (Section(plan.key, "", self._variant(plan)) for plan in OPENING if self._holds(plan)),
                (Section(plan.key, self.window) for plan in OF_A_WINDOW if self._holds(plan)),
                (Section(plan.key, code, self._variant(plan)) for code, plan in of_markets if self._holds(plan)),
                (Section(plan.key, "", self._variant(plan)) for plan in CLOSING),
            )
        )

    @property
    def has_comparison(self) -> bool:
        """Whether its markets stand side by side on a page of their own."""
        return len(self.markets) > 1

    def _holds(self, plan: Plan) -> bool:
        wanted = ((plan.roles, self.roles), (plan.stages, self.stages), (plan.rights, self.rights))
        return self.kind in plan.kinds and all(not needed or needed & chosen for needed, chosen in wanted)

    def _variant(self, plan: Plan) -> str:
        if plan.key == "sources_here":
            return IN_A_WINDOW if self.kind == "window" else ""
        variant = variant_of(plan.key, self.rights, self.roles)
        return ".".join([variant, *self._bound]) if plan.key in BY_MARKET else variant

    @property
    def _bound(self) -> list[str]:
        """The markets among its own in which situations arise that arise nowhere else."""
        bound = {code for one in situations.all_situations() for code in one.only_in}
        return sorted(bound.intersection(self.markets))

    @property
    def choice(self) -> dict[str, list[str] | str]:
        """What was chosen, by the names of the choice's page; what is all of it is left out, and so is a window."""
        choice: dict[str, list[str] | str] = {"form": self.form}
        if self.kind != "window":
            choice["countries"] = list(self.markets)
        for name, known, chosen in (
            ("rights", RIGHTS, self.rights),
            ("roles", ROLES, self.roles),
            ("stages", STAGES, self.stages),
        ):
            if len(chosen) < len(known):
                choice[name] = [code for code in known if code in chosen]
        return choice

    def _choices(self) -> Iterator[str]:
        for known, chosen in ((RIGHTS, self.rights), (ROLES, self.roles), (STAGES, self.stages)):
            if len(chosen) < len(known):
                yield ".".join(_short(code) for code in known if code in chosen)


def all_handbooks(form: str = "a4") -> tuple[Handbook, ...]:
    """The printed series: every country and every window in every language."""
    countries = ((country.code, "") for country in directory.all_countries())
    windows = (("", window.code) for window in directory.all_windows())
    return tuple(
        of_country(country, language, form=form) if country else of_window(window, language, form=form)
        for language, (country, window) in product(LANGUAGES, chain(countries, windows))
    )


@cache
def of_country(country: str, language: str, *, form: str = "a4") -> Handbook:
    """The handbook of a country (ISO code) in a language (locale). Raises UnknownCountry, UnknownLanguage."""
    _check_language(language)
    place = directory.get_country(country)
    return Handbook("country", (place.code,), place.windows[0], language, form=form)


def markets_of(window: Window) -> tuple[str, ...]:
    """The countries of a window (ISO codes): the one that it is named after, then the others by their English names."""
    names = Locale("en").territories
    return tuple(sorted(window.countries, key=lambda code: (code != NAMESAKES.get(window.code), names[code])))


@cache
def of_window(window: str, language: str, *, form: str = "a4") -> Handbook:
    """The handbook of a window (its code) in a language (locale). Raises UnknownWindow, UnknownLanguage."""
    _check_language(language)
    found = directory.get_window(window)
    return Handbook("window", markets_of(found), found.code, language, form=form)


def own(
    markets: Collection[str],
    language: str,
    *,
    rights: Collection[str] = (),
    roles: Collection[str] = (),
    stages: Collection[str] = (),
    form: str = "a4",
) -> Handbook:
    """One's own handbook; rights, roles and stages that are not chosen are all of them.

    One market with nothing chosen is the handbook of the country.

    Raises NotPrinted with a sentence for the reader: no market, too many, an unknown one, an unknown choice.
    """
    if language not in LANGUAGES:
        raise NotInThisLanguage(language=language)
    codes = tuple(dict.fromkeys(code.strip().upper() for code in markets if code.strip()))
    if not codes:
        raise NoMarket
    if len(codes) > MARKETS_MOST:
        raise TooManyMarkets(most=MARKETS_MOST)
    for code in codes:
        if directory.find_country(code) is None:
            raise UnknownMarket(market=code[:20])
    if len(codes) == 1 and not (rights or roles or stages):
        return of_country(codes[0], language, form=_one(FORMS, form))
    return Handbook(
        "own",
        codes,
        directory.get_country(codes[0]).windows[0],
        language,
        _chosen(RIGHTS, rights),
        _chosen(ROLES, roles),
        _chosen(STAGES, stages),
        _one(FORMS, form),
    )


def from_code(code: str) -> Handbook:
    """Return the handbook of a code as `Handbook.code` writes it, in small letters or large.

    Raises NotPrinted with a sentence for the reader.
    """
    rest, form = _without_form(code.strip().lower())
    rest, language = _without_language(rest, code)
    what, *choices = rest.split("-")
    if what == "window":
        window = "_".join(choices)
        if window not in {one.code for one in directory.all_windows()}:
            raise NotPrinted(code=code.strip()[:80])
        return of_window(window, language, form=form)
    given: dict[str, list[str]] = {"rights": [], "roles": [], "stages": []}
    for choice in filter(None, chain.from_iterable(one.split(".") for one in choices)):
        kind = next((kind for kind, known in _SHORT.items() if choice in known), None)
        if kind is None:
            raise NotPrinted(code=code.strip()[:80])
        given[kind].append(_SHORT[kind][choice])
    return own(what.split("."), language, form=form, **given)


def _without_form(code: str) -> tuple[str, str]:
    form = next((form for form in FORMS if code.endswith(f"-{form}")), "")
    return code.removesuffix(f"-{form}"), form or "a4"


def _without_language(code: str, given: str) -> tuple[str, str]:
    for language, tag in LANGUAGES.items():
        if code.endswith(f"-{tag.lower()}"):
            return code.removesuffix(f"-{tag.lower()}"), language
    before, _, last = code.rpartition("-")
    is_named = any(f"-{tag.lower()}-" in code for tag in LANGUAGES.values())  # what follows is no form
    if not before or is_named or any(last in known for known in _SHORT.values()):
        raise NotPrinted(code=given.strip()[:80])
    raise NotInThisLanguage(language=last[:20])


def _short(code: str) -> str:
    return code.removeprefix("we_are_").removeprefix("we_")


_SHORT = {
    kind: {_short(code): code for code in known}
    for kind, known in (("rights", RIGHTS), ("roles", ROLES), ("stages", STAGES))
}
"""The choices by the words that stand for them in a code."""


def _chosen(known: Collection[str], given: Collection[str]) -> frozenset[str]:
    codes = [_one(known, code) for code in given]
    return frozenset(codes or known)


def _one(known: Collection[str], given: str) -> str:
    """Return a choice by its code, by the short word that stands for it in codes of handbooks, or by another name."""
    word = re.sub(r"[\s-]+", "_", given.strip().lower())
    word = OTHER_NAMES.get(word, word)
    code = next((code for code in known if word in (code, _short(code))), None)
    if code is None:
        raise UnknownChoice(given=given.strip()[:40], known=", ".join(known))
    return code


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise UnknownLanguage(language)
