"""The printers of the hall through CUPS: `lp` hands a file over, `ipptool` asks what became of it (RFC 8011).

Both ask CUPS on this machine, or the server that the environment variable CUPS_SERVER names (host:port).

A job is known by its number, and by a title that is ours alone: a process that is killed between the two loses nothing.
"""

import csv
import os
import re
import subprocess
from io import StringIO
from pathlib import Path

from hall.prints.rules import State

SECONDS = 15
TAKEN = re.compile(r"-(\d+) \(")
"""The number in what `lp` says of a job that was taken: request id is QUEUE-12 (1 file(s))."""
ASK = Path(__file__).with_name("jobs.ipp")
STATES = {
    "completed": (State.PRINTED, ""),
    "canceled": (State.FAILED, "canceled"),
    "aborted": (State.FAILED, "aborted"),
}
"""What the states of a job mean that has ended (RFC 8011, 5.3.7); in every other it is still printing."""


class PrinterFailed(Exception):
    """A job was not taken; `reason` is a key of rules.REASONS."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


def hand_over(queue: str, title: str, pages: bytes, *, sides: str) -> int | None:
    """Give a PDF to a printer; return the number that it has there.

    Raises PrinterFailed: a printer that refused took nothing, a silent one may have. The pages lie in no file of ours.
    """
    options = ("media=A4", f"sides={sides}", "print-scaling=none")
    words = (word for option in options for word in ("-o", option))
    taken = TAKEN.search(_run(["lp", "-d", queue, "-t", title, *words, "-"], pages))
    return int(taken[1]) if taken else None


def find(queue: str, title: str, number: int | None) -> tuple[State, str] | None:
    """Return the state of a job and why it failed, or None where the printer never had it. Raises PrinterFailed."""
    server = os.environ.get("CUPS_SERVER", "localhost")
    told = list(csv.DictReader(StringIO(_run(["ipptool", "-c", f"ipp://{server}/printers/{queue}", str(ASK)]))))
    for row in told:
        if row["job-id"] == str(number) or row["job-name"] == title:
            return STATES.get(row["job-state"], (State.PRINTING, ""))
    # Taken once and forgotten since, or one of the jobs that no longer tell their names: rather no copy than two.
    if number is not None or any(not row["job-name"] for row in told):
        return State.FAILED, "unknown"
    return None


def is_known(queue: str) -> bool:
    """Return whether the printing system has a queue of this name. Raises PrinterFailed."""
    try:
        _run(["lpstat", "-v", queue])
    except PrinterFailed as failed:
        if failed.reason == "silent":
            raise
        return False
    return True


def _run(command: list[str], given: bytes = b"") -> str:
    done = _done(command, given)
    if done.returncode != 0:
        # CUPS's commands say of a system that does not answer only that it has no such printer.
        reason = "refused" if b"is running" in _done(["lpstat", "-r"]).stdout else "silent"
        raise PrinterFailed(reason, (done.stderr or done.stdout).decode(errors="replace").strip()[:200])
    return done.stdout.decode(errors="replace")


def _done(command: list[str], given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        return subprocess.run(  # noqa: S603 - CUPS's own commands, with a queue that the settings name
            command, input=given, capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PrinterFailed("silent", str(error)) from error
