"""Printing in the background of the web server: one handbook at a time, asked for as often as you like."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum
from pathlib import Path

import structlog

from handbooks import press
from handbooks.press import PressFailed
from handbooks.shelf import Catalogue, Handbook

log = structlog.get_logger()


class State(StrEnum):
    """How far a handbook is."""

    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


class Orders:
    """The orders of one server process; a handbook is printed once, however many wait for it.

    Nothing is lost with the process: whoever still waits asks again, and the press starts again.
    """

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self._turn = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")
        self._waiting: dict[Path, Future[Path]] = {}

    def ask(self, handbook: Handbook, catalogue: Catalogue) -> State:
        """Return how far the handbook is; begin to print it where nobody has."""
        path = press.printed_path(handbook, cache=self.cache)
        if path.exists():
            return State.PRINTED
        with self._turn:
            waiting = self._waiting.get(path)
            if waiting is None:
                self._waiting[path] = self._worker.submit(
                    press.print_handbook, handbook, cache=self.cache, catalogue=catalogue
                )
                return State.PRINTING
            if not waiting.done():
                return State.PRINTING
            del self._waiting[path]
        return self._end(handbook, waiting)

    def close(self) -> None:
        """Take no more orders."""
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _end(self, handbook: Handbook, printed: Future[Path]) -> State:
        try:
            printed.result()
        except PressFailed as failure:
            log.error("handbook_not_printed", handbook=handbook.code, reason=str(failure))
            return State.FAILED
        return State.PRINTED
