"""Pictures are drawn anew: upright, without what the camera hid, and never in the hall's own process."""

import io
import struct
import zlib

import pytest
from PIL import Image

from hall import pictures
from hall.pictures import NotDrawn, redraw

SECRET = b"serial 4711 of the camera"


def picture(form: str = "JPEG", size: tuple[int, int] = (80, 40), mode: str = "RGB", **how: object) -> bytes:
    drawn = io.BytesIO()
    Image.new(mode, size, "red" if mode == "RGB" else 0).save(drawn, form, **how)
    return drawn.getvalue()


def size_of(body: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(body)) as opened:
        return opened.size


def test_what_the_camera_hid_stays_behind_and_the_picture_stands_upright() -> None:
    hidden = Image.Exif()
    hidden[0x0112] = 6  # turned by a quarter
    hidden[0x010E] = SECRET.decode()
    body = picture(exif=hidden) + b"trailer <?php"
    assert SECRET in body
    drawn = redraw(body)
    assert SECRET not in drawn
    assert b"php" not in drawn
    assert size_of(drawn) == (40, 80)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
def test_every_mode_of_a_picture_comes_out_as_a_jpeg(mode: str) -> None:
    drawn = redraw(picture("JPEG" if mode == "CMYK" else "PNG", mode=mode))
    assert drawn.startswith(b"\xff\xd8\xff")


def test_a_large_photo_is_made_as_large_as_a_page_needs() -> None:
    assert max(size_of(redraw(picture(size=(6000, 1000))))) == pictures.SIDE_MOST


def bomb() -> bytes:
    """A PNG of 50,000 x 50,000 pixels in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 1, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" * 6251 * 2000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", lines) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xd8\xffnothing",
        picture()[:200],
        b"\x89PNG\r\n\x1a\n",
        picture("GIF"),
        picture("TIFF"),
        bomb(),
    ],
    ids=["no picture", "cut off", "signature alone", "gif", "tiff", "bomb"],
)
def test_what_is_no_picture_or_too_large_is_not_drawn(body: bytes) -> None:
    with pytest.raises(NotDrawn):
        redraw(body)
