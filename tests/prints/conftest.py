"""A real printing system of this test run: CUPS with Debian's virtual PDF printer, on a socket of its own."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from tests.postgresql import free_port

QUEUE = "HallPDF"
WAIT_SECONDS = 60
# Where Debian's printer lays its files: it knows only its own configuration in /etc.
TRAY = Path(pwd.getpwuid(os.getuid()).pw_dir) / "PDF"


@dataclass
class PrintingSystem:
    """CUPS as started for a test; its printer lays down what it prints in the tray, named by title."""

    process: subprocess.Popen[bytes]
    seen: set[Path] = field(default_factory=set)

    def run(self, *command: str) -> str:
        """Run one of CUPS's own commands."""
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def copies_of(self, title: str) -> list[Path]:
        """What lies in the tray under a title, once all that was handed over before has been printed."""
        self.run("/usr/sbin/cupsenable", QUEUE)
        last = f"hall-last-{secrets.token_hex(8)}"
        blank = BytesIO()
        with pikepdf.new() as pdf:
            pdf.add_blank_page(page_size=(595, 842))
            pdf.save(blank)
        subprocess.run(["lp", "-d", QUEUE, "-t", last, "-"], input=blank.getvalue(), check=True, capture_output=True)
        wait(lambda: list(TRAY.glob(f"{last}*.pdf")))
        self.seen |= {*TRAY.glob(f"{last}*.pdf"), *TRAY.glob(f"{title}*.pdf")}
        return sorted(TRAY.glob(f"{title}*.pdf"))

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait()


def wait(until: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + WAIT_SECONDS
    while not until():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.1)


@pytest.fixture
def printing_system(monkeypatch: pytest.MonkeyPatch) -> Iterator[PrintingSystem]:
    """CUPS with one queue, in folders and on a port of its own."""
    if os.geteuid() != 0:
        pytest.skip("cupsd starts as root alone")
    # Not under pytest's folder: the filters of CUPS run as another user, who may not look in there.
    place = Path(tempfile.mkdtemp(prefix="hall-cups-"))
    place.chmod(0o755)
    folder, address = place / "cups", f"127.0.0.1:{free_port()}"
    for name in ("spool", "cache", "state", "log", "ppd", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "tmp").chmod(0o1777)
    write_configuration(folder, address)
    monkeypatch.setenv("CUPS_SERVER", address)
    with (folder / "cupsd.log").open("wb") as log:
        command = ["/usr/sbin/cupsd", "-f", "-c", str(folder / "cupsd.conf"), "-s", str(folder / "cups-files.conf")]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    system = PrintingSystem(process)
    wait(lambda: subprocess.run(["lpstat", "-r"], capture_output=True, check=False).returncode == 0)
    ppd = "/usr/share/ppd/cups-pdf/CUPS-PDF_noopt.ppd"
    command = ["/usr/sbin/lpadmin", "-p", QUEUE, "-E", "-v", "cups-pdf:/", "-P", ppd]
    wait(lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0)
    yield system
    system.stop()
    for path in system.seen:
        path.unlink()
    shutil.rmtree(place)


def write_configuration(folder: Path, address: str) -> None:
    """Write what CUPS is told."""
    (folder / "cups-files.conf").write_text(
        f"ServerRoot {folder}\nCacheDir {folder}/cache\nStateDir {folder}/state\nRequestRoot {folder}/spool\n"
        f"TempDir {folder}/tmp\n"
        f"AccessLog {folder}/log/access\nErrorLog {folder}/log/error\nPageLog {folder}/log/page\nSandboxing relaxed\n"
        f"DataDir /usr/share/cups\nServerBin /usr/lib/cups\nDocumentRoot /usr/share/cups/doc-root\n",
        encoding="utf-8",
    )
    (folder / "cupsd.conf").write_text(
        f"Listen {address}\nLogLevel warn\nMaxLogSize 0\nBrowsing No\nDefaultAuthType None\n"
        "<Location />\n  Order allow,deny\n  Allow all\n</Location>\n"
        "<Policy default>\n  JobPrivateAccess all\n  JobPrivateValues none\n"
        "  <Limit All>\n    Order allow,deny\n    Allow all\n  </Limit>\n</Policy>\n",
        encoding="utf-8",
    )
