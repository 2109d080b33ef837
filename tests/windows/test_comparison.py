"""Countries side by side, and the ways from a first filing."""

import csv
from datetime import date
from io import StringIO

import pytest
from flask.testing import FlaskClient

from windows import directory
from windows.comparison import TimeLine
from windows.routes import routes

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")

FILED = "filed-year=2026&filed-month=1&filed-day=31"


@pytest.mark.parametrize(
    ("code", "ways"),
    [
        # Paris Convention art. 4C; EPC rule 159(1); PCT art. 22 and 39 as notified by the offices.
        ("DE", [("EP", date(2028, 8, 31)), ("DE", date(2028, 8, 31))]),
        ("JP", [("JP", date(2028, 7, 31))]),
        ("US", [("US", date(2028, 7, 31))]),
        ("PK", []),
    ],
)
def test_the_ways_into_a_country(code: str, ways: list[tuple[str, date]]) -> None:
    found = routes(directory.get_country(code), first_filing=date(2026, 1, 31), today=date(2026, 11, 25))
    assert [(way.way, way.deadline.raw) for way in found[:2]] == [
        ("marks_and_designs", date(2026, 7, 31)),
        ("patents", date(2027, 1, 31)),
    ]
    assert {(way.jurisdiction, way.deadline.raw) for way in found[2:]} == set(ways)


@pytest.mark.parametrize("country", directory.all_countries(), ids=lambda country: country.code)
def test_every_country_has_its_ways_in_order(country: directory.Country) -> None:
    found = routes(country, first_filing=date(2025, 2, 28), today=date(2026, 11, 25))
    days = [way.deadline.sort_date for way in found if way.deadline.sort_date]
    assert len(days) >= 2
    assert days == sorted(days)


def test_countries_stand_side_by_side_with_their_dates(client: FlaskClient) -> None:
    page = client.get(f"/en/compare/?ask=1&countries=DE&countries=JP&{FILED}")
    assert page.status_code == 200
    assert '<time datetime="2026-07-31">' in page.text
    assert "(European Patent Office)" in page.text
    assert page.text.count('scope="col"><a href="/en/windows/') == 2
    assert client.get("/zh-Hans/compare/?ask=1&countries=SA&countries=BR").status_code == 200


def test_the_table_for_a_spreadsheet(client: FlaskClient) -> None:
    answer = client.get("/zh-Hans/compare/table.csv?ask=1&countries=DE&countries=SA")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == ["标题", "信息", "德国", "沙特阿拉伯"]
    assert ["商标", "商标：异议期限", "3个月", "60日"] in rows
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_a_time_told_in_words_stands_in_the_row_of_its_like(client: FlaskClient) -> None:
    answer = client.get("/en/compare/table.csv?ask=1&countries=DE&countries=TH")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    told = [row[2:] for row in rows if row[1] == "Patent: time to request examination"]
    assert told == [["84 months", "within 5 years of the publication of the application"]]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("ask=1", "Please choose at least one answer."),
        (
            "ask=1&" + "&".join(f"countries={code}" for code in ("DE", "US", "JP", "KR", "VN", "ID")),
            "no more than five",
        ),
        ("ask=1&countries=DE&filed-year=2099&filed-month=1&filed-day=1", "Please look at 1 answer"),
        ("ask=1&countries=DE&filed-year=2026&filed-month=2&filed-day=30", "Please look at 1 answer"),
    ],
)
def test_what_cannot_be_is_said_and_stays(client: FlaskClient, query: str, said: str) -> None:
    page = client.get(f"/en/compare/?{query}")
    assert page.status_code == 422
    assert said in page.text


def test_a_link_without_the_button_is_answered(client: FlaskClient) -> None:
    assert client.get("/en/compare/?countries=DE").text == client.get("/en/compare/?countries=DE&ask=1").text.replace(
        "countries=DE&amp;ask=1", "countries=DE"
    )


def test_a_table_of_what_cannot_be_compared_leads_to_the_page_that_says_why(client: FlaskClient) -> None:
    answer = client.get("/en/compare/table.csv", follow_redirects=True)
    assert answer.status_code == 422
    assert "Please choose at least one answer." in answer.text


def test_a_country_nobody_knows_is_no_choice(client: FlaskClient) -> None:
    assert client.get("/en/compare/?ask=1&countries=XX").status_code == 422


def test_the_time_line_runs_from_the_first_filing_to_the_last_day() -> None:
    line = TimeLine(date(2025, 8, 31), date(2028, 2, 29))
    assert [line.place(day) for day in (date(2025, 8, 31), date(2026, 11, 30), date(2028, 2, 29))] == [0, 500, 1000]
    assert [months for months, _ in line.marks] == [6, 12, 18, 24, 30]
    # The end of February is the sixth month after the end of August.
    assert line.marks[0][1] == line.place(date(2026, 2, 28))
    places = [at for _, at in line.marks]
    assert places == sorted(places)
    assert TimeLine(date(2026, 1, 1), date(2026, 1, 1)).place(date(2026, 1, 1)) == 0


def test_a_country_page_asks_for_the_first_filing_and_leads_to_its_ways(client: FlaskClient) -> None:
    form = client.get("/en/windows/japan/jp").text.split('id="routes"')[1].split("</form>")[0]
    assert 'action="/en/compare/"' in form
    assert 'name="countries" value="JP"' in form
    page = client.get("/en/compare/?ask=1&countries=JP&filed-year=2026&filed-month=9&filed-day=3").text
    assert "Ways from your first filing on" in page
    assert page.count('class="way-bar"') == 3


def test_the_headings_of_a_country_are_tabs_of_which_one_is_open(client: FlaskClient) -> None:
    page = client.get("/en/windows/eu/de").text
    tabs = [tab.split(">", 1)[0] for tab in page.split('<details name="facts"')[1:]]
    assert len(tabs) == len(directory.facts_by_group(directory.get_country("DE")))
    assert [tab.endswith(" open") for tab in tabs] == [True] + [False] * (len(tabs) - 1)
