"""The handbooks' pages: choose one, wait for it, take it."""

from flask import Response, abort, current_app, redirect, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from hall import web
from hall.languages import BY_TAG, LANGUAGES, catalogue, country_name, named_countries
from handbooks import press, shelf
from handbooks.orders import Orders, State
from handbooks.shelf import Handbook
from windows import directory

blueprint = web.place_blueprint("handbooks", __name__, prefix="/handbooks")


@blueprint.get("/")
def index() -> Response:
    """Show all handbooks, by window and country, in every language."""
    locale = web.manner().language.locale
    places = [(window, named_countries(window.countries, locale)) for window in directory.all_windows()]
    return web.unchanged_or(web.render("handbooks/index.html", places=places, languages=LANGUAGES))


@blueprint.get("/<country>/<tag>")
def handbook(country: str, tag: str) -> Response:
    """Show whether a handbook is ready; the page asks again by itself while it is being printed."""
    found = _handbook(country, tag)
    state = _orders().ask(found, catalogue(found.language))
    return web.render(
        "handbooks/handbook.html",
        fragment="handbooks/_state.html",
        handbook=found,
        name=country_name(found.country.code, web.manner().language.locale),
        language=BY_TAG[tag],
        state=state,
        states=State,
        languages=LANGUAGES,
    )


@blueprint.get("/<country>/<tag>/handbook.pdf")
def file(country: str, tag: str) -> AnyResponse:
    """Give the printed handbook; back to its page where it is not printed yet."""
    found = _handbook(country, tag)
    path = press.find_printed(found, cache=web.settings().handbook_folder)
    if path is None:
        return redirect(url_for("handbooks.handbook", country=country, tag=tag), 303)
    answer = send_file(
        path,
        mimetype="application/pdf",
        as_attachment=request.args.get("save") == "yes",
        download_name=f"{found.code}.pdf",
        etag=found.content_hash,
        conditional=True,
    )
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _handbook(country: str, tag: str) -> Handbook:
    language = BY_TAG.get(tag)
    found = shelf.find_handbook(country.upper(), language.locale) if language else None
    if found is None:
        abort(404)
    return found


def _orders() -> Orders:
    orders = current_app.extensions.get("hall_orders")
    if orders is None:
        orders = current_app.extensions.setdefault("hall_orders", Orders(web.settings().handbook_folder))
    return orders  # type: ignore[no-any-return]
