"""The hall of the journeys: a real server with invented people in it."""

from datetime import UTC, datetime

import pytest

from hall import demonstration
from hall.database import Database
from hall.settings import Settings
from tests.conftest import Server


@pytest.fixture
def hall(live_server: Server, database: Database, settings: Settings) -> Server:
    """The server with invented people in it."""
    now = datetime.now(UTC)
    with database.work() as session:
        demonstration.add(session, now=now, today=now.astimezone(settings.zone).date())
    return live_server
