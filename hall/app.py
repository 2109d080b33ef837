"""Puts the desks in place: the one module that knows all rooms, and that none of them knows."""

import os
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from flask.cli import NoAppException
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

import hall.advisors_desk.pages
import hall.board.pages
import hall.operation
import hall.providers_desk.pages
import hall.staff_desk.pages
import hall.terminal.pages
import hall.terminal.printing
import handbooks.commands
import handbooks.pages
import windows.api
import windows.calculator
import windows.commands
import windows.comparison
import windows.pages
from hall import commands, errors, guards, headers, languages, logs, web
from hall.database import Database
from hall.sealing import KeyFileMissing, read_keys
from hall.sessions import ServerSessions
from hall.settings import Settings
from handbooks.orders import Orders

FORM_BYTES = 256 * 1024
FORM_PARTS = 500
YEAR_SECONDS = 365 * 24 * 3600
DESKS = (
    hall.terminal.pages,
    hall.terminal.printing,
    hall.board.pages,
    hall.staff_desk.pages,
    hall.advisors_desk.pages,
    hall.providers_desk.pages,
    windows.pages,
    windows.calculator,
    windows.comparison,
    windows.api,
    handbooks.pages,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the hall as a WSGI app.

    Raises KeyFileMissing where it was never set up, OSError where its folder cannot be made; on the command line the
    first leaves the commands alone, and the second is NoAppException: a sentence.
    """
    settings = settings or Settings()
    is_typed = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
    app = Flask("hall", static_folder=None, template_folder="templates")
    app.extensions["hall_settings"] = settings
    commands.install(app)
    windows.commands.install(app)
    handbooks.commands.install(app)
    try:
        keys = read_keys(settings.key_file)
    except KeyFileMissing:
        if not is_typed:
            raise
        return app  # `flask hall setup` makes the key; until then there are commands only
    try:
        database = Database(settings.database_address, keys, hall=settings.code, busy_seconds=settings.busy_seconds)
    except OSError as error:
        if not is_typed:
            raise
        raise NoAppException(f"{error.filename}: {error.strerror} (HALL_DATA_FOLDER)") from error
    app.extensions["hall_database"] = database
    app.extensions["hall_orders"] = Orders(settings.handbook_folder)
    app.extensions["hall_printing"] = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printing")
    app.config.update(
        SECRET_KEY=keys.derive("form tokens"),
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        TRUSTED_HOSTS=list(settings.trusted_hosts),
        PROVIDE_AUTOMATIC_OPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,  # a token lives as long as the session that it is tied to
        WTF_CSRF_SSL_STRICT=settings.is_https,
    )
    _furnish(app, database, settings)
    return app


def _furnish(app: Flask, database: Database, settings: Settings) -> None:
    app.session_interface = ServerSessions(database, secure=settings.is_https)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    languages.install(Babel(), app, settings.time_zone)
    logs.install(app)
    web.install(app)
    headers.install(app, is_https=settings.is_https)
    guards.install(app)
    CSRFProtect(app)
    errors.install(app)
    app.register_blueprint(hall.operation.blueprint)
    for desk in DESKS:
        app.register_blueprint(desk.blueprint)
    app.add_url_rule("/", "welcome", hall.terminal.pages.welcome)
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app, root=str(web.STATIC), prefix="static/", max_age=YEAR_SECONDS, charset="utf-8"
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
