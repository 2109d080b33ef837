"""A disk that takes no more: said in a sentence, nothing lost, pages to read go on, and all is well once there is room.

The limit on the size of files (RLIMIT_FSIZE) makes the writes of the server's processes fail as on a full disk, in any
container and for any user; it is set and lifted from outside while the server runs. tests/trials fills a real disk.
"""

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from hall.accounts import actions as accounts
from hall.accounts.records import HallSession
from hall.accounts.rules import SessionKind
from hall.database import Database
from hall.sessions import COOKIE
from tests.conftest import Server, StartServer
from tests.faults.not_saved import Unsaved, check_told
from tests.faults.visits import Visit, check, open_visits, send
from tests.web_client import Answer, Visitor, hidden_fields

pytestmark = pytest.mark.only_on("sqlite")
CLIENTS = 4
VISITS = 12
# Some visits, in bytes of the write-ahead log; it is written back to the file before it has four million.
ROOM = 1_000_000
READ = ("/en/", "/zh-Hans/", "/en/windows/us", "/en/windows/eu/de", "/zh-Hans/board", "/en/handbooks/")
STORY = "/zh-Hans/intake/question/story"
TYPED = "我们的展台昨天被查封，<b>样机</b> “全部”带走了 & 没有收据。\n第二行"


def processes_of(server: Server) -> list[int]:
    """Return the server's process and all below it."""
    found = [server.process.pid]
    for pid in found:
        for tasks in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (tasks / "children").read_text().split())
    return found


@contextmanager
def no_file_longer_than(size: int, server: Server) -> Iterator[None]:
    """Let the server's processes write no byte beyond `size` in any file, until the block ends."""
    pids = processes_of(server)
    assert len(pids) > 1, "the server has no worker"
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def empty_write_ahead_log(database: Database) -> None:
    """Let the next commit begin at the first byte of the file that commits go to."""
    with database.engine.connect() as connection:
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
    assert busy == 0
    assert Path(f"{database.url.database}-wal").stat().st_size == 0


def send_until_full(address: str, share: list[Visit], tag: str, begun: Barrier) -> Unsaved | None:
    """Send a share of visits one after the other; return the form that was refused first."""
    begun.wait()
    for visit in share:
        with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
            answer = send(visitor, tag)
        if answer.status != 303:
            check_told(answer, tag)
            return Unsaved.of(visitor, f"/{tag}/intake/check", answer)
        visit.acknowledged = True
    return None


def test_a_disk_that_fills_during_submits_is_said_and_loses_nothing(
    start_server: StartServer, database: Database
) -> None:
    server = start_server()
    shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
    visits = [visit for share in shares for visit in share]
    begun = Barrier(CLIENTS)
    been_here_a_while(server.address, database, visits)
    empty_write_ahead_log(database)
    with no_file_longer_than(ROOM, server):
        with ThreadPoolExecutor(CLIENTS) as pool:
            tags = ("en", "zh-Hans") * (CLIENTS // 2)
            refused = list(pool.map(send_until_full, [server.address] * CLIENTS, shares, tags, [begun] * CLIENTS))
        assert any(visit.acknowledged for visit in visits), "the disk was full from the start"
        assert all(refused), "the disk never was full"
        check(database, visits)
        reads(server.address, visits[-1])
    for form in filter(None, refused):
        assert form.send().status == 303
        form.visitor.close()
    for visit in visits:
        with closing(Visitor(server.address, {COOKIE: visit.token})) as visitor:
            assert send(visitor).status == 303
        visit.acknowledged = True
    check(database, visits)
    assert ask(server.address, "/healthz").status == 200


def been_here_a_while(address: str, database: Database, visits: list[Visit]) -> None:
    """Let the visitors have opened a page some minutes ago: to note that they are here again is a write by itself."""
    for visit in visits:
        with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
            assert visitor.get("/en/intake/check").status == 200
    with database.work() as session:
        session.execute(sa.update(HallSession).values(seen_at=datetime.now(UTC) - timedelta(minutes=5)))


def reads(address: str, visit: Visit) -> None:
    """Pages that only read are shown, also to a visitor who was away."""
    for path in READ:
        assert ask(address, path).status == 200, path
    with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
        for path in ("/en/intake/check", "/en/intake/question/story", "/en/"):
            assert visitor.get(path).status == 200, path


def ask(address: str, path: str) -> Answer:
    with closing(Visitor(address)) as visitor:
        return visitor.get(path)


def test_what_was_typed_is_kept_and_sent_again_when_nothing_at_all_can_be_written(
    start_server: StartServer, database: Database
) -> None:
    server = start_server()
    visitor = Visitor(server.address, {COOKIE: open_visits(database, 1)[0].token})
    form = {**hidden_fields(visitor.get(STORY).text, STORY), "story": TYPED, "returns": "check"}
    # Not even a line of the log finds room.
    with no_file_longer_than(0, server):
        answer = visitor.post(STORY, form)
        check_told(answer, "zh-Hans")
        unsaved = Unsaved.of(visitor, STORY, answer)
        assert unsaved.fields == form
        check_told(unsaved.send(), "zh-Hans")
        assert ask(server.address, "/healthz").status == 503
    assert ask(server.address, "/healthz").status == 200
    again = unsaved.send()
    assert (again.status, again.location) == (303, "/zh-Hans/intake/check")
    assert "我们的展台昨天被查封" in visitor.get("/zh-Hans/intake/check").text
    visitor.close()


def test_a_password_is_not_written_into_the_page_that_says_not_saved(
    start_server: StartServer, database: Database
) -> None:
    server = start_server()
    with database.work() as session:
        token = accounts.begin_session(session, SessionKind.VISIT, now=datetime.now(UTC), data={})
    visitor = Visitor(server.address, {COOKIE: token})
    form = visitor.form("/en/desk/sign-in")
    with no_file_longer_than(0, server):
        answer = visitor.post("/en/desk/sign-in", {**form, "email": "a@hall.example", "password": "a secret of mine"})
    check_told(answer, "en")
    assert "a secret of mine" not in answer.text
    visitor.close()
