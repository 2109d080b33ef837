"""Printing in the background of the web server: one handbook at a time, asked for as often as you like."""

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import structlog

from handbooks.composition import Writer
from handbooks.press import Press, PressFailed, sheets_path
from handbooks.selection import Handbook

log = structlog.get_logger()

REMEMBERED = 1000
"""How many handbooks a server remembers to have printed; the files of all others are found again."""


@dataclass(slots=True)
class Order:
    """A handbook that is wanted, and how far it is.

    `paper` is what goes to the printer, `phone` the tagged edition for reading; each as soon as it is there.
    `done` of `total` steps are finished.
    """

    handbook: Handbook
    done: int = 0
    total: int = 1
    paper: Path | None = None
    phone: Path | None = None
    failure: PressFailed | None = None

    @property
    def is_ready(self) -> bool:
        """Whether there is something to print or to read."""
        return self.paper is not None or self.phone is not None

    @property
    def goes_on(self) -> bool:
        """Whether more is to come."""
        return self.failure is None and (self.paper is None or self.phone is None)

    @property
    def is_kept(self) -> bool:
        """Whether what was printed is still there: the folder may be emptied at any time."""
        return all(path is not None and path.is_file() for path in (self.paper, self.phone))


class Orders:
    """The orders of one server process; a handbook is printed once, however many wait for it.

    Nothing is lost with the process: whoever still waits asks again, and the press goes on with what it has kept.
    """

    def __init__(self, cache: Path) -> None:
        self.press = Press(cache)
        self._turn = threading.Lock()
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="press")
        self._orders: OrderedDict[tuple[Handbook, Writer], Order] = OrderedDict()

    def ask(self, handbook: Handbook, writer: Writer) -> Order:
        """Return how far a handbook is; begin to print it where nobody has."""
        key = handbook, writer
        with self._turn:
            order = self._orders.get(key)
            if order is not None:
                self._orders.move_to_end(key)
                if order.failure is not None:
                    del self._orders[key]  # whoever asks again orders anew
                    return order
                if order.goes_on or order.is_kept:
                    return order
            order = self._orders[key] = self._kept(handbook, writer) or Order(handbook)
            while len(self._orders) > REMEMBERED:
                self._orders.popitem(last=False)
            if order.goes_on:
                self._worker.submit(self._print, order, writer)
            return order

    def close(self) -> None:
        """Take no more orders."""
        self._worker.shutdown(wait=False, cancel_futures=True)
        self.press.close()
        self._worker.shutdown(wait=True)

    def _kept(self, handbook: Handbook, writer: Writer) -> Order | None:
        """The order of a handbook that was printed before."""
        if handbook.kind != "own":
            whole = self.press.find_whole(handbook, writer)
            paper = whole and self._sheets(handbook, whole)
            if whole is None or not (paper and paper.is_file()):
                return None
            return Order(handbook, done=1, paper=paper, phone=whole)
        joined = self.press.find_joined(handbook, writer)
        if joined is None:
            return None
        paper, pages = joined
        whole = self.press.find_whole(handbook, writer, pages=pages)
        sheets = self._sheets(handbook, paper)
        if whole is None or not sheets.is_file():
            return None
        return Order(handbook, done=1, paper=sheets, phone=whole)

    def _print(self, order: Order, writer: Writer) -> None:
        try:
            self._make(order, writer)
        except PressFailed as failure:
            log.error("handbook_not_printed", handbook=order.handbook.code, reason=str(failure))
            order.failure = failure

    def _make(self, order: Order, writer: Writer) -> None:
        handbook = order.handbook
        order.total = len(handbook.sections) + 1
        if handbook.kind != "own":
            order.phone = self.press.print_whole(handbook, writer)
            order.paper = self._imposed(handbook, order.phone)
        else:

            def progress(done: int, total: int) -> None:
                order.done, order.total = done, total + 1

            joined, pages = self.press.print_joined(handbook, writer, progress=progress)
            order.paper = self._imposed(handbook, joined)
            order.phone = self.press.print_whole(handbook, writer, pages=pages)
        order.done = order.total

    def _imposed(self, handbook: Handbook, pages: Path) -> Path:
        return self.press.print_sheets(pages) if handbook.form == "booklet" else pages

    @staticmethod
    def _sheets(handbook: Handbook, pages: Path) -> Path:
        # What is folded into a booklet goes to the printer two pages a side; everything else as it is.
        return sheets_path(pages) if handbook.form == "booklet" else pages
