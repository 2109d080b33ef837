"""The paper edition is joined from sections rendered ahead, and holds the same pages as the whole one."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import cast

import pikepdf
import pytest
from fontTools.ttLib import TTFont
from markupsafe import Markup
from PIL import Image, ImageChops

from handbooks import composition, selection
from handbooks.composition import OwnCase, OwnDeadline, Pages, Writer
from handbooks.press import Press
from handbooks.selection import Handbook
from tests.handbooks.conftest import writer_of
from tests.handbooks.test_press import count_pages, run, text_of

CODES = (
    "de.us.vn-mark-accused-zh-Hans",
    "jp.kr-patent-preparing-planning-en",
    "br-design-claim-en-large",
    "fr.it-mark-preparing-planning-zh-Hans-booklet",
)
CASE = OwnCase(
    number="U017",
    deadlines=(
        OwnDeadline("Serve an answer", "US court summons", date(2026, 12, 1), date(2026, 11, 30), "", "FRCP 12(a)"),
        OwnDeadline("Object", "Letter", None, None, "the date printed in the paper", ""),
    ),
    steps=("Keep every paper", "Name a lawyer"),
    contacts=(("Window", "United States"),),
    qr=Markup('<svg viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>'),
    address="https://hall.example/case",
    printed=date(2026, 11, 27),
)


@dataclass(frozen=True)
class Both:
    """A handbook in its two editions."""

    handbook: Handbook
    writer: Writer
    joined: Path
    whole: Path
    pages: Pages


@pytest.fixture(scope="module", params=CODES)
def both(request: pytest.FixtureRequest, press: Press) -> Both:
    handbook = selection.from_code(request.param)
    writer = writer_of(handbook)
    joined, pages = press.print_joined(handbook, writer)
    return Both(handbook, writer, joined, press.print_whole(handbook, writer, pages=pages), pages)


def words(path: Path, number: int) -> list[str]:
    """The words of a page, sorted: what is stamped comes last in the one edition and in its place in the other."""
    return sorted(text_of(path, number).split())


def test_both_editions_have_the_same_words_on_the_same_pages(both: Both) -> None:
    assert count_pages(both.joined) == count_pages(both.whole) == both.pages.count
    for number in range(1, both.pages.count + 1):
        assert words(both.joined, number) == words(both.whole, number), number


def test_both_editions_look_the_same(both: Both, tmp_path: Path) -> None:
    middle = both.pages.count // 2
    for number in (1, 2, 3, middle, both.pages.count):
        one, other = (picture(path, number, tmp_path / name) for path, name in ((both.joined, "a"), (both.whole, "b")))
        assert one.size == other.size
        different = ImageChops.difference(one, other).point(lambda value: 255 if value > 96 else 0)
        share = sum(different.histogram()[128:]) / (one.width * one.height)
        # The numbers of the contents are stamped in the one, and may lie part of a pixel off.
        assert share < 0.0015, number


def picture(path: Path, number: int, stem: Path) -> Image.Image:
    page = ["-f", str(number), "-l", str(number), "-singlefile"]
    subprocess.run(["pdftoppm", "-r", "60", "-gray", "-png", *page, str(path), str(stem)], check=True)
    return Image.open(stem.with_suffix(".png")).convert("L")


def test_letters_in_a_drawing_are_printed_in_both_editions(press: Press) -> None:
    handbook = selection.from_code("window-korea-en")
    joined, pages = press.print_joined(handbook, writer_of(handbook))
    whole = press.print_whole(handbook, writer_of(handbook), pages=pages)
    number = pages.first["region-korea"]
    assert "KR" in words(joined, number)
    assert words(joined, number) == words(whole, number)


def test_every_section_begins_on_the_page_that_the_contents_name(both: Both) -> None:
    for section in both.handbook.sections:
        composed = both.writer.section(section)
        text = re.sub(r"\s+", " ", text_of(both.joined, both.pages.first[composed.anchor]))
        assert re.sub(r"\s+", " ", composed.title) in text


@pytest.mark.parametrize(
    "code",
    [
        "th.my.sg.ph-patent-preparing-en",
        "sa.ae.eg.tr-design-claim-zh-Hans",
        "us.mx.br.gb.kr-accused-claim-en",
        "us.mx.br.gb-accused-claim-zh-Hans-booklet",
        "jp.kr.in.id-mark-claim-en-large",
        "de.fr.it.es.nl-en",
        "de.fr.it-preparing-zh-Hans-large",
    ],
)
def test_the_contents_are_as_long_in_both_editions(press: Press, tmp_path: Path, code: str) -> None:
    handbook = selection.from_code(code)
    writer = writer_of(handbook)
    whole = composition.compose(handbook, writer, pages=Pages(Counter(), 99))
    whole = whole[: whole.index("</section>", whole.index('class="contents'))]
    front = composition.compose_front(handbook, writer)
    front = front.replace("</head>", '<link rel="stylesheet" href="print.css"></head>')
    for name, html in (("whole", f"{whole}</section></body></html>"), ("front", front)):
        # What the contents lead to is not printed here.
        press.print_html(html.replace('href="#', 'href="https://hall.example/#'), tmp_path / f"{name}.pdf")
    assert count_pages(tmp_path / "front.pdf") == count_pages(tmp_path / "whole.pdf")


def test_a_book_laid_out_otherwise_than_expected_names_its_own_pages(press: Press) -> None:
    handbook = selection.from_code("KZ-copyright-en")
    writer = writer_of(handbook)
    joined, pages = press.print_joined(handbook, writer)
    late = Pages({name: page + 1 for name, page in pages.first.items()}, pages.count + 1)
    whole = press.print_whole(handbook, writer, pages=late)
    for number in range(1, pages.count + 1):
        assert words(whole, number) == words(joined, number), number


def test_links_lead_inside_the_book_and_none_is_left_over(both: Both) -> None:
    with pikepdf.open(both.joined) as pdf:
        pages = {page.obj.objgen for page in pdf.pages}
        inside = 0
        for page in pdf.pages:
            for link in page.get("/Annots", []):
                if "/Dest" in link:
                    assert link.Dest[0].objgen in pages
                    inside += 1
                else:
                    assert re.match(r"https?://", str(link.A.URI))
        assert inside > 20


def test_bookmarks_name_every_section_with_its_page(both: Both) -> None:
    with pikepdf.open(both.joined) as pdf, pdf.open_outline() as outline:
        numbers = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        marked = {item.title: numbers[cast(pikepdf.Array, item.destination)[0].objgen] for item in outline.root}
    for section in both.handbook.sections:
        composed = both.writer.section(section)
        words = {"market": composed.market, "title": composed.title}
        label = both.writer.words.say("%(market)s: %(title)s") % words if composed.market else composed.title
        assert marked[label] == both.pages.first[composed.anchor]


def test_each_font_is_embedded_once_and_cut(both: Both) -> None:
    rows = [row.split() for row in run("pdffonts", str(both.joined)).splitlines()[2:]]
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names) <= 8
    for row in rows:
        assert row[-5:-2] == ["yes", "yes", "yes"], row
    assert both.joined.stat().st_size < both.whole.stat().st_size * 1.4
    assert both.joined.stat().st_size < 1_500_000


def test_the_file_says_what_it_is(both: Both) -> None:
    with pikepdf.open(both.joined) as pdf:
        assert str(pdf.Root.Lang) == both.handbook.tag
        assert str(pdf.docinfo.Title) == both.writer.title(both.handbook)
        assert both.handbook.code in str(pdf.docinfo.Keywords)
        assert composition.edition(both.handbook, both.writer).strftime("D:%Y%m%d") in str(pdf.docinfo.CreationDate)
        with pdf.open_metadata() as about:
            assert about["dc:title"] == both.writer.title(both.handbook)


def test_the_same_choice_gives_the_same_bytes(press: Press, tmp_path: Path) -> None:
    handbook = selection.from_code(CODES[1])
    files = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in files:
        press.join(handbook, writer_of(handbook), file)
    assert files[0].read_bytes() == files[1].read_bytes()


def test_ones_own_case_stands_in_front(press: Press, tmp_path: Path) -> None:
    handbook = selection.from_code("us-mark-accused-dispute-en")
    pages = press.join(handbook, writer_of(handbook), tmp_path / "case.pdf", case=CASE)
    assert pages.first["own_case"] == 3
    text = text_of(tmp_path / "case.pdf", 3)
    for said in ("U017", "Serve an answer", "December 1, 2026", "November 30, 2026", "the date printed"):
        assert said in text
    assert re.search(r"Your case +3", text_of(tmp_path / "case.pdf", 2))
    without = press.join(handbook, writer_of(handbook), tmp_path / "plain.pdf")
    assert without.count == pages.count - 1


def outlines(path: Path) -> dict[tuple[str, int], object]:
    """The outlines of all glyphs that a book embeds, by the name of their font and their number."""
    found: dict[tuple[str, int], object] = {}
    with pikepdf.open(path) as pdf:
        for font in pdf.objects:
            if not isinstance(font, pikepdf.Dictionary) or "/FontFile2" not in font:
                continue
            read = TTFont(BytesIO(font.FontFile2.read_bytes()))
            glyphs = read["glyf"]
            for number, name in enumerate(read.getGlyphOrder()):
                points, ends, _ = glyphs[name].getCoordinates(glyphs)
                if len(points):
                    found[str(font.FontName), number] = tuple(points), tuple(ends)
    return found


def test_every_glyph_is_that_of_its_face(both: Both) -> None:
    joined, whole = outlines(both.joined), outlines(both.whole)
    known = joined.keys() & whole.keys()
    assert any("Bold" in name for name, _ in known)
    assert both.handbook.language != "en" or any("Italic" in name for name, _ in known)
    assert [key for key in known if joined[key] != whole[key]] == []


def test_a_changed_chapter_is_rendered_anew_and_no_other(tmp_path: Path) -> None:
    with Press(tmp_path) as press:
        changed_chapter(press, tmp_path)


def changed_chapter(press: Press, tmp_path: Path) -> None:
    handbook = selection.from_code("sa-mark-preparing-planning-en")
    writer = writer_of(handbook)
    press.join(handbook, writer, tmp_path / "a.pdf")
    kept = {path: path.stat().st_mtime_ns for path in sections_of(press)}
    changed = composition.Writer("en", writer.words.catalogue, frozenset())
    [section] = [one for one in handbook.sections if one.key == "before"]
    composed = changed.section(section)
    html = Markup(str(composed.html).replace("search", "long search"))
    changed._places[""][section] = composition.Composed(
        composed.anchor, composed.market, composed.title, html, composed.reviewed
    )
    press.join(handbook, changed, tmp_path / "b.pdf")
    fresh = [path for path in sections_of(press) if path not in kept]
    assert [path.name.partition("-")[0] for path in fresh] == ["before"]
    assert all(path.stat().st_mtime_ns == time for path, time in kept.items())


def sections_of(press: Press) -> Iterator[Path]:
    yield from (press.cache / "sections").glob("*.pdf")


# The booklet


@pytest.mark.parametrize(("count", "gatherings"), [(1, 1), (4, 1), (5, 1), (50, 1), (64, 1), (65, 2), (133, 3)])
def test_a_booklet_has_all_pages_in_the_order_of_folding(
    press: Press, tmp_path: Path, count: int, gatherings: int
) -> None:
    pages = "".join(f"<section><p>leaf{number}.</p></section>" for number in range(1, count + 1))
    style = "<style>@page { size: A5 } section { break-after: page } section:last-child { break-after: auto }</style>"
    html = f'<!DOCTYPE html><html lang="en"><head><title>T</title>{style}</head><body>{pages}</body></html>'
    press.print_html(html, tmp_path / "pages.pdf")
    sheets = press.print_sheets(tmp_path / "pages.pdf")
    padded = -(-count // 4) * 4
    assert count_pages(sheets) == padded // 2
    begins = [side for side in range(padded // 2) if has_bar(sheets, side)] or [0]
    ends = [*begins[1:], padded // 2]
    read = []
    for begin, end in zip(begins, ends, strict=True):
        # What is folded as one is read from the right half of its first front to the left half of that front.
        folded: dict[int, int] = {}
        for side in range(end - begin):
            left, right = sides(sheets, begin + side + 1)
            at_left, at_right = (2 * (end - begin) - 1 - side, side)
            folded |= {at_left: left, at_right: right} if side % 2 == 0 else {at_right: left, at_left: right}
        read += [folded[number] for number in range(2 * (end - begin))]
    assert read == [number if number <= count else 0 for number in range(1, padded + 1)]
    thickness = [(end - begin) / 2 for begin, end in zip(begins, ends, strict=True)]
    assert len(thickness) == gatherings
    assert max(thickness) <= 16
    assert max(thickness) - min(thickness) <= 1


def has_bar(path: Path, side: int) -> bool:
    """Whether a bar of six millimetres stands on the fold of a side, which begins a gathering."""
    with pikepdf.open(path) as pdf:
        return " re f" in pdf.pages[side].Contents.read_bytes().decode()


def sides(path: Path, number: int) -> tuple[int, int]:
    """The leaves on the left and the right half of a sheet side; 0 where it is empty."""
    found = []
    for x in (0, 420):
        box = ["-x", str(x), "-y", "0", "-W", "420", "-H", "596"]
        text = run("pdftotext", "-f", str(number), "-l", str(number), *box, str(path), "-")
        leaf = re.search(r"leaf(\d+)\.", text)
        found.append(int(leaf[1]) if leaf else 0)
    return found[0], found[1]
