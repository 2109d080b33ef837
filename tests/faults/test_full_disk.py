"""A disk that takes no more: said in a sentence, nothing lost, pages to read go on, and all is well once there is room.

The limit on the size of files (RLIMIT_FSIZE) makes the writes of the server's processes fail as on a full disk, in any
container and for any user; it is set and lifted from outside while the server runs. tests/trials fills a real disk.
"""

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.database import Database
from hall.sessions import COOKIE
from tests.conftest import Server, StartServer
from tests.faults.killing import processes_of
from tests.faults.not_saved import Unsaved, ask, been_here_a_while, check_told, reads, send_until_refused
from tests.faults.visits import check, open_visits, send
from tests.web_client import Visitor, hidden_fields

pytestmark = pytest.mark.only_on("sqlite")
CLIENTS = 4
VISITS = 12
# Some visits, in bytes of the write-ahead log; it is written back to the file before it has four million.
ROOM = 1_000_000
STORY = "/zh-Hans/intake/question/story"
TYPED = "我们的展台昨天被查封，<b>样机</b> “全部”带走了 & 没有收据。\n第二行"


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
            refused = list(pool.map(send_until_refused, [server.address] * CLIENTS, shares, tags, [begun] * CLIENTS))
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


def test_a_visit_can_be_ended_when_nothing_can_be_written(start_server: StartServer, database: Database) -> None:
    server, visit = start_server(), open_visits(database, 1)[0]
    with closing(Visitor(server.address, {COOKIE: visit.token})) as visitor:
        form = hidden_fields(visitor.get("/en/intake/check").text, "/en/leave")
        with no_file_longer_than(0, server):
            answer = visitor.post("/en/leave", form)
            assert (answer.status, answer.location) == (303, "/en/goodbye")
            assert visitor.cookies[COOKIE] == ""
            # Whoever comes next to this terminal finds nothing.
            assert visitor.get("/en/intake/check").location == "/en/"


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
