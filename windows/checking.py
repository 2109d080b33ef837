"""Whether what the windows know may be relied on: files valid, sources well-formed, reviewed in time, translated."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from hall import catalogues
from windows import calendars, directory, ledger, prose, rulebook

REVIEW = timedelta(days=365)  # a fact that nobody has looked at for a year is looked at again
_UNITS = "one|two|three|four|five|six|seven|eight|nine"
_TEENS = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_BELOW_HUNDRED = rf"(?:{_TEENS}|(?:{_TENS})(?:[ -](?:{_UNITS}))?|{_UNITS})"
_NUMBER = rf"(?:(?:(?:{_UNITS}|a) )?hundred(?:(?: and)?[ -]{_BELOW_HUNDRED})?|{_BELOW_HUNDRED})"
FIGURE = re.compile(
    r"\d+\s*(?:(?:working |business )?(?:day|week|month|year)|%|[€$£]|[个個]?(?:工作)?[日天周月年]"
    r"|(?:euro|dollar|pound|yuan)s?\b|[欧美]?元|英镑)"
    r"|百分之[一二三四五六七八九十百零〇点\d]+|[一二三四五六七八九十百千万]+(?:[欧美]元|元|英镑)"
    r"|半[个個]?[月年]|\bhalf a (?:month|year)|\bfortnight"
    rf"|\b{_NUMBER}[ -](?:working |business |calendar |court )?(?:day|week|month|year)s?\b"
    # Not 一天 (a day), and not 第三天 (the third day): they are no lengths.
    r"|(?<!第)一?[二两三四五六七八九十百千][一二三四五六七八九十百千零〇]*[个個]?(?:工作|自然)?(?:日(?!期)|[天周月年]|星期)",
    re.IGNORECASE,
)
"""A figure that belongs in a fact or a rule, not in prose, in digits or in words."""


def examine(today: date) -> Iterator[str]:
    """Yield what is wrong, one line each. Files that cannot be read raise InvalidKnowledge with file and line."""
    yield from _facts(today)
    yield from _rules()
    yield from _guides()
    for name, _told in ledger.unrecorded(ledger.read(), ledger.told_now()):
        yield f"{name}: changed and not in the ledger: run `flask windows record`"
    for locale in catalogues.all_locales():
        for fault in catalogues.faults_of(catalogues.read(locale), locale):
            yield f"translations: {fault}"


def summary() -> str:
    """Return what was found in order."""
    facts = [fact for country in directory.all_countries() for fact in country.facts.values()]
    general = sum(fact.confidence == "general" for fact in facts)
    return (
        f"{len(directory.all_countries())} countries, {len(facts)} facts ({general} to be confirmed), "
        f"{len(rulebook.all_rules())} rules, {len(rulebook.all_documents())} papers, "
        f"{len(calendars.all_calendars())} calendars: in order."
    )


def _facts(today: date) -> Iterator[str]:
    for country in directory.all_countries():
        for fact in country.facts.values():
            place = f"{country.code}.{fact.key}"
            if fact.checked > today:
                yield f"{place}: checked on {fact.checked}, which is still to come"
            elif today - fact.checked > REVIEW:
                yield f"{place}: checked on {fact.checked}, more than a year ago"
            if fact.confidence == "sourced" and not fact.sources:
                yield f"{place}: said to be sourced, without a source"


def _rules() -> Iterator[str]:
    flags = {key.code for key in directory.all_fact_keys() if key.kind == "flag"}
    for rule in rulebook.all_rules():
        if rule.show_date and not rule.sources:
            yield f"{rule.id}: shows a date without a source"
        if rule.effective_from and rule.effective_to and rule.effective_from > rule.effective_to:
            yield f"{rule.id}: ends before it begins"
        if rule.treaty and rule.treaty not in flags:
            yield f"{rule.id}: {rule.treaty} is no fact that is yes or no"


def _guides() -> Iterator[str]:
    for window in directory.all_windows():
        own = [code for code in window.countries if directory.get_country(code).windows[0] == window.code]
        for code in ("", *own):
            for locale in catalogues.all_locales():
                for fault in guide_faults(prose.guide_text(window.code, code, locale), code):
                    yield f"guide of {code or window.code}, {locale}: {fault}"


def guide_faults(text: str, country: str) -> Iterator[str]:
    """Yield what is wrong with the Markdown of a guide: of a country (ISO code), or of a window where that is empty."""
    if not text:
        yield "not written"
    for reference in prose.references(text):
        try:
            known = prose.find_fact(reference, country) if reference.kind == "fact" else prose.get_rule(reference)
        except prose.UnknownReference:
            known = None
        if known is None:
            yield f"{reference}: not known"
        elif known.confidence != "sourced":
            yield f"{reference}: without a source"
    for typed in FIGURE.finditer(text):
        yield f"a figure typed into the prose: {typed.group()}"
    for right in sorted(prose.rights_named(text) - set(get_args(directory.Right))):
        yield f"a line of an unknown right: {right}"
    if "{.of-" in prose.for_rights(text, ()):
        yield "the rights of a line are named at its end alone"
