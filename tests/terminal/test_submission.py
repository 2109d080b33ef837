"""From answers to a case: where it belongs, who its parties are, which dates it has."""

from datetime import date

import pytest

from hall.terminal import submission

TODAY = date(2026, 11, 25)
ACCUSED = {"role": "we_are_accused", "way": "handed_over", "date_printed": "2026-11-02", "date_received": "2026-11-10"}

WINDOWS = [
    ({"country": "JP"}, "japan", "JP"),
    ({"country": "unsure", "document": "US_COMPLAINT"}, "us", "US"),
    ({"country": "unsure", "document": "UPC_CLAIM"}, "eu", "EU"),
    ({"country": "unsure", "document": "DE_ABMAHNUNG"}, "eu", "DE"),
    ({"country": "unsure", "document": "CEASE_DESIST"}, "belt_and_road", ""),
    ({"country": "DE", "window": "eu", "document": "unsure"}, "eu", "DE"),
]


@pytest.mark.parametrize(("answers", "window", "country"), WINDOWS)
def test_a_case_goes_to_the_window_of_its_country_or_of_its_paper(
    answers: dict[str, str], window: str, country: str
) -> None:
    assert submission.window_of(answers) == window
    assert submission.country_of(answers) == country


# FRCP 12(a)(1)(A)(i); UPC RoP 23 with 300, 301; Reg. 608/2013 art. 23 with Reg. 1182/71.
DEADLINES = [
    ("US", "US_COMPLAINT", {"ask_us_court": "federal", "place": "US-IL"}, "US-ANS-21", date(2026, 12, 1)),
    ("DE", "UPC_CLAIM", {"ask_upc_pleading": "claim", "place": "UPC-LD-MUC"}, "UPC-SOD-3M", date(2027, 2, 10)),
    ("DE", "EU_CUSTOMS", {"ask_perishable": "no"}, "EU-CUS-10", date(2026, 11, 24)),
]


@pytest.mark.parametrize(("country", "document", "details", "rule", "day"), DEADLINES)
def test_the_date_of_a_paper(country: str, document: str, details: dict[str, str], rule: str, day: date) -> None:
    found = submission.find_deadlines({**ACCUSED, "country": country, "document": document, **details}, TODAY)
    assert found.refusal is None
    assert {deadline.rule_id: deadline.rolled for deadline in found.deadlines}[rule] == day


def test_a_first_pleading_shows_no_period_of_a_later_one() -> None:
    answers = {**ACCUSED, "country": "DE", "document": "UPC_CLAIM", "ask_upc_pleading": "claim"}
    shown = {deadline.rule_id for deadline in submission.find_deadlines(answers, TODAY).deadlines}
    assert "UPC-SOD-3M" in shown
    assert not {"UPC-REJ-1M", "UPC-REJ-CC-2M", "UPC-REPLY-2M"} & shown


def test_each_party_keeps_its_names_in_every_script() -> None:
    said = submission.parties(
        {
            "company_name": "星河",
            "company_name_latin": "Xinghe Ltd",
            "credit_code": "91350100M000100Y43",
            "other_side_names": "Acme Inc.\nJohn Doe",
            "other_side_names_other_script": "艾可美公司",
            "other_side_lawyers": "unsure",
        }
    )
    assert [(party.role, party.names, party.ids) for party in said] == [
        ("client", ("星河", "Xinghe Ltd"), ("91350100M000100Y43",)),
        ("adverse", ("Acme Inc.", "John Doe", "艾可美公司"), ()),
    ]
