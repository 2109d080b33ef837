"""Builds the series: whole handbooks, and the sections of personal ones, with several presses side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import chain
from pathlib import Path
from queue import SimpleQueue

from handbooks import composition
from handbooks.composition import Writer
from handbooks.press import Press, PressFailed
from handbooks.selection import RIGHT_GROUPS, Handbook, Section

Step = tuple[str, Handbook, Section | None]
"""A file of the series: its name, and the handbook, or the section of it, that is printed."""
Result = tuple[str, bool | PressFailed]
"""The name of a file, and whether it had to be printed, or why it was not."""


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

    def build(self, handbooks: Iterable[Handbook]) -> Iterator[Result]:
        """Print handbooks and all their sections ahead; what is printed already is kept.

        A chapter that cannot be read ends it: raises shelf.InvalidChapter, windows.prose.UnknownReference.
        """
        hands = ThreadPoolExecutor(len(self._presses))
        try:
            yield from hands.map(self._do, list(steps(handbooks)))
        finally:
            hands.shutdown(cancel_futures=True)

    def _do(self, step: Step) -> Result:
        name, handbook, section = step
        writer = self._writer_of(handbook)
        press = self._free.get()
        try:
            if section is not None:
                return name, press.prepare_section(section, handbook, writer)
            was_there = press.find_whole(handbook, writer) is not None
            press.print_whole(handbook, writer)
        except PressFailed as failed:
            return name, failed
        else:
            return name, not was_there
        finally:
            self._free.put(press)


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
    # Most people come with one right; its pages are there before they come.
    if handbook.kind == "country":
        yield from (Section("rights_here", handbook.markets[0], name) for name in RIGHT_GROUPS)
