"""The speed of the press, each figure beside a reference in the same run: bare WeasyPrint, Typst, a plain file."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from hall.settings import Settings
from handbooks import building, composition, selection
from handbooks.materials import FONT_FOLDERS, HOUSE
from handbooks.press import Press, content_hash, write_font_configuration
from tests.bench.bench_hall import CLIENTS, Caller, line, measure, reference
from tests.bench.typesetting import typst_of
from tests.conftest import StartServer
from tests.handbooks.conftest import writer_of
from tests.handbooks.test_joining import CASE
from tests.handbooks.test_press import count_pages

BARE = """
import sys, weasyprint
html = open(sys.argv[1], encoding="utf-8").read()
weasyprint.HTML(string=html, base_url=sys.argv[3]).write_pdf(
    sys.argv[2], pdf_variant="pdf/ua-1", pdf_tags=True, custom_metadata=False)
"""
TYPST = """
import sys, typst
open(sys.argv[2], "wb").write(typst.compile(sys.argv[1], font_paths=sys.argv[3:], ignore_system_fonts=True))
"""
FORTY = "us-mark-preparing.accused-zh-hans"
THREE = ("de.us.vn-mark.design-accused-zh-hans", "jp.kr.in-patent-claim-zh-hans", "fr.gb.br-mark-preparing-zh-hans")


def seconds(deed: Callable[[], object], *, times: int = 5) -> float:
    """The median time of a deed."""
    lengths = []
    for _ in range(times):
        began = time.perf_counter()
        deed()
        lengths.append(time.perf_counter() - began)
    return statistics.median(lengths)


def in_turns(*deeds: Callable[[], object], times: int) -> list[float]:
    """The median time of each deed, done one after the other in every round: a busy moment falls on all of them."""
    rounds = [[seconds(deed, times=1) for deed in deeds] for _ in range(times)]
    return [statistics.median(lengths) for lengths in zip(*rounds, strict=True)]


def bare(html: Path, folder: Path) -> Callable[[], object]:
    """WeasyPrint in a process of its own, with the same fonts."""
    environment = {**os.environ, "FONTCONFIG_FILE": str(write_font_configuration(folder))}
    base = f"{(HOUSE / 'handbooks').as_uri()}/"
    command = [sys.executable, "-c", BARE, str(html), str(folder / "bare.pdf"), base]
    return lambda: subprocess.run(command, env=environment, check=True, capture_output=True)


def typst(source: Path, folder: Path) -> Callable[[], object]:
    """Typst in a process of its own, with the fonts of the press."""
    command = [sys.executable, "-c", TYPST, str(source), str(folder / "typst.pdf"), *map(str, FONT_FOLDERS)]
    return lambda: subprocess.run(command, check=True, capture_output=True)


def test_a_first_rendering_beside_bare_weasyprint(tmp_path: Path) -> None:
    handbook = selection.from_code(FORTY)
    html = composition.compose(handbook, writer_of(handbook))
    source = tmp_path / "book.html"
    source.write_text(html, encoding="utf-8")

    def first() -> None:
        with Press(tmp_path / "press") as press:
            press.print_html(html, tmp_path / "first.pdf")

    beside, ours = in_turns(bare(source, tmp_path), first, times=5)
    pages = count_pages(tmp_path / "first.pdf")
    print(f"\nfirst rendering, {pages} pages: {ours:.2f} s, {ours / beside:.2f} x bare WeasyPrint (goal 1.1)")


@pytest.mark.parametrize("code", THREE)
def test_a_personal_handbook_beside_typst_and_the_whole(tmp_path: Path, code: str) -> None:
    handbook = selection.from_code(code)
    writer = writer_of(handbook)
    html = composition.compose(handbook, writer, case=CASE)
    book, source, joined, whole = (tmp_path / name for name in ("book.html", "book.typ", "joined.pdf", "whole.pdf"))
    book.write_text(html, encoding="utf-8")
    source.write_text(typst_of(html, handbook.language.partition("_")[0]), encoding="utf-8")
    with Press(tmp_path) as press:
        press.join(handbook, writer, joined, case=CASE)  # its sections are there from now on
        numbers = iter(range(1000))

        def join() -> None:
            press.join(handbook, writer, joined, case=replace(CASE, number=f"U{next(numbers):03d}"))

        by_joining, by_typst = in_turns(join, typst(source, tmp_path), times=9)
        pages = press.join(handbook, writer, joined, case=CASE)
        known = composition.compose(handbook, writer, pages=pages, case=CASE)
        again, accessible, as_whole, by_weasyprint = in_turns(
            join,
            lambda: press.print_html(known, tmp_path / "a.pdf"),
            lambda: press.print_html(html, whole),
            bare(book, tmp_path),
            times=3,
        )
        peak = press.peak_kilobytes / 1024
    size = joined.stat().st_size
    print(
        f"\n{code}, {pages.count} pages (Typst {count_pages(tmp_path / 'typst.pdf')}):\n"
        f"  joined {by_joining:.3f} s  {again / as_whole:.3f} x whole (goal 0.06)  "
        f"{by_joining / by_typst:.2f} x a Typst process (goal < 1)\n"
        f"  size {size / 1e6:.2f} MB  {size / whole.stat().st_size:.2f} x whole (goal 1.4)\n"
        f"  accessible {accessible:.2f} s  {accessible / by_weasyprint:.2f} x bare WeasyPrint (goal 0.75)\n"
        f"  a worker at most {peak:.0f} MB (goal 700)"
    )


def test_the_whole_series_and_a_change_in_it(tmp_path: Path) -> None:
    series = [handbook for handbook in selection.all_handbooks() if handbook.language == "zh_Hans"]
    cores = os.cpu_count() or 1
    with building.crew(tmp_path, cores, writer_of) as crew:
        began = time.perf_counter()
        printed = sum(done is True for _, done in crew.build(series))
        first = time.perf_counter() - began
        began = time.perf_counter()
        again = sum(done is True for _, done in crew.build(series))
        second = time.perf_counter() - began
        peak = crew.peak_kilobytes / 1024
    assert again == 0
    print(
        f"\nseries: {len(series)} handbooks, {printed} files on {cores} cores in {first:.0f} s; again {second:.1f} s "
        f"({second / first:.3f} x); a worker at most {peak:.0f} MB (goal 700)"
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_stored_handbook_beside_a_file(start_server: StartServer, settings: Settings, tmp_path: Path) -> None:
    handbook = selection.from_code("kr-en")
    with Press(settings.handbook_folder) as press:
        path = press.print_whole(handbook, writer_of(handbook))
    address = start_server().address
    os.environ["REFERENCE_FILE"] = str(path)
    with reference(tmp_path) as other:
        plain, hall = Caller(other), Caller(address)
        print(f"\n{path.stat().st_size / 1e6:.2f} MB, {CLIENTS} clients, content {content_hash('')[:6]}")
        ask_file, ask_book = plain.get("/file.pdf"), hall.get(f"/en/handbooks/{handbook.code}/handbook.pdf")
        began = time.perf_counter()
        ask_book(0, 0)  # the first who asks after a start waits until the book's text is put together
        print(f"first after a start {1000 * (time.perf_counter() - began):.0f} ms")
        ask_file(0, 0)
        ratios = []
        for _ in range(5):
            file, stored = measure(ask_file), measure(ask_book)
            line("a file", file, file, "a file")
            line("stored handbook", stored, file, "a file")
            ratios.append(stored.rate / file.rate)
        print(f"median of {len(ratios)}: {statistics.median(ratios):.2f} x a file (goal 0.8)")
        plain.close()
        hall.close()
