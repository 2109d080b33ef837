"""Where to look on a paper: its first page drawn, the words printed on it, and numbered places with what stands there.

The drawings are ours and show no real paper: only what stands where.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple
from unicodedata import east_asian_width

from pydantic import ConfigDict, Field, Strict, TypeAdapter

from windows import knowledge, rulebook
from windows.directory import LanguageTag

FILE = Path(__file__).parent / "specimens.toml"
WIDTH, HEIGHT = 100, 130
LINE = 3.4  # from one drawn line of text to the next
MARK = 3.6  # the radius of a numbered mark
LEAST = 2.2  # no printed word is drawn smaller

_strict = ConfigDict(extra="forbid")
Across = Annotated[float, Field(ge=0, le=WIDTH)]
Down = Annotated[float, Field(ge=0, le=HEIGHT)]
Count = Annotated[int, Strict(), Field(ge=1, le=20)]
Anchor = Literal["start", "middle", "end"]
ShapeKind = Literal["lines", "box", "rule", "upright", "seal", "square_seal", "sign", "picture", "envelope", "button"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn on every paper of a layout: its left upper corner, its size, and how many lines it has.

    `spot`: it is drawn only where that spot is used.
    """

    kind: ShapeKind
    x: Across
    y: Down
    w: Across = 0
    h: Down = 0
    n: Count = 1
    spot: str = ""

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Spot:
    """A place of a layout where words may stand: the base line, how wide they may be, and how large."""

    x: Across
    y: Down
    w: Across
    anchor: Anchor = "start"
    size: Across = 4.0

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Layout:
    """How papers of a kind look: shapes, and the spots where their own words stand."""

    shapes: tuple[Shape, ...]
    spots: Mapping[str, Spot]

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Label:
    """What stands at a mark (msgid)."""

    label: str

    __pydantic_config__ = _strict


class Printed(NamedTuple):
    """Words printed at a spot, never translated, and their language (BCP 47)."""

    spot: str
    language: LanguageTag
    words: str


class Look(NamedTuple):
    """A spot to look at, and the code of the label that says what stands there."""

    spot: str
    label: str


@dataclass(frozen=True, slots=True)
class Specimen:
    """The drawing of one type of paper; `jurisdictions` where it looks so, none for everywhere else."""

    layout: str
    look: tuple[Look, ...]
    printed: tuple[Printed, ...] = ()
    jurisdictions: tuple[str, ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All layouts, labels and specimens."""

    layouts: Mapping[str, Layout]
    labels: Mapping[str, Label]
    papers: Mapping[str, tuple[Specimen, ...]]

    __pydantic_config__ = _strict


# What a page draws, in units of the drawing (WIDTH by HEIGHT).


@dataclass(frozen=True, slots=True)
class DrawnWords:
    """Printed words where they stand."""

    x: float
    y: float
    anchor: Anchor
    size: float
    language: LanguageTag
    words: str


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """A numbered mark, the field of paper that it marks, and what stands there (msgid)."""

    number: int
    x: float
    y: float
    field: tuple[float, float, float, float]
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A paper as a page draws it: paths of grey text, of frames, of stamps; words; marks."""

    text: str
    frames: str
    stamps: str
    words: tuple[DrawnWords, ...]
    marks: tuple[DrawnMark, ...] = field(default=())


_KNOWLEDGE = TypeAdapter(Knowledge)


def load(path: Path) -> Knowledge:
    """Read and check all specimens.

    Raises InvalidKnowledge(file, line, message) for an unknown paper, layout, spot or label, and for a paper
    without a drawing.
    """
    file = knowledge.read(path)
    known = file.shaped(_KNOWLEDGE)
    for code, layout in known.layouts.items():
        for shape in layout.shapes:
            if shape.spot and shape.spot not in layout.spots:
                raise file.invalid(("layouts", code, "shapes"), f"{code}: unknown spot {shape.spot}")
    papers = {document.code: document for document in rulebook.all_documents()}
    for code, specimens in known.papers.items():
        if code not in papers:
            raise file.invalid(("papers", code, 0), f"unknown paper {code}")
        for number, specimen in enumerate(specimens):
            for fault in _faults(specimen, known, papers[code].jurisdictions):
                raise file.invalid(("papers", code, number), f"{code}: {fault}")
    for code in papers:
        if not any(not specimen.jurisdictions for specimen in known.papers.get(code, ())):
            raise file.invalid(("papers", code), f"{code}: no drawing for everywhere else")
    return known


def _faults(specimen: Specimen, known: Knowledge, jurisdictions: tuple[str, ...]) -> Iterator[str]:
    layout = known.layouts.get(specimen.layout)
    if layout is None:
        yield f"unknown layout {specimen.layout}"
        return
    for spot in (*(printed.spot for printed in specimen.printed), *(look.spot for look in specimen.look)):
        if spot not in layout.spots:
            yield f"unknown spot {spot}"
    for look in specimen.look:
        if look.label not in known.labels:
            yield f"unknown label {look.label}"
    for place in specimen.jurisdictions:
        if place not in jurisdictions:
            yield f"the paper does not come from {place}"
    if not specimen.look:
        yield "a drawing shows where to look"


@cache
def _knowledge() -> Knowledge:
    return load(FILE)


@cache
def drawing(document: str, jurisdiction: str | None = None) -> Drawing:
    """Return the drawing of a type of paper (its code) as it looks in a jurisdiction. Raises KeyError."""
    known = _knowledge()
    specimens = known.papers[document]
    own = [specimen for specimen in specimens if jurisdiction in specimen.jurisdictions]
    general = [specimen for specimen in specimens if not specimen.jurisdictions]
    specimen = (own or general)[0]
    return draw(specimen, known.layouts[specimen.layout], known.labels)


def draw(specimen: Specimen, layout: Layout, labels: Mapping[str, Label]) -> Drawing:
    """Return the drawing of a specimen on its layout."""
    printed: dict[str, list[Printed]] = {}
    for line in specimen.printed:
        printed.setdefault(line.spot, []).append(line)
    used = printed.keys() | {look.spot for look in specimen.look}
    shapes = [shape for shape in layout.shapes if not shape.spot or shape.spot in used]
    drawn = [words for code, lines in printed.items() for words in _words(layout.spots[code], lines)]
    blanks = [
        f"M{_left(spot, spot.w):g} {spot.y - spot.size / 3:g}h{spot.w:g}"
        for spot in (layout.spots[code] for code in sorted(used - printed.keys()))
    ]
    marks = tuple(
        _mark(number, layout.spots[look.spot], printed.get(look.spot, []), labels[look.label].label)
        for number, look in enumerate(specimen.look, start=1)
    )
    paths = {group: "".join(path for shape in shapes for path in _path(shape, group)) for group in GROUPS}
    return Drawing("".join([paths["text"], *blanks]), paths["frames"], paths["stamps"], tuple(drawn), marks)


GROUPS = ("text", "frames", "stamps")


def _path(shape: Shape, group: str) -> Iterator[str]:
    x, y, w, h = shape.x, shape.y, shape.w, shape.h
    match shape.kind, group:
        case "lines", "text":
            # The last line of a paragraph is shorter.
            for number in range(shape.n):
                yield f"M{x:g} {y + number * LINE:g}h{w * (0.6 if number == shape.n - 1 and shape.n > 1 else 1):g}"
        case "box" | "button", "frames":
            yield f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z"
        case "rule", "frames":
            yield f"M{x:g} {y:g}h{w:g}"
        case "upright", "frames":
            yield f"M{x:g} {y:g}v{h:g}"
        case "envelope", "frames":
            yield f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}zl{w / 2:g} {h / 2:g}l{w / 2:g} {-h / 2:g}"
        case "picture", "frames":
            yield f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z"
            yield f"M{x:g} {y + h:g}" + _strokes(w, h, HILLS)
        case "seal", "stamps":
            for r in (w / 2, w / 3):
                yield f"M{x - r:g} {y:g}a{r:g} {r:g} 0 1 0 {2 * r:g} 0a{r:g} {r:g} 0 1 0 {-2 * r:g} 0"
        case "square_seal", "stamps":
            yield f"M{x:g} {y:g}h{w:g}v{w:g}h{-w:g}z"
            yield f"M{x + w * 0.3:g} {y + w * 0.2:g}v{w * 0.6:g}M{x + w * 0.7:g} {y + w * 0.2:g}v{w * 0.6:g}"
        case "sign", "stamps":
            yield f"M{x:g} {y:g}" + _strokes(w, w, PEN)


# Two lines drawn by hand, in parts of their width and height: a range of hills, a signature.
HILLS = ((0.35, -0.6), (0.3, 0.4), (0.15, -0.2), (0.2, 0.4))
PEN = ((0.1, -0.2), (0.05, 0.22), (0.1, -0.12), (0.05, 0.08), (0.15, -0.1), (0.1, 0.12), (0.2, -0.1), (0.25, 0.06))


def _strokes(w: float, h: float, steps: tuple[tuple[float, float], ...]) -> str:
    return "".join(f"l{w * right:.4g} {h * down:.4g}" for right, down in steps)


def _words(spot: Spot, lines: list[Printed]) -> Iterator[DrawnWords]:
    size = word_size(spot, lines)
    for number, printed in enumerate(lines):
        yield DrawnWords(spot.x, spot.y + number * size * 1.25, spot.anchor, size, printed.language, printed.words)


def word_size(spot: Spot, lines: Sequence[Printed]) -> float:
    """Return how large words are drawn at a spot, so that the widest line fits."""
    widest = max(_ems(printed.words) for printed in lines)
    return round(max(LEAST, min(spot.size, spot.w / widest)), 2)


def _ems(words: str) -> float:
    """How wide words are, in heights of their letters (measured widely, since no font is known)."""
    return sum(1.0 if east_asian_width(letter) in "WF" else 0.72 if letter.isupper() else 0.6 for letter in words)


def _left(spot: Spot, width: float) -> float:
    return spot.x - {"start": 0.0, "middle": width / 2, "end": width}[spot.anchor]


def _mark(number: int, spot: Spot, lines: list[Printed], label: str) -> DrawnMark:
    size = word_size(spot, lines) if lines else spot.size
    width = min(spot.w, max(_ems(printed.words) for printed in lines) * size) if lines else spot.w
    left = _left(spot, width)
    top = spot.y - size * 0.95
    height = size * 1.3 * max(1, len(lines))
    field = (round(left - 1, 2), round(top - 0.6, 2), round(width + 2, 2), round(height + 0.6, 2))
    beside = left - MARK - 1.6
    x = beside if beside >= MARK else min(left + width + MARK + 1.6, WIDTH - MARK)
    return DrawnMark(number, round(x, 2), round(top + height / 2 - 0.3, 2), field, label)
