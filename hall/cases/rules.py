"""A case's decisions: its code, its life cycle, what the visitor is told, what was promised. Pure."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stdnum import luhn

from hall.words import N_, Refused

# Crockford's base 32: no I, L, O, U, so that nobody mistakes a sign.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_SIGNS = 16  # 80 bits
GROUP = 4
LOOKALIKES = str.maketrans("ILO", "110")
ANSWER_LEAST = 20
ANSWER_MOST = 20_000


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    SCREENING = "screening"
    NEEDS_INFO = "needs_info"
    CONFLICT_REVIEW = "conflict_review"
    MATCHING = "matching"
    OFFERED = "offered"
    IN_CONSULTATION = "in_consultation"
    ANSWERED = "answered"
    CLOSED = "closed"


class ConflictStatus(StrEnum):
    """What the conflict check of a case said last."""

    NOT_RUN = "not_run"
    CLEAR = "clear"
    REVIEW = "review"
    BLOCKED = "blocked"
    WAIVED = "waived"


MAY_GO_ON = frozenset({ConflictStatus.CLEAR, ConflictStatus.WAIVED})

MOVES: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.SCREENING, State.CONFLICT_REVIEW, State.MATCHING, State.CLOSED}),
    State.SCREENING: frozenset({State.NEEDS_INFO, State.CONFLICT_REVIEW, State.MATCHING, State.CLOSED}),
    State.NEEDS_INFO: frozenset({State.SCREENING, State.CLOSED}),
    State.CONFLICT_REVIEW: frozenset({State.MATCHING, State.SCREENING, State.CLOSED}),
    State.MATCHING: frozenset({State.OFFERED, State.IN_CONSULTATION, State.CONFLICT_REVIEW, State.CLOSED}),
    State.OFFERED: frozenset({State.IN_CONSULTATION, State.MATCHING, State.CONFLICT_REVIEW, State.CLOSED}),
    State.IN_CONSULTATION: frozenset({State.ANSWERED, State.MATCHING, State.CONFLICT_REVIEW, State.CLOSED}),
    State.ANSWERED: frozenset({State.IN_CONSULTATION, State.CLOSED}),
    State.CLOSED: frozenset({State.SCREENING}),
}

STAFF_LABELS = {
    State.SUBMITTED: N_("Submitted"),
    State.SCREENING: N_("Screening"),
    State.NEEDS_INFO: N_("Waiting for the visitor"),
    State.CONFLICT_REVIEW: N_("Conflict review"),
    State.MATCHING: N_("To be assigned"),
    State.OFFERED: N_("Offered"),
    State.IN_CONSULTATION: N_("With the advisor"),
    State.ANSWERED: N_("Answered"),
    State.CLOSED: N_("Closed"),
}
VISITOR_LABELS = {
    State.SUBMITTED: N_("We have your case."),
    State.SCREENING: N_("The hall is reading your case."),
    State.NEEDS_INFO: N_("We need something from you."),
    State.CONFLICT_REVIEW: N_("We are checking who may work on your case."),
    State.MATCHING: N_("We are choosing the right advisor."),
    State.OFFERED: N_("We have asked an advisor."),
    State.IN_CONSULTATION: N_("An advisor is working on your case."),
    State.ANSWERED: N_("Your answer is here."),
    State.CLOSED: N_("Your case is closed."),
}
CONFLICT_LABELS = {
    ConflictStatus.NOT_RUN: N_("names of the parties are missing"),
    ConflictStatus.CLEAR: N_("no match found"),
    ConflictStatus.REVIEW: N_("to be reviewed"),
    ConflictStatus.BLOCKED: N_("blocked"),
    ConflictStatus.WAIVED: N_("decided: may go on"),
}
URGENCY_LABELS = {
    "U0": N_("at once"),
    "U1": N_("the same day"),
    "U2": N_("within two working days"),
    "U3": N_("within five working days"),
}
# Open time until a person looks at the case, and until the answer is promised.
FIRST_LOOK = {
    "U0": timedelta(minutes=15),
    "U1": timedelta(hours=1),
    "U2": timedelta(hours=4),
    "U3": timedelta(hours=7),
}

# The visitor's way through the hall: what each step of the status bar stands for, and which event passes it.
STEPS = (
    ("submitted", N_("Case received"), ("case_submitted",)),
    ("checked", N_("Check for conflicts of interest"), ("conflict_checked", "conflict_decided")),
    ("asked", N_("Asking an advisor"), ("offer_sent",)),
    ("working", N_("Advisor at work"), ("offer_accepted",)),
    ("answered", N_("Answer ready"), ("case_answered",)),
)


class MoveRefused(Refused):
    """The case is not in a state in which this can be done."""

    message = N_("This cannot be done while the case is: %(state)s.")


class ConflictNotCleared(Refused):
    """Nobody may be proposed or told anything before the conflict check cleared the case."""

    message = N_("The conflict check has not cleared this case.")


class CodeUnreadable(Refused):
    """The typed code cannot be a case code: a sign is missing, or one is wrong."""

    message = N_("This code is not complete or has a wrong sign. Please compare it with your slip.")


class CodeUnknown(Refused):
    """No case has this code."""

    message = N_("We know no case with this code. Please compare it with your slip.")


class AnswerTooShort(Refused):
    """The text says too little, or is longer than a page can take."""

    message = N_("Please write %(least)s to %(most)s characters.")


class ChangedMeanwhile(Refused):
    """Somebody else changed the case since the page was opened."""

    message = N_("Somebody else changed this case while you were working on it. Look at it again.")


@dataclass(frozen=True, slots=True)
class StatusStep:
    """One step of the status bar: its name, when it was passed, and whether it is the one at work now."""

    code: str
    name: str
    at: datetime | None
    current: bool


def make_code(key: bytes, request: str) -> str:
    """Return the case code for a form's request key: 16 signs of Crockford base 32 and a check sign.

    The same form gives the same code again, so a lost answer can be repeated without keeping the code.
    """
    digest = hmac.new(key, request.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:10], "big")
    signs = "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (CODE_SIGNS - 1), -1, -5))
    return signs + luhn.calc_check_digit(signs, ALPHABET)


def read_code(typed: str) -> str:
    """Return the canonical form of a typed or scanned code; CodeUnreadable when it cannot be one.

    Folds width, case, separators and the look-alikes I, L and O.
    """
    folded = unicodedata.normalize("NFKC", typed[:200]).upper()
    code = re.sub(r"[\s\-‐-―_.·]+", "", folded).translate(LOOKALIKES)
    if len(code) != CODE_SIGNS + 1 or not luhn.is_valid(code, ALPHABET):
        raise CodeUnreadable
    return code


def code_groups(code: str) -> tuple[str, ...]:
    """Return the code in four groups of four and the check sign."""
    return (*(code[i : i + GROUP] for i in range(0, CODE_SIGNS, GROUP)), code[CODE_SIGNS:])


def reference(hall: str, year: int, number: int) -> str:
    """Return the number of a case that people may say aloud, such as BJ-2026-000042."""
    return f"{hall}-{year}-{number:06d}"


def check_move(state: str, target: State) -> None:
    """Raise MoveRefused unless a case in `state` may go to `target`."""
    if target not in MOVES[State(state)]:
        raise MoveRefused(state=STAFF_LABELS[State(state)])


def check_cleared(status: str) -> None:
    """Raise ConflictNotCleared unless the case may be shown to advisors and providers."""
    if ConflictStatus(status) not in MAY_GO_ON:
        raise ConflictNotCleared


def check_text(text: str) -> str:
    """Return the text without outer blanks; AnswerTooShort when it says too little or too much."""
    text = text.strip()
    if not ANSWER_LEAST <= len(text) <= ANSWER_MOST:
        raise AnswerTooShort(least=ANSWER_LEAST, most=ANSWER_MOST)
    return text


def status_steps(events: Iterable[tuple[str, datetime, str]]) -> tuple[StatusStep, ...]:
    """Return the status bar from the case's events (action, moment, outcome of a conflict check), oldest first.

    A conflict check that does not let the case go on passes no step: names may be missing, or the officer looks at it.
    """
    first: dict[str, datetime] = {}
    for action, at, outcome in events:
        if not outcome or ConflictStatus(outcome) in MAY_GO_ON:
            first.setdefault(action, at)
    reached = [min((first[a] for a in actions if a in first), default=None) for _, _, actions in STEPS]
    last = max((i for i, at in enumerate(reached) if at is not None), default=-1)
    return tuple(
        StatusStep(code, name, reached[i], current=i == min(last + 1, len(STEPS) - 1) and reached[i] is None)
        for i, (code, name, _) in enumerate(STEPS)
    )
