"""The command line of the windows."""

import json

import pytest
from flask import Flask

from hall.languages import LANGUAGES

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    done = app.test_cli_runner().invoke(args=["windows", *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_a_fact_and_all_facts(app: Flask) -> None:
    code, out, _ = run(app, "fact", "DE", "tm_opposition_period", "--json")
    assert code == 0
    assert json.loads(out)["value"] == 3
    code, out, _ = run(app, "fact", "sa")
    assert code == 0
    assert "hijri_years" in out


def test_a_deadline_of_a_rule_is_a_list_of_one(app: Flask) -> None:
    code, out, _ = run(app, "deadline", "US-ANS-21", "served=2026-11-10", "state=IL", "--today", "2026-11-25", "--json")
    assert code == 0
    (row,) = json.loads(out)
    wanted = {"rule", "action", "raw", "rolled", "safe", "basis", "calendar", "show_date", "why"}
    assert wanted <= set(row)
    assert (row["rule"], row["safe"], row["show_date"]) == ("US-ANS-21", "2026-12-01", True)


def test_a_deadline_of_a_paper_gives_all_its_rules(app: Flask) -> None:
    told = ("country=DE", "notified=2026-11-10", "perishable=no")
    code, out, _ = run(app, "deadline", "EU_CUSTOMS", *told, "--json")
    assert code == 0
    assert "EU-CUS-10" in {row["rule"] for row in json.loads(out)}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("deadline", "US-ANS-21", "served=2026-11-10", "mailed=2026-11-01"), "taken are served, served_earliest"),
        (("deadline", "US-ANS-21", "served=yesterday"), "is no date"),
        (("deadline", "US-ANS-21", "served"), "NAME=VALUE"),
        (("deadline", "US-ANS-21", "served=2026-11-09", "served=2026-11-10"), "served was given twice"),
        (("deadline", "us-ans-21", "served=2026-02-30"), "is no date"),
        (("deadline", "US-ANS-21", "served=2999-01-01"), "served: "),
        (("deadline", "NOTHING"), "neither a rule nor a paper"),
        (("fact", "XX"), "XX is not known"),
        (("fact", "DE", "nothing"), "nothing is not known"),
    ],
)
def test_what_cannot_be_is_said_and_ends_with_2(app: Flask, arguments: tuple[str, ...], said: str) -> None:
    code, _, err = run(app, *arguments)
    assert code == 2
    assert said in err


def test_the_check_finds_everything_in_order(app: Flask) -> None:
    code, out, _ = run(app, "check")
    assert code == 0, out
    assert "29 countries" in out


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.tag)
def test_search_on_the_command_line(app: Flask, language: object) -> None:
    locale = getattr(language, "locale", "")
    code, out, _ = run(app, "search", "shangbiao" if locale == "zh_Hans" else "trademark", "--lang", locale, "--json")
    assert code == 0
    found = json.loads(out)
    assert found["count"] > 20
    assert found["results"][0]["matches"]
