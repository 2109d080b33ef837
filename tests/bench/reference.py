"""What the bench measures the hall against: a bare Flask page, a file, and the least ticket issuer that is correct.

Each is served by the same server with the same processes and threads as the hall.
"""

import os
import sqlite3
import threading
from datetime import UTC, datetime

from flask import Flask, Response, render_template_string, request, send_file

PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body><main><h1>{{ title }}</h1>
<ul>{% for row in rows %}<li><a href="/{{ row }}">{{ row }}</a></li>{% endfor %}</ul></main></body></html>"""
SCHEMA = """
CREATE TABLE IF NOT EXISTS ticket (
    id INTEGER PRIMARY KEY, day TEXT NOT NULL, number INTEGER NOT NULL, request TEXT NOT NULL UNIQUE,
    issued TEXT NOT NULL, UNIQUE (day, number)
)
"""
INSERT = """
INSERT INTO ticket (day, number, request, issued)
SELECT ?, COALESCE(MAX(number), 0) + 1, ?, ? FROM ticket WHERE day = ? RETURNING number
"""
_local = threading.local()

app = Flask(__name__)


@app.get("/")
def bare() -> str:
    """A template page with twenty rows, without database, session or translation."""
    return render_template_string(PAGE, title="The hall", rows=range(20))


@app.get("/file.pdf")
def file() -> Response:
    """A file as Flask sends it, with its tag."""
    return send_file(os.environ["REFERENCE_FILE"], mimetype="application/pdf", conditional=True)


@app.get("/healthz")
def health() -> str:
    """Say that the server is up."""
    return "ok"


@app.post("/ticket")
def ticket() -> str:
    """Issue a number: WAL, FULL, BEGIN IMMEDIATE, day and number unique, one key a form."""
    connection = _connection()
    day = datetime.now(UTC).date().isoformat()
    connection.execute("BEGIN IMMEDIATE")
    key = request.form["request_key"]
    number = connection.execute(INSERT, (day, key, datetime.now(UTC).isoformat(), day)).fetchone()[0]
    connection.execute("COMMIT")
    return f"U{number:03d}"


def _connection() -> sqlite3.Connection:
    if not hasattr(_local, "connection"):
        connection = sqlite3.connect(os.environ["REFERENCE_DATABASE"], timeout=5, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(SCHEMA)
        _local.connection = connection
    return _local.connection  # type: ignore[no-any-return]
