"""Countries side by side: their facts, and the dates of the filing routes from one's own first filing."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from urllib.parse import urlencode

from dateutil.relativedelta import relativedelta
from flask import Response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from hall import presentation, web
from hall.fields import shown_fields
from hall.intake import answers as typing
from hall.intake.answers import Parsed, Problem
from hall.intake.questions import Field, Page, is_known, values_of
from hall.languages import country_name
from hall.presentation import ShownFact
from hall.words import N_
from windows import directory, routes, rulebook
from windows.deadlines import Deadline, RefusedDate
from windows.directory import Country
from windows.routes import Route

blueprint = web.place_blueprint("comparison", __name__, prefix="/compare")

COUNTRIES, FILED, ASKED = "countries", "filed", "ask"
MOST = 5
FORM = Page(
    "compare",
    N_("Compare countries"),
    "",
    (
        Field(COUNTRIES, "choices", N_("Countries, up to five"), source=COUNTRIES, required=True),
        Field(
            FILED,
            "date",
            N_("Day of your first filing"),
            N_("Leave it empty if nothing was filed yet. With it you see until when each way is open."),
            not_after_today=True,
        ),
    ),
)
TOO_MANY = N_("Choose no more than five countries.")
WAY_LABELS = {
    "marks_and_designs": N_("Trademarks and designs, with priority"),
    "patents": N_("Patents and utility models, with priority"),
    "pct": N_("PCT: national or regional phase"),
}
# What a spreadsheet would take for a formula (OWASP ASVS 5.0, 1.2.10).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of all countries: its heading, its label, and what each country has, or None."""

    group: str
    label: str
    facts: tuple[ShownFact | None, ...]


@dataclass(frozen=True, slots=True)
class ShownWay:
    """A way into a country: label, office where it is a common one, its deadline, basis in words.

    `end` is where it ends on the time line, in thousandths of the whole.
    """

    label: str
    office: str
    deadline: Deadline
    basis: str
    end: int


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The days from the first filing to the last day of all ways, marked every six months."""

    first: date
    last: date

    def place(self, day: date) -> int:
        """Where a day stands, in thousandths of the whole."""
        return round((day - self.first) / ((self.last - self.first) or timedelta(days=1)) * 1000)

    @property
    def marks(self) -> list[tuple[int, int]]:
        """Every sixth month: how many months after the first filing, and where it stands."""
        months = ((months, self.first + relativedelta(months=months)) for months in range(6, 60, 6))
        return [(count, self.place(day)) for count, day in months if day <= self.last]


@blueprint.get("/")
def compare() -> Response:
    """Choose countries and see them side by side."""
    parsed = _parsed() if {ASKED, COUNTRIES} & set(request.args) else None
    countries, filed = _chosen(parsed)
    try:
        line, ways = _ways(countries, filed) if filed is not None else (None, [])
    except RefusedDate as refused:
        parsed = _with_problem(parsed, Problem(FILED, refused.message, refused.params))
        countries, line, ways = (), None, []
    fields = shown_fields(FORM, parsed.values if parsed else {}, {COUNTRIES: _codes()}, parsed)
    return web.render(
        "comparison/compare.html",
        status=422 if parsed and parsed.problems else 200,
        fields=fields,
        problems=[field for field in fields if field.error],
        countries=[(place, _name(place)) for place in countries],
        rows=_rows(countries),
        filed=filed,
        ways=ways,
        line=line,
        today_at=line.place(web.today()) if line else 0,
        file=_with_query("comparison.table"),
        today=web.today(),
    )


@blueprint.get("/table.csv")
def table() -> AnyResponse:
    """Give the same as a table for a spreadsheet (RFC 4180, UTF-8)."""
    parsed = _parsed()
    if parsed.problems:
        return redirect(_with_query("comparison.compare", (ASKED, "1")), 303)
    countries, _ = _chosen(parsed)
    text = StringIO()
    lines = csv.writer(text)
    lines.writerow([gettext("Heading"), gettext("Fact"), *map(_name, countries)])
    for row in _rows(countries):
        lines.writerow([_cell(text) for text in (row.group, row.label, *map(_fact_words, row.facts))])
    answer = Response("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="countries.csv"'
    return answer


def _with_query(page: str, *more: tuple[str, str]) -> str:
    return f"{url_for(page)}?{urlencode([*more, *request.args.items(multi=True)])}"


def _parsed() -> Parsed:
    raw = request.args.to_dict(flat=False)
    parsed = typing.parse(FORM, raw, today=web.today(), choices={COUNTRIES: _codes()})
    chosen = values_of(parsed.values.get(COUNTRIES))
    if len(chosen) <= MOST:
        return parsed
    return _with_problem(parsed, Problem(COUNTRIES, TOO_MANY, {})) or parsed


def _with_problem(parsed: Parsed | None, problem: Problem) -> Parsed | None:
    return Parsed(parsed.values, parsed.kept, (problem, *parsed.problems)) if parsed else None


def _chosen(parsed: Parsed | None) -> tuple[tuple[Country, ...], date | None]:
    if parsed is None or parsed.problems:
        return (), None
    filed = parsed.values.get(FILED)
    countries = tuple(directory.get_country(code) for code in values_of(parsed.values.get(COUNTRIES)))
    return countries, date.fromisoformat(values_of(filed)[0]) if is_known(filed) else None


def _ways(countries: Sequence[Country], filed: date) -> tuple[TimeLine, list[tuple[str, list[ShownWay]]]]:
    """The time line of all ways, and for each country its name and its ways. Raises RefusedDate."""
    found = [(place, routes.routes(place, first_filing=filed, today=web.today())) for place in countries]
    days = [way.deadline.safe for _, ways in found for way in ways if way.deadline.safe]
    line = TimeLine(filed, max(days, default=filed))
    return line, [(_name(place), [_shown_way(way, line) for way in ways]) for place, ways in found]


def _shown_way(way: Route, line: TimeLine) -> ShownWay:
    deadline = way.deadline
    return ShownWay(
        gettext(WAY_LABELS[way.way]),
        _office(way),
        deadline,
        presentation.told(deadline.basis),
        line.place(deadline.safe) if deadline.safe else 0,
    )


def _rows(countries: Sequence[Country]) -> list[Row]:
    groups = {group.code: gettext(group.label) for group in directory.all_groups()}
    rows = [
        Row(groups[key.group], gettext(key.label), tuple(_shown(place, key.code) for place in countries))
        for key in directory.compared_fact_keys()
    ]
    return [row for row in rows if any(row.facts)]


def _shown(country: Country, key: str) -> ShownFact | None:
    fact = directory.compared_fact(country, key)
    return presentation.shown_fact(fact) if fact else None


def _fact_words(fact: ShownFact | None) -> str:
    if fact is None:
        return ""
    marks = "" if fact.settled else gettext(" (%(text)s)", text=gettext(presentation.TO_BE_CONFIRMED))
    return f"{fact.value}{marks}"


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _office(way: Route) -> str:
    place = rulebook.JURISDICTIONS.get(way.jurisdiction)
    return gettext(place) if place and way.jurisdiction != "*" else ""


def _codes() -> list[str]:
    return [place.code for place in directory.all_countries()]


def _name(place: Country) -> str:
    return country_name(place.code, web.manner().language.locale)
