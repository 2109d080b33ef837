"""The furniture of every page: the database, the time, the language of the address, links, fragments."""

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache, wraps
from io import BytesIO
from typing import IO, Any, TypeVar, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import format_date, format_decimal, format_time, get_locale, gettext
from htmx_flask import Htmx
from htmx_flask import request as htmx_request
from htmx_flask.requests import HtmxAwareRequest
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from hall.accounts.records import Device, Person, has_demonstration
from hall.attachments.rules import SIGNATURES, Checked, Given
from hall.database import FAULTS, Database
from hall.events import Actor
from hall.languages import BY_TAG, LANGUAGES, Language, catalogue, current_language
from hall.prints import actions as prints
from hall.sessions import WebSession
from hall.settings import HOUSE, Settings
from hall.words import N_, Refused
from handbooks import composition
from handbooks.composition import Writer
from handbooks.orders import Orders
from handbooks.selection import Handbook

STATIC = HOUSE / "static"
PREFERENCES = {"large": N_("Larger text"), "contrast": N_("High contrast")}
DEMONSTRATION_SECONDS = 10
KEPT_SECONDS = 2.0
View = Callable[..., Response]
AnyView = TypeVar("AnyView", bound=Callable[..., Any])
htmx = Htmx()


@dataclass(frozen=True, slots=True)
class Manner:
    """How a page is to be spoken and shown: language, and the reader's preferences; the first part of its address."""

    language: Language
    preferences: frozenset[str]

    def __str__(self) -> str:
        return "~".join((self.language.tag, *sorted(self.preferences)))

    def toggled(self, preference: str) -> "Manner":
        """Return the same manner with one preference switched."""
        return Manner(self.language, self.preferences ^ {preference})


def read_manner(text: str) -> Manner | None:
    """Return the manner that the first part of an address names, or None."""
    tag, *preferences = text.split("~")
    if tag not in BY_TAG or not set(preferences) <= set(PREFERENCES):
        return None
    return Manner(BY_TAG[tag], frozenset(preferences))


class MannerConverter(BaseConverter):
    """Reads 'zh-Hans', 'en~large' or 'en~contrast~large' from an address; all else is not found."""

    regex = r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:~[a-z]+)*"

    def to_python(self, value: str) -> Manner:
        """Return the manner that the address names."""
        found = read_manner(value)
        if found is None:
            raise NotFound
        return found

    def to_url(self, value: Manner) -> str:
        """Return the manner as part of an address."""
        return str(value)


def settings() -> Settings:
    """Return the settings of the running hall."""
    return cast(Settings, current_app.extensions["hall_settings"])


def database() -> Database:
    """Return the database of the running hall."""
    return cast(Database, current_app.extensions["hall_database"])


@contextmanager
def work() -> Iterator[Session]:
    """Open one piece of work: commits when its block ends, and with it what the visit keeps of it."""
    visit, token, written = web_session(), None, None
    with database().work() as opened:
        yield opened
        if visit.has_changed:
            written = now()
            token = visit.write(opened, written)
    if written is not None:
        visit.written(token, written)


def reading() -> AbstractContextManager[Session]:
    """Open the database to read."""
    return database().reading()


def now() -> datetime:
    """Return the moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the hall's own day."""
    return now().astimezone(settings().zone).date()


def web_session() -> WebSession:
    """Return the session of the request."""
    return cast(WebSession, session._get_current_object())  # type: ignore[attr-defined]


def find_device() -> Device | None:
    """Return the enrolled terminal or board that asks, or None."""
    return cast(Device | None, g.get("device"))


def find_signed_in() -> Person | None:
    """Return the person signed in, or None."""
    return cast(Person | None, g.get("person"))


def get_signed_in() -> Person:
    """Return the person signed in; the guard has let nobody else through."""
    return cast(Person, find_signed_in())


def actor() -> Actor:
    """Return who acts in this request, as the event log names them."""
    person, device = find_signed_in(), find_device()
    if person is not None:
        return Actor("person", person.id)
    return Actor("terminal", device.id) if device is not None else Actor("visitor")


def manner() -> Manner:
    """Return the manner of the page being made."""
    return cast(Manner, g.get("manner") or Manner(current_language(), frozenset()))


def place_blueprint(name: str, import_name: str, prefix: str = "") -> Blueprint:
    """Return a blueprint whose addresses begin with the manner: /zh-Hans/…"""
    blueprint = Blueprint(name, import_name, url_prefix=f"/<manner:manner>{prefix}")

    @blueprint.url_value_preprocessor
    def _pull(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.manner = (values or {}).pop("manner")
        g.language = g.manner.language

    return blueprint


def new_request_key() -> str:
    """Return a fresh key for a form, so that the same form sent twice is one act."""
    return secrets.token_urlsafe(24)


def request_key() -> str:
    """Return the key of the form that was sent; 400 for a form that was not ours."""
    key = request.form.get("request_key", "")
    if not 20 <= len(key) <= 80 or not key.isascii():
        abort(400)
    return key


def sentence(refusal: Refused) -> str:
    """Return a refusal as a sentence in the reader's language; parameters that are messages are translated too."""
    params = {
        name: gettext(value) if isinstance(value, str) and value else value for name, value in refusal.params.items()
    }
    text = str(gettext(refusal.message))
    return text % params if params else text


def is_htmx() -> bool:
    """Whether htmx asks for a fragment; going back in history asks for the whole page."""
    return bool(htmx_request.htmx) and "HX-History-Restore-Request" not in request.headers


def render(template: str, *, fragment: str | None = None, status: int = 200, **values: Any) -> Response:
    """Return a page, or its fragment alone when htmx asks for one."""
    wanted = fragment if fragment is not None and is_htmx() else template
    response = make_response(render_template(wanted, **values), status)
    if fragment is not None:
        response.vary.add("HX-Request")
    return response


def pdf(data: bytes, *, name: str, is_saved: bool) -> Response:
    """Return a PDF to be shown, also within our own pages, or to be saved under its name."""
    answer = Response(data, mimetype="application/pdf")
    answer.headers["Content-Security-Policy"] = "default-src 'none'; object-src 'self'; frame-ancestors 'self'"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers.set("Content-Disposition", "attachment" if is_saved else "inline", filename=f"{name}.pdf")
    return answer


def printer() -> str:
    """Return the CUPS queue of the terminal that asks; empty where its browser prints."""
    device = find_device()
    return settings().printer_of(device.name) if device is not None and is_terminal() else ""


def asker() -> str:
    """Return the address of whoever asks from outside of the hall; empty for its own terminals and desks."""
    return "" if find_device() is not None or find_signed_in() is not None else request.remote_addr or ""


def start_printing() -> None:
    """Let what waits be handed to the printers, and see what became of the rest, beside this request."""
    sweeping: Future[int] | None = current_app.extensions.get("hall_sweeping")
    if sweeping is None or sweeping.done():
        hands: ThreadPoolExecutor = current_app.extensions["hall_printing"]
        current_app.extensions["hall_sweeping"] = hands.submit(prints.sweep, database(), now=now())


def orders() -> Orders:
    """Return the orders of handbooks of this server."""
    return cast(Orders, current_app.extensions["hall_orders"])


def writer(handbook: Handbook) -> Writer:
    """Return the writer of a handbook: its language, this day, this hall."""
    language, reach = handbook.language, settings().reach
    return composition.writer(language, catalogue(language), today=today(), reach=reach)


def unchanged_or(response: Response) -> Response:
    """Return 304 when the reader has the same bytes already."""
    response.add_etag()
    return cast(Response, response.make_conditional(request))


def kept_a_moment(view: View) -> View:
    """Keep a public page as it was made for two seconds, for readers who have no session yet.

    What changes on these pages is how many wait; making them anew for everybody who looks costs far more.
    """

    @wraps(view)
    def keeping(**places: Any) -> Response:
        if web_session().token is not None or request.args:
            return view(**places)
        pages: dict[tuple[str, bool], tuple[float, Response]] = current_app.extensions.setdefault("hall_pages", {})
        key = (request.path, is_terminal())
        made, page = pages.get(key, (0.0, None))
        if page is None or time.monotonic() - made > KEPT_SECONDS:
            page = view(**places)
            page.add_etag()
            pages[key] = (time.monotonic(), page)
        answer = Response(page.get_data(), headers=page.headers)
        return cast(Response, answer.make_conditional(request))

    return keeping


def takes_files(most: int) -> Callable[[AnyView], AnyView]:
    """Let a page take a form of up to `most` bytes; all others are held to the few that words need."""

    def told(view: AnyView) -> AnyView:
        view.form_bytes = most  # type: ignore[attr-defined]
        return view

    return told


def form_bytes() -> int | None:
    """Return how many bytes the page of the request takes where it takes files, else None."""
    return getattr(current_app.view_functions.get(request.endpoint or ""), "form_bytes", None)


def files_of(name: str) -> list[Given]:
    """Return the files that a form sent under a name."""
    return [Given(file.filename or "", file.read()) for file in request.files.getlist(name)]


def paper(opened: Checked) -> Response:
    """Return a paper of a case: a picture that was drawn anew to be looked at, all else to be kept; nothing runs."""
    answer = Response(opened.body, content_type=opened.kind)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.set("Content-Disposition", "inline" if opened.is_picture else "attachment", filename=opened.name)
    return answer


class HallRequest(HtmxAwareRequest):  # type: ignore[misc]
    """A request whose files stay in memory: what a visitor hands in is not written to the disk unsealed."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


@cache  # the web server too knows the files as they were when it started
def static_url(name: str) -> str:
    """Return the address of a static file, with the hash of its content so that it may be kept for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def is_demonstration() -> bool:
    """Whether invented people are in the hall; asked of the database every ten seconds at the most."""
    known, asked = current_app.extensions.get("hall_demonstration", (False, 0.0))
    if time.monotonic() - asked > DEMONSTRATION_SECONDS or not asked:
        # The page that says that the database cannot be asked has this line too.
        with suppress(*FAULTS), reading() as opened:
            known = has_demonstration(opened)
        current_app.extensions["hall_demonstration"] = (known, time.monotonic())
    return bool(known)


def is_terminal() -> bool:
    """Whether an enrolled terminal asks."""
    device = find_device()
    return device is not None and device.kind == "terminal"


def _languages_of_page() -> Iterator[dict[str, Any]]:
    here = manner()
    for language in LANGUAGES:
        other = Manner(language, here.preferences)
        yield {
            "tag": language.tag,
            "name": language.name,
            "href": _same_page(other),
            "current": language is here.language,
        }


def _same_page(other: Manner) -> str:
    if request.endpoint is None or request.view_args is None or "manner" not in g:
        return url_for("terminal.home", manner=other)
    # After a refused form the address of the form is shown again: it answers GET as well.
    # A name with an underscore would be a word to url_for itself, such as _scheme.
    asked = {name: value for name, value in request.args.items() if not name.startswith("_")}
    values: dict[str, Any] = {**asked, **request.view_args, "manner": other}
    return url_for(request.endpoint, **values)


def size_words(size: int) -> str:
    """Return a number of bytes as people say it: kB below a megabyte, MB above."""
    if size < 1_000_000:
        return str(gettext("%(number)s kB", number=format_decimal(max(1, round(size / 1000)))))
    return str(gettext("%(number)s MB", number=format_decimal(round(size / 1_000_000, 1))))


def moment_words(at: datetime) -> str:
    """Return a day and time of day; the month is a word wherever figures alone could be read in two orders."""
    order = str(get_locale().datetime_formats["medium"])
    return order.replace("{1}", str(format_date(at, "medium"))).replace("{0}", str(format_time(at, "short")))


def install(app: Flask) -> None:
    """Give the app its converter, its links, and what every template may use."""
    app.url_map.converters["manner"] = MannerConverter
    app.jinja_env.filters["filesize"] = size_words
    app.jinja_env.filters["moment"] = moment_words
    htmx.init_app(app)
    app.request_class = HallRequest

    @app.url_defaults
    def _same_manner(endpoint: str, values: dict[str, Any]) -> None:
        if "manner" not in values and app.url_map.is_endpoint_expecting(endpoint, "manner"):
            values["manner"] = manner()

    @app.context_processor
    def _page() -> dict[str, Any]:
        here = manner()
        return {
            "static_url": static_url,
            "page": {
                "lang_tag": here.language.tag,
                "locale": here.language.locale,
                "dir": here.language.direction,
                "gap": here.language.gap,
                "languages": list(_languages_of_page()),
                "preferences": [
                    {
                        "code": code,
                        "label": gettext(label),
                        "href": _same_page(here.toggled(code)),
                        "pressed": code in here.preferences,
                    }
                    for code, label in PREFERENCES.items()
                ],
                "html_class": " ".join(
                    {"large": "text-large", "contrast": "contrast-high"}[p] for p in sorted(here.preferences)
                ),
                "place": "terminal" if is_terminal() else "phone",
                "demonstration": is_demonstration(),
                "person": find_signed_in(),
                "idle_seconds": settings().idle_seconds,
            },
            "file_kinds": ",".join(SIGNATURES),
        }
