"""What the rules still ask about a paper: a page of questions made from the rules themselves, not from a flow file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from hall.intake import papers
from hall.intake.questions import UNSURE, Answers, Field, Flow, Option, Page, is_known, values_of
from hall.words import N_
from windows import deadlines as rulebook
from windows import directory, specimens
from windows.calendars import Place
from windows.deadlines import Rule
from windows.rulebook import EVERYWHERE, laws_of
from windows.specimens import Drawing

PAGE = "details"
AFTER = "date_received"
QUESTION, EVENT, PLACE = "ask_", "day_", "place"


@dataclass(frozen=True, slots=True)
class Details:
    """What was answered about a paper, in the words of the rules."""

    answers: Mapping[str, str]
    dates: Mapping[str, date]
    place: str | None


def jurisdiction_of(document: str, country: str) -> str | None:
    """Return where a paper comes from: the country, else the one regional or world system whose paper it is."""
    known = rulebook.get_document(document).jurisdictions
    if country in known or not country:
        return country or None
    place = directory.find_country(country)
    laws = laws_of(place) if place else ()
    return next((code for code in known if code in laws), country)


def drawing(document: str, country: str) -> Drawing:
    """Return the drawing of a type of paper as it comes from a country (ISO code; empty where that is not known)."""
    return specimens.drawing(document, jurisdiction_of(document, country))


def drawing_for(answers: Answers) -> Drawing | None:
    """Return the drawing of the paper that the answers speak of, or None where it is not known."""
    paper = papers.find_paper(answers)
    return drawing(paper.code, _text(answers, "country")) if paper else None


def is_paper_of(document: rulebook.DocumentType, country: str) -> bool:
    """Whether a type of paper can reach a firm from a country: of the country, of its common systems, of any."""
    place = directory.find_country(country)
    if place is None:
        return True
    return not {*laws_of(place), *EVERYWHERE}.isdisjoint(document.jurisdictions)


def rules_of(answers: Answers) -> tuple[Rule, ...]:
    """Return the rules of the paper that the answers speak of."""
    paper = papers.find_paper(answers)
    if paper is None:
        return ()
    return rulebook.rules_for(document=paper.code, jurisdiction=jurisdiction_of(paper.code, _text(answers, "country")))


def with_details(flow: Flow, answers: Answers) -> Flow:
    """Return the flow with a page for what the rules of the paper still ask; the same flow where they ask nothing."""
    fields = (*_questions(flow, answers), *_place(answers), *_events(answers))
    place = next((n for n, page in enumerate(flow.pages, 1) if page.id == AFTER), 0)
    if not fields or not place:
        return flow
    page = Page(
        id=PAGE,
        title=_title(fields),
        why=N_("The rules for this paper differ by these answers. Where you are not sure, we show every rule."),
        fields=fields,
    )
    return replace(flow, pages=(*flow.pages[:place], page, *flow.pages[place:]))


def _title(fields: tuple[Field, ...]) -> str:
    # A page that asks one thing is headed by the question; the cards below do not repeat it.
    return fields[0].label if [field.kind for field in fields] == ["choice"] else N_("A little more about the paper")


def places(answers: Answers) -> list[str]:
    """Return the countries among which the closed days of the paper's rules differ, where the place is one."""
    return [code for code, place in _open_places(answers).items() if not place.name]


def details_of(answers: Answers) -> Details:
    """Return what was answered about the paper, in the words of the rules."""
    asked = {question.code for question in rulebook.questions_for(rules_of(answers))}
    said = {
        key.removeprefix(QUESTION): values_of(value)[0]
        for key, value in answers.items()
        if key.removeprefix(QUESTION) in asked and is_known(value)
    }
    dates = {
        key.removeprefix(EVENT): date.fromisoformat(values_of(value)[0])
        for key, value in answers.items()
        if key.startswith(EVENT) and is_known(value)
    }
    country = _text(answers, "country")
    own = country if country in rulebook.places_for(rules_of(answers)) else ""
    return Details(said, dates, _text(answers, PLACE) or own or None)


def _questions(flow: Flow, answers: Answers) -> list[Field]:
    return [
        Field(
            key=QUESTION + question.code,
            kind="choice",
            label=question.label,
            options=tuple(Option(value, option.label) for value, option in question.options.items()),
            unsure=True,
        )
        for question in rulebook.questions_for(rules_of(answers))
        if question.code not in flow.fields  # the flow asks it of everybody
    ]


def _place(answers: Answers) -> list[Field]:
    known = _open_places(answers)
    if not known:
        return []
    named = tuple(Option(code, place.name) for code, place in known.items() if place.name)
    return [
        Field(
            key=PLACE,
            kind="choice",
            label=N_("Where is the court or office?"),
            hint=N_("Its holidays decide on which day a period ends."),
            options=named,
            source="" if named else "places",
            unsure=True,
        )
    ]


def _open_places(answers: Answers) -> Mapping[str, Place]:
    known = rulebook.places_for(rules_of(answers))
    return {} if _text(answers, "country") in known else known


def _events(answers: Answers) -> list[Field]:
    """Ask for further dates only where none of the dates always asked starts a period for this paper."""
    paper, own = papers.find_paper(answers), [rule for rule in rules_of(answers) if rule.is_own_act]
    told = {name for names in papers.all_papers().events.values() for name in names}
    if paper is None or any(not told.isdisjoint(rule.takes) for rule in own):
        return []
    country = jurisdiction_of(paper.code, _text(answers, "country"))
    return [
        Field(
            key=EVENT + event.code,
            kind="date",
            label=event.label,
            hint=event.hint,
            unsure=True,
            absent=True,
            not_after_today=not event.may_lie_ahead,
        )
        for event in rulebook.events_for(document=paper.code, jurisdiction=country)
        if any(rule.event == event.code for rule in own)
    ]


def _text(answers: Answers, key: str) -> str:
    value = answers.get(key)
    return values_of(value)[0] if is_known(value) and value != UNSURE else ""
