"""What a content editor sees: a handbook as it is printed, printed anew whenever a file changes."""

import subprocess
import sys
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

from hall.settings import HOUSE

WATCHED = ("handbooks/**/*", "windows/**/*.toml", "windows/**/*.md", "translations/**/*.po")
"""What an editor changes."""
FRAME = """<!doctype html><title>{code}</title>
<style>html,body,embed{{margin:0;width:100%;height:100%;border:0}}</style>
<embed src="/handbook.pdf?{stamp}" type="application/pdf">
<script>
const seen = {stamp!r};
setInterval(async () => {{ if (await (await fetch("/stamp")).text() !== seen) location.reload(); }}, 1000);
</script>
"""


class Preview:
    """A small web application: a frame that asks whether anything changed, and the handbook of a code as PDF."""

    def __init__(self, code: str, path: Path) -> None:
        self.code = code
        self.path = path
        self._printed = ""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (WSGI, PEP 3333)."""
        pages = {"/": self._frame, "/stamp": self._stamp, "/handbook.pdf": self._pdf}
        answer = pages.get(Request(environ).path, self._nothing)()
        answer.headers["Cache-Control"] = "no-store"
        return answer(environ, start_response)

    def _frame(self) -> Response:
        return Response(FRAME.format(code=self.code, stamp=stamp()), mimetype="text/html")

    @staticmethod
    def _stamp() -> Response:
        return Response(stamp(), mimetype="text/plain")

    def _pdf(self) -> Response:
        newest = stamp()
        if newest != self._printed:
            # A process of its own: what this one has read of the files is kept for as long as it lives.
            command = [sys.executable, "-m", "flask", "handbooks", "print", self.code, "--edition", "accessible"]
            done = subprocess.run(  # noqa: S603 - our own command, with a code that was read before
                [*command, "--output", str(self.path)], cwd=HOUSE, capture_output=True, text=True, check=False
            )
            if done.returncode != 0:
                return Response(done.stderr or done.stdout, 500, mimetype="text/plain")
            self._printed = newest
        return Response(self.path.read_bytes(), mimetype="application/pdf")

    @staticmethod
    def _nothing() -> Response:
        return Response("Nothing here.\n", 404, mimetype="text/plain")


def stamp() -> str:
    """Return what is another text whenever a watched file changed."""
    files = chain.from_iterable(HOUSE.glob(pattern) for pattern in WATCHED)
    times = [path.stat().st_mtime_ns for path in files if path.is_file() and "__pycache__" not in path.parts]
    return f"{len(times)}-{max(times)}"


def serve(code: str, port: int) -> None:
    """Show the handbook of a code on this machine's port until it is stopped."""
    with TemporaryDirectory() as folder:
        run_simple("127.0.0.1", port, Preview(code, Path(folder) / "handbook.pdf"), threaded=True)
