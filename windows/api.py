"""What the windows know, for other programs: read-only JSON, described by OpenAPI, version 1.

Nothing of a case is here. Answers may be kept by whoever asks: facts for five minutes, computed dates for one.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from werkzeug.exceptions import HTTPException

from hall import web
from hall.languages import BY_TAG, say
from windows import asking, directory, exchange, rulebook
from windows.asking import AskedWrongly
from windows.deadlines import NotNeeded, RefusedDate

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

DESCRIPTION = Path(__file__).parent / "openapi.json"
FACTS_SECONDS, DATES_SECONDS = 300, 60
ENGLISH = "en"


@blueprint.get("/openapi.json")
def description() -> Response:
    """Describe the API (OpenAPI 3.1)."""
    return _kept(Response(_description(), content_type="application/json"), FACTS_SECONDS)


@blueprint.get("/countries")
def countries() -> Response:
    """All countries with their offices."""
    return _list("countries", (exchange.country_data(country, _say) for country in directory.all_countries()))


@blueprint.get("/countries/<code>")
def country(code: str) -> Response:
    """A country with all its facts."""
    found = directory.find_country(code.upper()) or abort(404)
    facts = [exchange.fact_data(found, fact, _say) for fact in found.facts.values()]
    return _kept(jsonify({**exchange.country_data(found, _say), "facts": facts}), FACTS_SECONDS)


@blueprint.get("/countries/<code>/facts/<key>")
def fact(code: str, key: str) -> Response:
    """One fact of a country."""
    found = directory.find_country(code.upper()) or abort(404)
    if key not in found.facts:
        abort(404)
    return _kept(jsonify(exchange.fact_data(found, found.facts[key], _say)), FACTS_SECONDS)


@blueprint.get("/documents")
def documents() -> Response:
    """All types of paper."""
    return _list("documents", (exchange.document_data(document, _say) for document in rulebook.all_documents()))


@blueprint.get("/rules")
def rules() -> Response:
    """All deadline rules, or those of one paper."""
    document = request.args.get("document", "").upper()
    try:
        found = rulebook.rules_for(document=document) if document else rulebook.all_rules()
    except rulebook.UnknownDocument:
        abort(404)
    return _list("rules", (exchange.rule_data(rule, _say) for rule in found))


@blueprint.get("/rules/<rule_id>")
def rule(rule_id: str) -> Response:
    """One deadline rule."""
    try:
        found = rulebook.get_rule(rule_id)
    except rulebook.UnknownRule:
        abort(404)
    return _kept(jsonify(exchange.rule_data(found, _say)), FACTS_SECONDS)


@blueprint.get("/deadlines/<of>")
def deadlines(of: str) -> Response:
    """The deadlines of a rule or a paper; dates and answers by name in the query."""
    told = [pair for pair in request.args.items(multi=True) if pair[0] not in ("lang", "today")]
    today = request.args.get("today", "")
    try:
        day = date.fromisoformat(today) if today else web.today()
        found = asking.answer(asking.ask(of, told), today=day)
    except (AskedWrongly, NotNeeded, ValueError) as wrong:
        return _refused(_sentence(wrong))
    answer = jsonify({"deadlines": [exchange.deadline_data(deadline, _say) for deadline in found]})
    return _kept(answer, DATES_SECONDS)


@blueprint.errorhandler(HTTPException)
def _error(error: HTTPException) -> Response:
    answer = jsonify({"error": error.name})
    answer.status_code = error.code or 500
    return answer


def _sentence(wrong: Exception) -> str:
    if isinstance(wrong, RefusedDate):
        params = {name: value.isoformat() if isinstance(value, date) else value for name, value in wrong.params.items()}
        return f"{wrong.name}: {_say(wrong.message, params)}"
    return str(wrong)


def _refused(sentence: str) -> Response:
    answer = jsonify({"error": sentence})
    answer.status_code = 422
    return answer


def _say(message: str, params: Mapping[str, object] | None = None) -> str:
    language = BY_TAG.get(request.args.get("lang", ENGLISH)) or BY_TAG[ENGLISH]
    return say(language.locale, message, params)


def _list(name: str, rows: Iterable[Mapping[str, Any]]) -> Response:
    return _kept(jsonify({name: list(rows)}), FACTS_SECONDS)


def _kept(answer: Response, seconds: int) -> Response:
    answer.headers["Cache-Control"] = f"public, max-age={seconds}"
    return web.unchanged_or(answer)


@cache
def _description() -> str:
    return DESCRIPTION.read_text(encoding="utf-8")
