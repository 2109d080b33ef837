"""Files of knowledge name the line of a mistake."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from windows import knowledge
from windows.knowledge import InvalidKnowledge

TEXT = """\
code = "JP"

[facts.patent_term_years]
value = 20
unit = "years"

[[offices]]
name = "first"

[[offices]]
name = "second"
options.zero.label = "none"
"""


def test_the_line_of_a_key_is_found() -> None:
    assert knowledge.line_of(TEXT, ("facts", "patent_term_years", "unit")) == 5


def test_the_line_of_the_second_table_of_an_array_is_found() -> None:
    assert knowledge.line_of(TEXT, ("offices", 1, "name")) == 11


def test_the_line_of_a_dotted_key_is_found() -> None:
    assert knowledge.line_of(TEXT, ("offices", 1, "options", "zero", "label")) == 12


def test_a_missing_key_points_to_its_table() -> None:
    assert knowledge.line_of(TEXT, ("facts", "patent_term_years", "sources")) == 3


def test_a_place_that_is_nowhere_points_to_the_first_line() -> None:
    assert knowledge.line_of(TEXT, ("windows",)) == 1


def test_a_file_that_is_no_toml_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text('code = "JP"\nname = \n', encoding="utf-8")
    with pytest.raises(InvalidKnowledge) as mistake:
        knowledge.read(file)
    assert (mistake.value.file, mistake.value.line) == (file, 2)


def test_a_value_of_the_wrong_kind_names_its_key_and_line(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('[one]\nlength = 3\n\n[two]\nlength = "three"\n', encoding="utf-8")
    with pytest.raises(InvalidKnowledge) as mistake:
        knowledge.read(file).shaped(TypeAdapter(dict[str, dict[str, int]]))
    assert mistake.value.line == 5
    assert "two.length" in mistake.value.message


def test_a_table_may_not_say_its_own_name_again(tmp_path: Path) -> None:
    file = tmp_path / "twice.toml"
    file.write_text('[served]\ncode = "served"\n', encoding="utf-8")
    with pytest.raises(InvalidKnowledge) as mistake:
        knowledge.read(file).tables("code")
    assert mistake.value.line == 2
