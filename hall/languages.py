"""Languages of the hall: how they are named in addresses, chosen for a reader, and spoken in every place."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import langcodes
from babel import Locale
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context
from flask_babel import Babel
from pypinyin import lazy_pinyin

from hall.settings import HOUSE
from hall.words import N_

CATALOGUES = HOUSE / "translations"
# The hall's own words for territories where CLDR's are not those of a Chinese public hall.
TERRITORIES: Mapping[str, str] = {
    "HK": N_("Hong Kong, China"),
    "MO": N_("Macao, China"),
    "TW": N_("Taiwan, China"),
    "EU": N_("European Union"),
}


@dataclass(frozen=True, slots=True)
class Language:
    """A language that the hall is complete in: BCP 47 tag for addresses, locale for catalogues, own name."""

    tag: str
    locale: str
    name: str

    @property
    def direction(self) -> str:
        """Writing direction: 'ltr' or 'rtl'."""
        return Locale.parse(self.locale).text_direction

    @property
    def gap(self) -> str:
        """What stands between two sentences: nothing where the full stop brings its own space."""
        return "" if self.locale.startswith(("zh", "ja")) else " "


LANGUAGES = (Language("zh-Hans", "zh_Hans", "简体中文"), Language("en", "en", "English"))
BY_TAG = {language.tag: language for language in LANGUAGES}
BY_LOCALE = {language.locale: language for language in LANGUAGES}
FIRST = LANGUAGES[0]


def pick_language(accepted: list[str]) -> Language:
    """Return the offered language nearest to the wanted ones (BCP 47, best first); the first one when none fits."""
    for wanted in accepted:
        if langcodes.tag_is_valid(wanted):
            tag = langcodes.closest_supported_match(wanted, list(BY_TAG), max_distance=20)
            if tag is not None:
                return BY_TAG[tag]
    return FIRST


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return the words of a locale, for places that no request reaches (mails, handbooks, jobs)."""
    return Translations.load(Path(CATALOGUES), [locale])


def say(locale: str, message: str, params: Mapping[str, object] | None = None) -> str:
    """Return `message` in a locale, with its parameters filled in."""
    text = str(catalogue(locale).ugettext(message)) if message else ""
    return text % params if params else text


def country_name(code: str, locale: str) -> str:
    """Return the name of a territory in a locale: the hall's own word, else that of CLDR, else the code."""
    if code in TERRITORIES:
        return say(locale, TERRITORIES[code])
    return str(Locale.parse(locale).territories.get(code, code))


def named_countries(codes: Iterable[str], locale: str) -> list[tuple[str, str]]:
    """Return codes and names of territories in the order of their names: Chinese by pinyin, all else by letters."""

    def order(named: tuple[str, str]) -> list[str]:
        return list(lazy_pinyin(named[1])) if locale == "zh_Hans" else [named[1].casefold()]

    return sorted(((code, country_name(code, locale)) for code in codes), key=order)


def language_name(tag: str, locale: str) -> str:
    """Return the name of a language in a locale."""
    return str(Locale.parse(locale).languages.get(tag.replace("-", "_"), tag))


def current_language() -> Language:
    """Return the language of the page that is being made."""
    return cast(Language, g.get("language", FIRST)) if has_request_context() else FIRST


@contextmanager
def speaking(app: Flask, language: Language) -> Iterator[None]:
    """Speak a language where no page does: on the command line."""
    with app.test_request_context("/"):
        g.language = language
        yield


def install(babel: Babel, app: object, time_zone: str) -> None:
    """Tell Flask-Babel where the catalogues lie and which locale a request speaks; no user input reaches it."""
    babel.init_app(
        app,
        default_translation_directories=str(CATALOGUES),
        default_timezone=time_zone,
        locale_selector=lambda: current_language().locale,
    )
