"""The command line of the handbooks, typed as an editor would."""

import re
import shutil
import threading
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import page as page_checker
import pikepdf
import pytest
from click.testing import Result
from flask import Flask
from werkzeug.serving import make_server

from hall.languages import catalogue
from handbooks import building, checking, composition, preview, selection, shelf
from handbooks.shelf import LANGUAGES
from tests.handbooks.conftest import TODAY, writer_of
from tests.handbooks.test_press import count_pages, text_of

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.usefixtures("kept_handbooks")]


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["handbooks", *arguments])


# check


def test_everything_is_in_order(app: Flask) -> None:
    done = run(app, "check")
    assert done.exit_code == 0, done.output
    assert "68 handbooks of the series: in order" in done.output


def faults_of(text: str, monkeypatch: pytest.MonkeyPatch, folder: Path, *, today: date = TODAY, head: str = "") -> str:
    """What is wrong with the chapter on fairs where this is its text."""
    for language in LANGUAGES:
        path = folder / language / "fairs.md"
        path.parent.mkdir(parents=True)
        path.write_text(
            f"---\nkey: fairs\ntitle: T\nreviewed: 2026-11-24\nsource_revision: 1\n{head}---\n\n{text}\n",
            encoding="utf-8",
        )
    monkeypatch.setattr(shelf, "CHAPTERS", folder)
    [chapter] = shelf.all_chapters.__wrapped__("en")
    return "; ".join(checking.chapter_faults(chapter, "en", today))


@pytest.mark.parametrize(
    ("text", "head", "fault"),
    [
        ("Within 30 days.", "", "a figure typed into the prose: 30 day"),
        ("三个月之内。", "", "a figure typed into the prose: 三个月"),
        ("30日之内。", "", "a figure typed into the prose: 30日"),
        ("After eighteen months.", "", "a figure typed into the prose: eighteen months"),
        ("Within a hundred and twenty days.", "", "a figure typed into the prose: a hundred and twenty days"),
        ("须在百日内答复。", "", "a figure typed into the prose: 百日"),
        ("须在一百二十日内答复。", "", "a figure typed into the prose: 一百二十日"),
        ("In {{fact:here.tm_term_years}}.", "", "speaks of no one of them"),
        ("In {{fact:US.no_such_fact}}.", "", "fact:US.no_such_fact: not found"),
        ("In {{fact:here.no_such_fact}}.", "markets: [US]\n", "not found"),
        ("In {{rule:US-NO-SUCH}}.", "", "rule:US-NO-SUCH: not found"),
        ("It costs 500 euros.", "", "a figure typed into the prose: 500 euros"),
        ("费用为500欧元。", "", "a figure typed into the prose: 500欧元"),
        ("Within thirty days.", "", "a figure typed into the prose: thirty days"),
        ("三十日之内。", "", "a figure typed into the prose: 三十日"),
        ("First.\n\nA **stray mark.", "", "line 10: a mark of Markdown is left over: **"),
        ("A lone * mark.", "", "line 8: a mark of Markdown is left over: *"),
        ("See [this](javascript:alert(1)).", "", "a mark of Markdown is left over: ]("),
        ("In {{fact}}.", "", "a mark of Markdown is left over: {{"),
        ("See ![it](http://203.0.113.1/i.png).", "", "a picture, which the press does not fetch"),
        ("## One {.for-we_claim}\n\nText.", "", "parts for roles, which this chapter does not have: we_claim"),
        ("## One {.without-them}\n\nText.", "", "a part for a role that there is not: them"),
        ("Text.", "markets: [XX]\n", "XX: no such market, so no handbook prints this chapter"),
        ("Text.", "markets: [jp]\n", "jp: no such market"),
    ],
)
def test_a_chapter_with_a_mistake_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, head: str, fault: str
) -> None:
    assert fault in faults_of(text, monkeypatch, tmp_path, head=head)


def test_a_translation_of_nothing_is_noticed(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chapters = tmp_path / "chapters"
    shutil.copytree(shelf.CHAPTERS, chapters)
    shutil.copy(chapters / "zh_Hans" / "fairs.md", chapters / "zh_Hans" / "fairs.xx.md")
    monkeypatch.setattr(shelf, "CHAPTERS", chapters)
    done = run(app, "check")
    assert done.exit_code == 1
    assert "chapter fairs.xx, zh_Hans: there is no English chapter of this name" in done.output


def test_a_paragraph_that_only_the_english_text_has_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(shelf.CHAPTERS, tmp_path / "chapters")
    with (tmp_path / "chapters" / "en" / "fairs.md").open("a", encoding="utf-8") as chapter:
        chapter.write("\nOne more thing.\n\n- and a point\n")
    monkeypatch.setattr(shelf, "CHAPTERS", tmp_path / "chapters")
    shelf.all_chapters.cache_clear()
    try:
        [behind] = [one for one in shelf.all_chapters("zh_Hans") if (one.key, one.markets) == ("fairs", ())]
        found = [re.sub(r"\d+", "N", fault) for fault in checking.step_faults(behind)]
    finally:
        shelf.all_chapters.cache_clear()
    said = "not in step with the English text"
    assert found == [f"{said}: paragraphs, N there and N here", f"{said}: points, N there and N here"]


def test_a_good_chapter_has_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Within {{rule:US-ANS-21}}, see Section 337 and {{fact:US.tm_term_years}}. 第三天和最后一天，两个日期。"
    assert faults_of(text, monkeypatch, tmp_path) == ""


def test_a_chapter_that_nobody_reviewed_for_a_year_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "more than a year ago" in faults_of("Text.", monkeypatch, tmp_path, today=date(2027, 12, 1))


def test_a_review_still_to_come_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "still to come" in faults_of("Text.", monkeypatch, tmp_path, today=date(2026, 1, 1))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('href="#accused"', 'href="#nowhere"', "a link to nowhere leads nowhere"),
        ('id="source-US-1"', 'id="source-US-2"', "two places are called source-US-2"),
        ("Being accused", "**Being** accused", "a mark of Markdown is left over: **"),
        ("Being accused", "{{fact:x}} Being accused", "a mark of Markdown is left over: {{"),
        ("<p>Being accused", "<p>## Being accused", "a mark of Markdown is left over: ##"),
    ],
)
def test_a_broken_book_is_noticed(monkeypatch: pytest.MonkeyPatch, before: str, after: str, fault: str) -> None:
    handbook = selection.of_country("US", "en")
    whole = composition.compose(handbook, writer_of(handbook))
    assert before in whole
    monkeypatch.setattr(composition, "compose", lambda *_arguments: whole.replace(before, after))
    assert fault in list(checking.handbook_faults(handbook, writer_of(handbook)))


# print


def test_a_handbook_is_printed_to_a_file(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sg.pdf"
    done = run(
        app, "print", "SG", "--rights", "mark", "--role", "preparing", "--lang", "zh-Hans", "--output", str(path)
    )
    assert done.exit_code == 0, done.output
    assert "SG-mark-preparing-zh-Hans" in done.output
    assert "新加坡" in text_of(path, 1)
    assert page_checker.is_pdf_compliant(path, profile="ua1")


def test_several_markets_rights_and_roles_are_one_book(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    done = run(
        app, "print", "kz", "PK", "--rights", "trademark,design", "--role", "we_are_accused", "--output", str(path)
    )
    assert done.exit_code == 0, done.output
    assert "KZ.PK-design.mark-accused-en" in done.output
    assert "The markets side by side" in text_of(path, 2)


def test_a_booklet_is_printed_for_folding_and_can_be_had_page_by_page(app: Flask, tmp_path: Path) -> None:
    sheets, pages = tmp_path / "sheets.pdf", tmp_path / "pages.pdf"
    common = ("print", "MX", "--rights", "design", "--role", "preparing", "--form", "booklet", "--output")
    assert run(app, *common, str(sheets)).exit_code == 0
    assert run(app, *common, str(pages), "--edition", "accessible").exit_code == 0
    assert count_pages(sheets) == -(-count_pages(pages) // 4) * 2
    with pikepdf.open(sheets) as pdf:
        assert [round(float(value)) for value in pdf.pages[0].mediabox] == [0, 0, 842, 595]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("XX",), "The hall has no handbook for this market: XX"),
        (("US", "DE", "FR", "GB", "IT", "ES"), "Choose no more than 5 markets."),
        (("US", "--rights", "gold"), "gold is not known; known are patent"),
        (("US", "--role", "king"), "king is not known; known are we_are_accused"),
        (("US", "--lang", "fr"), "Invalid value for '--lang'"),
        (("US", "--form", "poster"), "Invalid value for '--form'"),
        (("window-mars",), "The hall has no such handbook: window-mars-en"),
        (("US-en", "--form", "large"), "leave --lang and --form out"),
        (("US-mark-en", "--lang", "zh-Hans"), "leave --lang and --form out"),
        (("US-en", "--rights", "mark"), "give it alone"),
        (("window-eu", "--rights", "mark"), "give it alone"),
        (("US-DE",), "markets are named one by one: US DE"),
        (("US", "--output", "/proc/nope/x.pdf"), "/proc/nope/x.pdf cannot be written: No such file or directory"),
        (("US", "--output", "/dev/null/x.pdf"), "/dev/null/x.pdf cannot be written: "),
        ((), "Missing argument"),
    ],
)
def test_what_cannot_be_printed_is_refused(app: Flask, arguments: tuple[str, ...], sentence: str) -> None:
    done = run(app, "print", *arguments)
    assert done.exit_code == 2
    assert sentence in done.output


# build


def test_a_series_is_built_once_and_only_what_changed_is_built_again(tmp_path: Path) -> None:
    series = [selection.of_country("SG", "en")]
    with building.crew(tmp_path, 2, writer_of) as crew:
        first = list(crew.build(series))
        files = set(tmp_path.rglob("*.pdf"))
        again = list(crew.build(series))
        peak = crew.peak_kilobytes
    printed = {name for name, done in first if done is True}
    assert printed == {name for name, _ in first}  # a part that reads the same for another right is there already
    assert {name for name in printed if " of " not in name} == {"SG-en"}
    assert len([name for name, done in first if name.startswith("rights_here-SG") and done is True]) == 5
    assert {done for _, done in again} == {False}
    assert set(tmp_path.rglob("*.pdf")) == files
    assert peak < 700 * 1024


def test_the_books_of_a_market_are_built_from_the_command_line(app: Flask) -> None:
    done = run(app, "build", "sg", "--lang", "en", "--jobs", "2")
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1 handbooks; ")
    assert " 0 failed" in done.output
    refused = run(app, "build", "SG", "XX")
    assert refused.exit_code == 2
    assert "no market and no window of the series: xx" in refused.output


@pytest.mark.parametrize("command", ["print", "build"])
def test_a_broken_chapter_is_named_and_ends_the_work(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    shutil.copytree(shelf.CHAPTERS, tmp_path / "chapters")
    broken = tmp_path / "chapters" / "en" / "customs.kr.md"
    broken.write_text(broken.read_text(encoding="utf-8").replace("key: customs", "key: tolls"), encoding="utf-8")
    monkeypatch.setattr(shelf, "CHAPTERS", tmp_path / "chapters")
    shelf.all_chapters.cache_clear()
    try:
        done = run(app, command, *(["KR"] if command == "print" else []))
    finally:
        shelf.all_chapters.cache_clear()
    assert done.exit_code == 2
    assert f"{broken}: unknown key tolls" in done.output


def test_every_chapter_that_cannot_be_read_is_named_at_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(shelf.CHAPTERS, tmp_path / "chapters")
    heads = {"en/customs.kr.md": ("key: customs", "key: tolls"), "zh_Hans/fairs.md": ("reviewed: 2026", "reviewed: x")}
    for name, (before, after) in heads.items():
        path = tmp_path / "chapters" / name
        path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    monkeypatch.setattr(shelf, "CHAPTERS", tmp_path / "chapters")
    shelf.all_chapters.cache_clear()
    try:
        done = run(app, "check")
    finally:
        shelf.all_chapters.cache_clear()
    assert done.exit_code == 1
    lines = done.output.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(tmp_path / "chapters" / name) for name in heads]
    assert lines[0].endswith("unknown key tolls")
    assert "reviewed" in lines[1]


# proof


def test_a_book_whose_words_keep_to_their_boxes_passes_the_proof(app: Flask) -> None:
    done = run(app, "proof", "sg-mark-preparing-planning-en-booklet", "SG-mark-preparing-planning-zh-Hans")
    assert done.exit_code == 0, done.output
    assert "2 handbooks: every word in its box." in done.output


def test_a_chapter_that_runs_over_is_found_by_the_proof(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(shelf.CHAPTERS, tmp_path / "chapters")
    with (tmp_path / "chapters" / "en" / "customs.sg.md").open("a", encoding="utf-8") as chapter:
        chapter.write(f"\nA word as long as {'x' * 150} leaves its page.\n")
    monkeypatch.setattr(shelf, "CHAPTERS", tmp_path / "chapters")
    shelf.all_chapters.cache_clear()
    composition._writer.cache_clear()
    try:
        done = run(app, "proof", "SG", "--lang", "en", "--form", "a4")
    finally:
        shelf.all_chapters.cache_clear()
        composition._writer.cache_clear()
    assert done.exit_code == 1
    assert re.search(r"^SG-en: page \d+: “x{150}” is \d+ px wider than its box$", done.output, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("code", "sentence"), [("XX", "no market and no window"), ("xx-en", "no handbook for this market: XX")]
)
def test_what_cannot_be_proofed_is_refused(app: Flask, code: str, sentence: str) -> None:
    done = run(app, "proof", code)
    assert done.exit_code == 2
    assert sentence in done.output


# preview


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of a preview of a small handbook."""
    server = make_server("127.0.0.1", 0, preview.Preview("SG-mark-planning-preparing-en", tmp_path / "x.pdf"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=60) as answer:
        body: bytes = answer.read()
    return body


def test_the_preview_shows_the_handbook_and_asks_whether_it_changed(address: str, tmp_path: Path) -> None:
    frame = fetch(f"{address}/").decode()
    stamp = fetch(f"{address}/stamp").decode()
    assert stamp in frame
    assert re.search(r'<embed src="/handbook\.pdf\?', frame)
    assert fetch(f"{address}/handbook.pdf").startswith(b"%PDF-")
    assert count_pages(tmp_path / "x.pdf") > 10


def test_the_languages_of_the_handbooks_are_those_of_the_hall() -> None:
    assert all(catalogue(locale).gettext("Handbook") for locale in LANGUAGES)
