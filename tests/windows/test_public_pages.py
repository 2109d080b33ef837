"""The calculator and the search as a visitor uses them."""

import re

import pytest
from flask.testing import FlaskClient

from windows import directory, rulebook

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")


def test_the_calculator_counts_and_explains(client: FlaskClient) -> None:
    page = client.get(
        "/en/dates/us_complaint?ask=1&country=US&served-year=2026&served-month=11&served-day=10&place=US-IL"
    )
    assert page.status_code == 200
    assert 'datetime="2026-12-01"' in page.text  # FRCP 12(a)(1)(A)(i), 6(a)
    assert "FRCP 12(a)(1)(A)(i)" in page.text
    file = client.get("/en/dates/us_complaint/dates.ics?ask=1&served-year=2026&served-month=11&served-day=10")
    assert file.content_type.startswith("text/calendar")
    assert b"DTSTART;VALUE=DATE:20261201" in file.data


def test_a_case_begins_with_the_paper_and_the_dates_that_were_typed(client: FlaskClient) -> None:
    typed = "ask=1&served-year=2026&served-month=11&served-day=10&way=mail_abroad"
    begin = re.search(r'href="([^"]*/intake/begin[^"]*)"', client.get(f"/en/dates/us_complaint?{typed}").text)
    assert begin is not None
    page = client.get(begin[1].replace("&amp;", "&")).text
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert given["document"] == "US_COMPLAINT"
    assert given["date_received"] == "2026-11-10"
    assert given["way"] == "mail_abroad"
    assert client.post("/en/intake/begin", data=given).status_code == 303
    answered = client.get("/en/intake/question/date_received").text
    assert 'name="date_received-day" value="10"' in re.sub(r'id="[^"]*" ', "", answered)


@pytest.mark.parametrize(
    "wrong", ["document=NOTHING", "document=JP_COMPLAINT", "document=US_TRO&date_received=2026-02-30&way=pigeon"]
)
def test_a_door_that_tells_what_cannot_be_is_not_believed(client: FlaskClient, wrong: str) -> None:
    page = client.get(f"/en/intake/begin?flow=main&role=we_are_accused&country=US&{wrong}").text
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert given.keys() - {"csrf_token", "flow", "window", "country", "role"} <= {"document"}
    assert given.get("document", "US_TRO") == "US_TRO"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("served-year=2026&served-month=2&served-day=29", "2026"),
        ("served-year=2099&served-month=1&served-day=1", "Please look at 1 answer"),
        ("served-year=&served-month=&served-day=", "Give at least one date."),
        ("served-year=20x6&served-month=1&served-day=1", "20x6"),
    ],
)
def test_a_date_that_cannot_be_is_told_and_stays(client: FlaskClient, typed: str, said: str) -> None:
    page = client.get(f"/en/dates/us_complaint?ask=1&{typed}")
    assert page.status_code == 422
    assert said in page.text
    assert client.get(f"/en/dates/us_complaint/dates.ics?ask=1&{typed}").status_code == 404


@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
@pytest.mark.parametrize("document", rulebook.all_documents(), ids=lambda document: document.code)
def test_every_paper_has_its_page(client: FlaskClient, document: rulebook.DocumentType, tag: str) -> None:
    assert client.get(f"/{tag}/dates/{document.code.lower()}").status_code == 200


@pytest.mark.parametrize("path", ["nothing", "us_complaint?country=XX", "de_abmahnung?country=JP", "?country=XX"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/en/dates/{path}").status_code == 404


def test_search_finds_in_both_languages_and_leads_there(client: FlaskClient) -> None:
    page = client.get("/zh-Hans/search?q=shangbiao").text
    assert "<mark>商标</mark>" in page
    page = client.get("/en/search?q=germny+oposition").text
    assert "<mark>Germany</mark>" in page
    assert "is spelled like" in page
    page = client.get("/en/search?q=Germany trademark time to oppose").text
    assert "/en/windows/eu/de#fact-tm_opposition_period" in page
    assert 'id="fact-tm_opposition_period"' in client.get("/en/windows/eu/de").text


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", "%(x)s", "{{7*7}}", "\u202e" * 5, "x" * 9000])
def test_no_query_breaks_the_page(client: FlaskClient, query: str) -> None:
    page = client.get("/en/search", query_string={"q": query, "start": "-1"})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_an_address_cannot_bend_the_links_of_the_page(client: FlaskClient) -> None:
    page = client.get("/en/search?q=a&_scheme=javascript&_external=1&_anchor=x").text
    assert "javascript:" not in page


@pytest.mark.parametrize("window", directory.all_windows(), ids=lambda window: window.code)
def test_the_map_of_a_window_leads_to_each_of_its_countries(client: FlaskClient, window: directory.Window) -> None:
    drawn = client.get(f"/zh-Hans/windows/{window.code}").text.split("<svg viewBox")[1].split("</svg>")[0]
    for code in window.countries:
        address = f'href="/zh-Hans/windows/{directory.get_country(code).windows[0]}/{code.lower()}"'
        assert address in drawn
        assert client.get(address.split('"')[1]).status_code == 200


def test_a_page_shows_both_values_where_sources_disagree(client: FlaskClient) -> None:
    page = client.get("/en/windows/belt_and_road/pk").text
    fact = page.split('id="fact-tm_opposition_period"')[1].split('id="fact-')[0]
    for words in ("2 months", "sources disagree", "Other sources say: 3 months", "wizwits.in", "ssrana.in"):
        assert words in fact
    assert "Other sources say: 3 months" in client.get("/en/compare/?ask=1&countries=PK").text
    told = client.get("/api/v1/countries/PK/facts/tm_opposition_period").get_json()
    assert (told["value"], [other["value"] for other in told["others"]]) == (2, [3])


def test_many_clauses_of_a_fact_stand_apart_in_the_guide_and_end_the_sentence(client: FlaskClient) -> None:
    page = client.get("/en/windows/us/us").text
    [damages] = re.findall(r"<p>Damages: (.*?)</p>", page, re.DOTALL)
    clauses = re.findall(r'<span class="fact-clause">(.*?)</span>', damages)
    assert len(clauses) == len(directory.get_country("US").facts["damages_multiplier"].clauses)
    assert clauses[0].startswith("patents: at least a reasonable royalty")
    assert all(clause.endswith("; ") for clause in clauses[:-1])
    assert damages.endswith("as much on top</span></span>.")
