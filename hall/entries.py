"""What can be searched: all that the windows know, gathered in one language."""

from collections.abc import Iterator
from functools import cache

from hall import presentation
from hall.languages import LANGUAGES, Language, country_name, say
from windows import directory, offerings, prose, rulebook, situations
from windows.directory import Country, Window
from windows.offerings import Offering
from windows.search import Entry, Index
from windows.situations import Situation

# The kinds of entries in the order in which they come among equals.
WINDOW, COUNTRY, PAPER, OFFERING, SITUATION, GUIDE, RULE, FACT = (
    "window",
    "country",
    "paper",
    "offering",
    "situation",
    "guide",
    "rule",
    "fact",
)


@cache
def index(language: Language) -> Index:
    """Return the index of a language, made when it is first asked for; to be called while a page speaks it."""
    return Index(_entries(language))


def _entries(language: Language) -> Iterator[Entry]:
    yield from (_window(window, language) for window in directory.all_windows())
    countries = [(directory.get_window(country.windows[0]), country) for country in directory.all_countries()]
    yield from (_country(window, country, language) for window, country in countries)
    yield from (_paper(document, language) for document in rulebook.all_documents())
    yield from (_offering(offering, language) for offering in offerings.all_offerings())
    yield from (_situation(situation, language) for situation in situations.all_situations())
    for window in directory.all_windows():
        yield from _guide(window, None, language)
    for window, country in countries:
        yield from _guide(window, country, language)
    yield from (_rule(rule, language) for rule in rulebook.all_rules())
    for window, country in countries:
        yield from _facts(window, country, language)


def _window(window: Window, language: Language) -> Entry:
    names = tuple(country_name(code, language.locale) for code in window.countries)
    words = (
        say(language.locale, window.summary),
        "、".join(names) if language.locale == "zh_Hans" else ", ".join(names),
    )
    return Entry(WINDOW, (window.code,), say(language.locale, window.name), words)


def _country(window: Window, country: Country, language: Language) -> Entry:
    # A country is found by its names in every language of the hall, by its codes, and by its offices' own names.
    own = country_name(country.code, language.locale)
    names = [country_name(country.code, other.locale) for other in LANGUAGES if other is not language]
    offices = [text for office in country.offices for text in (say(language.locale, office.name), office.name_local)]
    words = " · ".join(text for text in (*names, country.code, country.alpha3, *offices) if text)
    return Entry(COUNTRY, (window.code, country.code), own, (words,))


def _paper(document: rulebook.DocumentType, language: Language) -> Entry:
    texts = (" · ".join(document.recognise.values()), say(language.locale, document.hint))
    return Entry(PAPER, (document.code,), say(language.locale, document.name), tuple(text for text in texts if text))


def _offering(offering: Offering, language: Language) -> Entry:
    texts = tuple(say(language.locale, text) for text in (offering.text, *offering.needs))
    return Entry(OFFERING, (offering.code,), say(language.locale, offering.title), texts)


def _situation(situation: Situation, language: Language) -> Entry:
    said = [situation.summary, *situation.steps]
    said += [text for option in situation.options for text in (option.name, option.text, option.fits)]
    said += [market.text for market in situation.markets]
    texts = tuple(say(language.locale, text) for text in said)
    return Entry(SITUATION, (situation.code,), say(language.locale, situation.title), texts)


def _guide(window: Window, country: Country | None, language: Language) -> Iterator[Entry]:
    code = country.code if country else ""
    place = country_name(code, language.locale) if country else say(language.locale, window.name)
    sections = prose.guide_sections(window.code, code, language.locale, presentation.reference_words)
    for heading, text in sections:
        yield Entry(GUIDE, (window.code, code), f"{place} · {heading}", (text,))


def _rule(rule: rulebook.Rule, language: Language) -> Entry:
    texts = (
        presentation.period_words(rule),
        presentation.told(rule.basis),
        *(say(language.locale, words) for words in (rule.applies_when, rule.consequence, rule.extension, rule.note)),
    )
    title = f"{presentation.jurisdiction_name(rule.jurisdiction)} · {say(language.locale, rule.action)}"
    return Entry(RULE, (rule.document, rule.jurisdiction, rule.id), title, tuple(text for text in texts if text))


def _facts(window: Window, country: Country, language: Language) -> Iterator[Entry]:
    name = country_name(country.code, language.locale)
    for _group, facts in directory.facts_by_group(country):
        for fact in facts:
            shown = presentation.shown_fact(fact)
            texts = (shown.value, shown.note, shown.basis)
            place = (window.code, country.code, fact.key)
            yield Entry(FACT, place, f"{name} · {shown.label}", tuple(text for text in texts if text))
