"""The deadline calculator: a paper, the dates on it, and the day to act by, explained; nothing is kept.

All that was asked stands in the address, so that a result can be printed, kept as a calendar file, and asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import Response, abort, request, url_for
from flask_babel import gettext

from hall import calendar_files, presentation, web
from hall.fields import shown_fields
from hall.intake import answers as typing
from hall.intake import details
from hall.intake import papers as intake_papers
from hall.intake.answers import Parsed, Problem
from hall.intake.questions import Answers, Field, Option, Page, is_known, values_of
from hall.languages import country_name, named_countries
from hall.words import N_
from windows import deadlines as rulebook
from windows import directory, prose
from windows.deadlines import EARLIEST, PRINTED_DATE, Deadline, DocumentType, Rule

blueprint = web.place_blueprint("calculator", __name__, prefix="/dates")

WAY, PLACE, QUESTION = "way", "place", "ask_"
ASKED = "ask"
# Papers of one's own applications, and of somebody else's that one may oppose.
OWN_GROUPS = ("own", "publication")
PRINTED = N_("A last day or a number of days printed in the paper: that last day")


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper, where it comes from, the rules for it, and the form that they need."""

    document: DocumentType
    country: str
    rules: tuple[Rule, ...]
    form: Page
    choices: Mapping[str, list[str]]

    @property
    def jurisdiction(self) -> str | None:
        """Whose rules are asked."""
        return details.jurisdiction_of(self.document.code, self.country)


@blueprint.get("/")
def papers() -> Response:
    """Choose the paper: by the country and the language it comes from, and by who sent it."""
    country, language, languages = _country(), request.args.get("language", ""), _languages()
    if language and language not in dict(languages):
        abort(404)
    documents = {
        document.code: document
        for document in rulebook.all_documents()
        if details.is_paper_of(document, country) and _is_in(document, language)
    }
    return web.render(
        "calculator/papers.html",
        country=country,
        from_country=directory.find_country(country),
        countries=_named([place.code for place in directory.all_countries()]),
        language=language,
        languages=languages,
        senders=[
            (sender, [(documents[code], details.drawing(code, country)) for code in codes])
            for sender, codes in presentation.by_sender(documents)
        ],
        printed_words=prose.printed_words,
    )


@blueprint.get("/<document_code>")
def paper(document_code: str) -> Response:
    """Ask for the dates of a paper, and show what follows from them."""
    asked = _asked(document_code)
    parsed = _parsed(asked) if ASKED in request.args else None
    found: list[Deadline] = []
    if parsed is not None and not parsed.problems:
        found, problem = _found(asked, parsed.values)
        if problem is not None:
            parsed = Parsed(parsed.values, parsed.kept, (problem,))
    fields = shown_fields(asked.form, parsed.values if parsed else {}, asked.choices, parsed)
    return web.render(
        "calculator/paper.html",
        status=422 if parsed is not None and parsed.problems else 200,
        asked=asked,
        country_name=country_name(asked.country, web.manner().language.locale) if asked.country else "",
        countries=_countries(asked.document),
        fields=fields,
        problems=[field for field in fields if field.error],
        results=presentation.computed(found),
        printed=prose.printed_words(asked.document, directory.find_country(asked.country)),
        drawing=details.drawing(asked.document.code, asked.country),
        begin=_begin(asked, parsed.values if parsed and found else {}),
        calendar=f"{url_for('calculator.calendar_file', document_code=document_code)}?{urlencode(request.args)}",
    )


@blueprint.get("/<document_code>/dates.ics")
def calendar_file(document_code: str) -> Response:
    """Give the dates that were found as a calendar file; 404 where none was."""
    asked = _asked(document_code)
    parsed = _parsed(asked)
    found, problem = _found(asked, parsed.values) if not parsed.problems else ([], None)
    dated = [shown for shown in presentation.computed(found) if shown.date is not None]
    if problem is not None or not dated:
        abort(404)
    body = calendar_files.calendar_file(gettext(asked.document.name), dated, web.now())
    answer = Response(body, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{document_code}.ics"'
    return answer


def _begin(asked: Asked, values: Answers) -> str:
    """The address at which a case with this paper begins, with what was told here."""
    code = asked.document.code
    said = {key: values_of(value)[0] for key, value in values.items() if is_known(value)}
    names = {name for rule in asked.rules for name in rule.takes}
    dates = {key: date.fromisoformat(value) for key, value in said.items() if key in names}
    role = "we_are_preparing" if intake_papers.all_papers().papers[code].group in OWN_GROUPS else "we_are_accused"
    given = {"flow": "main", "role": role, "country": asked.country, "document": code}
    told = {key: value for key, value in given.items() if value} | intake_papers.told_by(dates, said.get(WAY, ""))
    return f"{url_for('terminal.begin')}?{urlencode(told)}"


def _asked(document_code: str) -> Asked:
    try:
        document = rulebook.get_document(document_code.upper())
    except rulebook.UnknownDocument:
        abort(404)
    country = _country()
    if country and not details.is_paper_of(document, country):
        abort(404)
    if not country and len(document.jurisdictions) == 1 and directory.find_country(document.jurisdictions[0]):
        country = document.jurisdictions[0]
    jurisdiction = details.jurisdiction_of(document.code, country)
    rules = rulebook.rules_for(document=document.code, jurisdiction=jurisdiction)
    places = rulebook.places_for(rules)
    named = tuple(Option(code, place.name) for code, place in places.items() if place.name)
    form = Page("paper", document.name, "", (*_dates(document, jurisdiction, rules), *_further(rules, named, places)))
    return Asked(document, country, rules, form, {"places": [code for code, place in places.items() if not place.name]})


def _dates(document: DocumentType, jurisdiction: str | None, rules: tuple[Rule, ...]) -> list[Field]:
    taken = {name for rule in rules for name in rule.takes}
    fields = [
        Field(
            key=event.code,
            kind="date",
            label=event.label,
            hint=event.hint,
            not_after_today=not event.may_lie_ahead,
        )
        for event in rulebook.events_for(document=document.code, jurisdiction=jurisdiction)
    ]
    if PRINTED_DATE in taken and PRINTED_DATE not in {field.key for field in fields}:
        fields.append(Field(key=PRINTED_DATE, kind="date", label=PRINTED))
    return fields


def _further(rules: tuple[Rule, ...], named: tuple[Option, ...], places: Mapping[str, object]) -> list[Field]:
    fields = []
    ways = rulebook.ways_for(rules)
    if ways:
        options = tuple(Option(way.code, way.label) for way in rulebook.all_ways())
        fields.append(Field(key=WAY, kind="choice", label=N_("How it came"), options=options))
    fields += [
        Field(
            key=QUESTION + question.code,
            kind="choice",
            label=question.label,
            options=tuple(Option(value, option.label) for value, option in question.options.items()),
            unsure=True,
        )
        for question in rulebook.questions_for(rules)
    ]
    if places:
        source = "" if named else "places"
        label, hint = N_("Where is the court or office?"), N_("Its holidays decide on which day a period ends.")
        fields.append(
            Field(key=PLACE, kind="choice", label=label, hint=hint, options=named, source=source, unsure=True)
        )
    return fields


def _parsed(asked: Asked) -> Parsed:
    return typing.parse(asked.form, request.args.to_dict(flat=False), today=web.today(), choices=asked.choices)


def _found(asked: Asked, values: Answers) -> tuple[list[Deadline], Problem | None]:
    """The deadlines, or what is wrong with a date."""
    said = {key: values_of(value)[0] for key, value in values.items() if is_known(value)}
    names = {name for rule in asked.rules for name in rule.takes}
    answers = {key.removeprefix(QUESTION): value for key, value in said.items() if key.startswith(QUESTION)}
    dates = {key: date.fromisoformat(value) for key, value in said.items() if key in names}
    if not dates:
        first = next((field.key for field in asked.form.fields if field.kind == "date"), "")
        return [], Problem(first, N_("Give at least one date."), {}) if first else None
    try:
        found = rulebook.compute_all(
            asked.document.code,
            asked.jurisdiction,
            dates=dates,
            way=said.get(WAY),
            answers=answers,
            place=said.get(PLACE),
            today=web.today(),
        )
    except rulebook.RefusedDate as refused:
        field = refused.name.removesuffix(EARLIEST)
        return [], Problem(field if field in dates else next(iter(dates)), refused.message, refused.params)
    return found, None


def _country() -> str:
    code = request.args.get("country", "").upper()
    if code and directory.find_country(code) is None:
        abort(404)
    return code


def _is_in(document: DocumentType, language: str) -> bool:
    """Whether a type of paper may be written in a language; one that differs from country to country may be in any."""
    return not language or not document.recognise or language in document.recognise


def _languages() -> list[tuple[str, str]]:
    """The languages in which papers are printed, by name."""
    known = {language for document in rulebook.all_documents() for language in document.recognise}
    return sorted(((tag, presentation.name_of_language(tag)) for tag in known), key=lambda named: named[1])


def _countries(document: DocumentType) -> list[tuple[str, str]]:
    """The countries a paper may come from, where it may come from several."""
    known = [place.code for place in directory.all_countries() if details.is_paper_of(document, place.code)]
    return _named(known) if len(known) > 1 else []


def _named(codes: list[str]) -> list[tuple[str, str]]:
    return named_countries(codes, web.manner().language.locale)
