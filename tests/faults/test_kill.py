"""kill -9 in the middle of submits: what was acknowledged is there once, and what was not can be sent again."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
import sqlalchemy as sa

from hall import events
from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.cases.actions import request_hash
from hall.cases.records import Case
from hall.database import Database
from hall.sessions import COOKIE
from hall.settings import HOUSE, Settings
from hall.tickets.records import Ticket
from tests.conftest import Server, await_answer, environment_of
from tests.postgresql import free_port
from tests.web_client import NoAnswer, Visitor, hidden_fields

ROUNDS = 50
CLIENTS = 4
VISITS = 6
CHECK = "/en/intake/check"
ANSWERS = {
    "role": "we_are_preparing",
    "country": "DE",
    "plan": ["ask"],
    "markets": ["DE"],
    "rights": ["mark"],
    "other_side_names": "Acme Power GmbH",
    "other_side_names_other_script": "",
    "other_side_lawyers": "",
    "wanted": ["protect"],
    "story": "",
    "company_name": "深圳星河电子有限公司",
    "company_name_latin": "Shenzhen Xinghe Electronics Co., Ltd.",
    "credit_code": "",
    "contact_name": "李娜",
    "phone": "",
    "email": "",
    "answer_language": "en",
    "consent_use": "yes",
    "consent_advisor": "yes",
    "consent_provider": "no",
}


@dataclass
class Visit:
    """One visitor with all questions answered; `acknowledged` once the server has said that it is saved."""

    token: str
    request: str
    acknowledged: bool = False


def begin(settings: Settings, log: Path) -> Server:
    """Start a server in a process group of its own, and do not wait for it."""
    port = free_port()
    own = settings.model_copy(update={"listen_port": port})
    program = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--no-ws", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*program, "--blocking-threads", "4", "wsgi:app"],
            cwd=HOUSE,
            env=environment_of(own),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{port}", process, log)


@contextmanager
def running(settings: Settings, log: Path, number: int) -> Iterator[Iterator[Server]]:
    """So many servers, one after the other; while one is at work the next one comes up, for it takes seconds."""
    begun: list[Server] = []

    def one_by_one() -> Iterator[Server]:
        begun.append(begin(settings, log))
        for turn in range(number):
            if turn + 1 < number:
                begun.append(begin(settings, log))
            await_answer(begun[turn])
            yield begun[turn]

    try:
        yield one_by_one()
    finally:
        for server in begun:
            kill(server)


def kill(server: Server) -> None:
    if server.process.poll() is None:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def open_visits(database: Database, number: int) -> list[Visit]:
    """Open visits with all questions answered, each by an enterprise of its own."""
    visits = []
    with database.work() as session:
        for _ in range(number):
            request = os.urandom(18).hex()
            answers = {**ANSWERS, **_names(request)}
            data = {"intake": {"flow": "main", "answers": answers, "request": request}}
            token = accounts.begin_session(session, SessionKind.VISIT, now=datetime.now(UTC), data=data)
            visits.append(Visit(token, request))
    return visits


def _names(request: str) -> dict[str, str]:
    # Everybody with the same name would be a conflict with everybody.
    han = "".join(chr(0x4E00 + int(request[place : place + 3], 16) * 5) for place in (7, 10, 13))
    return {
        "company_name": f"深圳{han}电子有限公司",
        "company_name_latin": f"{request[-9:].title()} Electronics Co., Ltd.",
        "other_side_names": f"{request[:7].title()} Power GmbH",
    }


def submit(address: str, visit: Visit) -> None:
    """Send the check page; NoAnswer when the server goes away."""
    visitor = Visitor(address, {COOKIE: visit.token})
    try:
        answer = visitor.get(CHECK)
        if answer.status == 200:
            answer = visitor.post(CHECK, hidden_fields(answer.text, CHECK))
        # Whoever was saved and did not hear of it is led to the slip at once.
        assert answer.status == 303, answer.text
        assert answer.location.endswith("/slip"), answer.location
        visit.acknowledged = True
    finally:
        visitor.close()


def submit_until_killed(address: str, visits: list[Visit], heard: threading.Semaphore) -> None:
    for visit in visits:
        try:
            submit(address, visit)
        except NoAnswer:
            return
        heard.release()


@pytest.mark.parametrize("seed", [20261125])
def test_kill_9_during_submits_loses_and_doubles_nothing(
    settings: Settings, database: Database, tmp_path: Path, seed: int
) -> None:
    chance, visits = random.Random(seed), list[Visit]()
    with running(settings, tmp_path / "server.log", ROUNDS + 1) as servers:
        for server in islice(servers, ROUNDS):
            shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
            visits += [visit for share in shares for visit in share]
            kill_in_the_middle(server, shares, chance)
        acknowledged = [visit for visit in visits if visit.acknowledged]
        assert len(acknowledged) >= ROUNDS
        assert len(acknowledged) < len(visits), "no round was cut short"
        check(database, visits)

        last = next(servers)
        for visit in visits:
            if not visit.acknowledged:
                submit(last.address, visit)
    check(database, visits)


def kill_in_the_middle(server: Server, shares: list[list[Visit]], chance: random.Random) -> None:
    """Let every share of visits be submitted by a client of its own, and kill the server at any moment of it."""
    heard = threading.Semaphore(0)
    clients = [threading.Thread(target=submit_until_killed, args=(server.address, share, heard)) for share in shares]
    for client in clients:
        client.start()
    # Not before something was acknowledged, and then at any moment of what follows.
    for _ in range(chance.randint(1, CLIENTS * VISITS // 2)):
        assert heard.acquire(timeout=30), server.log.read_text()
    clients[0].join(chance.uniform(0, 0.02))
    kill(server)
    for client in clients:
        client.join()


def check(database: Database, visits: list[Visit]) -> None:
    """Every acknowledged visit has one case and one ticket; nobody has two; numbers and events have no gap."""
    with database.reading() as session:
        cases = dict(session.execute(sa.select(Case.request_hash, Case.id)).all())
        tickets = {ticket.request_hash: ticket for ticket in session.scalars(sa.select(Ticket))}
        for visit in visits:
            key = request_hash(session, visit.request)
            if visit.acknowledged:
                assert key in cases, "an acknowledged case is lost"
            if key in cases:
                assert tickets[key].case_id == cases[key]
        assert cases.keys() == tickets.keys()
        assert sorted(ticket.number for ticket in tickets.values()) == list(range(1, len(tickets) + 1))
        references = session.scalars(sa.select(Case.reference).order_by(Case.reference)).all()
        assert [int(reference[-6:]) for reference in references] == list(range(1, len(cases) + 1))
        assert list(events.flaws(session)) == []
