"""The number board: what is called, where to, and how many wait."""

from flask import Response
from flask_babel import gettext

from hall import web
from hall.tickets import records as tickets
from windows import directory

blueprint = web.place_blueprint("board", __name__)

SHOWN = 6


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
        }
        for window in directory.all_windows()
    ]
    names = {row["code"]: row["name"] for row in rows}
    page = web.render("board/board.html", fragment="board/_calls.html", calls=calls, rows=rows, names=names)
    return web.unchanged_or(page)
