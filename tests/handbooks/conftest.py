"""Real handbooks, printed once for all tests that look at them."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from hall.languages import catalogue
from handbooks import press, shelf
from handbooks.shelf import Handbook

PRINTED = (("US", "en"), ("US", "zh_Hans"), ("DE", "en"), ("JP", "zh_Hans"), ("VN", "zh_Hans"))


@dataclass(frozen=True)
class Printed:
    """A handbook and its file."""

    handbook: Handbook
    path: Path


@pytest.fixture(scope="session")
def press_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the handbooks of this run are kept."""
    return tmp_path_factory.mktemp("handbooks")


@pytest.fixture(scope="session", params=PRINTED, ids=lambda pair: "-".join(pair))
def printed(request: pytest.FixtureRequest, press_folder: Path) -> Printed:
    """Each handbook of PRINTED in turn."""
    country, language = request.param
    handbook = shelf.get_handbook(country, language)
    return Printed(handbook, press.print_handbook(handbook, cache=press_folder, catalogue=catalogue(language)))
