"""The windows' pages: a region and its countries, a country and what is known of it."""

from flask import Response, abort
from flask_babel import gettext

from hall import presentation, web
from hall.intake import details
from hall.languages import country_name
from hall.panel import records as panel
from hall.tickets import records as tickets
from windows import deadlines as rulebook
from windows import directory, prose
from windows.directory import Country, Window

blueprint = web.place_blueprint("windows", __name__)


@blueprint.get("/windows/<window_code>")
@web.kept_a_moment
def window(window_code: str) -> Response:
    """Show a window: its countries, what it does, how many wait."""
    found = _window(window_code)
    with web.reading() as session:
        waiting = tickets.count_waiting(session, web.today()).get(found.code, 0)
    countries = [(country, _name(country)) for country in map(directory.get_country, found.countries)]
    return web.render(
        "windows/window.html",
        window=found,
        countries=sorted(countries, key=lambda pair: pair[1]),
        waiting=waiting,
        offices=lambda place: " · ".join(gettext(office.name) for office in place.offices),
        guide=prose.guide(found.code, web.manner().language.locale, presentation.value_words),
    )


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
        groups=presentation.fact_groups(place),
        glance=[presentation.shown_fact(place.facts[key]) for key in GLANCE if key in place.facts],
        papers=_papers(place),
        printed_words=prose.printed_words,
        guide=prose.country_guide(found.code, place.code, web.manner().language.locale, presentation.value_words),
        advisors=advisors,
        providers=providers,
        member_name=presentation.member_name,
        member_languages=presentation.member_languages,
    )


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


def _papers(place: Country) -> list[tuple[rulebook.DocumentType, list[dict[str, str]]]]:
    papers = []
    for document in rulebook.all_documents():
        if details.is_paper_of(document, place.code) and not {"*", "WO"} & set(document.jurisdictions):
            jurisdiction = details.jurisdiction_of(document.code, place.code)
            rules = rulebook.rules_for(document=document.code, jurisdiction=jurisdiction)
            rows = [_rule_row(rule) for rule in rules if rule.is_own_act]
            if rows:
                papers.append((document, rows))
    return papers


def _rule_row(rule: rulebook.Rule) -> dict[str, str]:
    return {
        "action": gettext(rule.action),
        "period": presentation.period_words(rule),
        "event": gettext(rulebook.get_event(rule.event).label) if rule.event else "",
        "basis": presentation.basis_words(rule.basis),
        "consequence": gettext(rule.consequence) if rule.consequence else "",
    }


def _window(code: str) -> Window:
    try:
        return directory.get_window(code)
    except directory.UnknownWindow:
        abort(404)


def _name(place: Country) -> str:
    return country_name(place.code, web.manner().language.locale)
