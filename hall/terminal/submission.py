"""From the answers of an intake to what a case is opened with: parties, dates, urgency, need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from hall import presentation
from hall.cases import rules as case_rules
from hall.cases.actions import DeadlineFound, Submission
from hall.cases.records import PartySaid
from hall.intake import details, papers, triage
from hall.intake import flow as intake
from hall.intake.flow import Value
from hall.intake.questions import YES, is_known, values_of
from hall.languages import BY_TAG
from hall.settings import Settings
from windows import deadlines as rulebook
from windows import directory
from windows.deadlines import Deadline

# The common systems have their papers; the hall keeps what it knows of them under the European Union.
COMMON_SYSTEM_COUNTRY = {"UPC": "EU", "EP": "EU"}
# Which answers name a party, and on which side it stands.
PARTIES = (
    ("client", ("company_name", "company_name_latin"), "credit_code"),
    ("adverse", ("other_side_names", "other_side_names_other_script"), ""),
    ("counsel", ("other_side_lawyers",), ""),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The deadlines of a paper, or the sentence that says why a date cannot be."""

    deadlines: tuple[Deadline, ...]
    refusal: tuple[str, Mapping[str, object]] | None = None
    field: str = ""


def find_deadlines(answers: Mapping[str, Value], today: date) -> Found:
    """Return the dates of the paper that the answers speak of; nothing for a paper that is not known."""
    paper = papers.find_paper(answers)
    if paper is None:
        return Found(())
    told = details.details_of(answers)
    rules = [rule for rule in details.rules_of(answers) if rulebook.applies(rule, told.answers)]
    names = {name for rule in rules for name in rule.takes}
    try:
        found = rulebook.compute_all(
            paper.code,
            details.jurisdiction_of(paper.code, _text(answers, "country")),
            dates={
                name: day for name, day in {**papers.dates_of(answers, names), **told.dates}.items() if name in names
            },
            way=papers.way_of(answers),
            answers=told.answers,
            place=told.place,
            today=today,
        )
    except rulebook.RefusedDate as refused:
        return Found((), (refused.message, refused.params), refused.name)
    return Found(tuple(found))


def build(
    answers: Mapping[str, Value],
    *,
    lane: str,
    locale: str,
    settings: Settings,
    today: date,
    now: datetime,
    demonstration: bool = False,
) -> Submission:
    """Return the submission for answers that are complete."""
    found = find_deadlines(answers, today).deadlines
    need = triage.need_of(answers)
    safe = min((deadline.safe for deadline in found if deadline.safe and deadline.rule_id), default=None)
    weighed = triage.triage(
        answers, safe_date=safe, today=today, working_days_between=settings.hours.working_days_between
    )
    country = country_of(answers)
    return Submission(
        lane=lane,
        role=_text(answers, "role"),
        window=window_of(answers),
        country=country,
        document=_text(answers, "document"),
        rights=need.rights,
        procedure=need.procedure,
        locale=BY_TAG[_text(answers, "answer_language")].locale if _text(answers, "answer_language") else locale,
        urgency=weighed.urgency,
        urgency_rule=weighed.rule_id,
        urgency_reason=weighed.reason,
        facts=dict(answers),
        parties=parties(answers),
        deadlines=[
            DeadlineFound(
                rule_id=deadline.rule_id,
                start=deadline.start,
                raw=deadline.raw,
                rolled=deadline.rolled,
                safe=deadline.safe,
                explained=presentation.explained(deadline),
            )
            for deadline in found
        ],
        consent_advisor=_text(answers, "consent_advisor") == YES,
        consent_provider=_text(answers, "consent_provider") == YES,
        look_by=settings.hours.add(now, case_rules.FIRST_LOOK[weighed.urgency]),
        demonstration=demonstration,
    )


def parties(answers: Mapping[str, Value]) -> list[PartySaid]:
    """Return the parties that the answers name, each with its names in every script.

    Where the other side sits is not asked, and not taken from the court's country: a wrong country lowers a likeness.
    """
    said = []
    for role, keys, number in PARTIES:
        names = tuple(name for key in keys for name in intake.names_of(answers, key))
        ids = (_text(answers, number),) if number and is_known(answers.get(number)) else ()
        if names:
            said.append(PartySaid("", role, names, ids, "CN" if role == "client" else ""))
    return said


def country_of(answers: Mapping[str, Value]) -> str:
    """Return the country of a case: the one named, else the only one that its paper comes from, else ''."""
    named, paper = _text(answers, "country"), papers.find_paper(answers)
    if named or paper is None:
        return named
    origins = {COMMON_SYSTEM_COUNTRY.get(code, code) for code in rulebook.get_document(paper.code).jurisdictions}
    known = [code for code in origins if directory.find_country(code) is not None]
    return known[0] if len(origins) == len(known) == 1 else ""


def window_of(answers: Mapping[str, Value]) -> str:
    """Return the window of a case: the one chosen, else that of its country, else the Belt and Road window."""
    window = _text(answers, "window")
    if window:
        return window
    place = directory.find_country(country_of(answers))
    return place.windows[0] if place else directory.all_windows()[-1].code


def _text(answers: Mapping[str, Value], key: str) -> str:
    value = answers.get(key)
    return values_of(value)[0] if is_known(value) else ""
