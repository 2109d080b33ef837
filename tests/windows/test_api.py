"""The JSON for other programs: what it says, that it may be kept, and that its description is true."""

import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from windows import directory, rulebook

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")

API = "/api/v1"


def test_every_country_fact_and_rule_is_there(client: FlaskClient) -> None:
    countries = client.get(f"{API}/countries").json
    assert countries is not None
    assert [row["code"] for row in countries["countries"]] == [place.code for place in directory.all_countries()]
    germany = client.get(f"{API}/countries/de").json
    assert germany is not None
    assert {row["key"] for row in germany["facts"]} == set(directory.get_country("DE").facts)
    rules = client.get(f"{API}/rules").json
    assert rules is not None
    assert len(rules["rules"]) == len(rulebook.all_rules())
    assert client.get(f"{API}/rules?document=us_complaint").json != rules


def test_a_fact_has_its_value_sources_and_words(client: FlaskClient) -> None:
    fact = client.get(f"{API}/countries/DE/facts/tm_opposition_period?lang=zh-Hans").json
    assert fact is not None
    assert (fact["value"], fact["unit"], fact["confidence"]) == (3, "months", "sourced")
    assert fact["label"] == "商标：异议期限"
    assert fact["sources"][0]["address"].startswith("github:")


def test_dates_are_computed_with_their_explanation(client: FlaskClient) -> None:
    found = client.get(f"{API}/deadlines/US-ANS-21?served=2026-11-10&state=IL&today=2026-11-25").json
    assert found is not None
    (deadline,) = found["deadlines"]
    assert (deadline["raw"], deadline["safe"], deadline["days_left"]) == ("2026-12-01", "2026-12-01", 6)
    assert "FRCP 6(a)" in " ".join(deadline["why"])
    every = client.get(f"{API}/deadlines/UPC_CLAIM?served=2026-11-10&state=UPC-LD-MUC").json
    assert every is not None
    assert {"UPC-SOD-3M", "UPC-PO-1M"} <= {row["rule"] for row in every["deadlines"]}


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("deadlines/US-ANS-21?served=2026-02-30", 422, "is no date"),
        ("deadlines/US-ANS-21?served=2026-11-10&mailed=2026-11-01", 422, "taken are served"),
        ("deadlines/US-ANS-21?served=2026-11-09&served=2026-11-10", 422, "given twice"),
        ("deadlines/US-ANS-21?served=2027-11-10&today=2026-11-25", 422, "served: "),
        ("deadlines/US-ANS-21", 422, "served: "),
        ("deadlines/US-ANS-21?served=2026-11-10&state=XX", 422, "state XX"),
        ("deadlines/US-ANS-21?served=2026-11-10&way=pigeon", 422, "way pigeon"),
        ("deadlines/NOTHING?served=2026-11-10", 422, "neither a rule nor a paper"),
        ("deadlines/UPC_CLAIM?country=QQ&served=2026-11-10", 422, "QQ"),
        ("countries/XX", 404, "Not Found"),
        ("countries/DE/facts/nothing", 404, "Not Found"),
        ("rules/NOTHING", 404, "Not Found"),
        ("rules?document=NOTHING", 404, "Not Found"),
    ],
)
def test_what_cannot_be_is_said(client: FlaskClient, path: str, status: int, said: str) -> None:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == status
    assert answer.json is not None
    assert said in answer.json["error"]


def test_answers_may_be_kept_and_are_not_sent_twice(client: FlaskClient) -> None:
    first = client.get(f"{API}/countries")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"{API}/countries", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.post(f"{API}/countries").status_code == 405


def test_the_description_names_every_page_and_nothing_else(app: Flask, client: FlaskClient) -> None:
    described = client.get(f"{API}/openapi.json").json
    assert described is not None
    pages = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert set(described["paths"]) == pages
    text = json.dumps(described)
    for reference in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert reference in described["components"]["schemas"]


@pytest.mark.parametrize(
    ("path", "schema", "rows"),
    [
        ("countries/DE", "Country", ""),
        ("countries/DE/facts/tm_term_years", "Fact", ""),
        ("documents", "Document", "documents"),
        ("rules/US-ANS-21", "Rule", ""),
        ("deadlines/US-ANS-21?served=2026-11-10", "Deadline", "deadlines"),
    ],
)
def test_answers_hold_what_the_description_says(client: FlaskClient, path: str, schema: str, rows: str) -> None:
    described = client.get(f"{API}/openapi.json").json
    answer = client.get(f"{API}/{path}").json
    assert described is not None
    assert answer is not None
    row = answer[rows][0] if rows else answer
    assert set(row) == set(described["components"]["schemas"][schema]["properties"])
