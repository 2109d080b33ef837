"""The hall of the journeys: a real server with invented people in it."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page

from hall import demonstration
from hall.accounts import actions as accounts
from hall.database import Database
from hall.events import THE_HALL
from hall.sessions import DEVICE_COOKIE
from hall.settings import Settings
from tests.conftest import Server
from tests.journeys.walking import TERMINAL, NewContext


@pytest.fixture
def hall(live_server: Server, database: Database, settings: Settings) -> Server:
    """The server with invented people in it."""
    now = datetime.now(UTC)
    with database.work() as session:
        demonstration.add(session, now=now, today=now.astimezone(settings.zone).date())
    return live_server


@pytest.fixture
def terminal(hall: Server, database: Database, new_context: NewContext) -> Page:
    """The screen of an enrolled terminal of the hall."""
    now = datetime.now(UTC)
    with database.work() as session:
        _, code = accounts.announce_device(session, kind="terminal", name="Entrance", now=now, actor=THE_HALL)
        _, token = accounts.enrol_device(session, code, now=now)
    context = new_context(**TERMINAL)
    context.add_cookies([{"name": DEVICE_COOKIE, "value": token, "url": hall.address}])
    return context.new_page()
