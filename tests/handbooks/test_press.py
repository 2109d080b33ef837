"""The press, on real handbooks: what is on the paper, what the file says of itself, what is never fetched."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest

from hall.languages import catalogue
from handbooks import composition, press, shelf
from handbooks.press import PressFailed, Sheets
from tests.handbooks.conftest import Printed
from windows.directory import Office

PAGE_OF = {"en": re.compile(r"Page (\d+) of (\d+)"), "zh_Hans": re.compile(r"(?:第|Page )(\d+)(?:页，共| of )(\d+)")}
WORDS = {
    "en": ("How to use this book", "If we are accused", "What never to do.", "Sources"),
    "zh_Hans": ("怎样使用本手册", "我方被诉怎么办", "绝不要做的事", "资料来源"),
}


def text_of(path: Path, page: int | None = None) -> str:
    """The text of a file or of one page (1 is the first), with the lines as they stand."""
    pages = ["-f", str(page), "-l", str(page)] if page else []
    return run("pdftotext", "-layout", *pages, str(path), "-")


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def count_pages(path: Path) -> int:
    with pikepdf.open(path) as pdf:
        return len(pdf.pages)


def sheets(body: str, head: str = "") -> Sheets:
    html = f'<!DOCTYPE html><html lang="en"><head><title>T</title>{head}</head><body>{body}</body></html>'
    return Sheets(html, identifier="one")


# On the paper


def test_the_words_of_the_book_can_be_read_out(printed: Printed) -> None:
    text = text_of(printed.path)
    for words in WORDS[printed.handbook.language]:
        assert words in text
    assert "\ufffd" not in text


def test_every_page_but_the_cover_says_its_number_edition_and_code(printed: Printed) -> None:
    pages = count_pages(printed.path)
    for page in range(2, pages + 1):
        text = text_of(printed.path, page)
        assert PAGE_OF[printed.handbook.language].findall(text) == [(str(page), str(pages))]
        assert printed.handbook.code in text
        assert str(printed.handbook.edition.year) in text
    assert not PAGE_OF[printed.handbook.language].search(text_of(printed.path, 1))


def test_the_contents_name_the_page_on_which_each_chapter_begins(printed: Printed) -> None:
    book = composition.Speaker(printed.handbook, catalogue(printed.handbook.language)).book()
    listed = dict(re.findall(r"^ *(\d+) +\S.*? (\d+)$", text_of(printed.path, 3), flags=re.MULTILINE))
    assert len(listed) == len(book["contents"])
    for section in book["contents"]:
        text = text_of(printed.path, int(listed[str(section.number)]))
        assert re.search(rf"^ *{section.number} +{re.escape(section.title)}", text, flags=re.MULTILINE), section.title


def test_no_page_is_blank(printed: Printed) -> None:
    for page in range(1, count_pages(printed.path) + 1):
        assert len(text_of(printed.path, page).split()) > 8, page


def test_a_market_without_own_chapters_says_so(press_folder: Path) -> None:
    handbook = shelf.get_handbook("VN", "en")
    html = composition.compose(handbook, catalogue("en"))
    assert "written for this market alone are in preparation" in html
    assert "in preparation" not in composition.compose(shelf.get_handbook("US", "en"), catalogue("en"))


def test_a_value_without_a_source_is_printed_as_to_be_confirmed() -> None:
    handbook = shelf.get_handbook("US", "en")
    fact = handbook.country.facts["sp_us_itc337_target_months"]
    assert fact.confidence == "general"
    marked = composition.Speaker(handbook, catalogue("en")).marked(fact)
    assert "to be confirmed" in marked
    assert 'href="#source' not in marked


def test_every_source_mark_leads_to_a_source() -> None:
    for handbook in shelf.all_handbooks():
        html = composition.compose(handbook, catalogue(handbook.language))
        marks = set(re.findall(r'href="#(source-\d+)"', html))
        assert marks
        assert marks == set(re.findall(r'id="(source-\d+)"', html))


def test_a_link_inside_the_book_leads_somewhere() -> None:
    for handbook in shelf.all_handbooks():
        html = composition.compose(handbook, catalogue(handbook.language))
        assert set(re.findall(r'href="#([^"]+)"', html)) <= set(re.findall(r'id="([^"]+)"', html))


def test_a_name_full_of_markup_is_printed_as_text(tmp_path: Path) -> None:
    handbook = shelf.get_handbook("VN", "en")
    name = '"><script>x</script><img src=http://127.0.0.1:9/> & <b>Office</b>'
    office = Office(name, name, "https://office.example")
    marked = replace(handbook, country=replace(handbook.country, offices=(office,)))
    html = composition.compose(marked, catalogue("en"))
    assert "<script" not in html
    assert "<img" not in html
    path = press.print_sheets(Sheets(html, "x"), path=tmp_path / "x.pdf", cache=tmp_path)
    assert "<script>x</script>" in re.sub(r"\s+", "", text_of(path))


# What the file says of itself


def test_the_file_is_tagged_and_says_language_title_and_edition(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot.K
        assert str(pdf.Root.Lang) == printed.handbook.tag
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert printed.handbook.edition.strftime("D:%Y%m%d") in str(pdf.docinfo.CreationDate)
        with pdf.open_metadata() as about:
            assert about["pdfuaid:part"] == "1"
            assert printed.handbook.code in str(about["pdf:Keywords"])
            assert about["dc:title"]
        assert pdf.Root.Outlines.First


def test_headings_are_nested_without_a_gap(printed: Printed) -> None:
    tags = re.findall(r"^ *H(\d)\b", run("pdfinfo", "-struct", str(printed.path)), flags=re.MULTILINE)
    levels = [int(tag) for tag in tags]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_all_fonts_are_embedded_and_of_the_named_families(printed: Printed) -> None:
    rows = run("pdffonts", str(printed.path)).splitlines()[2:]
    assert rows
    for row in rows:
        assert re.match(r"[A-Z]{6}\+Noto-Sans", row), row
        assert row.split()[-5:-2] == ["yes", "yes", "yes"], row


def test_chinese_is_set_in_the_chinese_forms(printed: Printed) -> None:
    fonts = run("pdffonts", str(printed.path))
    assert "Noto-Sans-CJK-SC" in fonts
    assert ("Noto-Sans-CJK-JP" in fonts) or printed.handbook.country.code not in ("JP",)


def test_foreign_words_carry_their_language(press_folder: Path) -> None:
    html = composition.compose(shelf.get_handbook("DE", "en"), catalogue("en"))
    assert '<span lang="de">Abmahnung</span>' in html
    assert '<span lang="zh-Hans">警告函</span>' in html


# Printed once, always the same


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, press_folder: Path) -> None:
    handbook = shelf.get_handbook("VN", "zh_Hans")
    words = catalogue("zh_Hans")
    first = press.print_handbook(handbook, cache=press_folder, catalogue=words)
    second = press.print_handbook(handbook, cache=tmp_path, catalogue=words)
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_a_printed_handbook_is_not_printed_again(printed: Printed, press_folder: Path) -> None:
    before = printed.path.stat()
    again = press.print_handbook(printed.handbook, cache=press_folder, catalogue=catalogue(printed.handbook.language))
    assert again == printed.path == press.find_printed(printed.handbook, cache=press_folder)
    assert (again.stat().st_ino, again.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_handbook_never_printed_is_not_found(tmp_path: Path) -> None:
    assert press.find_printed(shelf.get_handbook("US", "en"), cache=tmp_path) is None


# Closed doors


class Counter(BaseHTTPRequestHandler):
    """Counts who knocks."""

    knocks = 0

    def do_GET(self) -> None:
        type(self).knocks += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[str]:
    """The address of a server on this machine that counts requests."""
    Counter.knocks = 0
    server = HTTPServer(("127.0.0.1", 0), Counter)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/x"
    server.shutdown()
    server.server_close()
    thread.join()


ASKING = {
    "picture": '<img alt="a" src="{}">',
    "style": '<link rel="stylesheet" href="{}">',
    "import": '<style>@import url("{}");</style>',
    "font": '<style>@font-face {{ font-family: f; src: url("{}") }} p {{ font-family: f }}</style><p>f</p>',
    "background": '<p style="background-image: url({})">x</p>',
    "drawing": '<svg width="9" height="9"><image width="9" height="9" href="{}"/></svg>',
    "attachment": '<link rel="attachment" href="{}">',
    "object": '<object data="{}">x</object>',
}


@pytest.mark.parametrize("asking", ASKING)
def test_the_press_fetches_nothing_from_the_net(asking: str, listener: str, tmp_path: Path) -> None:
    with suppress(PressFailed):  # most are refused; what WeasyPrint does not even ask for is no harm
        press.print_sheets(sheets(ASKING[asking].format(listener)), path=tmp_path / "x.pdf", cache=tmp_path)
    assert Counter.knocks == 0


@pytest.mark.parametrize("asking", ["picture", "style", "import", "attachment"])
@pytest.mark.parametrize("address", ["file:///etc/passwd", "data:text/css,p{}", "../../pyproject.toml"])
def test_the_press_reads_no_foreign_file(asking: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(PressFailed) as failed:
        press.print_sheets(sheets(ASKING[asking].format(address)), path=tmp_path / "x.pdf", cache=tmp_path)
    assert failed.value.code == "refused"
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "data:,x",
        "ftp://127.0.0.1/x",
        f"file://evil.example{press.HOUSE}/handbooks/print.css",
        f"file://{press.HOUSE}/handbooks/../pyproject.toml",
        f"file://{press.HOUSE}/handbooks/%2e%2e/pyproject.toml",
        f"file://{press.HOUSE}/handbooks",
        f"file://{press.HOUSE}/handbooks/no-such-file.css",
    ],
)
def test_only_own_files_are_open(address: str) -> None:
    with pytest.raises(ValueError, match="not an own file"):
        press.open_file(address)


def test_the_style_of_the_handbooks_is_open() -> None:
    assert press.open_file(f"file://{press.HOUSE}/handbooks/print.css").name == "print.css"


# Failures have a reason


def test_a_character_without_a_glyph_stops_the_press(tmp_path: Path) -> None:
    with pytest.raises(PressFailed) as failed:
        press.print_sheets(sheets("<p>\U00012000</p>"), path=tmp_path / "x.pdf", cache=tmp_path)
    assert failed.value.code == "glyph"
    assert "\U00012000" in failed.value.params["detail"]
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_press_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "SECONDS", 1)
    with pytest.raises(PressFailed) as failed:
        press.print_sheets(sheets("<p>word</p>" * 20000), path=tmp_path / "x.pdf", cache=tmp_path)
    assert failed.value.code == "time"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"] == []


@pytest.mark.parametrize("megabytes", [250, 320, 400])
def test_a_press_that_wants_too_much_memory_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, megabytes: int
) -> None:
    monkeypatch.setattr(press, "MEMORY_BYTES", megabytes * 2**20)
    with pytest.raises(PressFailed) as failed:
        press.print_sheets(sheets("<p>word</p>" * 60000), path=tmp_path / "x.pdf", cache=tmp_path)
    assert failed.value.code == "memory"


def test_a_machine_without_the_fonts_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "FONT_FOLDERS", (tmp_path,))
    with pytest.raises(PressFailed) as failed:
        press.print_sheets(sheets("<p>x</p>"), path=tmp_path / "x.pdf", cache=tmp_path)
    assert failed.value.code == "fonts"


def test_a_machine_without_pango_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PressFailed) as failed:
        press.render(sheets("<p>x</p>"))
    assert failed.value.code == "library"
    assert "Pango" in failed.value.message


def test_the_hall_never_loads_the_printing_library_itself() -> None:
    code = "import sys, handbooks.press, handbooks.shelf; print('weasyprint' in sys.modules)"
    assert run(sys.executable, "-c", code).strip() == "False"
