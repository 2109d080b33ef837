"""Real handbooks, printed once for all tests that look at them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from hall.languages import catalogue
from handbooks import composition, selection
from handbooks.composition import Writer
from handbooks.press import Press
from handbooks.selection import Handbook

TODAY = date(2026, 11, 25)
PRINTED = ("US-en", "US-zh-Hans", "window-japan-en-large", "VN-zh-Hans-booklet")


@dataclass(frozen=True)
class Printed:
    """A handbook, its writer and its file."""

    handbook: Handbook
    writer: Writer
    path: Path


def writer_of(handbook: Handbook) -> Writer:
    """The writer of a handbook's language, on the day of the tests."""
    return composition.writer(handbook.language, catalogue(handbook.language), today=TODAY)


@pytest.fixture(scope="session")
def press(press_folder: Path) -> Iterator[Press]:
    """A press with a worker of its own."""
    with Press(press_folder) as found:
        yield found


@pytest.fixture(scope="session", params=PRINTED)
def printed(request: pytest.FixtureRequest, press: Press) -> Printed:
    """Each handbook of PRINTED in turn, printed whole."""
    handbook = selection.from_code(request.param)
    writer = writer_of(handbook)
    return Printed(handbook, writer, press.print_whole(handbook, writer))
