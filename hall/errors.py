"""Every error as a clear sentence in the reader's language; never a trace, never a bare page."""

import structlog
from flask import Flask, Response, flash, g, redirect, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from hall import web
from hall.cases.rules import ChangedMeanwhile
from hall.database import FAULTS
from hall.languages import pick_language
from hall.web import Manner
from hall.words import N_, Refused

log = structlog.get_logger()
FormFields = list[tuple[str, str]]

SENTENCES = {
    400: (
        N_("This form cannot be read"),
        N_("Something in the form was damaged on its way. Go back and send it again."),
    ),
    401: (N_("Please sign in"), N_("This page is for people of the hall.")),
    403: (N_("This page is not for you"), N_("Your account may not open this page.")),
    404: (N_("There is no such page"), N_("The address is wrong, or what stood here is gone.")),
    405: (
        N_("This cannot be done here"),
        N_("The page does not take this kind of request. Go back and use its buttons."),
    ),
    413: (
        N_("This is too much at once"),
        N_("The form is larger than the hall takes. Shorten your text and send it again."),
    ),
    414: (N_("This is too much at once"), N_("The address is longer than the hall takes.")),
    429: (N_("Too many tries"), N_("Too many tries. Please wait five minutes, or ask the hall's staff.")),
    500: (N_("Something went wrong here"), N_("This is our fault, not yours. Please ask the hall's staff.")),
    503: (
        N_("Not saved"),
        N_("The hall could not save this just now. Please press the button again, or ask the staff."),
    ),
}
NOT_OPENED = (
    N_("This page cannot be opened just now"),
    N_("The hall cannot reach its records at the moment. Please try again shortly, or ask the staff."),
)
# Not written into the page that offers the form once more.
SECRET_FIELDS = {"password", "code"}
FILES_TOO_LARGE = (
    N_("These files are too large"),
    N_("The files are larger than the hall takes at once. Go back and send them one by one."),
)
TERMINALS_ALONE = (
    N_("Numbers are given in the hall"),
    N_(
        "This hall gives numbers and takes cases at the terminals in its building. From here you can read the pages of "
        "all countries and the handbooks, and look up your case with its code."
    ),
)
FORM_EXPIRED = (
    N_("This form is too old"),
    N_("The form was opened too long ago, or in another visit. Open the page again and send it once more."),
)


def page(
    status: int,
    words: tuple[str, str] | None = None,
    form: FormFields | None = None,
    onward: tuple[str, str] | None = None,
) -> Response:
    """Return the page of an error, in the language of the address or the nearest to the reader's.

    `form` is a form that the reader may send again as it was; `onward` the words and address of a way on from here.
    """
    if "manner" not in g:
        g.manner = web.read_manner(request.path.split("/")[1]) or Manner(
            pick_language(list(request.accept_languages.values())), frozenset()
        )
        g.language = g.manner.language
    title, text = words or SENTENCES.get(status, SENTENCES[500])
    return web.render(
        "error.html", status=status, title=gettext(title), text=gettext(text), code=status, form=form, onward=onward
    )


def install(app: Flask) -> None:
    """Give the app its error pages."""

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> AnyResponse | HTTPException:
        if isinstance(error, InternalServerError) and isinstance(error.original_exception, FAULTS):
            return _not_saved(error.original_exception)  # the view was done, but not what the visit keeps of it
        if error.code is not None and error.code < 400:
            return error  # a redirect of the router
        answer = page(error.code or 500, _further_words(error.code))
        for name, value in error.get_headers(request.environ):
            if name in ("Allow", "Retry-After"):
                answer.headers[name] = value
        return answer

    @app.errorhandler(SecurityError)
    def _strange_host(_error: SecurityError) -> Response:
        # The request names a host that is not ours: no page of ours may carry its links.
        return Response("This hall does not answer to that host name.\n", 400, content_type="text/plain")

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> Response:
        return page(400, FORM_EXPIRED)

    @app.errorhandler(Refused)
    def _refused(refusal: Refused) -> AnyResponse:
        # A button of a desk was refused: say why on the page that it stood on.
        flash(web.sentence(refusal), "error")
        return redirect(_page_before(), 303)

    @app.errorhandler(StaleDataError)
    def _stale(_error: StaleDataError) -> AnyResponse:
        return _refused(ChangedMeanwhile())

    def _not_saved(error: Exception) -> Response:
        log.error("not_saved", error=type(error).__name__)
        answer = page(503, form=_form_again()) if request.method == "POST" else page(503, NOT_OPENED)
        answer.headers["Retry-After"] = "2"
        return answer

    for fault in FAULTS:
        app.register_error_handler(fault, _not_saved)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Response:
        log.error("fault", error=type(error).__name__, exc_info=True)
        return page(500)


def _form_again() -> FormFields | None:
    """The fields of the form that was sent, to be sent once more; None where it held what a page must not repeat."""
    if request.files or SECRET_FIELDS & request.form.keys():
        return None
    return list(request.form.items(multi=True))


def _further_words(code: int | None) -> tuple[str, str] | None:
    """What to say where the usual sentence of an error would mislead."""
    if code == 413 and web.form_bytes():
        return FILES_TOO_LARGE
    if code == 403 and web.find_signed_in() is None and web.settings().open_to == "terminals":
        return TERMINALS_ALONE
    return None


def _page_before() -> str:
    # Only a page of this hall: everything but path and query of the referrer is dropped.
    referrer = request.referrer or ""
    host = request.host_url
    return "/" + referrer.removeprefix(host) if referrer.startswith(host) else url_for("terminal.home")
