"""The press: composed pages in, a tagged PDF out, kept by content.

WeasyPrint lives behind this one module. It runs in a child process with limits of memory and time, so that the
process that asks neither blocks its interpreter nor grows. The press fetches nothing: only files of the handbooks
and of the static folder are open to it, and of the machine's fonts only the Noto families named here.
"""

import gc
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from hall.words import N_
from handbooks import composition, shelf
from handbooks.shelf import Catalogue, Handbook

HOUSE = Path(__file__).resolve().parent.parent
OPEN_FOLDERS = (HOUSE / "handbooks", HOUSE / "static")
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
)
FONT_FILES = ("NotoSans-Regular.*", "NotoSans-Bold.*", "NotoSansCJK-Regular.*", "NotoSansCJK-Bold.*")
"""Files that must be there (packages fonts-noto-core and fonts-noto-cjk)."""
FAMILIES = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK TC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Naskh Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Thai",
)
SECONDS = 120
MEMORY_BYTES = 2 * 2**30
# What Python, GLib and C++ say when they die of too little memory: not always as an error that can be caught.
OUT_OF_MEMORY = (
    "MemoryError",
    "bad_alloc",
    "failed to allocate",
    "Cannot allocate memory",
    "Resource temporarily unavailable",
    "returned NULL without setting an exception",
)

REASONS = {
    "library": N_("The printing libraries are missing on this machine: Pango and HarfBuzz must be installed."),
    "fonts": N_("The Noto fonts are missing on this machine."),
    "glyph": N_("A character has no glyph in the fonts of the press: %(detail)s"),
    "refused": N_("The pages ask for something that the press does not fetch: %(detail)s"),
    "style": N_("The pages or their style hold a mistake: %(detail)s"),
    "time": N_("Printing took longer than %(detail)s seconds and was stopped."),
    "memory": N_("Printing needed more memory than it may use."),
    "other": N_("Printing failed: %(detail)s"),
}
"""Why nothing was printed, by code (msgids)."""


class PressFailed(Exception):
    """Nothing was printed; `code` is a key of REASONS, `message` its msgid and `params` what to put into it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.message = REASONS[code]
        self.params = {"detail": detail}


@dataclass(frozen=True, slots=True)
class Sheets:
    """What the press prints: a whole HTML document, and an identifier that is the same for the same content."""

    html: str
    identifier: str


def print_handbook(handbook: Handbook, *, cache: Path, catalogue: Catalogue) -> Path:
    """Return the file of a handbook as PDF/UA-1, printing it where the folder `cache` does not hold it yet.

    `catalogue` speaks the language of the handbook. Same content, same bytes: the name of the file is the hash of
    chapters, facts, rules, templates, style, words and press. Raises PressFailed.
    """
    path = find_printed(handbook, cache=cache)
    if path is not None:
        return path
    return print_sheets(
        Sheets(composition.compose(handbook, catalogue), identifier=handbook.content_hash),
        path=printed_path(handbook, cache=cache),
        cache=cache,
    )


def printed_path(handbook: Handbook, *, cache: Path) -> Path:
    """Return where the PDF of a handbook lies, or will lie once printed."""
    press = sha256(f"{handbook.content_hash} {_press_hash()}".encode()).hexdigest()
    return cache / f"{handbook.code}-{press[:32]}.pdf"


def find_printed(handbook: Handbook, *, cache: Path) -> Path | None:
    """Return the PDF of a handbook if it was printed before with this content."""
    path = printed_path(handbook, cache=cache)
    return path if path.is_file() else None


def print_sheets(sheets: Sheets, *, path: Path, cache: Path) -> Path:
    """Print one document to `path` in a child process; fonts are set up in the folder `cache`. Raises PressFailed."""
    _check_fonts()
    cache.mkdir(parents=True, exist_ok=True)
    with _fresh_file(path) as draft:
        done = _run_child(sheets, draft, font_file=write_font_configuration(cache))
        if done.returncode != 0:
            raise _failure(done)
        _keep(draft, path)
    return path


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
        with _fresh_file(path) as draft:
            draft.write_text(text, encoding="utf-8")
            _keep(draft, path)
    return path.absolute()


def _check_fonts() -> None:
    # Without any font WeasyPrint crashes instead of complaining.
    for pattern in FONT_FILES:
        if not any(found for folder in FONT_FOLDERS for found in folder.rglob(pattern)):
            raise PressFailed("fonts", pattern)


@contextmanager
def _fresh_file(path: Path) -> Iterator[Path]:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _keep(draft: Path, path: Path) -> None:
    # The file must be whole on the disk before it takes the name that readers look for.
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _run_child(sheets: Sheets, draft: Path, *, font_file: Path) -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "FONTCONFIG_FILE": str(font_file),
        "XDG_CACHE_HOME": str(font_file.parent),
        "TMPDIR": tempfile.gettempdir(),
    }
    try:
        return subprocess.run(  # noqa: S603 - our own module, no word of a visitor among the arguments
            [sys.executable, "-m", "handbooks.press", str(draft.absolute()), str(MEMORY_BYTES), str(SECONDS)],
            input=json.dumps(asdict(sheets)).encode(),
            capture_output=True,
            cwd=HOUSE,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PressFailed("time", str(SECONDS)) from None


def _failure(done: subprocess.CompletedProcess[bytes]) -> PressFailed:
    if done.returncode == -signal.SIGKILL:  # the kernel ends what wants too much memory
        return PressFailed("memory")
    if done.returncode == -signal.SIGXCPU:
        return PressFailed("time", str(SECONDS))
    try:
        told = json.loads(done.stdout)
        return PressFailed(told["code"], told["detail"])
    except (ValueError, KeyError):
        said = done.stderr.decode(errors="replace")
        if any(sign in said for sign in OUT_OF_MEMORY):
            return PressFailed("memory")
        lines = said.strip().splitlines()
        return PressFailed("other", lines[-1] if lines else f"exit {done.returncode}")


def _press_hash() -> str:
    return shelf.hash_of([Path(__file__).read_bytes(), metadata.version("weasyprint").encode()])


# The child process


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


def render(sheets: Sheets) -> bytes:
    """Return a document as PDF/UA-1; to be called in the child process. Raises PressFailed."""
    try:
        # The one late import: the hall must start on a machine without Pango.
        import weasyprint  # noqa: PLC0415
        from weasyprint.urls import URLFetcher, URLFetcherResponse  # noqa: PLC0415
    except (OSError, ImportError) as error:
        raise PressFailed("library", str(error)) from error

    class OwnFiles(URLFetcher):  # type: ignore[misc]
        def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
            path = open_file(url)
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _MEDIA_TYPES[path.suffix]})

    listener = _Listener()
    logger = logging.getLogger("weasyprint")
    logger.handlers[:] = [listener]
    base = f"{(HOUSE / 'handbooks').as_uri()}/"
    document = weasyprint.HTML(string=sheets.html, base_url=base, url_fetcher=OwnFiles()).render(pdf_variant="pdf/ua-1")
    pdf = document.write_pdf(
        pdf_variant="pdf/ua-1", pdf_tags=True, pdf_identifier=sheets.identifier.encode(), custom_metadata=False
    )
    if listener.complaints:
        raise listener.complaints[0]
    return bytes(pdf)


_MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}


def main(arguments: Sequence[str]) -> int:
    """Read Sheets as JSON from standard input and write the PDF; arguments: file, bytes of memory, seconds.

    Returns 0, or 1 with the reason as JSON on standard output.
    """
    draft, memory, seconds = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    gc.disable()  # the trees live until the process ends: collecting costs a fifth of the time and frees nothing
    try:
        draft.write_bytes(render(Sheets(**json.load(sys.stdin))))
    except MemoryError:
        failed = PressFailed("memory")
    except PressFailed as error:
        failed = error
    else:
        return 0
    json.dump({"code": failed.code, "detail": failed.params["detail"]}, sys.stdout)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
