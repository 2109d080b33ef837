"""Situations and the ways out: complete, without a figure, each with its page in every language."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from windows.knowledge import InvalidKnowledge
from windows.situations import HERE, Situation, UnknownSituation, all_situations, get_situation, load

TEXTS = ("text", "fits", "time", "risk", "needs", "decides")


@pytest.mark.parametrize("situation", all_situations(), ids=lambda situation: situation.code)
def test_a_situation_has_first_steps_and_options_and_no_figure(situation: Situation) -> None:
    assert len(situation.steps) >= 3
    assert len(situation.options) >= 3
    said = [situation.summary, *situation.steps]
    said += [getattr(option, name) for option in situation.options for name in TEXTS]
    assert all(said)
    # Periods come from the rules, costs from sources: neither is typed into a text.
    assert not [text for text in said if re.search(r"\d", text)]


def test_there_are_situations_for_both_sides() -> None:
    assert len(all_situations()) >= 12
    assert {situation.side for situation in all_situations()} == {"accused", "claim", "both"}
    with pytest.raises(UnknownSituation):
        get_situation("nothing")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"CEASE_DESIST"', '"NOTHING"', "unknown paper NOTHING"),
        ('country = "DE"', 'country = "XX"', "unknown country XX"),
        ("side = ", "slide = ", "side: Field required"),
        ('side = "accused"', 'side = "nobody"', "side"),
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (HERE / "warning_letter.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "warning_letter.toml").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match=said):
        load(tmp_path)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
def test_every_situation_has_its_page(client: FlaskClient, tag: str) -> None:
    listed = client.get(f"/{tag}/situations").text
    for situation in all_situations():
        assert f"/{tag}/situations/{situation.code}" in listed
        page = client.get(f"/{tag}/situations/{situation.code}")
        assert page.status_code == 200
        assert page.text.count('class="option-card"') == len(situation.options)
    assert client.get(f"/{tag}/situations/nothing").status_code == 404
