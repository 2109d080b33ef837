"""The case code: hard to guess, easy to read, forgiving to type."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hall.cases import rules
from hall.cases.rules import ALPHABET, CodeUnreadable, State

KEY = b"k" * 32
CODES = st.text(min_size=20, max_size=40).map(lambda request: rules.make_code(KEY, request))


@given(CODES)
def test_a_code_is_read_in_groups_in_lower_case_and_in_full_width(code: str) -> None:
    groups = rules.code_groups(code)
    assert [len(group) for group in groups] == [4, 4, 4, 4, 1]
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code)
    for typed in (code, " ".join(groups), "-".join(groups).lower(), f"  {code}\n", wide, "–".join(groups)):
        assert rules.read_code(typed) == code


@given(CODES)
def test_look_alikes_are_read_as_what_they_look_like(code: str) -> None:
    assert rules.read_code(code.replace("0", "O").replace("1", "l")) == code


@given(CODES, st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_a_slip_and_not_a_guess(code: str, place: int, sign: str) -> None:
    if code[place] != sign:
        with pytest.raises(CodeUnreadable):
            rules.read_code(code[:place] + sign + code[place + 1 :])


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_a_sentence(typed: str) -> None:
    with suppress(CodeUnreadable):
        assert len(rules.read_code(typed)) == 17


def test_the_same_form_gives_the_same_code_and_another_form_another() -> None:
    assert rules.make_code(KEY, "form-1") == rules.make_code(KEY, "form-1")
    codes = {rules.make_code(KEY, f"form-{number}") for number in range(1000)}
    assert len(codes) == 1000
    assert rules.make_code(b"j" * 32, "form-1") not in codes


def test_every_state_has_its_words_and_an_end() -> None:
    assert set(rules.MOVES) == set(rules.STAFF_LABELS) == set(rules.VISITOR_LABELS) == set(State)
    reached, waiting = {State.SUBMITTED}, [State.SUBMITTED]
    while waiting:
        for target in rules.MOVES[waiting.pop()] - reached:
            reached.add(target)
            waiting.append(target)
    assert reached == set(State)
    assert all(State.CLOSED in moves for state, moves in rules.MOVES.items() if state is not State.CLOSED)
