"""Builds and proofs the series: whole handbooks, and the sections of personal ones, with several presses at a time."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from handbooks import composition
from handbooks.composition import Writer
from handbooks.materials import PressFailed
from handbooks.press import Press
from handbooks.selection import BY_RIGHT, RIGHTS, Handbook, Section

Done = TypeVar("Done")
Step = tuple[str, Handbook, Section | None]
"""A file of the series: its name, and the handbook, or the section of it, that is printed."""
COMMON_RIGHTS = ("patent", "design", "mark", "copyright")
"""Most people come with one of these; its pages are there before they come."""


class Crew:
    """Presses that print side by side; `writer_of` gives the writer of a handbook."""

    def __init__(self, presses: Sequence[Press], writer_of: Callable[[Handbook], Writer]) -> None:
        self._presses = presses
        self._writer_of = writer_of
        self._free: SimpleQueue[Press] = SimpleQueue()
        for press in presses:
            self._free.put(press)

    @property
    def peak_kilobytes(self) -> int:
        """The most that one worker held."""
        return max(press.peak_kilobytes for press in self._presses)

    def build(self, handbooks: Iterable[Handbook]) -> Iterator[tuple[str, bool | PressFailed]]:
        """Print handbooks and all their sections ahead, and yield for each file its name and whether it was needed.

        A chapter that cannot be read ends it: raises shelf.InvalidChapter, windows.prose.UnknownReference.
        """
        yield from self._share((name, partial(self._print, book, section)) for name, book, section in steps(handbooks))

    def proof(self, handbooks: Iterable[Handbook]) -> Iterator[tuple[str, list[str] | PressFailed]]:
        """Lay handbooks out without printing, and yield for each its code and what is wrong with its pages.

        A chapter that cannot be read ends it, as it does `build`.
        """
        yield from self._share((book.code, partial(self._proof, book)) for book in handbooks)

    def _share(self, tasks: Iterable[tuple[str, Callable[[Press], Done]]]) -> Iterator[tuple[str, Done | PressFailed]]:
        """Do tasks, as many at a time as there are presses; one that the press cannot do does not stop the others."""

        def do(task: tuple[str, Callable[[Press], Done]]) -> tuple[str, Done | PressFailed]:
            name, work = task
            press = self._free.get()
            try:
                return name, work(press)
            except PressFailed as failed:
                return name, failed
            finally:
                self._free.put(press)

        hands = ThreadPoolExecutor(len(self._presses))
        try:
            yield from hands.map(do, list(tasks))
        finally:
            hands.shutdown(cancel_futures=True)

    def _print(self, handbook: Handbook, section: Section | None, press: Press) -> bool:
        writer = self._writer_of(handbook)
        if section is not None:
            return press.prepare_section(section, handbook, writer)
        was_there = press.find_whole(handbook, writer) is not None
        press.print_whole(handbook, writer)
        return not was_there

    def _proof(self, handbook: Handbook, press: Press) -> list[str]:
        return press.proof(handbook, self._writer_of(handbook))


@contextmanager
def crew(folder: Path, count: int, writer_of: Callable[[Handbook], Writer]) -> Iterator[Crew]:
    """Open as many presses on a folder as are wanted, and close them."""
    with ExitStack() as stack:
        yield Crew([stack.enter_context(Press(folder)) for _ in range(count)], writer_of)


def steps(handbooks: Iterable[Handbook]) -> Iterator[Step]:
    """Yield the handbooks, and then the sections that they and personal handbooks are joined from."""
    known = list(handbooks)
    for handbook in known:
        yield handbook.code, handbook, None
    seen: set[tuple[str, str, Section]] = set()
    for handbook in known:
        for section in chain(handbook.sections, _single_rights(handbook)):
            key = handbook.language, composition.accent_of(handbook), section
            if key not in seen:
                seen.add(key)
                yield f"{section.anchor} of {handbook.code}", handbook, section


def _single_rights(handbook: Handbook) -> Iterator[Section]:
    # Each of the sections that differ by right, for each right that most people come with.
    if handbook.kind == "country":
        varied = [section for section in handbook.sections if section.key in BY_RIGHT]
        every = set(RIGHTS)
        for section in varied:
            of_markets = [code for code in section.variant.split(".") if code not in every]
            yield from (replace(section, variant=".".join([name, *of_markets])) for name in COMMON_RIGHTS)
