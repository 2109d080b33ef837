"""The number board: what is called, where to, how many wait, and about how long."""

from flask import Response
from flask_babel import gettext
from sqlalchemy.orm import Session

from hall import web
from hall.languages import BY_LOCALE, FIRST, say
from hall.tickets import records as tickets
from hall.tickets import rules as queue_rules
from hall.tickets.records import Call
from hall.tickets.rules import Wait
from hall.words import N_
from windows import directory

blueprint = web.place_blueprint("board", __name__)

SHOWN = 6
SPOKEN = N_("Number %(number)s, please come to counter %(counter)s.")


@blueprint.get("/board")
def board() -> Response:
    """Show the board; the screen asks again every second and is answered 304 while nothing changes."""
    with web.reading() as session:
        calls = tickets.recent_calls(session, web.today(), SHOWN)
        waiting = tickets.count_waiting(session, web.today())
        rows = [
            {
                "code": window.code,
                "name": gettext(window.name),
                "letter": window.letter,
                "waiting": waiting.get(window.code, 0),
                "wait": _wait(session, window.code, waiting.get(window.code, 0)),
            }
            for window in directory.all_windows()
        ]
    names = {row["code"]: row["name"] for row in rows}
    page = web.render(
        "board/board.html", fragment="board/_calls.html", calls=calls, rows=rows, names=names, spoken=spoken
    )
    return web.unchanged_or(page)


def spoken(call: Call) -> list[tuple[str, str]]:
    """Return what is said of a call as language tag and sentence: in Chinese first, then in the visitor's language.

    The signs of a number stand apart, so that a voice says each of them.
    """
    params = {"number": " ".join(call.label), "counter": call.counter}
    languages = dict.fromkeys((FIRST, BY_LOCALE.get(call.locale, FIRST)))
    return [(language.tag, say(language.locale, SPOKEN, params)) for language in languages]


def _wait(session: Session, window: str, waiting: int) -> Wait | None:
    since = web.now() - queue_rules.ESTIMATE_FROM
    counters = tickets.count_counters(session, [window], since)
    return queue_rules.estimate(waiting, counters, tickets.minutes_served(session, window, since))
