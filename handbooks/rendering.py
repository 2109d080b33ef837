"""The program of the press's worker: HTML in, PDF out, in a process of its own with limits of memory.

It reads one job a line from standard input (JSON) and answers each with a line. It knows no clock, no database and no
network, and opens only files of the handbooks and of the static folder.
"""

import gc
import json
import logging
import resource
import select
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pikepdf

from handbooks import joining, proof
from handbooks.joining import POINTS, About, Faces, FontNote, Foot, MissingFont, MissingGlyph, Notes, Rendering
from handbooks.materials import FONT_FOLDERS, HOUSE, OPEN_FOLDERS, PressFailed

JOINS_MOST = 20
"""How many handbooks are joined before what they left behind is cleared away; it is little."""
IDLE_SECONDS = 300
"""How long a worker waits for the next job before it ends."""
_MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


class _Listener(logging.Handler):
    """Hears what WeasyPrint says, and keeps the first complaint that spoils the print."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.complaints: list[PressFailed] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if ".notdef" in text:
            self.complaints.append(PressFailed("glyph", text.rpartition(": ")[2]))
        elif "Failed to load" in text:
            self.complaints.append(PressFailed("refused", text[:300]))
        else:
            self.complaints.append(PressFailed("style", text[:300]))


def open_file(address: str) -> Path:
    """Return the file that an address of the pages names, if the press may read it. Raises ValueError otherwise."""
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc:
        raise ValueError(f"not an own file: {address}")
    path = Path(unquote(parts.path)).resolve()
    if not any(path.is_relative_to(folder) for folder in OPEN_FOLDERS) or not path.is_file():
        raise ValueError(f"not an own file: {address}")
    return path


def _tell_languages(tags: Any) -> None:
    """Let WeasyPrint write the language of foreign words into the structure of a tagged PDF (ISO 32000-1, 14.9.2).

    It writes the language of the whole document alone, and has no other door for this than the builder of its tree.
    """
    build = tags._build_box_tree
    if getattr(build, "tells_languages", False):
        return

    def build_telling(box: Any, *rest: Any) -> Iterator[Any]:
        for element in build(box, *rest):
            language = box.element.get("lang") if getattr(box, "element", None) is not None else None
            if language and box.element.tag != "html":
                element["Lang"] = f"({language})"
            yield element

    build_telling.tells_languages = True  # type: ignore[attr-defined]
    tags._build_box_tree = build_telling


class Renderer:
    """WeasyPrint, loaded once, with the fetcher that opens own files alone. Raises PressFailed without Pango."""

    def __init__(self) -> None:
        try:
            # The one late import: on a machine without Pango the reason must be told, not a traceback.
            import weasyprint  # noqa: PLC0415
            from weasyprint.pdf import fonts, tags  # noqa: PLC0415
            from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
            from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415
        except (OSError, ImportError) as error:
            raise PressFailed("library", str(error)) from error

        class OwnFiles(URLFetcher):  # type: ignore[misc]
            def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
                path = open_file(url)
                return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _MEDIA_TYPES[path.suffix]})

        self._weasyprint = weasyprint
        self._style = weasyprint.CSS(filename=HOUSE / "handbooks" / "print.css", url_fetcher=OwnFiles())
        _tell_languages(tags)
        self._fonts = fonts
        self._font_configuration = FontConfiguration()
        self._fetcher = OwnFiles
        self._listener = _Listener()
        logging.getLogger("weasyprint").handlers[:] = [self._listener]

    def print_whole(self, html: str, identifier: str) -> tuple[bytes, dict[str, int], int]:
        """Return a document as tagged PDF/UA-1, the page (from 1) on which each place of it begins, and their count.

        Raises PressFailed.
        """
        document = self._rendered(html, pdf_variant="pdf/ua-1")
        pdf = document.write_pdf(
            pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=identifier.encode(), custom_metadata=False
        )
        self._complain()
        first: dict[str, int] = {}
        for number, page in enumerate(document.pages, start=1):
            for name in page.anchors:
                first.setdefault(name, number)
        return bytes(pdf), first, len(document.pages)

    def proof(self, html: str) -> list[str]:
        """Return what is wrong with the pages of a document as it is laid out. Raises PressFailed."""
        document = self._rendered(html)
        self._complain()
        return list(proof.faults(document.pages))

    def render(self, html: str) -> Rendering:
        """Return a document as pages to be joined with others, its fonts noted and taken out. Raises PressFailed."""
        html = html.replace('href="#', f'href="{joining.LINK}')
        document = self._rendered(html, stylesheets=[self._style])
        with self._fonts_left_out():
            pdf = pikepdf.open(BytesIO(document.write_pdf(pdf_identifier=b"section", custom_metadata=False)))
        self._complain()
        anchors: dict[str, tuple[int, float, float]] = {}
        bookmarks = []
        for number, page in enumerate(document.pages):
            height = page.height
            for name, (x, y, *_) in page.anchors.items():
                anchors.setdefault(name, (number, x * POINTS, (height - y) * POINTS))
            for level, label, (x, y), _ in page.bookmarks:
                bookmarks.append((level, label, number, x * POINTS, (height - y) * POINTS))
        notes = Notes(len(document.pages), anchors, bookmarks, joining.note_fonts(document.fonts.values()))
        joining.strip_fonts(pdf)
        return Rendering(pdf, notes)

    def _rendered(self, html: str, **options: Any) -> Any:
        self._listener.complaints.clear()
        base = f"{(HOUSE / 'handbooks').as_uri()}/"
        page = self._weasyprint.HTML(string=html, base_url=base, url_fetcher=self._fetcher())
        return page.render(font_config=self._font_configuration, **options)

    @contextmanager
    def _fonts_left_out(self) -> Iterator[None]:
        # Cutting the fonts takes most of the time of a short rendering, and the joined book has fonts of its own.
        cut = self._fonts.Font.clean
        self._fonts.Font.clean = _leave_out
        try:
            yield
        finally:
            self._fonts.Font.clean = cut

    def _complain(self) -> None:
        if self._listener.complaints:
            raise self._listener.complaints[0]


def _leave_out(font: Any, _to_unicode: Any, _hinting: bool) -> None:
    font.file_content = b""


class Worker:
    """Does the jobs of the press one after another."""

    def __init__(self) -> None:
        self._renderer = Renderer()
        self._faces = Faces(FONT_FOLDERS)

    def do(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do one job and return the answer. Raises PressFailed."""
        deeds = {
            "print": self._print,
            "proof": self._proof,
            "section": self._section,
            "join": self._join,
            "impose": self._impose,
        }
        return deeds[job["do"]](job)

    def _print(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        pdf, first, pages = self._renderer.print_whole(job["html"], job["identifier"])
        Path(job["file"]).write_bytes(pdf)
        return {"pages": pages, "first": first}

    def _proof(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"faults": self._renderer.proof(job["html"])}

    def _section(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        rendering = self._renderer.render(job["html"])
        rendering.pdf.save(job["file"], deterministic_id=True)
        Path(job["notes"]).write_text(json.dumps(asdict(rendering.notes), ensure_ascii=False), encoding="utf-8")
        return {"pages": rendering.notes.pages}

    def _join(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        fresh = self._renderer.render(job["front"])
        body = [Rendering(pikepdf.open(one["file"]), read_notes(Path(one["notes"]))) for one in job["sections"]]
        book = joining.join([fresh, *body], foot=Foot(**job["foot"]), about=About(**job["about"]), faces=self._faces)
        book.save(job["file"], deterministic_id=True)
        return {"pages": len(book.pages), "first": first_pages([fresh, *body])}

    def _impose(self, job: Mapping[str, Any]) -> Mapping[str, Any]:
        with pikepdf.open(job["source"]) as pdf:
            joining.impose(pdf).save(job["file"], deterministic_id=True)
        return {}


def first_pages(renderings: Sequence[Rendering]) -> dict[str, int]:
    """Return the page (from 1) on which each place of a book begins."""
    first: dict[str, int] = {}
    before = 0
    for rendering in renderings:
        for name, (page, _, _) in rendering.notes.anchors.items():
            first.setdefault(name, before + page + 1)
        before += rendering.notes.pages
    return first


@lru_cache(maxsize=512)
def read_notes(path: Path) -> Notes:
    """Read the notes of a section that was rendered ahead."""
    told = json.loads(path.read_text(encoding="utf-8"))
    fonts = {
        name: FontNote(
            font["family"],
            font["face"],
            font["description"],
            {int(glyph): (width, text) for glyph, (width, text) in font["glyphs"].items()},
        )
        for name, font in told["fonts"].items()
    }
    anchors = {name: (page, x, y) for name, (page, x, y) in told["anchors"].items()}
    return Notes(told["pages"], anchors, [tuple(one) for one in told["bookmarks"]], fonts)


def main(arguments: Sequence[str]) -> int:
    """Do jobs until standard input ends or nothing comes for a while; argument: bytes of memory."""
    memory = int(arguments[0])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    try:
        worker = Worker()
    except PressFailed as failed:
        _answer(failed.told())
        return 1
    gc.collect()
    gc.freeze()
    gc.disable()  # collecting while a document is laid out costs a fifth of the time and frees nothing
    _answer({"ready": True})
    joined = 0
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        line = sys.stdin.readline()
        if not line:
            break
        job = json.loads(line)
        _answer(_done(worker, job))
        joined = joined + 1 if job["do"] == "join" else JOINS_MOST
        if joined >= JOINS_MOST:
            gc.collect()
            joined = 0
    return 0


def _done(worker: Worker, job: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        answer = worker.do(job)
    except MemoryError:
        return PressFailed("memory").told()
    except MissingFont as missing:
        return PressFailed("fonts", str(missing)).told()
    except MissingGlyph as missing:
        return PressFailed("glyph", str(missing)).told()
    except PressFailed as failed:
        return failed.told()
    return {**answer, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def _answer(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
