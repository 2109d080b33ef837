"""What becomes of a print job, and what is said of it."""

from datetime import datetime, timedelta
from enum import StrEnum

from hall.words import N_


class State(StrEnum):
    """How far a print job is."""

    PENDING = "pending"
    PRINTING = "printing"
    PRINTED = "printed"
    FAILED = "failed"


LABELS: dict[State, str] = {
    State.PENDING: N_("waits for the printer"),
    State.PRINTING: N_("is being printed"),
    State.PRINTED: N_("printed"),
    State.FAILED: N_("not printed"),
}
REASONS: dict[str, str] = {
    "refused": N_("The printer does not take the job."),
    "silent": N_("The printing system does not answer."),
    "canceled": N_("The job was taken off the printer."),
    "aborted": N_("The printer stopped in the middle."),
    "unknown": N_("It is not known whether it was printed: please look at the printer."),
}
"""Why a job failed, by code (msgids)."""
TRIES_MOST = 6
"""How often a job is offered to a printing system that does not answer."""
RETRY_AFTER = timedelta(seconds=10)
"""How long after a try the next may come: a printing system that is being restarted is back by then."""
UNSEEN_AFTER = timedelta(seconds=60)
"""After this a job that the printing system does not know was never handed over: its process was ended before."""
STUCK_AFTER = timedelta(seconds=30)
"""After this the visitor is told not to wait at the printer."""
KEPT = timedelta(days=1)
"""How long the pages of a job that was not printed are kept, so that it can be printed again."""

SHOWN = timedelta(minutes=15)
"""How long the staff see that a job was printed."""


def waits(tries: int, sent_at: datetime | None, now: datetime) -> bool:
    """Whether a job that was offered before is not to be offered again yet."""
    return tries > 0 and sent_at is not None and now - sent_at < RETRY_AFTER


def is_stuck(state: str, since: timedelta) -> bool:
    """Whether a job takes longer than a visitor should wait."""
    return state in (State.PENDING, State.PRINTING) and since > STUCK_AFTER
