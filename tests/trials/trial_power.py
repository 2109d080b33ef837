"""Power cuts and failing syncs in the middle of submits, on a disk that forgets what was not synced."""

import random
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from hall.cases.actions import request_hash
from hall.cases.records import Case
from hall.database import Database
from hall.sealing import Keys
from hall.settings import Settings
from tests.conftest import Server, StartServer, await_answer, open_database
from tests.faults.killing import begin, kill, kill_in_the_middle, processes_of
from tests.faults.not_saved import Unsaved, ask, open_check_page, send_until_refused, send_until_saved
from tests.faults.visits import Visit, check, open_visits, submit
from tests.trials.disks import ForgetfulDisk, forgetful_disk

CLIENTS = 4
VISITS = 12
SEED = 20261125
CONTROL_ROUNDS = 3
# How much of what was not synced is on the disk all the same: nothing, half, nearly all.
SHARES = (0.0, 0.5, 0.95)


@contextmanager
def opened(folder: Path, keys: Keys) -> Iterator[Database]:
    database = open_database(f"sqlite:///{folder / 'hall.db'}", keys)
    try:
        yield database
    finally:
        database.close()


def open_shares(settings: Settings, keys: Keys) -> list[list[Visit]]:
    with opened(settings.data_folder, keys) as database:
        return [open_visits(database, VISITS) for _ in range(CLIENTS)]


@contextmanager
def serving(settings: Settings, log: Path, app: str = "wsgi:app") -> Iterator[Server]:
    server = begin(settings, log, app)
    try:
        await_answer(server)
        yield server
    finally:
        kill(server)


def cut_again_and_again(
    settings: Settings, image: Path, keys: Keys, log: Path, *, app: str, rounds: int
) -> Iterator[list[Visit]]:
    """Give the visits of each round, `image` holding what the cut of that round has left."""
    chance = random.Random(SEED)
    for turn in range(rounds):
        with forgetful_disk(settings.data_folder, image) as disk:
            shares = open_shares(settings, keys)
            with serving(settings, log, app) as server:
                kill_in_the_middle(server, shares, chance)
            disk.cut_power(f"{SEED}-{turn}", SHARES[turn % len(SHARES)])
        yield [visit for share in shares for visit in share]


def test_power_cuts_lose_nothing_that_was_acknowledged(
    settings_on_disk: Settings, image: Path, keys: Keys, tmp_path: Path, rounds: int
) -> None:
    visits: list[Visit] = []
    log = tmp_path / "server.log"
    for more in cut_again_and_again(settings_on_disk, image, keys, log, app="wsgi:app", rounds=rounds):
        visits += more
        with opened(image, keys) as database:
            check(database, visits)
            with database.reading() as session:
                assert session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
    acknowledged = sum(visit.acknowledged for visit in visits)
    assert rounds <= acknowledged < len(visits)
    print(f"\n{rounds} power cuts, {acknowledged} acknowledged, 0 lost")
    with (
        forgetful_disk(settings_on_disk.data_folder, image),
        serving(settings_on_disk, log) as server,
    ):
        for visit in visits:
            if not visit.acknowledged:
                submit(server.address, visit)
        with opened(settings_on_disk.data_folder, keys) as database:
            check(database, visits)


def test_a_hall_that_does_not_wait_for_the_disk_is_found_out(
    settings_on_disk: Settings, image: Path, keys: Keys, tmp_path: Path
) -> None:
    lost = acknowledged = 0
    careless = cut_again_and_again(
        settings_on_disk,
        image,
        keys,
        tmp_path / "server.log",
        app="tests.trials.careless:app",
        rounds=CONTROL_ROUNDS * len(SHARES),
    )
    for visits in careless:
        with opened(image, keys) as database:
            lost += count_lost(database, visits)
        acknowledged += sum(visit.acknowledged for visit in visits)
    print(f"\nnegative control: {acknowledged} acknowledged, {lost} lost")
    assert lost > 0, "the disk forgets nothing: the trial proves nothing"


def count_lost(database: Database, visits: list[Visit]) -> int:
    with database.reading() as session:
        kept = set(session.scalars(sa.select(Case.request_hash)))
        return sum(visit.acknowledged and request_hash(session, visit.request) not in kept for visit in visits)


@pytest.mark.parametrize("heals", [True, False])
def test_nothing_is_acknowledged_while_syncs_fail(
    settings_on_disk: Settings, image: Path, keys: Keys, tmp_path: Path, heals: bool
) -> None:
    with forgetful_disk(settings_on_disk.data_folder, image) as disk:
        shares = open_shares(settings_on_disk, keys)
        visits = [visit for share in shares for visit in share]
        with serving(settings_on_disk, tmp_path / "server.log") as server:
            for share in shares:
                submit(server.address, share[0])
            refused = refused_by(disk, server, [share[1:] for share in shares])
            if heals:
                disk.let_syncs_succeed()
                for form in refused:
                    assert form.send().status == 303
                    form.visitor.close()
                for visit in visits:
                    submit(server.address, visit)
                assert ask(server.address, "/healthz").status == 200
        disk.cut_power(str(SEED), 0)
    with opened(image, keys) as database:
        check(database, visits)
    assert [visit.acknowledged for share in shares for visit in share].count(True) == (
        len(visits) if heals else CLIENTS
    )


def refused_by(disk: ForgetfulDisk, server: Server, shares: list[list[Visit]]) -> list[Unsaved]:
    """Let syncs fail, and return the form that each client was refused; what was acknowledged is in the visits."""
    for visit in (visit for share in shares for visit in share):
        open_check_page(server.address, visit)
    disk.let_syncs_fail()
    with ThreadPoolExecutor(CLIENTS) as pool:
        begun = Barrier(CLIENTS)
        tags = ("en", "zh-Hans") * CLIENTS
        refused = list(pool.map(send_until_refused, [server.address] * CLIENTS, shares, tags, [begun] * CLIENTS))
    assert disk.count_failed() >= 1
    assert ask(server.address, "/en/").status == 200
    assert ask(server.address, "/healthz").status == 503
    return [form for form in refused if form is not None]


def test_single_syncs_that_fail_are_told_by_the_calls_of_the_server_itself(
    start_server: StartServer, database: Database, tmp_path: Path
) -> None:
    server, calls = start_server(), tmp_path / "calls"
    shares = [open_visits(database, VISITS) for _ in range(CLIENTS)]
    visits = [visit for share in shares for visit in share]
    for visit in visits:
        open_check_page(server.address, visit)
    with every_seventh_sync_failing(server, calls), ThreadPoolExecutor(CLIENTS) as pool:
        told = sum(pool.map(send_until_saved, [server.address] * CLIENTS, shares))
    failed = calls.read_text().count("(INJECTED)")
    print(f"\n{failed} syncs failed, {told} visitors were told so, {len(visits)} saved in the end")
    assert failed > 0
    assert told > 0
    check(database, visits)


@contextmanager
def every_seventh_sync_failing(server: Server, calls: Path) -> Iterator[None]:
    """Let every seventh sync of each thread of the server's processes fail; strace writes the calls down."""
    program = ["strace", "-f", "-qq", "-o", str(calls)]
    rule = ["-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO:when=3+7"]
    attached = [word for pid in processes_of(server) for word in ("-p", str(pid))]
    tracer = subprocess.Popen([*program, *rule, *attached])
    try:
        await_tracer(server, tracer)
        yield
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait()


def await_tracer(server: Server, tracer: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if all("TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text() for pid in processes_of(server)):
            return
        try:
            tracer.wait(0.02)
        except subprocess.TimeoutExpired:
            continue
        break
    pytest.fail("strace did not attach (Debian: apt-get install strace)")
