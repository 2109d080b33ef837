"""A disk that is really full, with all of the hall on it: said in a sentence, nothing lost, well once there is room."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

from hall.sealing import Keys
from hall.sessions import COOKIE
from hall.settings import Settings
from tests.conftest import await_answer, open_database
from tests.faults.killing import begin, kill
from tests.faults.not_saved import ask, been_here_a_while, reads, send_until_refused
from tests.faults.visits import check, open_visits, send
from tests.trials.disks import SmallDisk, small_disk
from tests.web_client import Visitor

CLIENTS = 4
VISITS = 12
MEGABYTE = 1_000_000
SIZE = 100 * MEGABYTE


def fill(disk: SmallDisk, leaving: int) -> None:
    """Let something else take the room on the disk."""
    with (disk.mount / "something-else").open("wb") as file:
        file.write(bytes(max(0, disk.free - leaving)))


def test_a_full_disk_is_said_and_loses_nothing(
    settings_on_disk: Settings, image: Path, keys: Keys, tmp_path: Path
) -> None:
    settings = settings_on_disk.model_copy(update={"jobs": "embedded"})
    with small_disk(settings.data_folder, SIZE) as disk:
        (disk.mount / "hall.db").write_bytes((image / "hall.db").read_bytes())
        # The log lies on the same disk, as in many a hall.
        server, database = begin(settings, disk.mount / "server.log"), open_database(settings.database_url, keys)
        try:
            await_answer(server)
            shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
            visits = [visit for share in shares for visit in share]
            been_here_a_while(server.address, database, visits)
            assert ask(server.address, "/healthz").status == 200
            fill(disk, leaving=MEGABYTE)
            with ThreadPoolExecutor(CLIENTS) as pool:
                begun, tags = Barrier(CLIENTS), ("en", "zh-Hans") * CLIENTS
                refused = list(
                    pool.map(send_until_refused, [server.address] * CLIENTS, shares, tags, [begun] * CLIENTS)
                )
            assert all(refused), "the disk never was full"
            acknowledged = sum(visit.acknowledged for visit in visits)
            fill(disk, leaving=0)
            check(database, visits)
            reads(server.address, visits[-1])
            for form in filter(None, refused):
                assert form.send().status == 503
            assert ask(server.address, "/healthz").status == 503

            disk.resize(2 * SIZE)
            assert ask(server.address, "/healthz").status == 200
            for form in filter(None, refused):
                assert form.send().status == 303
                form.visitor.close()
            for visit in visits:
                with closing(Visitor(server.address, {COOKIE: visit.token})) as visitor:
                    assert send(visitor).status == 303
                visit.acknowledged = True
            check(database, visits)
            assert '"status": 500' not in server.log.read_text()
            print(f"\n{acknowledged} acknowledged before the disk was full, {len(visits)} once there was room")
        finally:
            database.close()
            kill(server)
