"""Printing in the background of the web server: one thing at a time, asked for as often as you like."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from queue import PriorityQueue
from typing import Generic, TypeVar

import structlog

from hall.words import N_, Refused
from handbooks.composition import OwnCase, Writer
from handbooks.materials import PressFailed
from handbooks.press import Press, sheets_path
from handbooks.selection import Handbook

log = structlog.get_logger()

REMEMBERED = 1000
"""How many handbooks a server remembers to have printed; the files of all others are found again."""
OWN_REMEMBERED = 16
OWN_SECONDS = 600.0
"""How many handbooks with somebody's case are held in memory, and how long after they were last asked for."""
UNFINISHED_MOST = 8
"""How many handbooks one address may have in the line."""

LATER_RANKS = 2
"""How far what is left for later stands behind: all that is printed for paper goes before it."""
Later = Callable[[], None]
"""What is left to do of an order when the first thing that was wanted is there."""

Copy = TypeVar("Copy", Path, bytes)
"""What a printed edition is held as: a file, or the bytes themselves where no file may stay."""


class TooManyOrders(Refused):
    """An address has as many handbooks in the line as it may."""

    message = N_("Several handbooks that were asked for from here are still being made. Wait for them, then try again.")


@dataclass(slots=True)
class Order(Generic[Copy]):
    """A handbook that is wanted, and how far it is.

    `paper` is what goes to the printer, `phone` the tagged edition for reading (made where it `is_for_reading`); each
    as soon as it is there. It `has_begun` when its turn in the line has come, and `done` of `total` steps are finished.
    `asker` is the address that waits for it.
    """

    handbook: Handbook
    is_for_reading: bool = True
    asker: str = ""
    has_begun: bool = False
    done: int = 0
    total: int = 1
    paper: Copy | None = None
    phone: Copy | None = None
    failure: PressFailed | None = None
    _settled: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    def wait(self, seconds: float) -> None:
        """Wait until there is something to print, or nothing will be, but no longer than so many seconds."""
        self._settled.wait(seconds)

    def settle(self) -> None:
        """Let go on whoever waits."""
        self._settled.set()

    @property
    def is_ready(self) -> bool:
        """Whether there is something to print or to read."""
        return self.paper is not None or self.phone is not None

    @property
    def goes_on(self) -> bool:
        """Whether more is to come."""
        return self.failure is None and (self.paper is None or (self.is_for_reading and self.phone is None))

    @property
    def is_kept(self) -> bool:
        """Whether both editions are still there: a folder may be emptied at any time."""
        return all(
            edition is not None and (isinstance(edition, bytes) or edition.is_file())
            for edition in (self.paper, self.phone)
        )


class Orders:
    """The orders of one server process; a handbook is printed once, however many wait for it.

    Who stands in the hall or holds a case is served before everybody else, and what anybody waits for to print before
    the edition that is made for reading. Nothing is lost with the process: whoever still waits asks again, and the
    press goes on with what it has kept.
    """

    def __init__(self, cache: Path) -> None:
        self.press = Press(cache)
        self._turn = threading.Lock()
        self._line: PriorityQueue[tuple[int, int, Callable[[], None]]] = PriorityQueue()
        self._numbers = count()
        self._worker: threading.Thread | None = None
        self._is_closed = False
        self._orders: OrderedDict[tuple[Handbook, Writer], Order[Path]] = OrderedDict()
        self._own: OrderedDict[tuple[Handbook, Writer, OwnCase, bool], tuple[float, Order[bytes]]] = OrderedDict()

    def ask(self, handbook: Handbook, writer: Writer, *, asker: str = "") -> Order[Path]:
        """Return how far a handbook is; begin to print it where nobody has.

        `asker` is the address of somebody outside of the hall; raises TooManyOrders where it waits for many already.
        """
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
            order = self._kept(handbook, writer)
            if order.goes_on:
                self._check(asker)
                order.asker = asker
                self._submit(order, partial(self._make, order, writer), rank=1 if asker else 0)
            self._orders[key] = order
            while len(self._orders) > REMEMBERED:
                self._orders.popitem(last=False)
            return order

    def ask_own(self, handbook: Handbook, writer: Writer, case: OwnCase, *, is_for_reading: bool) -> Order[bytes]:
        """Return how far a handbook with the reader's case in it is, held in memory for a while and kept nowhere.

        Only for reading (on a phone) the tagged edition is made as well.
        """
        key = handbook, writer, case, is_for_reading
        with self._turn:
            self._forget_own()
            known = self._own.pop(key, None)
            if known is not None and known[1].failure is not None:
                return known[1]
            order = known[1] if known else Order[bytes](handbook, is_for_reading=is_for_reading)
            self._own[key] = time.monotonic(), order
            if known is None:
                self._submit(order, partial(self._make_own, order, writer, case), rank=0)
            return order

    def close(self) -> None:
        """Take no more orders; what is being made fails."""
        with self._turn:
            self._is_closed = True
            worker = self._worker
        self.press.close()
        if worker is not None:
            self._line.put((-1, 0, lambda: None))
            worker.join()

    # The line

    def _check(self, asker: str) -> None:
        waiting = sum(order.goes_on and order.asker == asker for order in self._orders.values()) if asker else 0
        if waiting >= UNFINISHED_MOST:
            raise TooManyOrders

    def _submit(self, order: Order[Copy], make: Callable[[], Later | None], *, rank: int) -> None:
        """Put an order into the line: the lower the rank, the sooner. What is left for later waits behind all."""

        def do() -> None:
            order.has_begun = True
            later = None
            try:
                later = make()
            except PressFailed as failure:
                log.error("handbook_not_printed", handbook=order.handbook.code, reason=str(failure))
                order.failure = failure
            except Exception as fault:
                # The line goes on whatever happens to one book: a full disk, a chapter being edited.
                log.exception("handbook_not_printed", handbook=order.handbook.code)
                order.failure = PressFailed("other", type(fault).__name__)
            finally:
                order.settle()
            if later is not None:
                self._submit(order, later, rank=rank + LATER_RANKS)

        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="press", daemon=True)
            self._worker.start()
        self._line.put((rank, next(self._numbers), do))

    def _work(self) -> None:
        while True:
            _, _, do = self._line.get()
            if self._is_closed:
                return
            do()

    # Shared handbooks

    def _kept(self, handbook: Handbook, writer: Writer) -> Order[Path]:
        """The order of a handbook, with what was printed of it before."""
        if handbook.kind != "own":
            pages = whole = self.press.find_whole(handbook, writer)
        else:
            pages, numbers = self.press.find_joined(handbook, writer) or (None, None)
            whole = self.press.find_whole(handbook, writer, pages=numbers) if numbers else None
        paper = self._sheets(handbook, pages) if pages else None
        if paper is None or not paper.is_file():
            return Order(handbook)
        return Order(handbook, done=1, paper=paper, phone=whole)

    def _make(self, order: Order[Path], writer: Writer) -> Later | None:
        handbook = order.handbook
        order.total = len(handbook.sections) + 1
        if handbook.kind != "own":
            order.phone = self.press.print_whole(handbook, writer)
            order.paper = self._imposed(handbook, order.phone)
            order.done = order.total
            return None
        joined, pages = self.press.print_joined(handbook, writer, progress=_progress_of(order))
        order.paper = self._imposed(handbook, joined)

        def tag() -> None:
            order.phone = self.press.print_whole(handbook, writer, pages=pages)
            order.done = order.total

        return tag

    def _imposed(self, handbook: Handbook, pages: Path) -> Path:
        return self.press.print_sheets(pages) if handbook.form == "booklet" else pages

    @staticmethod
    def _sheets(handbook: Handbook, pages: Path) -> Path:
        # What is folded into a booklet goes to the printer two pages a side; everything else as it is.
        return sheets_path(pages) if handbook.form == "booklet" else pages

    # Handbooks with somebody's case

    def _make_own(self, order: Order[bytes], writer: Writer, case: OwnCase) -> Later | None:
        order.total = len(order.handbook.sections) + 1
        order.paper = self.press.print_once(
            order.handbook, writer, case=case, is_tagged=False, progress=_progress_of(order)
        )

        def tag() -> None:
            order.phone = self.press.print_once(order.handbook, writer, case=case, is_tagged=True)
            order.done = order.total

        if order.is_for_reading:
            return tag
        order.done = order.total
        return None

    def _forget_own(self) -> None:
        long_ago = time.monotonic() - OWN_SECONDS
        for key, (asked, _) in list(self._own.items()):
            if asked < long_ago or len(self._own) > OWN_REMEMBERED:
                del self._own[key]


def _progress_of(order: Order[Copy]) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        order.done, order.total = done, total + 1

    return progress
