"""The hall's speed beside what it is measured against, in one run: only the ratios mean anything on a shared machine.

Run with `make bench`. Load goes to loopback only, from a few clients, for a few seconds each.
"""

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from hall import demonstration
from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.cases.records import Case
from hall.database import Database
from hall.sessions import COOKIE
from hall.settings import HOUSE, Settings
from tests.conftest import Server, StartServer, await_answer
from tests.faults.visits import CHECK, Visit, open_visits
from tests.postgresql import free_port
from tests.web_client import Visitor, hidden_fields

CLIENTS = 8
SECONDS = 4.0
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """What one measurement gave."""

    rate: float
    p50: float
    p99: float


def measure(step: Step, *, times: int | None = None) -> Figure:
    """Run `step(client, turn)` from all clients at once, for a while or a number of times each."""
    lengths: list[list[float]] = [[] for _ in range(CLIENTS)]
    faults: list[BaseException] = []
    ready = threading.Barrier(CLIENTS + 1)

    def run(client: int) -> None:
        ready.wait()
        end, turn = time.perf_counter() + SECONDS, 0
        try:
            while (turn < times) if times is not None else (time.perf_counter() < end):
                began = time.perf_counter()
                step(client, turn)
                lengths[client].append(time.perf_counter() - began)
                turn += 1
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    assert not faults, faults[0]
    every = sorted(length for share in lengths for length in share)
    return Figure(len(every) / seconds, statistics.median(every) * 1000, every[int(len(every) * 0.99)] * 1000)


class Caller:
    """One kept connection for each client."""

    def __init__(self, address: str, cookies: list[str] | None = None) -> None:
        host = urlsplit(address).netloc
        self.connections = [HTTPConnection(host, timeout=30) for _ in range(CLIENTS)]
        self.cookies = cookies

    def ask(self, client: int, method: str, path: str, values: dict[str, str] | None = None) -> int:
        headers = {"Cookie": self.cookies[client]} if self.cookies else {}
        body = urlencode(values) if values is not None else None
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = self.connections[client]
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        response.read()
        return response.status

    def get(self, path: str) -> Step:
        def step(client: int, _turn: int) -> None:
            assert self.ask(client, "GET", path) == 200

        return step

    def close(self) -> None:
        for connection in self.connections:
            connection.close()


@contextmanager
def reference(folder: Path) -> Iterator[str]:
    """Serve the reference with the same server, processes and threads as the hall."""
    port = free_port()
    program = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--no-ws", "--port", str(port)]
    log = folder / "reference.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*program, "--log-level", "error", "--blocking-threads", "8", "tests.bench.reference:app"],
            cwd=HOUSE,
            env={**os.environ, "REFERENCE_DATABASE": str(folder / "reference.db")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        await_answer(Server(address, process, log))
        yield address
    finally:
        process.terminate()
        process.wait()


def line(name: str, figure: Figure, beside: Figure, what: str) -> None:
    print(
        f"{name:28} {figure.rate:8.0f}/s  p50 {figure.p50:7.1f} ms  p99 {figure.p99:7.1f} ms"
        f"   {figure.rate / beside.rate:5.2f} x {what}"
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_hall_beside_its_references(
    start_server: StartServer, settings: Settings, database: Database, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    with database.work() as session:
        demonstration.add(session, now=now, today=now.astimezone(settings.zone).date())
    address = start_server().address
    print()
    with reference(tmp_path) as other:
        plain, hall = Caller(other), Caller(address)
        page = measure(plain.get("/"))
        line("bare Flask page", page, page, "bare page")
        line("home page", measure(hall.get("/zh-Hans/")), page, "bare page")
        line("country page", measure(hall.get("/zh-Hans/windows/us/us")), page, "bare page")
        issuer = measure(lambda c, t: _issue(plain, c, t))
        line("minimal ticket issuer", issuer, issuer, "minimal issuer")
        line("ticket issue", measure(_take(address, database)), issuer, "minimal issuer")
        visits = open_visits(database, CLIENTS * 12)
        line("intake submit", measure(_submit(address, visits), times=12), issuer, "minimal issuer")
        line("status page", measure(_status(address, database)), page, "bare page")
        plain.close()
        hall.close()


def _issue(caller: Caller, client: int, turn: int) -> None:
    assert caller.ask(client, "POST", "/ticket", {"request_key": f"{client}-{turn}-{time.monotonic_ns()}"}) == 200


def _take(address: str, database: Database) -> Step:
    visits = [open_visits(database, 1)[0] for _ in range(CLIENTS)]
    caller = Caller(address, [f"{COOKIE}={visit.token}" for visit in visits])
    path = "/en/ticket/us"
    tokens = [Visitor(address, {COOKIE: visit.token}).form(path)["csrf_token"] for visit in visits]

    def step(client: int, turn: int) -> None:
        key = f"bench-{client:04d}-{turn:08d}-{time.monotonic_ns():020d}"
        assert caller.ask(client, "POST", path, {"csrf_token": tokens[client], "request_key": key}) == 303

    return step


def _submit(address: str, visits: list[Visit]) -> Step:
    forms = []
    for visit in visits:
        visitor = Visitor(address, {COOKIE: visit.token})
        forms.append(hidden_fields(visitor.get(CHECK).text, CHECK))
        visitor.close()
    share = len(visits) // CLIENTS

    def step(client: int, turn: int) -> None:
        number = client * share + turn
        caller = Visitor(address, {COOKIE: visits[number].token})
        assert caller.post(CHECK, forms[number]).status == 303
        caller.close()

    return step


def _status(address: str, database: Database) -> Step:
    with database.work() as session:
        case_id = session.query(Case.id).limit(1).scalar()
        tokens = [
            accounts.begin_session(session, SessionKind.PHONE, now=datetime.now(UTC), data={}, case_id=case_id)
            for _ in range(CLIENTS)
        ]
    return Caller(address, [f"{COOKIE}={token}" for token in tokens]).get("/zh-Hans/case/status")
