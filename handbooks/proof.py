"""Whether a laid-out book keeps to its boxes: no words wider than their box, none over others, no heading alone.

It looks at the boxes themselves (those of WeasyPrint, by shape alone: nothing is imported), because the faults that
readers find do not show at the edges of the pages: white words that leave their bar, a cover that runs over, a heading
without its text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

SLACK = 1.0
"""How far words may reach out of their box, in CSS pixels: less than a reader sees."""
LEAST_FILLED = 0.06
"""A page of which less is used, of the height that it has, was not meant."""
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "dt", "thead"})
HEADING_CLASSES = frozenset({"stay", "recognise", "reviewed", "paper-name", "group", "lane-name"})
"""What says what comes next: it may not be the last of its page."""
BEHIND = frozenset({"cover-letters"})
"""What is drawn behind the words."""
MAY_BE_TORN = frozenset({"source-table", "cover-data"})
"""Where addresses and codes stand, which are longer than a line."""
LETTERS = "A-Za-z\u00c0-\u024f\u0400-\u04ff"
WORD_AT_THE_END = re.compile(rf"[{LETTERS}]+$")
WORD_AT_THE_BEGINNING = re.compile(rf"[{LETTERS}]+")
BLANKS = " \t\n\N{NO-BREAK SPACE}\N{WORD JOINER}\N{ZERO WIDTH SPACE}"
# The part of a letter that a reader would see touched: from the height of an x to the line that it stands on.
_X_HEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class _Sort:
    """What words are for: to announce what comes next, to lie behind others, to stand at the head or foot of a page.

    Addresses and codes may be torn at the end of a line.
    """

    is_heading: bool = False
    is_behind: bool = False
    is_in_margin: bool = False
    may_be_torn: bool = False

    def within(self, box: Any) -> "_Sort":
        """Return what words in a box of this sort are for."""
        element = getattr(box, "element", None)
        classes = () if element is None else (element.get("class") or "").split()
        return replace(
            self,
            is_heading=self.is_heading or box.element_tag in HEADINGS or not HEADING_CLASSES.isdisjoint(classes),
            is_behind=self.is_behind or not BEHIND.isdisjoint(classes),
            may_be_torn=self.may_be_torn or not MAY_BE_TORN.isdisjoint(classes),
        )


@dataclass(frozen=True, slots=True)
class Words:
    """Words as they stand on a page: their edges in CSS pixels, and what they are for."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    sort: _Sort


def faults(pages: Sequence[Any]) -> Iterator[str]:
    """Yield what is wrong with the pages of a book (WeasyPrint's), one line each, with the page (from 1)."""
    for number, page in enumerate(pages, start=1):
        for fault in _page_faults(page._page_box, is_last=number == len(pages)):
            yield f"page {number}: {fault}"


def _page_faults(page: Any, *, is_last: bool) -> Iterator[str]:
    words: list[Words] = []
    for child in page.children:
        yield from _look(child, None, words, _Sort(is_in_margin=hasattr(child, "at_keyword")))
    width, height = page.margin_width(), page.margin_height()
    for one in words:
        if one.left < -SLACK or one.right > width + SLACK or one.top < -SLACK or one.bottom > height + SLACK:
            yield f"“{one.text}” leaves the page"
    yield from _overlaps(words)
    text = [one for one in words if not one.sort.is_in_margin]
    if not text:
        yield "blank"
        return
    last = max(text, key=lambda one: one.bottom)
    foot = page.content_box_y() + page.height
    if last.bottom > foot + SLACK:
        yield f"“{last.text}” stands below the last line of its page"
    if last.sort.is_heading and not is_last:
        yield f"the heading “{last.text}” stands without its text"
    if last.bottom - page.content_box_y() < LEAST_FILLED * page.height:
        yield f"nearly blank: “{last.text}” is the last of it"


def _look(box: Any, container: Any, words: list[Words], sort: _Sort) -> Iterator[str]:
    """Gather the words of a box into `words`, and yield what reaches out of the block that holds it."""
    if box.is_outside_marker:
        return
    text = getattr(box, "text", "").strip(BLANKS)
    if text:
        foot = box.position_y + box.baseline
        top = foot - _X_HEIGHT * box.style["font_size"]
        words.append(Words(text, box.position_x, box.position_x + box.width, top, foot, sort))
        yield from _wider(f"“{text}”", box.position_x, box.position_x + box.width, container)
        return
    is_block = not type(box).__name__.startswith(("Inline", "Line", "Text", "TableRow"))
    if is_block and container is not None and not box.is_absolutely_positioned():
        left = box.border_box_x()
        yield from _wider(f"<{box.element_tag}>", left, left + box.border_width(), container)
    if not sort.may_be_torn:
        yield from _torn(box)
    for child in box.children:
        yield from _look(child, box if is_block else container, words, sort.within(box))


def _torn(block: Any) -> Iterator[str]:
    """Yield the words of a block that are torn at the end of a line, without a hyphen."""
    lines = [child for child in block.children if type(child).__name__ == "LineBox"]
    if len(lines) < 2 or block.element is None:
        return
    written = "\n".join(block.element.itertext())
    ends = [[word for box in line.descendants() if (word := getattr(box, "text", "").strip(BLANKS))] for line in lines]
    for before, after in pairwise(end for end in ends if end):
        head, tail = WORD_AT_THE_END.search(before[-1]), WORD_AT_THE_BEGINNING.match(after[0])
        if head and tail and re.search(rf"(?<![{LETTERS}]){head.group()}{tail.group()}(?![{LETTERS}])", written):
            yield f"“{head.group()}{tail.group()}” is torn"


def _wider(what: str, left: float, right: float, container: Any) -> Iterator[str]:
    if container is None:
        return
    # The padding of a cell parts it from the next: half of it may be used.
    begin = container.content_box_x() - container.padding_left / 2
    end = container.content_box_x() + container.width + container.padding_right / 2
    out = max(begin - left, right - end)
    if out > SLACK:
        yield f"{what} is {out:.0f} px wider than its box"


def _overlaps(words: Sequence[Words]) -> Iterator[str]:
    """Yield which words stand over others."""
    seen = sorted((one for one in words if not one.sort.is_behind), key=lambda one: one.top)
    for place, one in enumerate(seen):
        for other in seen[place + 1 :]:
            if other.top >= one.bottom - SLACK:
                break
            if min(one.right, other.right) - max(one.left, other.left) > SLACK:
                yield f"“{one.text}” and “{other.text}” stand over each other"
