"""The handbook of a case: about its markets, rights and role, with its dates in front, for nobody else."""

import io
import re
import subprocess
import time
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import page as page_checker
import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient

from hall.cases import actions as cases
from hall.cases.records import Case
from hall.database import Database
from hall.events import THE_HALL
from hall.settings import Settings
from hall.terminal import own_handbook, submission
from tests.attachments.test_pages import holder
from windows.situations import get_situation

ANSWERS: dict[str, str | list[str]] = {
    "role": "we_are_accused",
    "country": "US",
    "document": "US_COMPLAINT",
    "way": "handed_over",
    "date_received": "2026-11-10",
    "ask_us_court": "federal",
    "place": "US-IL",
    "rights": ["mark"],
    "story": "the secret story",
    "company_name": "Xinglan",
    "other_side_names": "Acme Power",
    "answer_language": "en",
    "consent_use": "yes",
    "consent_advisor": "yes",
    "consent_provider": "yes",
}
TODAY = date(2026, 11, 25)
WAIT_SECONDS = 90


def open_case(database: Database, settings: Settings, now: datetime, **changes: Any) -> str:
    told = submission.build(ANSWERS, lane="main", locale="en", settings=settings, today=TODAY, now=now)
    with database.work() as session:
        case, _ = cases.open_case(
            session, replace(told, **changes), request="request-1", year=2026, now=now, actor=THE_HALL
        )
        return case.id


def wait_for(client: FlaskClient, path: str) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        page = client.get(path).text
        if "handbook.pdf" in page:
            return page
        time.sleep(0.3)
    raise AssertionError("the handbook never came")


def text_of(pdf: bytes) -> str:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) > 10
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def is_tagged(pdf: bytes) -> bool:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return "/StructTreeRoot" in opened.Root


def test_a_case_has_its_handbook_with_its_dates(
    app: Flask, database: Database, settings: Settings, now: datetime, tmp_path: Path
) -> None:
    client = holder(app, database, open_case(database, settings, now))
    assert 'href="/en/case/handbook"' in client.get("/en/case/status").text
    page = wait_for(client, "/en/case/handbook")
    assert "United States" in page
    while "is still being made" in client.get("/en/case/handbook").text:
        time.sleep(0.3)
    for path in ("/en/case/handbook.pdf", "/en/case/handbook.pdf?save=yes"):
        answer = client.get(path)
        assert answer.content_type == "application/pdf"
        assert answer.headers["Cache-Control"] == "no-store"
        text = text_of(answer.data)
        assert "December 1, 2026" in text  # FRCP 12(a)(1)(A)(i)
        assert "Serve an answer or a Rule 12 motion" in text
        assert "If we are accused here" in text
        assert "Which way leads abroad" not in text
        assert "the secret story" not in text
        assert "If you do nothing: " in text
        assert "Opening hours 9:00" in text
        assert "As it stood on " in text
        assert "Have every date confirmed by counsel." in text
    assert not is_tagged(client.get("/en/case/handbook.pdf").data)
    tagged = tmp_path / "tagged.pdf"
    tagged.write_bytes(answer.data)
    report = page_checker.validate_pdf(tagged, profile="ua1")
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    with database.reading() as session:
        reference = session.query(Case).one().reference
    assert reference in text
    left = [path for path in settings.handbook_folder.rglob("*.pdf") if reference.encode() in path.read_bytes()]
    assert left == []
    assert not list(settings.handbook_folder.glob(".once-*"))


def test_the_handbook_of_a_case_comes_in_every_form(
    app: Flask, database: Database, settings: Settings, now: datetime
) -> None:
    client = holder(app, database, open_case(database, settings, now))
    sizes = {}
    for form in ("booklet", "large"):
        page = wait_for(client, f"/en/case/handbook?form={form}")
        assert f"/en/case/handbook.pdf?form={form}" in page
        with pikepdf.open(io.BytesIO(client.get(f"/en/case/handbook.pdf?form={form}").data)) as pdf:
            sizes[form] = [round(float(value)) for value in pdf.pages[0].mediabox[2:]], len(pdf.pages)
    assert sizes["booklet"][0] == [842, 595]  # A4, two pages on each side
    assert sizes["large"][0] == [595, 842]
    assert sizes["booklet"][1] < sizes["large"][1] / 2
    assert "handbook.pdf?form=a4" in wait_for(client, "/en/case/handbook?form=poster")


def test_what_is_doubtful_on_the_screen_is_doubtful_on_paper(
    app: Flask, database: Database, settings: Settings, now: datetime
) -> None:
    unsure = ANSWERS | {"ask_us_court": "unsure", "place": "unsure"}
    told = submission.build(unsure, lane="main", locale="en", settings=settings, today=TODAY, now=now)
    with database.work() as session:
        case, _ = cases.open_case(session, told, request="request-2", year=2026, now=now, actor=THE_HALL)
        case_id = case.id
    client = holder(app, database, case_id)
    status = client.get("/en/case/status").text
    wait_for(client, "/en/case/handbook")
    text = text_of(client.get("/en/case/handbook.pdf").data)
    for words in ("It is not known whether this rule applies", "More time:"):
        assert words in status
        assert words in text


def test_the_steps_are_those_of_the_situation() -> None:
    case = Case(role="we_are_accused", document="US_TRO", country="US", rights="mark")
    assert own_handbook.steps_of(case) == get_situation("frozen_account").steps
    for role, steps in (("we_are_preparing", own_handbook.STEPS_BEFORE), ("we_claim", own_handbook.STEPS)):
        assert own_handbook.steps_of(Case(role=role, document="", country="US", rights="")) == steps


@pytest.mark.parametrize(
    ("role", "rights", "told", "code"),
    [
        ("we_are_accused", "mark,domain", {}, "US-mark-accused-selling.dispute-en"),
        ("we_claim", "", {}, "US-claim-selling.dispute-en"),
        (
            "we_are_preparing",
            "patent,unsure",
            {"markets": ["DE", "US", "JP"]},
            "US.DE.JP-patent-preparing-planning.selling-en",
        ),
        ("", "", {"markets": ["DE", "FR", "JP", "KR", "VN", "TH"]}, "US.DE.FR.JP.KR-en"),
    ],
)
def test_what_was_answered_decides_what_is_in_the_book(
    role: str, rights: str, told: dict[str, list[str]], code: str
) -> None:
    case = Case(role=role, document="", country="US", rights=rights)
    book = own_handbook.handbook_of(case, told, "en")
    assert book is not None
    assert book.code == code


def test_a_case_about_no_market_of_the_hall_leads_to_all_handbooks(
    app: Flask, database: Database, settings: Settings, now: datetime
) -> None:
    assert own_handbook.handbook_of(Case(role="", document="", country="", rights=""), {}, "en") is None
    client = holder(app, database, open_case(database, settings, now, country=""))
    assert client.get("/en/case/handbook").headers["Location"].endswith("/en/handbooks/")
    assert client.get("/en/case/handbook.pdf").status_code == 404


def test_nobody_else_gets_it(client: FlaskClient, database: Database, settings: Settings, now: datetime) -> None:
    open_case(database, settings, now)
    answer = client.get("/en/case/handbook")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/case")
    for path in ("/en/case/handbook.pdf", "/en/case/handbook/pages"):
        answer = client.get(path)
        assert answer.status_code == 404
        assert not re.search("U001|BJ-", answer.text)
