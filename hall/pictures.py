"""Draws a picture anew in a child process: what comes out is pixels, and nothing of what the file hid.

A picture from outside is never opened in the hall's own process. The child may use so much memory and time and no
more; position, serial number and thumbnail of the camera stay behind, the orientation is applied.
"""

import io
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

from PIL import Image, ImageOps

HOUSE = Path(__file__).resolve().parent.parent
KIND = "image/jpeg"
PIXELS_MOST = 51_000_000  # the large photos of phones have 50 million
SIDE_MOST = 3500  # a page at 300 dots an inch
QUALITY = 88
MEMORY_BYTES = 2**30
SECONDS = 15
# A child may need half a gigabyte: they wait for each other.
ONE_AT_A_TIME = threading.Lock()


class NotDrawn(Exception):
    """The bytes are no picture, a broken one, or one too large to draw."""


def redraw(body: bytes) -> bytes:
    """Return a JPEG or PNG picture as a fresh JPEG of at most SIDE_MOST pixels a side; NotDrawn."""
    try:
        with ONE_AT_A_TIME:
            done = subprocess.run(
                [sys.executable, "-m", "hall.pictures"],
                input=body,
                capture_output=True,
                cwd=HOUSE,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
                timeout=SECONDS + 5,
                check=False,
            )
    except subprocess.TimeoutExpired as fault:
        raise NotDrawn("it took too long") from fault
    if done.returncode != 0:
        raise NotDrawn(done.stderr.decode(errors="replace")[-200:])
    return done.stdout


def draw(body: bytes) -> bytes:
    """Return the picture drawn anew; to be called in the child process. Raises what Pillow raises."""
    Image.MAX_IMAGE_PIXELS = PIXELS_MOST // 2  # Pillow refuses at twice this number
    with Image.open(io.BytesIO(body), formats=("JPEG", "PNG")) as picture:
        picture.draft("RGB", (SIDE_MOST, SIDE_MOST))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((SIDE_MOST, SIDE_MOST))
        sheet = Image.new("RGB", upright.size, "white")
        see_through = upright.convert("RGBA") if upright.mode in ("RGBA", "LA", "P", "PA") else None
        sheet.paste(see_through or upright.convert("RGB"), mask=see_through)
    drawn = io.BytesIO()
    sheet.save(drawn, "JPEG", quality=QUALITY, optimize=True)
    return drawn.getvalue()


def main() -> int:
    """Read a picture from standard input and write it drawn anew; 1 with the reason on standard error."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes to the pipe alone
    try:
        drawn = draw(sys.stdin.buffer.read())
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as fault:
        sys.stderr.write(type(fault).__name__)
        return 1
    sys.stdout.buffer.write(drawn)
    return 0


if __name__ == "__main__":
    sys.exit(main())
