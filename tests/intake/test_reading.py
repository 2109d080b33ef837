"""A flow file that cannot be understood fails at once, with its name and page."""

from pathlib import Path

import pytest

from hall.intake import flow
from hall.intake.flow import InvalidFlow

GOOD = """
id = "small"
given = ["window"]
[[pages]]
id = "first"
title = "First"
why = "Because"
[[pages.fields]]
key = "role"
kind = "choice"
label = "Role"
options = [{ value = "a", label = "A" }, { value = "b", label = "B" }]
[[pages]]
id = "second"
title = "Second"
why = "Because"
when = { key = "role", equals = "a" }
[[pages.fields]]
key = "since"
kind = "date"
label = "Since"
"""


def load(folder: Path, text: str) -> flow.Flow:
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return flow.load(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    assert [page.id for page in load(tmp_path, GOOD).pages] == ["first", "second"]


@pytest.mark.parametrize(
    ("good", "bad", "page", "says"),
    [
        ('why = "Because"\nwhen', 'wyh = "Because"\nwhen', "second", "unknown key wyh"),
        ('label = "Since"', 'lable = "Since"', "second", "unknown key lable"),
        ('label = "A"', 'label = "A", lone = true', "first", "unknown key lone"),
        ('kind = "date"', 'kind = "day"', "second", "unknown kind day"),
        ('equals = "a"', 'is = "a"', "second", "unknown condition"),
        ('equals = "a"', 'equals = "c"', "second", "no answer c"),
        ('equals = "a"', 'within = "court_papers"', "second", "unknown group court_papers"),
        ('key = "role", equals', 'key = "rule", equals', "second", "not asked before"),
        ('key = "role", equals = "a"', 'key = "since", answered = true', "second", "not asked before"),
        (
            'when = { key = "role", equals = "a" }',
            'when = { all = [{ key = "role", equals = "a" }, { key = "role", equals = "b" }] }',
            "second",
            "no answers lead to this page",
        ),
        ('key = "since"', 'key = "role"', "second", "asked twice"),
        ('id = "second"', 'id = "first"', "first", "stands twice"),
        ('label = "Since"', 'label = "Since"\nnot_before_field = "role"', "second", "no date asked before"),
        ('label = "Since"', 'label = "Since"\nmax_length = 3', "second", "max_length is for typed text"),
        ('label = "Since"', 'label = "Since"\nrequired = "yes"', "second", "not of type bool"),
        ('kind = "choice"', 'kind = "text"', "first", "takes no options"),
        ('kind = "date"', 'kind = "choice"', "second", "needs options"),
        ('value = "b"', 'value = "unsure"', "first", "reserved"),
        ('title = "Second"', "", "second", "title is missing"),
        ('id = "second"', 'id = "second"\ncopy = "nowhere/page"', "second", "no flow nowhere"),
        ('id = "small"', 'id = "small"\nversion = 2', "", "unknown key version"),
    ],
)
def test_a_mistake_is_named_with_file_and_page(tmp_path: Path, good: str, bad: str, page: str, says: str) -> None:
    assert GOOD.count(good) >= 1
    with pytest.raises(InvalidFlow) as caught:
        load(tmp_path, GOOD.replace(good, bad))
    assert caught.value.page == page
    assert "small.toml" in str(caught.value)
    assert says in str(caught.value)


def test_a_page_behind_a_page_that_cannot_be_asked_with_it_is_unreachable(tmp_path: Path) -> None:
    third = """
[[pages]]
id = "third"
title = "Third"
why = "Because"
when = { all = [{ key = "role", equals = "b" }, { key = "since", answered = true }] }
[[pages.fields]]
key = "more"
kind = "text"
label = "More"
"""
    with pytest.raises(InvalidFlow, match="page third: no answers lead to this page"):
        load(tmp_path, GOOD + third)


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFlow, match=r"small\.toml"):
        load(tmp_path, "id = ")
