"""Chosen pages look as they did when somebody last looked at them.

The pictures lie beside this file. After a change that is meant, run these tests with NEW_PICTURES=yes to draw them
anew, and look at each before it is kept.
"""

import os
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter

from handbooks import selection
from handbooks.press import Press
from tests.handbooks.conftest import writer_of
from tests.handbooks.test_joining import CODES

PICTURES = Path(__file__).parent / "pictures"
# The code of a handbook, the anchor of the section that is looked at (none: the cover), and the page of it. The books
# are those that are joined for other tests as well.
PAGES = {
    "cover": (CODES[1], "", 0),
    "contents": (CODES[1], "", 1),
    "ways": (CODES[1], "filing", 0),
    "ladder": (CODES[0], "accused", 0),
    "time_line": (CODES[1], "filing_here-JP", 0),
    "times": (CODES[0], "rights_here-US", 1),
    "map": ("window-korea-en", "region-korea", 0),
    "side_by_side": (CODES[0], "comparison", 0),
    "booklet": (CODES[3], "brief-FR", 0),
    "large": (CODES[2], "checklists", 0),
}
MOST = 0.01
"""What share of the points may differ: a date, a number of a page, a hair of another version of the fonts."""


def drawn(press: Press, name: str, folder: Path) -> Image.Image:
    code, anchor, offset = PAGES[name]
    handbook = selection.from_code(code)
    joined, pages = press.print_joined(handbook, writer_of(handbook))
    number = str((pages.first[anchor] if anchor else 1) + offset)
    stem = folder / name
    command = ["pdftoppm", "-r", "40", "-f", number, "-l", number, "-singlefile", "-png", str(joined), str(stem)]
    subprocess.run(command, check=True)
    return Image.open(stem.with_suffix(".png")).convert("L")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(press: Press, name: str, tmp_path: Path) -> None:
    now, path = drawn(press, name, tmp_path), PICTURES / f"{name}.png"
    if os.environ.get("NEW_PICTURES") == "yes":
        now.quantize(16).save(path, optimize=True)
    then = Image.open(path).convert("L")
    assert now.size == then.size
    assert share_of_difference(now, then) < MOST


def share_of_difference(one: Image.Image, other: Image.Image) -> float:
    """The share of points that differ clearly, after what only lies a hair aside has been smoothed away."""
    soft = [picture.filter(ImageFilter.GaussianBlur(1)) for picture in (one, other)]
    different = ImageChops.difference(*soft).point(lambda value: 255 if value > 48 else 0)
    return sum(different.histogram()[128:]) / (one.width * one.height)


def test_a_page_that_looks_otherwise_is_noticed() -> None:
    pictures = {name: Image.open(PICTURES / f"{name}.png").convert("L") for name in ("ways", "times", "ladder")}
    assert share_of_difference(pictures["ways"], pictures["times"]) > MOST
    broken = pictures["ladder"].copy()
    broken.paste(255, (0, 0, broken.width, broken.height // 4))  # a heading and the first steps are gone
    assert share_of_difference(broken, pictures["ladder"]) > MOST
