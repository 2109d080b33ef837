"""The intake of a visit: what was answered so far, and the next question as a page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from hall import web
from hall.intake import details
from hall.intake import flow as intake
from hall.intake.answers import Problem
from hall.intake.flow import Flow, Page, Parsed, Value, Walk
from hall.languages import BY_TAG
from hall.terminal import submission
from windows import deadlines as rulebook
from windows import directory

KEY = "intake"


@dataclass(frozen=True, slots=True)
class Intake:
    """The state of a visit's intake: its flow, the raw answers, and the key that makes sending it twice one act."""

    flow: Flow
    answers: Mapping[str, Value]
    request: str

    @property
    def choices(self) -> dict[str, list[str]]:
        """The values of each option source, as far as the answers narrow them."""
        return choices_for(self.answers)

    def walk(self) -> Walk:
        """Walk through the flow over the answers."""
        return intake.walk(self.flow, self.answers, choices=self.choices)

    def counting(self) -> dict[str, Value]:
        """Return the answers that count."""
        return intake.counting(self.flow, self.answers, choices=self.choices)


def begin(flow: str, given: Mapping[str, Value]) -> None:
    """Begin an intake in this visit, with what the door already told."""
    web.web_session()[KEY] = {"flow": flow, "answers": dict(given), "request": web.new_request_key()}


def find() -> Intake | None:
    """Return the visit's intake, or None."""
    kept = web.web_session().get(KEY)
    return _intake(kept["flow"], kept["answers"], kept["request"]) if kept else None


def keep(current: Intake, page: Page, parsed: Parsed) -> Intake:
    """Take the answers of a page into the visit."""
    answers = intake.merge(page, current.answers, parsed)
    kept = {name: list(value) if isinstance(value, tuple) else value for name, value in answers.items()}
    web.web_session()[KEY] = {"flow": current.flow.id, "answers": kept, "request": current.request}
    return _intake(current.flow.id, kept, current.request)


def forget() -> None:
    """Drop the intake of this visit."""
    web.web_session().pop(KEY, None)


def choices_for(answers: Mapping[str, Value]) -> dict[str, list[str]]:
    """Return the values of each option source, as far as the answers narrow them."""
    window, country = answers.get("window"), answers.get("country")
    countries = [place.code for place in directory.all_countries()]
    if isinstance(window, str) and window in {known.code for known in directory.all_windows()}:
        countries = list(directory.get_window(window).countries)
    documents = [
        document.code
        for document in rulebook.all_documents()
        if not isinstance(country, str) or details.is_paper_of(document, country)
    ]
    return {
        "countries": countries,
        "markets": [place.code for place in directory.all_countries()],
        "documents": documents,
        "places": details.places(answers),
        "languages": list(BY_TAG),
    }


def with_impossible_dates(current: Intake, page: Page, parsed: Parsed, today: date) -> Parsed:
    """Return what was parsed, with the sentence of the deadline rules where they refuse a date of this page."""
    dates = [field.key for field in page.fields if field.kind == "date"]
    if parsed.problems or not dates:
        return parsed
    found = submission.find_deadlines(intake.merge(page, current.answers, parsed), today)
    if found.refusal is None:
        return parsed
    message, params = found.refusal
    return Parsed(parsed.values, parsed.kept, (Problem(dates[-1], message, params),))


def _intake(flow: str, answers: Mapping[str, Value], request: str) -> Intake:
    return Intake(details.with_details(intake.get_flow(flow), answers), answers, request)
