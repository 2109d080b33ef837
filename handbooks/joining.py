"""Joins pages that were rendered apart into one PDF: links, bookmarks and page numbers set anew, each font once.

WeasyPrint keeps the glyph numbers of a font when it embeds a part of it. So the pages of several renderings can share
one part of the font, cut for all of them. The structure tree is lost with the pages: a joined handbook is for paper.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import uharfbuzz
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

POINTS = 0.75
"""Points (1/72 inch) to one CSS pixel."""
LINK = "hb:"
"""What stands before the name of a place in the book, in links between pages rendered apart."""
AT = "at-"
"""What stands before the name of a place where the number of its page is to be printed."""
GREY = (0x5B / 255, 0x64 / 255, 0x70 / 255)
INK = (0x1E / 255, 0x25 / 255, 0x2D / 255)
MILLIMETRE = 72 / 25.4
SHEET = (297 * MILLIMETRE, 210 * MILLIMETRE)
"""A4 on its side, which takes two pages of A5 (ISO 216)."""
GATHERING = 16
"""The most sheets that are folded as one: 80 g/m2 office paper lies flat up to about 64 pages."""
DROPPED_TABLES = ("BASE", "DSIG", "GPOS", "GSUB", "JSTF", "LTSH", "PCLT", "VDMX", "SVG ")


FACES = {
    (False, False): "Regular",
    (True, False): "Bold",
    (False, True): "Italic",
    (True, True): "BoldItalic",
}
"""The faces of a family, by whether they are bold and slanted."""
UPRIGHT = {"Italic": "Regular", "BoldItalic": "Bold"}


@dataclass(frozen=True, slots=True)
class FontNote:
    """A font of a rendering: family, face, what its description says, and for each glyph its width and text.

    The face is one of FACES, as the names of font files have them.
    """

    family: str
    face: str
    description: Mapping[str, Any]
    glyphs: Mapping[int, tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Notes:
    """What is known of a rendering beside its pages.

    `anchors` and `bookmarks` point to a page (from 0) and to points from its lower left corner.
    """

    pages: int
    anchors: Mapping[str, tuple[int, float, float]]
    bookmarks: Sequence[tuple[int, str, int, float, float]]
    fonts: Mapping[str, FontNote]


@dataclass(frozen=True, slots=True)
class Rendering:
    """Pages, and what is known of them."""

    pdf: Pdf
    notes: Notes


@dataclass(frozen=True, slots=True)
class Foot:
    """What is printed at the foot of every page but the first: left and right of it, and where (millimetres, points).

    `right` holds `{page}` and `{pages}`. `family` is the font. `number_size` is the size of the contents (points),
    where the numbers of pages are printed.
    """

    left: str
    right: str
    family: str
    size: float
    margin_left: float
    margin_right: float
    margin_bottom: float
    padding: float
    line_height: float
    number_size: float


@dataclass(frozen=True, slots=True)
class About:
    """What a PDF says of itself."""

    title: str
    author: str
    subject: str
    keywords: str
    language: str
    day: str


class MissingGlyph(Exception):
    """A character of what is printed beside the pages has no glyph in their font."""


class MissingFont(Exception):
    """A font that a rendering used is not among those of the press."""


def note_fonts(fonts: Iterable[Any]) -> dict[str, FontNote]:
    """Return what must be known of the fonts of a rendered document (WeasyPrint's) to embed them anew."""
    noted: dict[str, FontNote] = {}
    for font in fonts:
        glyphs = {glyph: (font.widths[glyph], text) for glyph, text in font.to_unicode.items()}
        if font.hash in noted:
            glyphs = {**noted[font.hash].glyphs, **glyphs}
        description = {
            "name": font.name.decode(),
            "flags": font.flags,
            "ascent": font.ascent,
            "descent": font.descent,
            "stemv": font.stemv,
        }
        face = FACES[font.weight >= 600, font.style != 0]
        noted[font.hash] = FontNote(font.family, face, description, glyphs)
    return noted


def strip_fonts(pdf: Pdf) -> None:
    """Take the fonts out of a rendering; the pages still name them."""
    for page in pdf.pages:
        for resources in _resources(page.obj.Resources):
            resources.Font = Dictionary()


def join(renderings: Sequence[Rendering], *, foot: Foot, about: About, faces: "Faces", first_numbered: int = 1) -> Pdf:
    """Return one PDF of all pages; links lead inside it, those to places that are not in it are dropped."""
    book = Pdf.new()
    starts: list[int] = []
    places: dict[str, tuple[int, float, float]] = {}
    for rendering in renderings:
        start = len(book.pages)
        starts.append(start)
        book.pages.extend(rendering.pdf.pages)
        for name, (page, x, y) in rendering.notes.anchors.items():
            places.setdefault(name, (start + page, x, y))
    fonts = _Fonts(faces)
    for rendering in renderings:
        fonts.add(rendering.notes.fonts)
    _stamp(book, foot, fonts, places)
    _share_fonts(book, fonts.embed(book))
    _lead_links(book, places)
    _add_outline(book, renderings, starts)
    _describe(book, about)
    return book


def impose(pdf: Pdf) -> Pdf:
    """Return the pages two on a sheet side, to be printed on both sides, turned on the short edge, and folded.

    More sheets than one fold takes are parted into gatherings of about the same size, which are folded one by one and
    laid one behind the other. A bar on the fold of the outermost side begins each, one step lower than the last.
    """
    count = len(pdf.pages)
    sheets = Pdf.new()
    forms = [sheets.copy_foreign(page.as_form_xobject()) for page in pdf.pages]
    width = float(pdf.pages[0].mediabox[2])
    middle = SHEET[0] / 2
    for left, right, gathering in _booklet_order(count):
        resources, drawn = Dictionary(XObject=Dictionary()), []
        for x, number in ((middle - width, left), (middle, right)):
            if number < count:
                resources.XObject[f"/P{number}"] = forms[number]
                # Half a sheet is a little wider than a page: the colour of the cover goes on to the edge.
                stretch = middle / width if number == 0 else 1
                drawn.append(f"q {stretch:.5f} 0 0 1 {x:.3f} 0 cm /P{number} Do Q")
        if gathering is not None:
            top = SHEET[1] - (20 + 8 * gathering) * MILLIMETRE
            drawn.append(
                f"q 0 g {middle - 0.5 * MILLIMETRE:.3f} {top:.3f} {MILLIMETRE:.3f} {-6 * MILLIMETRE:.3f} re f Q"
            )
        sheets.add_blank_page(page_size=SHEET)
        sheets.pages[-1].obj.Resources = resources
        sheets.pages[-1].obj.Contents = Stream(sheets, "\n".join(drawn).encode())
    with sheets.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as to, pdf.open_metadata() as of:
        to.load_from_docinfo(pdf.docinfo, delete_missing=False)
        if "dc:title" in of:
            to["dc:title"] = of["dc:title"]
    for key in ("/Title", "/Author", "/Subject", "/Keywords", "/CreationDate", "/ModDate", "/Producer"):
        if key in pdf.docinfo:
            sheets.docinfo[key] = String(str(pdf.docinfo[key]))
    sheets.Root.Lang = String(str(pdf.Root.Lang))
    return sheets


def _booklet_order(count: int) -> Iterator[tuple[int, int, int | None]]:
    """Yield the sides of a booklet of `count` pages: left page, right page (from 0; from `count` on they are blank).

    The third is the number of the gathering that the side begins (from 0), where there are several.
    """
    sheets = -(-count // 4)
    gatherings = -(-sheets // GATHERING)
    first = 0
    for gathering in range(gatherings):
        # Spread evenly: the thickest is at most one sheet thicker than the thinnest.
        own = sheets // gatherings + (gathering < sheets % gatherings)
        last = first + 4 * own - 1
        for sheet in range(own):
            yield last - 2 * sheet, first + 2 * sheet, gathering if gatherings > 1 and not sheet else None
            yield first + 2 * sheet + 1, last - 1 - 2 * sheet, None
        first = last + 1


class Faces:
    """The font files of the press, found by family and face."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)

    def get(self, family: str, face: str) -> uharfbuzz.Face:
        """Return a face. Raises MissingFont."""
        found = _face(self._folders, family, face)
        if found is None and face in UPRIGHT:
            # A family without a slanted face of its own is set upright; its glyphs have the same numbers.
            found = _face(self._folders, family, UPRIGHT[face])
        if found is None:
            raise MissingFont(f"{family} {face}")
        return found


@cache
def _face(folders: tuple[Path, ...], family: str, style: str) -> uharfbuzz.Face | None:
    words = family.split()
    pattern = "".join(words[: 3 if "CJK" in words else len(words)]) + f"-{style}.*"
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            blob = uharfbuzz.Blob.from_file_path(str(path))
            for number in range(uharfbuzz.Face(blob).count):
                face = uharfbuzz.Face(blob, number)
                if face.get_name(uharfbuzz.OTNameIdPredefined.FONT_FAMILY) == family:
                    return face
    return None


@dataclass(slots=True)
class _Font:
    face: uharfbuzz.Face
    description: Mapping[str, Any]
    family: str
    style: str
    glyphs: dict[int, tuple[float, str]] = field(default_factory=dict)

    @property
    def ascent(self) -> float:
        """How far it reaches above the line, to its size."""
        return float(self.description["ascent"]) / 1000

    @property
    def descent(self) -> float:
        """How far it reaches below the line, to its size."""
        return -float(self.description["descent"]) / 1000


class _Fonts:
    """The fonts of a book by the names that its pages give them, with all glyphs that are used."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._fonts: dict[str, _Font] = {}

    def add(self, noted: Mapping[str, FontNote]) -> None:
        for name, note in noted.items():
            font = self._fonts.get(name)
            if font is None:
                face = self._faces.get(note.family, note.face)
                font = self._fonts[name] = _Font(face, note.description, note.family, note.face)
            for glyph, told in note.glyphs.items():
                font.glyphs.setdefault(glyph, told)

    def find(self, family: str) -> tuple[str, _Font]:
        """The regular font of a family, and its name. Raises MissingFont."""
        for name, font in self._fonts.items():
            if font.family == family and font.style == "Regular":
                return name, font
        raise MissingFont(family)

    def embed(self, book: Pdf) -> Dictionary:
        """Cut each font for what is used of it and return the dictionary that pages refer to."""
        return Dictionary({f"/{name}": _embedded(book, font) for name, font in sorted(self._fonts.items())})


def _embedded(book: Pdf, font: _Font) -> pikepdf.Object:
    is_cff = "CFF " in font.face.table_tags
    base, flags = Name(font.description["name"]), font.description["flags"]
    ascent, descent = font.description["ascent"], font.description["descent"]
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=base,
        FontFamily=String(font.family),
        Flags=flags,
        FontBBox=Array([0, descent, round(max(width for width, _ in font.glyphs.values())), ascent]),
        ItalicAngle=-12 if "Italic" in font.style else 0,
        Ascent=ascent,
        Descent=descent,
        CapHeight=ascent,
        StemV=font.description["stemv"],
    )
    if is_cff:
        # A CID-keyed font names its glyphs by number itself: what is not used need not leave an empty place.
        face = _cut(font.face, font.glyphs, uharfbuzz.SubsetFlags.DEFAULT)
        file = Stream(book, bytes(face.reference_table("CFF ").data))
        file.Subtype = Name.CIDFontType0C
        descriptor.FontFile3 = book.make_indirect(file)
    else:
        data = bytes(_cut(font.face, font.glyphs, uharfbuzz.SubsetFlags.RETAIN_GIDS).blob.data)
        file = Stream(book, data)
        file.Length1 = len(data)
        descriptor.FontFile2 = book.make_indirect(file)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType0 if is_cff else Name.CIDFontType2,
        BaseFont=base,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        W=_widths(font.glyphs),
        FontDescriptor=book.make_indirect(descriptor),
    )
    if not is_cff:
        descendant.CIDToGIDMap = Name.Identity
    return book.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=base,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([book.make_indirect(descendant)]),
            ToUnicode=book.make_indirect(Stream(book, _to_unicode(font.glyphs))),
        )
    )


def _cut(face: uharfbuzz.Face, glyphs: Iterable[int], flags: uharfbuzz.SubsetFlags) -> uharfbuzz.Face:
    wanted = uharfbuzz.SubsetInput()
    wanted.glyph_set.update(set(glyphs))
    wanted.flags = flags | uharfbuzz.SubsetFlags.DESUBROUTINIZE | uharfbuzz.SubsetFlags.NO_HINTING
    wanted.drop_table_tag_set.update({int.from_bytes(tag.encode()) for tag in DROPPED_TABLES})
    return uharfbuzz.subset(face, wanted)


def _widths(glyphs: Mapping[int, tuple[float, str]]) -> Array:
    runs: list[int | list[float]] = []
    last = -2
    run: list[float] = []
    for glyph in sorted(glyphs):
        if glyph != last + 1:
            run = []
            runs += [glyph, run]
        run.append(round(glyphs[glyph][0], 3))
        last = glyph
    return Array([Array(one) if isinstance(one, list) else one for one in runs])


def _to_unicode(glyphs: Mapping[int, tuple[float, str]]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    told = [(glyph, text) for glyph, (_, text) in sorted(glyphs.items()) if text]
    for start in range(0, len(told), 100):
        batch = told[start : start + 100]
        lines.append(f"{len(batch)} beginbfchar")
        lines.extend(f"<{glyph:04x}> <{text.encode('utf-16-be').hex()}>" for glyph, text in batch)
        lines.append("endbfchar")
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()


def _stamp(book: Pdf, foot: Foot, fonts: _Fonts, places: Mapping[str, tuple[int, float, float]]) -> None:
    name, font = fonts.find(foot.family)
    pages = len(book.pages)
    left = _line(font, foot.left)
    marks: dict[int, list[str]] = {}
    end = float(book.pages[0].mediabox[2]) - foot.margin_right * MILLIMETRE
    for anchor, (at, _, y) in places.items():
        target = places.get(anchor.removeprefix(AT))
        if anchor.startswith(AT) and target is not None:
            marks.setdefault(at, []).append(_number(font, name, str(target[0] + 1), end, y, foot.number_size))
    for number, page in enumerate(book.pages):
        page.contents_add(b"q", prepend=True)
        drawn = ["Q", *marks.get(number, ())]
        if number:  # the cover bears no number
            right = _line(font, foot.right.format(page=number + 1, pages=pages))
            drawn.append(_drawn(page, foot, font, name, left, right))
        page.contents_add("\n".join(drawn).encode())


def _number(font: _Font, name: str, text: str, end: float, top: float, size: float) -> str:
    line = _line(font, text)
    place = f"1 0 0 1 {end - line.width * size / 1000:.3f} {top - font.ascent * size:.3f} Tm"
    colour = " ".join(f"{value:.3f}" for value in INK)
    return f"q {colour} rg BT /{name} {size:.3f} Tf {place} [{line.glyphs}] TJ ET Q"


def _height(font: _Font) -> float:
    return font.ascent + font.descent


@dataclass(frozen=True, slots=True)
class _Line:
    glyphs: str
    width: float  # in thousandths of the size


def _line(font: _Font, text: str) -> _Line:
    buffer = uharfbuzz.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    uharfbuzz.shape(uharfbuzz.Font(font.face), buffer)
    scale = 1000 / font.face.upem
    parts, width = [], 0.0
    clusters = sorted({info.cluster for info in buffer.glyph_infos} | {len(text)})
    follows = dict(pairwise(clusters))
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        if info.codepoint == 0:
            raise MissingGlyph(text[info.cluster])
        advance = position.x_advance * scale
        own, _ = font.glyphs.setdefault(
            info.codepoint, (advance, text[info.cluster : follows.get(info.cluster, len(text))])
        )
        parts.append(f"<{info.codepoint:04x}>" + (f" {own - advance:.2f}" if abs(own - advance) > 0.01 else ""))
        width += advance
    return _Line(" ".join(parts), width)


def _drawn(page: pikepdf.Page, foot: Foot, font: _Font, name: str, left: _Line, right: _Line) -> str:
    width = float(page.mediabox[2])
    leading = (foot.line_height - _height(font) * foot.size) / 2
    y = (foot.margin_bottom - foot.padding) * MILLIMETRE - leading - font.ascent * foot.size
    x_right = width - foot.margin_right * MILLIMETRE - right.width * foot.size / 1000
    colour = " ".join(f"{value:.3f}" for value in GREY)
    lines = ((foot.margin_left * MILLIMETRE, left), (x_right, right))
    text = " ".join(f"1 0 0 1 {x:.3f} {y:.3f} Tm [{line.glyphs}] TJ" for x, line in lines)
    return f"q {colour} rg BT /{name} {foot.size:.3f} Tf {text} ET Q"


def _share_fonts(book: Pdf, fonts: Dictionary) -> None:
    shared = book.make_indirect(fonts)
    for page in book.pages:
        for resources in _resources(page.obj.Resources):
            resources.Font = shared


def _resources(of: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Yield the resources of a page, and those of the drawings in it."""
    yield of
    for drawing in of.get("/XObject", Dictionary()).values():
        if "/Resources" in drawing:
            yield from _resources(drawing.Resources)


def _lead_links(book: Pdf, places: Mapping[str, tuple[int, float, float]]) -> None:
    pages = [page.obj for page in book.pages]
    for page in pages:
        kept = Array()
        for link in page.get("/Annots", Array()):
            address = str(link.A.URI) if "/A" in link and "/URI" in link.A else ""
            if address.startswith(LINK):
                place = places.get(address.removeprefix(LINK))
                if place is None:
                    continue
                del link["/A"]
                link.Dest = Array([pages[place[0]], Name.XYZ, round(place[1], 2), round(place[2], 2), 0])
            kept.append(link)
        if kept:
            page.Annots = kept
        elif "/Annots" in page:
            del page["/Annots"]


def _add_outline(book: Pdf, renderings: Sequence[Rendering], starts: Sequence[int]) -> None:
    with book.open_outline() as outline:
        nested: list[tuple[int, list[Any]]] = [(0, outline.root)]
        for rendering, start in zip(renderings, starts, strict=True):
            for level, label, page, x, y in rendering.notes.bookmarks:
                while nested[-1][0] >= level:
                    nested.pop()
                place = pikepdf.make_page_destination(book, start + page, "XYZ", left=round(x, 2), top=round(y, 2))
                item = pikepdf.OutlineItem(label, place)
                item.is_closed = True
                nested[-1][1].append(item)
                nested.append((level, item.children))


def _describe(book: Pdf, about: About) -> None:
    day = f"D:{about.day.replace('-', '')}"
    told = {
        "/Title": about.title,
        "/Author": about.author,
        "/Subject": about.subject,
        "/Keywords": about.keywords,
        "/CreationDate": day,
        "/ModDate": day,
    }
    for key, value in told.items():
        book.docinfo[key] = String(value)
    with book.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
        metadata["dc:title"] = about.title
        metadata["dc:creator"] = [about.author]
        metadata["dc:description"] = about.subject
        metadata["dc:language"] = {about.language}
        metadata["pdf:Keywords"] = about.keywords
    book.Root.Lang = String(about.language)
    book.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
