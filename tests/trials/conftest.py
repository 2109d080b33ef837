"""How often the trials go round, and who may run them."""

import os
import shutil
from pathlib import Path

import pytest

from hall.settings import Settings
from tests.conftest import Copies


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rounds", type=int, default=12, help="how many power cuts")


@pytest.fixture(scope="session", autouse=True)
def _as_root() -> None:
    if os.geteuid() != 0:
        pytest.exit("the trials mount disks of their own: run them as root", returncode=2)


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How many power cuts."""
    return int(request.config.getoption("--rounds"))


@pytest.fixture
def image(template_database: Copies, tmp_path: Path) -> Path:
    """A folder with an empty database, to be the first content of a disk."""
    folder = tmp_path / "image"
    folder.mkdir()
    url = template_database.copy(tmp_path / "first")
    shutil.copyfile(url.removeprefix("sqlite:///"), folder / "hall.db")
    return folder


@pytest.fixture
def settings_on_disk(key_file: Path, tmp_path: Path) -> Settings:
    """The settings of a hall whose data lies on the disk at `mount`."""
    mount = tmp_path / "mount"
    return Settings(
        code="BJ",
        data_folder=mount,
        key_file=key_file,
        database_url=f"sqlite:///{mount / 'hall.db'}",
        jobs="off",
        mail_url="",
    )
