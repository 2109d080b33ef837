"""Servers that are killed in the middle of submits, in a process group of their own."""

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hall.settings import HOUSE, Settings
from tests.conftest import Server, await_answer, environment_of
from tests.faults.visits import Visit, submit
from tests.postgresql import free_port
from tests.web_client import NoAnswer


def begin(settings: Settings, log: Path, app: str = "wsgi:app") -> Server:
    """Start a server in a process group of its own, and do not wait for it."""
    port = free_port()
    own = settings.model_copy(update={"listen_port": port})
    program = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--no-ws", "--port", str(port)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*program, "--blocking-threads", "4", app],
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


def processes_of(server: Server) -> list[int]:
    """Return the server's process and all below it."""
    found = [server.process.pid]
    for pid in found:
        for tasks in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (tasks / "children").read_text().split())
    return found


def kill(server: Server) -> None:
    if server.process.poll() is None:
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()


def submit_until_killed(address: str, visits: list[Visit], heard: threading.Semaphore) -> None:
    for visit in visits:
        try:
            submit(address, visit)
        except NoAnswer:
            return
        heard.release()


def kill_in_the_middle(server: Server, shares: list[list[Visit]], chance: random.Random) -> None:
    """Let every share of visits be submitted by a client of its own, and kill the server at any moment of it."""
    heard = threading.Semaphore(0)
    clients = [threading.Thread(target=submit_until_killed, args=(server.address, share, heard)) for share in shares]
    for client in clients:
        client.start()
    # Not before something was acknowledged, and then at any moment of what follows.
    for _ in range(chance.randint(1, sum(map(len, shares)) // 2)):
        assert heard.acquire(timeout=30), server.log.read_text()
    clients[0].join(chance.uniform(0, 0.02))
    kill(server)
    for client in clients:
        client.join()
