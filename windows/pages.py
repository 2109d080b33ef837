"""The windows' pages: a region and its countries, a country and what is known of it."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, abort, request, url_for
from flask_babel import gettext

from hall import entries, presentation, web
from hall.intake import details
from hall.languages import country_name, named_countries
from hall.panel import records as panel
from hall.tickets import records as tickets
from hall.words import N_
from windows import deadlines as rulebook
from windows import directory, ledger, mapping, offerings, prose, situations
from windows.changes import Change, all_changes
from windows.directory import Country, Source, Window
from windows.ledger import Correction, Told
from windows.search import QUERY_MOST, Entry, Found
from windows.specimens import Drawing

blueprint = web.place_blueprint("windows", __name__)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change of law, or a correction by the hall, in the reader's words, with the place where it stands now."""

    name: str
    day: date
    place: str
    country: str
    text: str
    address: str
    is_law: bool
    sources: tuple[tuple[str, str], ...]


@blueprint.get("/windows/<window_code>")
@web.kept_a_moment
def window(window_code: str) -> Response:
    """Show a window: its countries, what it does, how many wait."""
    found = _window(window_code)
    with web.reading() as session:
        waiting = tickets.count_waiting(session, web.today()).get(found.code, 0)
    named = named_countries(found.countries, web.manner().language.locale)
    return web.render(
        "windows/window.html",
        window=found,
        countries=[(directory.get_country(code), name) for code, name in named],
        map=_map(found),
        waiting=waiting,
        offices=lambda place: " · ".join(gettext(office.name) for office in place.offices),
        guide=prose.guide(found.code, web.manner().language.locale, presentation.reference_words),
    )


def _map(found: Window) -> dict[str, Any]:
    """What the template draws: the land, and each dot with the name of its country and the address of its page."""
    own = [directory.get_country(code) for code in found.countries]
    drawn = mapping.draw(own, [place for place in directory.all_countries() if place.code not in found.countries])
    dots = [
        (
            dot,
            _name(dot.country),
            url_for("windows.country", window_code=dot.country.windows[0], country_code=dot.country.code.lower()),
        )
        for dot in drawn.dots
    ]
    land = "".join(f"M{x} {y}h0" for x, y in drawn.land)
    return {"width": mapping.WIDTH, "height": mapping.HEIGHT, "land": land, "dots": dots}


@blueprint.get("/windows/<window_code>/<country_code>")
@web.kept_a_moment
def country(window_code: str, country_code: str) -> Response:
    """Show a country at a glance: facts with their sources, papers with their periods, who can help."""
    found, place = _window(window_code), directory.find_country(country_code.upper())
    if place is None or found.code not in place.windows:
        abort(404)
    with web.reading() as session:
        advisors = panel.members_for_country(session, kind="advisor", country=place.code)
        providers = panel.members_for_country(session, kind="provider", country=place.code)
    return web.render(
        "windows/country.html",
        window=found,
        country=place,
        name=_name(place),
        changes=[change for change in _shown_changes() if change.place == place.code],
        groups=presentation.fact_groups(place),
        glance=[presentation.shown_fact(place.facts[key]) for key in GLANCE if key in place.facts],
        papers=_papers(place),
        printed_words=prose.printed_words,
        guide=prose.country_guide(found.code, place.code, web.manner().language.locale, presentation.reference_words),
        advisors=advisors,
        providers=providers,
        member_name=presentation.member_name,
        member_languages=presentation.member_languages,
    )


@blueprint.get("/services")
@web.kept_a_moment
def service_catalogue() -> Response:
    """Show what the hall does, along the whole chain."""
    return web.render("windows/services.html", stages=offerings.by_stage())


@blueprint.get("/situations")
@web.kept_a_moment
def all_situations() -> Response:
    """Show the situations that firms meet abroad."""
    return web.render("windows/situations.html", situations=situations.all_situations())


@blueprint.get("/situations/<code>")
@web.kept_a_moment
def situation(code: str) -> Response:
    """Show a situation: what to do first, and the ways out."""
    try:
        found = situations.get_situation(code)
    except situations.UnknownSituation:
        abort(404)
    return web.render(
        "windows/situation.html",
        situation=found,
        papers=[rulebook.get_document(paper) for paper in found.papers],
        printed_words=prose.printed_words,
        markets=[(directory.get_country(market.country), market.text) for market in found.markets],
        name_of=_name,
    )


@blueprint.get("/changes")
@web.kept_a_moment
def changes() -> Response:
    """Show what changed in the law of the countries, and what the hall corrected."""
    return web.render("windows/changes.html", changes=_shown_changes())


@blueprint.get("/changes.atom")
def changes_feed() -> Response:
    """Give the same as a feed (Atom, RFC 4287)."""
    page = web.render("windows/changes.atom.xml", changes=_shown_changes(), address=web.settings().public_address)
    page.content_type = "application/atom+xml; charset=utf-8"
    return web.unchanged_or(page)


# What the hall told, before and now; what stands for one that it did not tell at all.
CORRECTION_LABELS = {
    "otherwise": N_("Corrected by the hall. %(what)s: %(now)s (before: %(before)s)"),
    "added": N_("Added by the hall. %(what)s: %(now)s"),
    "withdrawn": N_("Withdrawn by the hall. %(what)s (before: %(before)s)"),
    "counting": N_("Corrected by the hall. %(what)s: the date is counted in another way than before. Compute it anew."),
}


def _shown_changes() -> list[ShownChange]:
    """All changes of law and all corrections by the hall, the newest first."""
    shown = [*map(_shown_change, all_changes()), *_shown_corrections(ledger.all_corrections())]
    return sorted(shown, key=lambda change: change.day, reverse=True)


def _shown_change(change: Change) -> ShownChange:
    place = directory.get_country(change.country)
    return ShownChange(
        change.name,
        change.day,
        place.code,
        _name(place),
        gettext(change.text),
        _country_address(place, f"fact-{change.fact}" if change.fact else "papers"),
        True,
        _origins(change.sources),
    )


def _shown_corrections(corrections: Iterable[Correction]) -> Iterator[ShownChange]:
    """Show each correction; the facts that a country gained on one day are one change."""
    added: dict[tuple[date, str], list[Correction]] = {}
    for correction in corrections:
        if correction.before is None and not correction.rule:
            added.setdefault((correction.day, correction.jurisdiction), []).append(correction)
        else:
            yield _shown_correction(correction)
    yield from itertools.starmap(_shown_addition, added.items())


def _shown_addition(of: tuple[date, str], added: Sequence[Correction]) -> ShownChange:
    day, code = of
    place = directory.get_country(code)
    keys = [correction.fact[1] for correction in reversed(added)]
    labels = [gettext(directory.get_fact_key(key).label) for key in keys]
    facts = [place.facts[key] for key in keys if key in place.facts]
    return ShownChange(
        f"{day.isoformat()}-{code}-added",
        day,
        code,
        _name(place),
        gettext("Added by the hall: %(what)s", what=gettext("; ").join(labels)),
        _country_address(place, f"fact-{keys[0]}"),
        False,
        _origins({source: None for fact in facts for source in fact.sources}),
    )


def _shown_correction(correction: Correction) -> ShownChange:
    place = correction.jurisdiction
    name = f"{correction.day.isoformat()}-{correction.name.replace(':', '-')}"
    words, address, sources = _corrected_rule(correction) if correction.rule else _corrected_fact(correction)
    country_in_words = presentation.jurisdiction_name(place)
    return ShownChange(name, correction.day, place, country_in_words, words, address, False, _origins(sources))


def _corrected_fact(correction: Correction) -> tuple[str, str, tuple[Source, ...]]:
    code, key = correction.fact
    place = directory.get_country(code)

    def words(told: Told) -> str:
        return presentation.part_words(ledger.fact_value(told, key))

    what = gettext(directory.get_fact_key(key).label)
    sources = place.facts[key].sources if key in place.facts else ()
    return _correction_words(correction, what, words), _country_address(place, f"fact-{key}"), sources


def _corrected_rule(correction: Correction) -> tuple[str, str, tuple[Source, ...]]:
    told = correction.now or correction.before or {}
    document = rulebook.get_document(told["document"])
    rule = rulebook.get_rule(correction.rule) if correction.now else None
    what = gettext(", ").join(gettext(words) for words in (document.name, rule.action if rule else "") if words)
    place = correction.jurisdiction if directory.find_country(correction.jurisdiction) else None
    address = url_for("calculator.paper", document_code=document.code.lower(), country=place)
    return _correction_words(correction, what, _told_period), address, rule.sources if rule else ()


def _told_period(told: Told) -> str:
    if told["kind"] == "no_deadline" or not told.get("show_date", True):
        return str(gettext("no date"))
    return presentation.length_words(ledger.period(told))


def _correction_words(correction: Correction, what: str, words: Callable[[Told], str]) -> str:
    before = words(correction.before) if correction.before else ""
    now = words(correction.now) if correction.now else ""
    kind = "added" if not before else "withdrawn" if not now else "otherwise" if before != now else "counting"
    return str(gettext(CORRECTION_LABELS[kind])) % {"what": what, "before": before, "now": now}


def _origins(sources: Iterable[Source]) -> tuple[tuple[str, str], ...]:
    return tuple(presentation.origin_words(source.address, source.dated) for source in sources)


def _country_address(place: Country, anchor: str) -> str:
    return url_for("windows.country", window_code=place.windows[0], country_code=place.code.lower(), _anchor=anchor)


RESULTS = 20
RESULTS_MOST = 200
# What was found, by its kind: how the kind is called.
KIND_LABELS = {
    entries.WINDOW: N_("Window"),
    entries.COUNTRY: N_("Country"),
    entries.PAPER: N_("Paper"),
    entries.OFFERING: N_("Services"),
    entries.SITUATION: N_("Situation"),
    entries.GUIDE: N_("Guide"),
    entries.RULE: N_("Period"),
    entries.FACT: N_("Fact"),
}
WHY_LABELS = {
    "beginning": N_("“%(term)s” begins “%(found)s”"),
    "pinyin": N_("“%(term)s” is the pinyin of “%(found)s”"),
    "similar": N_("“%(term)s” is spelled like “%(found)s”"),
}


@blueprint.get("/search")
def search() -> Response:
    """Find whatever the windows know: in the page's language, in pinyin, or with a slip of the pen."""
    query = " ".join(request.args.get("q", "")[:QUERY_MOST].split())
    start = request.args.get("start", "")
    first = min(int(start), RESULTS_MOST) if start.isdecimal() and len(start) < 6 else 0
    result = entries.index(web.manner().language).search(query, limit=RESULTS, start=first)
    return web.render(
        "windows/search.html",
        query=query,
        result=result,
        first=first,
        following=first + RESULTS if first + RESULTS < min(result.count, RESULTS_MOST) else 0,
        address_of=_address,
        kinds={kind: gettext(label) for kind, label in KIND_LABELS.items()},
        reasons=_reasons,
    )


def _reasons(found: Found) -> list[str]:
    """In words, where a term was not found as it was typed."""
    return [
        gettext(WHY_LABELS[why]) % {"term": term, "found": word} for term, why, word in found.why if why in WHY_LABELS
    ]


def _address(entry: Entry) -> str:
    match entry.kind, entry.place:
        case entries.WINDOW, (window,):
            return url_for("windows.window", window_code=window)
        case entries.COUNTRY, (window, country):
            return url_for("windows.country", window_code=window, country_code=country.lower())
        case entries.FACT, (window, country, key):
            return url_for("windows.country", window_code=window, country_code=country.lower(), _anchor=f"fact-{key}")
        case entries.OFFERING, (code,):
            return url_for("windows.service_catalogue", _anchor=code)
        case entries.SITUATION, (code,):
            return url_for("windows.situation", code=code)
        case entries.GUIDE, (window, ""):
            return url_for("windows.window", window_code=window)
        case entries.GUIDE, (window, country):
            return url_for("windows.country", window_code=window, country_code=country.lower())
        case entries.RULE, (document, jurisdiction, _rule):
            place = jurisdiction if directory.find_country(jurisdiction) else None
            return url_for("calculator.paper", document_code=document.lower(), country=place)
        case _, (document,):
            return url_for("calculator.paper", document_code=document.lower())
    raise LookupError(entry.kind)


GLANCE = (
    "tm_opposition_period",
    "tm_term_years",
    "tm_nonuse_years",
    "patent_term_years",
    "utility_model_available",
    "design_term_years_max",
    "pct_national_phase_months",
    "local_agent_required",
)


def _papers(place: Country) -> list[tuple[rulebook.DocumentType, Drawing, list[dict[str, str]]]]:
    papers = []
    for document in rulebook.all_documents():
        if details.is_paper_of(document, place.code) and not {"*", "WO"} & set(document.jurisdictions):
            jurisdiction = details.jurisdiction_of(document.code, place.code)
            rules = rulebook.rules_for(document=document.code, jurisdiction=jurisdiction)
            rows = [_rule_row(rule) for rule in rules if rule.is_own_act]
            if rows:
                papers.append((document, details.drawing(document.code, place.code), rows))
    return papers


def _rule_row(rule: rulebook.Rule) -> dict[str, str]:
    return {
        "action": gettext(rule.action),
        "period": presentation.period_words(rule),
        "event": gettext(rulebook.start_of(rule)) if rule.event else "",
        "basis": presentation.told(rule.basis),
        "consequence": gettext(rule.consequence) if rule.consequence else "",
    }


def _window(code: str) -> Window:
    try:
        return directory.get_window(code)
    except directory.UnknownWindow:
        abort(404)


def _name(place: Country) -> str:
    return country_name(place.code, web.manner().language.locale)
