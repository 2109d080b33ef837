"""When a mail that could not be sent is tried again, and when it is given up. Pure."""

from datetime import timedelta

TRIES_MOST = 8
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=2)


def pause_after(tries: int) -> timedelta | None:
    """Return how long to wait after the given number of failed tries; None when it is given up."""
    if tries >= TRIES_MOST:
        return None
    longer: int = 4 ** (tries - 1)
    return min(FIRST_PAUSE * longer, LONGEST_PAUSE)
