"""What was typed at the desk is not lost when the hall refuses it."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient

from hall import demonstration
from hall.cases.records import Case
from hall.database import Database
from tests.matching.test_actions import TODAY, open_case


@pytest.fixture
def blocked_case(database: Database, now: datetime) -> str:
    with database.work() as session:
        demonstration.add(session, now=now, today=TODAY)
        open_case(session, now)
        return open_case(session, now, request="request-2", client="Acme Power, Inc.", adverse="星澜电子").id


def send(client: FlaskClient, page: str, act: str, **values: str) -> tuple[int, str]:
    text = client.get(page).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    version = re.search(r'name="version" value="(\d+)"', text)
    assert token
    assert version
    answer = client.post(f"{page}/{act}", data={"csrf_token": token[1], "version": version[1], **values})
    return answer.status_code, answer.text


def test_a_reason_too_short_for_the_conflict_officer_stays_in_its_field(
    conflict_officer: FlaskClient, blocked_case: str
) -> None:
    page = f"/en/desk/cases/{blocked_case}"
    status, text = send(conflict_officer, page, "decide", outcome="waived", reason="no <b> clash")
    assert status == 422
    assert "no &lt;b&gt; clash</textarea>" in text
    assert "Please write 20 to" in text


def test_a_reason_too_short_for_a_change_of_urgency_stays_in_its_field(
    triager: FlaskClient, blocked_case: str, database: Database
) -> None:
    page = f"/zh-Hans/desk/cases/{blocked_case}"
    status, text = send(triager, page, "urgency", urgency="U0", reason="太急")
    assert status == 422
    assert "太急</textarea>" in text
    assert 'aria-invalid="true"' in text
    with database.reading() as session:
        assert session.get_one(Case, blocked_case).urgency == "U1"
