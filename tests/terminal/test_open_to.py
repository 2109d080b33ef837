"""A hall whose numbers are given at its terminals alone tells a stranger so, and what can be done from home."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from hall import events
from hall.accounts import actions as accounts
from hall.app import create_app
from hall.database import Database
from hall.sessions import DEVICE_COOKIE
from hall.settings import Settings


@pytest.fixture
def closed(settings: Settings, database: Database) -> Iterator[Flask]:
    app = create_app(settings.model_copy(update={"open_to": "terminals"}))
    yield app
    app.extensions["hall_database"].close()


def test_a_stranger_is_told_where_numbers_are_given_and_what_is_open_from_home(closed: Flask) -> None:
    stranger = closed.test_client()
    for path in ("/en/ticket/us", "/en/intake/begin?flow=main"):
        answer = stranger.get(path)
        assert answer.status_code == 403
        assert "at the terminals in its building" in answer.text
        assert "account" not in answer.text
    assert "办事大楼" in stranger.get("/zh-Hans/ticket/us").text
    for path in ("/en/", "/en/windows/us/us", "/en/handbooks/", "/en/case"):
        assert stranger.get(path).status_code == 200


def test_a_terminal_gives_numbers_there(closed: Flask, database: Database) -> None:
    now = datetime.now(UTC)
    with database.work() as session:
        _, code = accounts.announce_device(session, kind="terminal", name="T", now=now, actor=events.THE_HALL)
        _, token = accounts.enrol_device(session, code, now=now)
    terminal = closed.test_client()
    terminal.set_cookie(DEVICE_COOKIE, token)
    assert terminal.get("/en/ticket/us").status_code == 200
