"""What `flask hall doctor` looks at: each finding with the way to mend it."""

import ctypes.util
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hall import database, events
from hall.database import Database
from hall.languages import CATALOGUES, LANGUAGES
from hall.prints import printer
from hall.sealing import read_keys
from hall.settings import Settings

PRINT_PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk fonts-noto-core"
FREE_BYTES_LEAST = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """Something looked at, whether it is good, and how to mend it."""

    what: str
    good: bool
    remedy: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield a finding for everything that the hall stands on."""
    yield _try(
        f"master key in {settings.key_file}", lambda: bool(read_keys(settings.key_file)), "run: flask hall setup"
    )
    apart = not settings.key_file.is_relative_to(settings.database_folder)
    yield Finding("the key lies outside the folder of the database", apart, "set HALL_KEY_FILE to another place")
    yield _try("the database answers and is durable", lambda: _with(settings, _is_durable), "run: flask hall setup")
    yield _try("the tables are up to date", lambda: _with(settings, database.is_up_to_date), "run: flask hall migrate")
    yield _try("the event log is whole", lambda: _with(settings, _is_whole), "run: flask hall verify")
    for language in LANGUAGES:
        path = CATALOGUES / language.locale / "LC_MESSAGES" / "messages.mo"
        yield Finding(f"words of {language.tag} are compiled", path.exists(), "run: make catalogues")
    for library in ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset"):
        yield Finding(
            f"library {library} for handbooks",
            ctypes.util.find_library(library) is not None,
            f"run: apt-get install -y --no-install-recommends {PRINT_PACKAGES}",
        )
    for program in ("lp", "ipptool") if settings.printers else ():
        yield Finding(
            f"program {program} for the printers",
            shutil.which(program) is not None,
            "run: apt-get install -y --no-install-recommends cups-client cups-ipp-utils",
        )
    for queue in settings.queues:
        yield _try(
            f"printer {queue}",
            partial(printer.is_known, queue),
            "name one of `lpstat -e` in HALL_PRINTERS, or add this one (lpadmin -p)",
        )
    yield _try(
        f"handbooks can be kept in {settings.handbook_folder}",
        lambda: _takes_files(settings.handbook_folder),
        "let the account that runs the hall write there",
    )
    free = shutil.disk_usage(_nearest(settings.data_folder)).free
    yield Finding(f"{free // 2**20} MB free for data", free > FREE_BYTES_LEAST, "free or add disk space")


def _try(what: str, look: Callable[[], bool], remedy: str) -> Finding:
    try:
        return Finding(what, look(), remedy)
    except Exception as error:
        return Finding(f"{what} ({type(error).__name__}: {error})", False, remedy)


def _with(settings: Settings, look: Callable[[Database], bool]) -> bool:
    opened = Database(settings.database_address, read_keys(settings.key_file), hall=settings.code)
    try:
        return look(opened)
    finally:
        opened.close()


def _is_durable(opened: Database) -> bool:
    opened.check()
    return True


def _is_whole(opened: Database) -> bool:
    with opened.reading() as session:
        return next(events.flaws(session), None) is None


def _takes_files(folder: Path) -> bool:
    with tempfile.TemporaryFile(dir=_nearest(folder)):
        return True


def _nearest(folder: Path) -> Path:
    """Return a folder, or where it would be made."""
    while not folder.exists():
        folder = folder.parent
    return folder
