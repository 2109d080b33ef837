"""Pages for machines: is the hall alive, and how busy is it."""

from flask import Blueprint, Response, jsonify, make_response

from hall import database, metrics, web
from hall.cases import records as cases
from hall.notices import records as notices
from hall.tickets import records as tickets

blueprint = Blueprint("operation", __name__)


@blueprint.get("/healthz")
def health() -> Response:
    """Say whether the database answers, is durable, up to date and has room; 503 when not."""
    try:
        web.database().check()
        current = database.is_up_to_date(web.database())
    except Exception as error:
        return make_response(jsonify(healthy=False, fault=type(error).__name__), 503)
    if not web.database().has_room():
        return make_response(jsonify(healthy=False, fault="DiskFull"), 503)
    return make_response(jsonify(healthy=current), 200 if current else 503)


@blueprint.get("/metrics")
def figures() -> Response:
    """Give the operator's figures."""
    with web.reading() as session:
        for window, number in tickets.count_waiting(session, web.today()).items():
            metrics.WAITING.labels(window).set(number)
        for state, number in notices.count_by_state(session).items():
            metrics.MAILS.labels(state).set(number)
        for state, number in cases.count_states(session).items():
            metrics.CASES.labels(state).set(number)
    text, kind = metrics.exposition()
    return Response(text, content_type=kind)
