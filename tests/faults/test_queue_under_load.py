"""Many at once on a real server with two processes: every number once, no gap, nobody called twice."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from hall.accounts import actions as accounts
from hall.accounts.rules import Role, SessionKind
from hall.database import Database
from hall.sessions import COOKIE
from tests.conftest import PASSWORD, StartServer
from tests.web_client import Visitor

TICKETS = 500
CLIENTS = 16
CLERKS = 8
LABEL = re.compile(r"U(\d{3,})")


@pytest.fixture
def address(start_server: StartServer) -> str:
    return start_server(workers=2).address


@pytest.fixture
def clerks(address: str, database: Database) -> Iterator[list[Visitor]]:
    browsers = []
    for number in range(CLERKS):
        with database.work() as session:
            person = accounts.open_account(
                session,
                email=f"clerk{number}@hall.example",
                name=f"Clerk {number}",
                password=PASSWORD,
                grants=[(Role.CLERK, "us")],
                counter=str(number + 1),
                now=datetime.now(UTC),
            )
            token = accounts.begin_session(
                session, SessionKind.PERSON, now=datetime.now(UTC), data={}, person_id=person.id
            )
        browsers.append(Visitor(address, {COOKIE: token}))
    yield browsers
    for browser in browsers:
        browser.close()


def test_500_tickets_from_16_clients_then_8_clerks_at_once(address: str, clerks: list[Visitor]) -> None:
    with ThreadPoolExecutor(CLIENTS) as pool:
        shares = [TICKETS // CLIENTS + (n < TICKETS % CLIENTS) for n in range(CLIENTS)]
        numbers = [number for taken in pool.map(lambda share: take(address, share), shares) for number in taken]
    assert sorted(numbers) == list(range(1, TICKETS + 1))

    with ThreadPoolExecutor(CLERKS) as pool:
        called = [number for batch in pool.map(lambda clerk: call(clerk, 5), clerks) for number in batch]
    assert len(called) == CLERKS * 5
    assert sorted(called) == list(range(1, CLERKS * 5 + 1)), "a ticket was called twice, or one was passed over"


def take(address: str, share: int) -> list[int]:
    visitor = Visitor(address)
    numbers = []
    for _ in range(share):
        answer = visitor.post("/en/ticket/us", visitor.form("/en/ticket/us"))
        assert answer.status == 303, answer.text
        numbers.append(_number(visitor.get(answer.location).text))
    visitor.close()
    return numbers


def call(clerk: Visitor, times: int) -> list[int]:
    numbers = []
    for _ in range(times):
        token = clerk.form("/en/desk/", "/en/desk/call-next")
        answer = clerk.post("/en/desk/call-next", token)
        assert answer.status == 303, answer.text
        page = clerk.get("/en/desk/").text
        numbers.append(_number(page))
        ticket = re.search(r"/en/desk/tickets/(\w+)/start", page)
        assert ticket is not None
        for act in ("start", "finish"):
            assert clerk.post(f"/en/desk/tickets/{ticket[1]}/{act}", token).status == 303
    return numbers


def _number(page: str) -> int:
    found = LABEL.search(page)
    assert found is not None, page
    return int(found[1])
