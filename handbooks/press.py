"""The press: composed handbooks in, PDF out, kept by content.

WeasyPrint lives behind this one module, in a worker process with limits of memory and time, so that the process that
asks neither blocks its interpreter nor grows. The press fetches nothing, and of the machine's fonts it knows only the
Noto families named here. A handbook is printed whole and tagged (PDF/UA-1), or joined from sections rendered ahead.
"""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import IO, Any, Self, cast
from xml.sax.saxutils import escape

from handbooks import composition, shelf
from handbooks.composition import OwnCase, Pages, Writer
from handbooks.materials import FAMILIES, FONT_FILES, FONT_FOLDERS, HOUSE, PressFailed
from handbooks.selection import Handbook, Section

SECONDS = 120
"""How long one job may take."""
MEMORY_BYTES = 2 * 2**30
"""The address space of a worker."""
KEPT_BYTES_MOST = 2 * 2**30
"""How much of what was printed is kept: the series in two languages and all forms is a tenth of it."""
ONCE = ".once-"
"""How the folders begin in which a handbook with somebody's case is made, and not kept."""
LEFT_BEHIND_SECONDS = 600
PEAK_KILOBYTES = 600 * 1024
"""A worker that once held more than this is replaced by a fresh one."""
# What Python, GLib and C++ say when they die of too little memory: not always as an error that can be caught.
OUT_OF_MEMORY = (
    "MemoryError",
    "bad_alloc",
    "failed to allocate",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
    "returned NULL without setting an exception",
    "error return without exception set",
)


@dataclass(frozen=True, slots=True)
class Form:
    """Where the foot of a page stands in a form, as print.css says: millimetres; its size and the text's in points."""

    margin_left: float
    margin_right: float
    margin_bottom: float
    padding: float
    size: float
    root: float


FORMS: Mapping[str, Form] = {
    "a4": Form(24, 22, 22, 6, 7.6, 9.5),
    "booklet": Form(15, 14, 16, 3.5, 6.32, 7.9),
    "large": Form(20, 18, 26, 6, 11, 15),
}
LINE_HEIGHTS = {"zh_Hans": 1.66}
"""The height of a line to its size, by language; 1.5 where none is named."""
FOOT_FAMILIES = {"zh_Hans": "Noto Sans CJK SC"}
"""The family of each language; Noto Sans where none is named."""
Progress = Callable[[int, int], None]
"""Is told how many sections of how many are ready."""


class Press:
    """A press with one worker, started when the first job comes; `cache` is the folder of what was printed."""

    def __init__(self, cache: Path, *, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES) -> None:
        self.cache = cache
        self.seconds = seconds
        self.memory_bytes = memory_bytes
        self.peak_kilobytes = 0
        self._turn = threading.Lock()
        self._worker: _Worker | None = None
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker for good; a job that it is at fails, and so does any that comes later."""
        self._is_closed = True
        worker = self._worker
        if worker is not None:
            worker.kill()
        with self._turn:
            self._end()

    def print_whole(self, handbook: Handbook, writer: Writer, *, pages: Pages | None = None) -> Path:
        """Return the file of a handbook as tagged PDF/UA-1, printing it where the cache does not hold it yet.

        Same content, same bytes: the name of the file is the hash of text, style and press. Raises PressFailed.
        """
        path = self.path(handbook, composition.compose(handbook, writer, pages=pages))
        if not path.is_file():
            self._print_tagged(path, pages, lambda known: composition.compose(handbook, writer, pages=known))
        return path

    def find_whole(self, handbook: Handbook, writer: Writer, *, pages: Pages | None = None) -> Path | None:
        """Return the PDF of a handbook if it was printed before with this content."""
        path = self.path(handbook, composition.compose(handbook, writer, pages=pages))
        return path if path.is_file() else None

    def print_joined(
        self, handbook: Handbook, writer: Writer, *, progress: Progress | None = None
    ) -> tuple[Path, Pages]:
        """Return the file of the paper edition of a handbook, joining it where the cache does not hold it yet.

        Raises PressFailed.
        """
        found = self.find_joined(handbook, writer)
        if found is not None:
            return found
        path = self.cache / f"{self.name_of(handbook, writer)}.joined.pdf"
        pages = self.join(handbook, writer, path, progress=progress)
        notes = path.with_suffix(".json")
        with self._draft(notes) as draft:
            draft.write_text(json.dumps(asdict(pages)), encoding="utf-8")
            keep(draft, notes)
        return path, pages

    def find_joined(self, handbook: Handbook, writer: Writer) -> tuple[Path, Pages] | None:
        """Return the paper edition of a handbook if it was joined before with this content, and its pages."""
        path = self.cache / f"{self.name_of(handbook, writer)}.joined.pdf"
        notes = path.with_suffix(".json")
        if not (path.is_file() and notes.is_file()):
            return None
        return path, Pages(**json.loads(notes.read_text(encoding="utf-8")))

    def name_of(self, handbook: Handbook, writer: Writer) -> str:
        """Return a name that is the same for the same handbook with the same content."""
        return self.path(handbook, composition.compose(handbook, writer)).stem

    def path(self, handbook: Handbook, html: str) -> Path:
        """Return where the PDF of a composed handbook lies, or will lie once printed."""
        return self.cache / f"{handbook.code[:80]}-{content_hash(html)[:32]}.pdf"

    def print_html(self, html: str, path: Path) -> None:
        """Print a document, tagged, to a file. Raises PressFailed."""
        self._print_tagged(path, None, lambda _: html)

    def _print_tagged(self, path: Path, pages: Pages | None, compose: Callable[[Pages | None], str]) -> None:
        """Print what `compose` makes with the pages that are known, and again with its own where those are others."""
        with self._draft(path) as draft:
            found = self._print_html(compose(pages), draft)
            if pages is not None and not found.agree_with(pages):
                # Laid out in one piece a section may end a page earlier or later than by itself.
                self._print_html(compose(found), draft)
            keep(draft, path)

    def _print_html(self, html: str, file: Path) -> Pages:
        told = self._do({"do": "print", "html": html, "identifier": content_hash(html), "file": str(file.absolute())})
        return Pages(told["first"], told["pages"])

    def proof(self, handbook: Handbook, writer: Writer) -> list[str]:
        """Return what is wrong with the pages of a handbook, one line each, without printing it. Raises PressFailed."""
        return self.proof_html(composition.compose(handbook, writer))

    def proof_html(self, html: str) -> list[str]:
        """Return what is wrong with the pages of a document, one line each. Raises PressFailed."""
        found: list[str] = self._do({"do": "proof", "html": html})["faults"]
        return found

    def print_section(self, section: Section, handbook: Handbook, writer: Writer) -> Path:
        """Return the file of a section rendered ahead in the form of a handbook; its notes lie beside it (.json).

        Raises PressFailed.
        """
        return self._print_ahead(section.anchor, composition.compose_section(section, handbook, writer))

    def prepare_section(self, section: Section, handbook: Handbook, writer: Writer) -> bool:
        """Render a section ahead and return whether that was needed. Raises PressFailed."""
        html = composition.compose_section(section, handbook, writer)
        was_there = self._ahead(section.anchor, html).is_file()
        self._print_ahead(section.anchor, html)
        return not was_there

    def _ahead(self, name: str, html: str) -> Path:
        return self.cache / "sections" / f"{name}-{content_hash(html)[:32]}.pdf"

    def _print_ahead(self, name: str, html: str) -> Path:
        path = self._ahead(name, html)
        notes = path.with_suffix(".json")
        if not (path.is_file() and notes.is_file()):
            with self._draft(path) as draft, self._draft(notes) as draft_notes:
                job = {
                    "do": "section",
                    "html": html,
                    "file": str(draft.absolute()),
                    "notes": str(draft_notes.absolute()),
                }
                self._do(job)
                keep(draft_notes, notes)
                keep(draft, path)
        return path

    def join(
        self,
        handbook: Handbook,
        writer: Writer,
        path: Path,
        *,
        case: OwnCase | None = None,
        progress: Progress | None = None,
    ) -> Pages:
        """Write the paper edition of a handbook: sections rendered ahead, with fresh cover, contents and case.

        Returns where its sections begin. Raises PressFailed.
        """
        files = []
        if handbook.has_comparison:
            files.append(self._print_ahead("comparison", composition.compose_comparison(handbook, writer)))
        for number, section in enumerate(handbook.sections, start=1):
            files.append(self.print_section(section, handbook, writer))
            if progress is not None:
                progress(number, len(handbook.sections))
        with self._draft(path) as draft:
            job = {
                "do": "join",
                "front": composition.compose_front(handbook, writer, case=case),
                "sections": [
                    {"file": str(file.absolute()), "notes": str(file.with_suffix(".json").absolute())} for file in files
                ],
                "foot": self._foot(handbook, writer),
                "about": writer.about(handbook),
                "file": str(draft.absolute()),
            }
            told = self._do(job)
            keep(draft, path)
        return Pages(told["first"], told["pages"])

    def print_once(
        self,
        handbook: Handbook,
        writer: Writer,
        *,
        case: OwnCase,
        is_tagged: bool,
        progress: Progress | None = None,
    ) -> bytes:
        """Return a handbook with the reader's case in it; nothing of it stays on the disk. Raises PressFailed.

        Where it is not tagged it is for the printer: a booklet is given as sheets to be folded.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=ONCE) as folder:
            path = Path(folder) / "handbook.pdf"
            pages = self.join(handbook, writer, path, case=case, progress=progress)
            if is_tagged:
                self._print_tagged(
                    path, pages, lambda known: composition.compose(handbook, writer, pages=known, case=case)
                )
            elif handbook.form == "booklet":
                path = self.print_sheets(path)
            return path.read_bytes()

    def print_sheets(self, pages: Path) -> Path:
        """Return the file in which the pages of a PDF stand two on a side, to be folded. Raises PressFailed."""
        path = sheets_path(pages)
        if not path.is_file():
            with self._draft(path) as draft:
                self._do({"do": "impose", "source": str(pages.absolute()), "file": str(draft.absolute())})
                keep(draft, path)
        return path

    @staticmethod
    def _foot(handbook: Handbook, writer: Writer) -> dict[str, Any]:
        form = FORMS[handbook.form]
        return {
            "left": writer.footer(handbook),
            "right": writer.page_words("{page}", "{pages}"),
            "family": FOOT_FAMILIES.get(handbook.language, "Noto Sans"),
            "size": form.size,
            "margin_left": form.margin_left,
            "margin_right": form.margin_right,
            "margin_bottom": form.margin_bottom,
            "padding": form.padding,
            "line_height": form.size * LINE_HEIGHTS.get(handbook.language, 1.5),
            "number_size": form.root,
        }

    def _do(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._turn:
            try:
                was_at_work = self._worker is not None and not self._worker.has_ended
                try:
                    told = self._ask(job)
                except _WorkerGone:
                    # What it has done before may have worn it out, or it just ended by itself: a fresh one does it.
                    if not was_at_work:
                        raise
                    self._end()
                    told = self._ask(job)
            except BaseException:
                self._end()
                raise
            self.peak_kilobytes = max(self.peak_kilobytes, told["peak"])
            if told["peak"] > PEAK_KILOBYTES:
                self._end()
        return told

    def _ask(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._is_closed:
            raise PressFailed("other", "the press is closed")
        if self._worker is None or self._worker.has_ended:
            self._end()
            self._worker = _Worker(self.cache, seconds=self.seconds, memory_bytes=self.memory_bytes)
        return self._worker.ask(job)

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()

    @contextmanager
    def _draft(self, path: Path) -> Iterator[Path]:
        path.parent.mkdir(parents=True, exist_ok=True)
        with fresh_file(path) as draft:
            yield draft


class _WorkerGone(PressFailed):
    """The process that renders ended in the middle of a job."""


class _Worker:
    """A process that renders. Raises PressFailed where it cannot begin."""

    def __init__(self, cache: Path, *, seconds: float, memory_bytes: int) -> None:
        check_fonts()
        cache.mkdir(parents=True, exist_ok=True)
        _sweep(cache)
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "FONTCONFIG_FILE": str(write_font_configuration(cache)),
            "XDG_CACHE_HOME": str(cache.absolute()),
            "TMPDIR": tempfile.gettempdir(),
        }
        self._seconds = seconds
        self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the worker lives
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no word of a visitor among the arguments
            [sys.executable, "-m", "handbooks.rendering", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            cwd=HOUSE,
            env=environment,
        )
        self._to, self._from = cast(IO[bytes], self._process.stdin), cast(IO[bytes], self._process.stdout)
        try:
            self._hear()
        except BaseException:
            self.end()
            raise

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone: it ends by itself when nothing comes for a while."""
        return self._process.poll() is not None

    def ask(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let a job be done and return the answer. Raises PressFailed."""
        try:
            self._to.write(json.dumps(job).encode() + b"\n")
            self._to.flush()
        except BrokenPipeError:
            raise self._failure() from None
        return self._hear()

    def kill(self) -> None:
        """Kill the process; whoever waits for its answer is told that it failed."""
        self._process.kill()

    def end(self) -> None:
        """End the process and forget it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._to, self._from, self._said):
            with suppress(BrokenPipeError):
                stream.close()

    def _hear(self) -> Mapping[str, Any]:
        with selectors.DefaultSelector() as selector:
            selector.register(self._from, selectors.EVENT_READ)
            if not selector.select(self._seconds):
                raise PressFailed("time", f"{self._seconds:g}")
        line = self._from.readline()
        if not line.endswith(b"\n"):
            raise self._failure()
        told: Mapping[str, Any] = json.loads(line)
        if "code" in told:
            raise PressFailed(told["code"], told["detail"])
        return told

    def _failure(self) -> _WorkerGone:
        code = self._process.wait()
        if code == -signal.SIGKILL:  # the kernel ends what wants too much memory
            return _WorkerGone("memory")
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        if any(sign in said for sign in OUT_OF_MEMORY):
            return _WorkerGone("memory")
        lines = said.strip().splitlines()
        return _WorkerGone("other", lines[-1] if lines else f"exit {code}")


def sheets_path(pages: Path) -> Path:
    """Return where the sheets of a booklet lie, whose pages lie in this file."""
    return pages.with_suffix(".sheets.pdf")


def content_hash(html: str) -> str:
    """Return the hash of a document as printed: its text, the style, and the press."""
    return shelf.hash_of([composition.content_hash(html).encode(), _press_hash()])


def write_font_configuration(cache: Path) -> Path:
    """Write the fontconfig file that names the Noto families and nothing else of the machine; return its path."""
    folders = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in FONT_FOLDERS)
    families = "".join(
        f'<pattern><patelt name="family"><string>{escape(family)}</string></patelt></pattern>' for family in FAMILIES
    )
    everything = "".join(
        f'<pattern><patelt name="scalable"><bool>{flag}</bool></patelt></pattern>' for flag in ("true", "false")
    )
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"{folders}<cachedir>{escape(str((cache / 'fonts').absolute()))}</cachedir>"
        f"<selectfont><acceptfont>{families}</acceptfont><rejectfont>{everything}</rejectfont></selectfont>"
        "</fontconfig>"
    )
    path = cache / "fonts.conf"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        with fresh_file(path) as draft:
            draft.write_text(text, encoding="utf-8")
            keep(draft, path)
    return path.absolute()


def check_fonts() -> None:
    """Raise PressFailed where a font that must be there is missing."""
    # Without any font WeasyPrint crashes instead of complaining.
    for pattern in FONT_FILES:
        if not any(found for folder in FONT_FOLDERS for found in folder.rglob(pattern)):
            raise PressFailed("fonts", pattern)


@contextmanager
def fresh_file(path: Path) -> Iterator[Path]:
    """Give a new empty file beside `path`; it is gone afterwards unless it was kept."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def keep(draft: Path, path: Path) -> None:
    """Give a written file its name, once it is whole on the disk."""
    # The file must be whole on the disk before it takes the name that readers look for.
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def forget_oldest(cache: Path, *, most_bytes: int = KEPT_BYTES_MOST) -> int:
    """Delete the oldest printed files until no more than so many bytes are kept; return how many were deleted.

    Whatever is asked for again is printed again: strangers who choose ever other books do not fill the disk.
    """
    found = [path for pattern in ("*.pdf", "*.json", "sections/*") for path in cache.glob(pattern) if path.is_file()]
    by_age = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in found)
    kept = sum(size for _, size, _ in by_age)
    deleted = 0
    for _, size, path in by_age:
        if kept <= most_bytes:
            break
        path.unlink(missing_ok=True)
        kept -= size
        deleted += 1
    return deleted


def _sweep(cache: Path) -> None:
    # What a killed process left behind may hold a case; nobody is at it any more.
    long_ago = time.time() - LEFT_BEHIND_SECONDS
    for folder in cache.glob(f"{ONCE}*"):
        if folder.stat().st_mtime < long_ago:
            shutil.rmtree(folder, ignore_errors=True)


@cache
def _press_hash() -> bytes:
    own = [(HOUSE / "handbooks" / f"{name}.py").read_bytes() for name in ("materials", "press", "rendering", "joining")]
    return shelf.hash_of([*own, metadata.version("weasyprint").encode()]).encode()
