"""The press, on real handbooks: what is on the paper, what the file says of itself, what is never fetched."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import page as page_checker
import pikepdf
import pytest
from markupsafe import Markup

from handbooks import composition, rendering, selection
from handbooks import press as press_module
from handbooks.composition import Composed, OwnCase
from handbooks.materials import HOUSE, PressFailed
from handbooks.press import Press
from tests.handbooks.conftest import TODAY, Printed, writer_of

PAGE_OF = {"en": re.compile(r"Page (\d+) of (\d+)"), "zh_Hans": re.compile(r"(?:第|Page )(\d+)(?:页，共| of )(\d+)")}
BOX = re.compile(r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)"')
LINE = re.compile(r'<line xMin="[-\d.]+" yMin="([-\d.]+)" xMax="[-\d.]+" yMax="([-\d.]+)"')
WORDS = {
    "en": ("How to use this book", "If we are accused", "What never to do.", "Sources"),
    "zh_Hans": ("怎样使用本手册", "我方被指控怎么办", "绝不要做的事", "资料来源"),
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


def page(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en"><head><title>T</title>{head}</head><body>{body}</body></html>'


# On the paper


def test_the_words_of_the_book_can_be_read_out(printed: Printed) -> None:
    text = text_of(printed.path)
    for words in WORDS[printed.handbook.language]:
        assert words in text
    assert "\ufffd" not in text


def test_every_page_but_the_cover_says_its_number_edition_and_code(printed: Printed) -> None:
    pages = count_pages(printed.path)
    edition = composition.edition(printed.handbook, printed.writer)
    for number in range(2, pages + 1):
        text = text_of(printed.path, number)
        assert PAGE_OF[printed.handbook.language].findall(text) == [(str(number), str(pages))]
        assert printed.handbook.short_code in text
        assert str(edition.year) in text
    assert not PAGE_OF[printed.handbook.language].search(text_of(printed.path, 1))


@pytest.mark.parametrize("language", ["en", "zh_Hans"])
@pytest.mark.parametrize("form", ["a4", "booklet", "large"])
@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {
            "rights": sorted(selection.RIGHTS)[:5],
            "roles": ["we_are_accused", "we_claim"],
            "stages": ["planning", "selling"],
        },
    ],
)
def test_the_longest_cover_keeps_to_its_page(
    press: Press, tmp_path: Path, language: str, form: str, chosen: dict[str, list[str]]
) -> None:
    handbook = selection.own(["AE", "ZA", "SA", "GB", "US"], language, form=form, **chosen)
    html = composition.compose(handbook, writer_of(handbook))
    end = html.index("</section>", html.index('class="cover"'))
    press.print_html(f"{html[:end]}</section><p>what follows</p></body></html>", tmp_path / "cover.pdf")
    last = text_of(tmp_path / "cover.pdf", 1).split()[-1]
    assert last == {"en": "advice.", "zh_Hans": "本大厅提供指导，不构成法律意见。"}[language]
    assert "what follows" in text_of(tmp_path / "cover.pdf", 2)
    assert count_pages(tmp_path / "cover.pdf") == 2


def test_the_contents_name_the_page_on_which_each_section_begins(printed: Printed) -> None:
    sections = [printed.writer.section(one) for one in printed.handbook.sections]
    contents = "".join(text_of(printed.path, number) for number in (2, 3, 4))
    for section in sections:
        more = "".join(f"{re.escape(title)} +" for title in section.more)
        numbers = re.findall(rf"^ *{re.escape(section.title)} +{more}(\d+)$", contents, flags=re.MULTILINE)
        begins = [number for number in numbers if begins_there(printed.path, int(number), section)]
        assert begins, section.title


def begins_there(path: Path, number: int, section: Composed) -> bool:
    text = text_of(path, number)
    return section.title in text and (not section.market or section.market in text)


def test_no_page_is_blank(printed: Printed) -> None:
    for number in range(1, count_pages(printed.path) + 1):
        assert len("".join(text_of(printed.path, number).split())) > 80, number


def test_a_name_full_of_markup_is_printed_as_text(press: Press, tmp_path: Path) -> None:
    handbook = selection.of_country("VN", "en")
    name = '"><script>x</script><img src=http://127.0.0.1:9/> & <b>Office</b>'
    case = OwnCase(name, (), (name,), ((name, name),), Markup(""), name, TODAY)
    html = composition.compose(handbook, writer_of(handbook), case=case)
    assert "<script" not in html
    assert "<img" not in html
    press.print_html(html, tmp_path / "x.pdf")
    assert "<script>x</script>" in re.sub(r"\s+", "", text_of(tmp_path / "x.pdf"))


# What the file says of itself


def test_the_file_is_tagged_and_says_language_title_and_edition(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.StructTreeRoot.K
        assert str(pdf.Root.Lang) == printed.handbook.tag
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        edition = composition.edition(printed.handbook, printed.writer)
        assert edition.strftime("D:%Y%m%d") in str(pdf.docinfo.CreationDate)
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
    assert ("Noto-Sans-CJK-JP" in fonts) or "JP" not in printed.handbook.markets


# Printed once, always the same


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, press: Press) -> None:
    handbook = selection.from_code("kz-mark-preparing-planning-zh-hans")
    writer = writer_of(handbook)
    first = press.print_whole(handbook, writer)
    with Press(tmp_path) as other:
        second = other.print_whole(handbook, writer)
    assert first.name == second.name
    assert first.read_bytes() == second.read_bytes()


def test_a_printed_handbook_is_not_printed_again(printed: Printed, press: Press) -> None:
    before = printed.path.stat()
    again = press.print_whole(printed.handbook, printed.writer)
    assert again == printed.path == press.find_whole(printed.handbook, printed.writer)
    assert (again.stat().st_ino, again.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_handbook_never_printed_is_not_found(tmp_path: Path) -> None:
    handbook = selection.of_country("US", "en")
    with Press(tmp_path) as press:
        assert press.find_whole(handbook, writer_of(handbook)) is None
        assert press.find_joined(handbook, writer_of(handbook)) is None


def test_what_is_kept_has_a_bound_and_the_oldest_goes_first(tmp_path: Path) -> None:
    (tmp_path / "sections").mkdir()
    names = ["old.pdf", "sections/older.pdf", "sections/older.json", "new.pdf", "fonts.conf"]
    for age, name in zip((3, 5, 5, 1, 9), names, strict=True):
        (tmp_path / name).write_bytes(b"x" * 1000)
        os.utime(tmp_path / name, (10_000 - age, 10_000 - age))
    assert press_module.forget_oldest(tmp_path, most_bytes=4000) == 0
    assert press_module.forget_oldest(tmp_path, most_bytes=2000) == 2
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"old.pdf", "new.pdf", "fonts.conf"}
    assert press_module.forget_oldest(tmp_path / "nowhere") == 0


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
def test_the_press_fetches_nothing_from_the_net(press: Press, asking: str, listener: str, tmp_path: Path) -> None:
    with suppress(PressFailed):  # most are refused; what WeasyPrint does not even ask for is no harm
        press.print_html(page(ASKING[asking].format(listener)), tmp_path / "x.pdf")
    assert Counter.knocks == 0


@pytest.mark.parametrize("asking", ["picture", "style", "import", "attachment"])
@pytest.mark.parametrize("address", ["file:///etc/passwd", "data:text/css,p{}", "../../pyproject.toml"])
def test_the_press_reads_no_foreign_file(press: Press, asking: str, address: str, tmp_path: Path) -> None:
    with pytest.raises(PressFailed) as failed:
        press.print_html(page(ASKING[asking].format(address)), tmp_path / "x.pdf")
    assert failed.value.code == "refused"
    assert not (tmp_path / "x.pdf").exists()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "data:,x",
        "ftp://127.0.0.1/x",
        f"file://evil.example{HOUSE}/handbooks/print.css",
        f"file://{HOUSE}/handbooks/../pyproject.toml",
        f"file://{HOUSE}/handbooks/%2e%2e/pyproject.toml",
        f"file://{HOUSE}/handbooks",
        f"file://{HOUSE}/handbooks/no-such-file.css",
    ],
)
def test_only_own_files_are_open(address: str) -> None:
    with pytest.raises(ValueError, match="not an own file"):
        rendering.open_file(address)


def test_the_style_of_the_handbooks_is_open() -> None:
    assert rendering.open_file(f"file://{HOUSE}/handbooks/print.css").name == "print.css"


# Failures have a reason


def test_a_character_without_a_glyph_stops_the_press(press: Press, tmp_path: Path) -> None:
    with pytest.raises(PressFailed) as failed:
        press.print_html(page("<p>\U00012000</p>"), tmp_path / "x.pdf")
    assert failed.value.code == "glyph"
    assert "\U00012000" in failed.value.params["detail"]
    assert list(tmp_path.glob("*.pdf")) == []


def test_a_press_that_takes_too_long_is_stopped_and_another_goes_on(tmp_path: Path) -> None:
    with Press(tmp_path, seconds=5) as press:
        with pytest.raises(PressFailed) as failed:
            press.print_html(page("<p>word</p>" * 100_000), tmp_path / "x.pdf")
        assert failed.value.code == "time"
        assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"] == []
        press.print_html(page("<p>word</p>"), tmp_path / "y.pdf")
    assert "word" in text_of(tmp_path / "y.pdf")


@pytest.mark.parametrize("megabytes", [250, 320, 400])
def test_a_press_that_wants_too_much_memory_is_stopped(tmp_path: Path, megabytes: int) -> None:
    with Press(tmp_path, memory_bytes=megabytes * 2**20) as press, pytest.raises(PressFailed) as failed:
        press.print_html(page("<p>word</p>" * 60000), tmp_path / "x.pdf")
    assert failed.value.code == "memory"


def test_a_worker_that_is_killed_is_told_of_and_replaced(press_folder: Path, tmp_path: Path) -> None:
    with Press(press_folder) as press:
        press.print_html(page("<p>one</p>"), tmp_path / "one.pdf")
        worker = press._worker
        assert worker is not None
        worker._process.kill()
        worker._process.wait()
        press.print_html(page("<p>two</p>"), tmp_path / "two.pdf")
    assert "two" in text_of(tmp_path / "two.pdf")


@pytest.mark.parametrize("kills", [1, 2])
def test_a_worker_that_is_killed_at_its_work_leaves_it_to_one_more(
    press_folder: Path, tmp_path: Path, kills: int
) -> None:
    failures: list[PressFailed] = []

    def print_it() -> None:
        try:
            press.print_html(page("<p>two</p>" * 5000), tmp_path / "two.pdf")
        except PressFailed as failed:
            failures.append(failed)

    with Press(press_folder) as press:
        press.print_html(page("<p>one</p>"), tmp_path / "one.pdf")
        printing = threading.Thread(target=print_it)
        worker = press._worker
        assert worker is not None
        # Stopped, it has the job and does not get on with it.
        worker._process.send_signal(signal.SIGSTOP)
        printing.start()
        killed = None
        for _ in range(kills):
            while not press._turn.locked() or press._worker is None or press._worker is killed:
                assert printing.is_alive()
                time.sleep(0.01)
            killed = press._worker
            killed.kill()
        printing.join()
    assert [failed.code for failed in failures] == ["memory"] * (kills - 1)
    assert (tmp_path / "two.pdf").is_file() is (kills == 1)


def test_a_press_that_was_closed_starts_no_worker_again(tmp_path: Path) -> None:
    press = Press(tmp_path)
    press.print_html(page("<p>one</p>"), tmp_path / "one.pdf")
    press.close()
    with pytest.raises(PressFailed, match="closed"):
        press.print_html(page("<p>two</p>"), tmp_path / "two.pdf")
    assert press._worker is None


def test_a_machine_without_the_fonts_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press_module, "FONT_FOLDERS", (tmp_path,))
    with Press(tmp_path) as press, pytest.raises(PressFailed) as failed:
        press.print_html(page("<p>x</p>"), tmp_path / "x.pdf")
    assert failed.value.code == "fonts"


def test_a_machine_without_pango_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PressFailed) as failed:
        rendering.Renderer()
    assert failed.value.code == "library"
    assert "Pango" in failed.value.message


def test_the_hall_never_loads_the_printing_library_itself() -> None:
    code = "import sys, handbooks.press, handbooks.orders; print('weasyprint' in sys.modules, 'pikepdf' in sys.modules)"
    assert run(sys.executable, "-c", code).strip() == "False False"


# Readable for everybody


def test_the_accessible_edition_is_pdf_ua(printed: Printed) -> None:
    report = page_checker.validate_pdf(printed.path, profile=page_checker.ValidationProfile.PDF_UA_1)
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.is_compliant
    assert report.rules.total > 100


def languages_in(pdf: pikepdf.Pdf) -> set[str]:
    """The languages that the structure of a tagged PDF names, besides that of the whole."""
    found: set[str] = set()
    waiting: list[pikepdf.Object] = [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop()
        if "/Lang" in element:
            found.add(str(element.Lang))
        kids = element.get("/K")
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/StructElem":
                waiting.append(kid)
    return found


def test_foreign_words_bear_their_language_in_the_tagged_edition(press: Press) -> None:
    handbook = selection.from_code("KR-en")
    with pikepdf.open(press.print_whole(handbook, writer_of(handbook))) as pdf:
        assert str(pdf.Root.Lang) == "en"
        assert {"ko", "zh-Hans"} <= languages_in(pdf)


@pytest.mark.parametrize("code", ["window-eu-en", "window-korea-en", "KR-en"])
def test_other_books_are_pdf_ua_too(press: Press, code: str) -> None:
    handbook = selection.from_code(code)
    path = press.print_whole(handbook, writer_of(handbook))
    report = page_checker.validate_pdf(path, profile="ua1")
    assert [(failure.rule_id, failure.message) for failure in report.failures] == []


def test_a_file_that_is_not_accessible_would_be_noticed(press: Press) -> None:
    handbook = selection.from_code("sg-copyright-preparing-planning-en")
    joined, _ = press.print_joined(handbook, writer_of(handbook))
    assert not page_checker.is_pdf_compliant(joined, profile="ua1")


SAMPLES = {
    "zh-Hans": "收到文书当天，先记下送达的日期和方式。",
    "zh-Hant": "收到文書當天，先記下送達的日期和方式。",
    "ja": "訴状が届いた日に、まず日付と受け取り方を書き留めてください。",
    "ko": "소장을 받은 날, 먼저 날짜와 받은 방법을 적어 두십시오.",
    "ar": "في يوم استلام الورقة، اكتب أولاً التاريخ وطريقة التسليم.",
    "he": "ביום קבלת המסמך, רשמו תחילה את התאריך ואת אופן המסירה.",
    "ru": "В день получения бумаги запишите дату и способ вручения.",
    "th": "ในวันที่ได้รับเอกสาร ให้จดวันที่และวิธีการส่งไว้ก่อน",
    "vi": "Vào ngày nhận giấy tờ, trước hết hãy ghi lại ngày và cách nhận.",
    "kk": "Қағаз түскен күні алдымен күні мен тапсыру тәсілін жазыңыз.",
}


@pytest.mark.parametrize("tag", SAMPLES)
def test_every_script_can_be_read_out_in_its_order(press: Press, tmp_path: Path, tag: str) -> None:
    style = '<link rel="stylesheet" href="print.css">'
    direction = "rtl" if tag in ("ar", "he") else "ltr"
    html = (
        f'<!DOCTYPE html><html lang="en" class="a4"><head><title>T</title>{style}</head><body>'
        f'<h1 data-mark="x">x</h1><p lang="{tag}" dir="{direction}">{SAMPLES[tag]}</p></body></html>'
    )
    path = tmp_path / f"{tag}.pdf"
    press.print_html(html, path)
    # Poppler orders right-to-left text in one way of reading, and marks above and below letters in the other.
    ways = (["-raw"], []) if tag == "th" else ([],)
    texts = ["".join(unicodedata.normalize("NFKC", run("pdftotext", *way, str(path), "-")).split()) for way in ways]
    for word in re.findall(r"\w+", unicodedata.normalize("NFKC", SAMPLES[tag])):
        assert any(word in text for text in texts), word
    assert page_checker.is_pdf_compliant(path, profile="ua1")


def test_nothing_is_wider_or_longer_than_its_page(printed: Printed) -> None:
    with pikepdf.open(printed.path) as pdf:
        sizes = [[float(value) for value in page.mediabox[2:]] for page in pdf.pages]
    boxes = run("pdftotext", "-bbox", str(printed.path), "-")
    pages = boxes.split("<page ")[1:]
    assert len(pages) == len(sizes)
    for number, (page_text, (width, height)) in enumerate(zip(pages, sizes, strict=True), start=1):
        margin = 0 if number == 1 else 30
        for x0, y0, x1, y1 in re.findall(
            r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)"', page_text
        ):
            assert float(x0) >= margin, number
            assert float(x1) <= width - margin, number
            assert 0 <= float(y0) < float(y1) <= height, number


def test_no_heading_stands_alone_at_the_foot_of_a_page(printed: Printed) -> None:
    """A heading is set larger than the text: the last line of a page never is."""
    height_of_em = 1.448 if printed.handbook.language == "zh_Hans" else 1.362  # ascent and descent of the font
    largest = press_module.FORMS[printed.handbook.form].root * height_of_em * 1.09
    layout = run("pdftotext", "-bbox-layout", str(printed.path), "-")
    for number, text in enumerate(layout.split("<page ")[2:], start=2):
        lines = [(float(y0), float(y1) - float(y0)) for y0, y1 in LINE.findall(text)]
        foot = max(y for y, _ in lines)
        body = [(y, height) for y, height in lines if y < foot - 2]
        assert max(body)[1] < largest, number
