"""The service catalogue: the whole chain, each with what to bring and the button that begins it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from windows.knowledge import InvalidKnowledge
from windows.offerings import FILE, STAGES, all_offerings, by_stage, load


def test_the_chain_has_no_gap() -> None:
    assert [stage for stage, _ in by_stage()] == list(STAGES.values())
    assert all(offerings for _, offerings in by_stage())
    assert all(offering.needs for offering in all_offerings())


def test_a_wrong_file_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "offerings.toml"
    path.write_text(FILE.read_text(encoding="utf-8").replace('stage = "after"', 'stage = "later"', 1), encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match="stage"):
        load(path)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
def test_every_offering_begins_its_intake(client: FlaskClient, tag: str) -> None:
    page = client.get(f"/{tag}/services").text
    for offering in all_offerings():
        assert f'id="{offering.code}"' in page
        assert f"role={offering.role}" in page
