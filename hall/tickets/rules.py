"""The queue's decisions: numbers, order, what may be done in which state. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from hall.words import N_, Refused


class State(StrEnum):
    """Where a ticket stands."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    AWAY = "away"
    FINISHED = "finished"


STATE_NAMES = {
    State.WAITING: N_("waiting"),
    State.CALLED: N_("called"),
    State.SERVING: N_("being served"),
    State.AWAY: N_("did not come"),
    State.FINISHED: N_("finished"),
}

MOVES = {
    State.WAITING: {State.CALLED},
    State.CALLED: {State.SERVING, State.AWAY, State.WAITING},
    State.SERVING: {State.FINISHED, State.WAITING},
    State.AWAY: {State.CALLED, State.FINISHED},
    State.FINISHED: set(),
}
AT_A_COUNTER = (State.CALLED, State.SERVING)


class Priority(StrEnum):
    """Why a ticket goes before others."""

    RED_LANE = "red_lane"
    APPOINTMENT = "appointment"
    NONE = ""


RANK = {Priority.RED_LANE: 0, Priority.APPOINTMENT: 1, Priority.NONE: 2}
RECALL_DELAY = timedelta(seconds=10)
SAMPLE_LEAST = 5
# How far back the lengths of services are looked at for an estimate.
ESTIMATE_FROM = timedelta(weeks=4)


class MoveRefused(Refused):
    """The ticket is not in a state in which this can be done."""

    message = N_("Ticket %(number)s is %(state)s: this cannot be done now.")


class NobodyWaits(Refused):
    """No ticket waits at the clerk's windows."""

    message = N_("Nobody is waiting at your windows.")


class CounterBusy(Refused):
    """The counter still has a ticket."""

    message = N_("Finish ticket %(number)s first.")


class TakenByOther(Refused):
    """Somebody else was quicker."""

    message = N_("Ticket %(number)s was already called to counter %(counter)s.")


class RecallTooSoon(Refused):
    """The last call is only seconds old."""

    message = N_("The number was called a moment ago. Please wait ten seconds.")


class WindowClosed(Refused):
    """The window gives no tickets."""

    message = N_("This window gives no numbers.")


class NoCounter(Refused):
    """The person has no counter to call to."""

    message = N_("Your account has no counter. Ask the administrator to give you one.")


@dataclass(frozen=True, slots=True)
class Wait:
    """An estimate in minutes, from `low` to `high`, from `sample` tickets served before."""

    low: int
    high: int
    sample: int


def service_day(now: datetime, zone: ZoneInfo) -> date:
    """Return the hall's own day, in its own time zone."""
    return now.astimezone(zone).date()


def label(series: str, number: int) -> str:
    """Return a ticket's number as it is shown and called, such as U017."""
    return f"{series}{number:03d}"


def check_move(number: str, state: str, target: State) -> None:
    """Raise MoveRefused unless a ticket in `state` may go to `target`."""
    if target not in MOVES[State(state)]:
        raise MoveRefused(number=number, state=STATE_NAMES[State(state)])


def check_recall(last_call: datetime, now: datetime) -> None:
    """Raise RecallTooSoon within ten seconds of the last call."""
    if now - last_call < RECALL_DELAY:
        raise RecallTooSoon


def estimate(waiting: int, counters: int, minutes_served: list[float]) -> Wait | None:
    """Return the wait for a newcomer from the lengths of past services; None when there is too little to go on."""
    if len(minutes_served) < SAMPLE_LEAST or counters == 0:
        return None
    lengths = sorted(minutes_served)
    rounds = waiting / counters
    quarter, three_quarters = lengths[len(lengths) // 4], lengths[(3 * len(lengths)) // 4]
    return Wait(round(rounds * quarter), max(1, round((rounds + 1) * three_quarters)), len(lengths))
