"""A throw-away PostgreSQL for the tests: its own folder, its own port, gone afterwards.

It needs the server's programs only (Debian: package postgresql) and touches no cluster that runs already.
It keeps what it acknowledges, as in the hall: fsync and synchronous_commit stay on.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
# PostgreSQL refuses to run as root; Debian's package brings the first of these users, every system has the second.
UNPRIVILEGED = ("postgres", "nobody")
START_SECONDS = 300
"""How long a start may take: after a kill PostgreSQL first writes and reads all it has, on a busy disk for minutes."""
POLL_SECONDS = 0.02


class ProgramsMissing(Exception):
    """There is no PostgreSQL server on this machine."""


class ServerFailed(Exception):
    """PostgreSQL did not start; the message is what it said."""


def find_programs() -> Path | None:
    """Return the folder of initdb, from PATH or from Debian's newest version, or None."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = sorted(DEBIAN_PROGRAMS.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in UNPRIVILEGED if name in known)


@dataclass
class Cluster:
    """A cluster in `folder`; `start` makes and runs one, `stop` removes it."""

    programs: Path
    folder: Path
    port: int
    password: str = field(repr=False)
    _server: subprocess.Popen[bytes] | None = None
    _count: int = 0

    @classmethod
    def start(cls) -> "Cluster":
        """Make and start a cluster; ProgramsMissing, or ServerFailed with what PostgreSQL said."""
        programs = find_programs()
        if programs is None:
            raise ProgramsMissing("initdb is not installed (Debian: apt-get install postgresql)")
        folder = Path(tempfile.mkdtemp(prefix="hall-postgresql-"))
        cluster = cls(programs, folder, free_port(), secrets.token_hex(16))
        try:
            cluster._make()
            cluster.begin()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @property
    def pid(self) -> int:
        """Process id of the postmaster; ServerFailed when it does not run."""
        return self._running.pid

    def create_database(self, template: str | None = None) -> str:
        """Create a database, empty or as a copy of the one at the URL `template`, and return its URL.

        Nobody may be connected to the template meanwhile.
        """
        self._count += 1
        name = f"hall_{self._count}"
        source = template.rpartition("/")[2] if template else "template1"
        self._say(sql.SQL("CREATE DATABASE {} TEMPLATE {}"), name, source)
        return f"postgresql://hall:{self.password}@127.0.0.1:{self.port}/{name}"

    def begin(self) -> None:
        """Start the server and wait until it answers; ServerFailed with its log when it does not."""
        patience = time.monotonic() + START_SECONDS
        while not self._comes_up(patience):
            log = self._log.read_text()
            # After a kill the old backends hold the shared memory for a moment more.
            if "pre-existing shared memory" not in log or time.monotonic() > patience:
                raise ServerFailed(log)

    def halt(self) -> None:
        """Shut the server down in order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill the postmaster as a crash would; its backends notice and leave by themselves."""
        self._end(signal.SIGKILL)

    def crash(self) -> None:
        """Kill the postmaster and every process below it in the same moment, as when the machine goes down."""
        os.kill(self.pid, signal.SIGSTOP)  # it must neither begin another nor put things in order
        for pid in self._backends():
            _kill(pid)
        self.kill()

    def kill_a_backend(self) -> None:
        """Kill one process that works for somebody; the postmaster ends all others and recovers by itself.

        ServerFailed when nobody is connected.
        """
        serving = [pid for pid in self._backends() if b"127.0.0.1(" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        if not serving:
            raise ServerFailed("nobody is connected")
        _kill(serving[-1])

    def await_recovery(self) -> None:
        """Wait until the server takes connections again; ServerFailed with its log when it does not."""
        patience = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self._address).close()
            except psycopg.OperationalError:
                if time.monotonic() > patience or _ends_within(self._running, POLL_SECONDS):
                    raise ServerFailed(self._log.read_text()) from None
            else:
                return

    def stop(self) -> None:
        """Shut the server down at once, if it runs, and remove the cluster."""
        try:
            self._end(signal.SIGQUIT)
        finally:
            shutil.rmtree(self.folder)

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._server is None:
            raise ServerFailed("the server does not run")
        return self._server

    @property
    def _address(self) -> str:
        return f"host=127.0.0.1 port={self.port} user=hall password={self.password} dbname=postgres"

    def _backends(self) -> list[int]:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _log(self) -> Path:
        return self.folder / "server.log"

    def _make(self) -> None:
        secret = self.folder / "password"
        secret.write_text(self.password)
        user = _unprivileged()
        if user is not None:
            for path in (self.folder, secret):
                os.chown(path, user.pw_uid, user.pw_gid)
        made = self._launch(
            "initdb",
            "--username=hall",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--data-checksums",
        ).wait()
        secret.unlink()
        if made != 0:
            raise ServerFailed(self._log.read_text())

    def _comes_up(self, patience: float) -> bool:
        self._server = self._launch(
            "postgres",
            *("-c", "listen_addresses=127.0.0.1"),
            *("-c", f"port={self.port}"),
            *("-c", f"unix_socket_directories={self.folder}"),
        )
        while not self._is_ready(self._server.pid):
            if time.monotonic() > patience or _ends_within(self._server, POLL_SECONDS):
                self._end(signal.SIGQUIT)
                return False
        return True

    def _is_ready(self, pid: int) -> bool:
        # First line: the postmaster; eighth line: its state. pg_ctl waits for the same.
        note = self._data / "postmaster.pid"
        lines = note.read_text().splitlines() if note.exists() else []
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(START_SECONDS)
            self._server = None

    def _launch(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        user = _unprivileged()
        # The log is opened for this one process: an earlier failure is not read as its own.
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [self.programs / program, "-D", self._data, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            )

    def _say(self, statement: sql.SQL, *names: str) -> None:
        with psycopg.connect(self._address, autocommit=True) as connection:
            connection.execute(statement.format(*map(sql.Identifier, names)))


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster for the length of a block; removed also when the block fails."""
    cluster = Cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
