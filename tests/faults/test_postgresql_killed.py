"""kill -9 of PostgreSQL in the middle of submits: said in a sentence, nothing lost, all is well once it runs again."""

import random
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import pytest

from hall.database import Database
from hall.sessions import COOKIE
from tests.conftest import StartServer
from tests.faults.not_saved import Unsaved, check_told
from tests.faults.visits import Visit, check, open_visits, send
from tests.postgresql import Cluster
from tests.web_client import Answer, NoAnswer, Visitor

pytestmark = pytest.mark.only_on("postgresql")
ROUNDS = 6
CLIENTS = 4
VISITS = 6
# What the hall shows of its own, and what it knows by heart.
READ = ("/en/", "/zh-Hans/windows/us", "/en/case")
KNOWN = ("/en/situations", "/en/handbooks/", "/zh-Hans/paper", "/en/changes")


class Client:
    """Sends its visits one after the other, until the first that is not saved."""

    def __init__(self, address: str, visits: list[Visit], tag: str, heard: threading.Semaphore) -> None:
        self.address, self.visits, self.tag, self.heard = address, visits, tag, heard
        self.unsaved: Unsaved | None = None
        self.told = False

    def send_all(self) -> None:
        for visit in self.visits:
            with closing(Visitor(self.address, {COOKIE: visit.token})) as visitor:
                try:
                    answer = self.send_one(visitor)
                except NoAnswer:
                    return
            if answer.status != 303:
                self.told = True
                return
            visit.acknowledged = True
            self.heard.release()

    def send_one(self, visitor: Visitor) -> Answer:
        path = f"/{self.tag}/intake/check"
        page = visitor.get(path)
        if page.status != 200:
            check_told(page, self.tag, opened=False)
            return page
        form = Unsaved.of(visitor, path, page)
        answer = form.send()
        if answer.status != 303:
            check_told(answer, self.tag)
            self.unsaved = Unsaved.of(visitor, path, answer)
            assert self.unsaved.fields == form.fields
        return answer


@pytest.mark.parametrize("seed", [20261125])
def test_kill_9_of_the_database_loses_and_doubles_nothing(
    start_server: StartServer, database: Database, postgresql: Cluster, seed: int
) -> None:
    server, chance, visits, told = start_server(), random.Random(seed), list[Visit](), 0
    # All of it at once, as when the power goes; or one process, whereupon PostgreSQL throws all others out.
    crashes: list[Callable[[], None]] = [postgresql.crash, postgresql.kill_a_backend]
    for turn in range(ROUNDS):
        shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
        visits += [visit for share in shares for visit in share]
        heard, tags = threading.Semaphore(0), ("en", "zh-Hans") * CLIENTS
        clients = [Client(server.address, share, tag, heard) for share, tag in zip(shares, tags, strict=False)]
        with ThreadPoolExecutor(CLIENTS) as pool:
            sending = [pool.submit(client.send_all) for client in clients]
            for _ in range(chance.randint(1, CLIENTS * VISITS // 2)):
                assert heard.acquire(timeout=30), server.log.read_text()
            wait(sending, chance.uniform(0, 0.02))
            crashes[turn % 2]()
            for sent in sending:
                sent.result()
        told += sum(client.told for client in clients)
        if turn % 2 == 0:
            without_database(server.address)
            postgresql.begin()
        else:
            postgresql.await_recovery()
        check(database, visits)
        for client in clients:
            if client.unsaved is not None:
                assert client.unsaved.send().status == 303
                client.unsaved.visitor.close()
        check(database, visits)
    assert told >= ROUNDS, "hardly any visitor was told that nothing was saved"
    for visit in visits:
        with closing(Visitor(server.address, {COOKIE: visit.token})) as visitor:
            assert send(visitor).status == 303
        visit.acknowledged = True
    check(database, visits)


def without_database(address: str) -> None:
    """While there is no database every page says so in its language, and health is red."""
    for path in READ:
        with closing(Visitor(address)) as visitor:
            answer = visitor.get(path)
        if answer.status != 200:
            check_told(answer, path.split("/")[1], opened=False)
    with closing(Visitor(address, {COOKIE: secrets.token_urlsafe(32)})) as visitor:
        for path in KNOWN:
            assert visitor.get(path).status == 200, path
        check_told(visitor.get("/zh-Hans/intake/check"), "zh-Hans", opened=False)
        assert visitor.get("/healthz").status == 503
