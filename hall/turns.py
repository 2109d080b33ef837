"""SQLite's one writer: pieces of work take turns, and those that come close together share one commit.

SQLite's own busy timeout starves the unlucky (one of 16 writers got one commit in three seconds); a turn by lock, in
the process and between processes, is fair and as fast. A commit that survives the loss of power costs as much as the
work in it, so whoever waits while another works goes into the same transaction, behind a savepoint of his own.
Nobody is told that his work is saved before the commit that holds it has succeeded.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import sqlalchemy as sa

LOCK_POLL_SECONDS = 0.002
# How many pieces of work share a commit, and how long the first of them waits for the others.
SHARED_MOST = 16
SHARED_SECONDS = 0.02
# Somebody who waited may have given up just when his turn came: then one of those who worked commits.
LEFT_ALONE_SECONDS = 0.05


class DatabaseBusy(Exception):
    """Another piece of work held the database for longer than the hall waits; nothing was saved."""


class WorkLost(DatabaseBusy):
    """The commit that held this piece of work, and others with it, failed; nothing was saved."""


@dataclass(eq=False)
class _Group:
    """Pieces of work in one transaction; `done` is set when it has been committed, or has failed by `fault`."""

    connection: sa.Connection
    file: IO[str]
    opened: float = field(default_factory=time.monotonic)
    size: int = 0
    done: threading.Event = field(default_factory=threading.Event)
    fault: BaseException | None = None

    @property
    def is_full(self) -> bool:
        return self.size >= SHARED_MOST or time.monotonic() - self.opened > SHARED_SECONDS

    @property
    def stands(self) -> bool:
        """Whether the transaction is still open: a full disk or a failed write make SQLite roll all of it back."""
        return bool(self.connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]


class Turns:
    """The turns of one SQLite file, whose `engine` begins IMMEDIATE; `lock_file` is between processes."""

    def __init__(self, engine: sa.Engine, lock_file: Path, busy_seconds: float) -> None:
        self.engine = engine
        self.lock_file = lock_file
        self.busy_seconds = busy_seconds
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._group: _Group | None = None

    @contextmanager
    def turn(self) -> Iterator[sa.Connection]:
        """Give a connection in an open transaction; what the block did behind a savepoint is committed at its end.

        Raises DatabaseBusy when the turn does not come in time, WorkLost when the commit failed.
        """
        group = self._enter()
        try:
            yield group.connection
        except BaseException:
            self._leave(group)
            raise
        group.size += 1
        self._leave(group)
        self._await(group)

    @property
    def waiting(self) -> int:
        """How many wait for their turn in this process."""
        return self._waiting

    def _enter(self) -> _Group:
        end = time.monotonic() + self.busy_seconds
        with self._counting:
            self._waiting += 1
        got = self._turn.acquire(timeout=self.busy_seconds)
        with self._counting:
            self._waiting -= 1
        if not got:
            raise DatabaseBusy
        try:
            if self._group is None:
                self._group = self._open(end)
        except BaseException:
            self._turn.release()
            raise
        return self._group

    def _open(self, end: float) -> _Group:
        file = self.lock_file.open("a")
        try:
            while not _try_lock(file.fileno()):
                if time.monotonic() > end:
                    raise DatabaseBusy
                time.sleep(LOCK_POLL_SECONDS)
            connection = self.engine.connect()
            try:
                connection.begin()
            except BaseException:
                connection.close()
                raise
        except BaseException:
            file.close()
            raise
        return _Group(connection, file)

    def _leave(self, group: _Group) -> None:
        try:
            if group.is_full or not self._waiting or not group.size or not group.stands:
                self._end(group)
        finally:
            self._turn.release()

    def _await(self, group: _Group) -> None:
        while not group.done.wait(LEFT_ALONE_SECONDS):
            if self._turn.acquire(blocking=False):
                try:
                    if self._group is group:
                        self._end(group)
                finally:
                    self._turn.release()
        if group.fault is not None:
            raise WorkLost from group.fault

    def _end(self, group: _Group) -> None:
        self._group = None
        try:
            if not group.stands:
                raise DatabaseBusy("the transaction was rolled back")
            group.connection.commit()
        except Exception as fault:
            group.fault = fault
            group.connection.invalidate(fault)  # nobody knows what state it is in
        finally:
            group.connection.close()
            group.file.close()  # and with it the lock of the processes
            group.done.set()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
