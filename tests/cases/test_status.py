"""The status bar that a visitor sees: which step a case has passed, and at which it is."""

from datetime import UTC, datetime, timedelta

import pytest

from hall.cases import rules
from hall.cases.rules import ConflictStatus

START = datetime(2026, 3, 3, 9, tzinfo=UTC)


def bar_of(*events: tuple[str, str]) -> tuple[list[str], str]:
    """The steps that are passed, and the step at work now, of events (action, outcome) an hour apart."""
    told = [(action, START + timedelta(hours=hour), outcome) for hour, (action, outcome) in enumerate(events)]
    steps = rules.status_steps(told)
    return [step.code for step in steps if step.at], next((step.code for step in steps if step.current), "")


@pytest.mark.parametrize("outcome", list(ConflictStatus))
def test_a_check_passes_its_step_only_where_it_lets_the_case_go_on(outcome: ConflictStatus) -> None:
    passed, now = bar_of(("case_submitted", ""), ("conflict_checked", outcome))
    if outcome in rules.MAY_GO_ON:
        assert (passed, now) == (["submitted", "checked"], "asked")
    else:
        assert (passed, now) == (["submitted"], "checked")


def test_the_step_tells_when_the_case_was_let_go_on() -> None:
    told = [
        ("case_submitted", START, ""),
        ("conflict_checked", START, ConflictStatus.NOT_RUN),
        ("conflict_checked", START + timedelta(hours=1), ConflictStatus.REVIEW),
        ("conflict_decided", START + timedelta(hours=2), ConflictStatus.WAIVED),
    ]
    assert rules.status_steps(told)[1].at == START + timedelta(hours=2)


def test_a_case_that_was_answered_has_no_step_at_work() -> None:
    way = ("case_submitted", "conflict_checked", "offer_sent", "offer_accepted", "case_answered")
    passed, now = bar_of(*((action, "clear" if action == "conflict_checked" else "") for action in way))
    assert (len(passed), now) == (5, "")
