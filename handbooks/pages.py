"""The handbooks' pages: choose one, wait for it, print it or take it along."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flask import Response, redirect, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from hall import errors, presentation, web
from hall.fields import shown_fields
from hall.intake import answers as typing
from hall.intake.answers import Parsed, Problem
from hall.intake.questions import Field, Option, Page, values_of
from hall.languages import LANGUAGES, named_countries
from hall.words import N_
from handbooks import composition, selection
from handbooks.orders import Order, TooManyOrders
from handbooks.selection import FORMS, MARKETS_MOST, Handbook, NotPrinted
from windows import directory

blueprint = web.place_blueprint("handbooks", __name__, prefix="/handbooks")

MARKETS, RIGHTS, ROLES, STAGES, FORM, ASKED = "countries", "rights", "roles", "stages", "form", "ask"


def _options(known: Mapping[str, str]) -> tuple[Option, ...]:
    return tuple(Option(code, label) for code, label in known.items())


CHOICE = Page(
    "handbook",
    N_("Handbooks"),
    "",
    (
        Field(MARKETS, "choices", N_("Markets, up to five"), source="countries", required=True),
        Field(RIGHTS, "choices", N_("Rights"), N_("Choose none for all of them."), _options(selection.RIGHTS)),
        Field(ROLES, "choices", N_("What brings you?"), N_("Choose none for everything."), _options(selection.ROLES)),
        Field(STAGES, "choices", N_("How far are you?"), N_("Choose none for everything."), _options(selection.STAGES)),
        Field(FORM, "choice", N_("Form"), options=_options(FORMS), required=True),
    ),
)


@blueprint.get("/")
def index() -> AnyResponse:
    """Show all that there is to choose: markets, rights, role, stage and form; go to the handbook that holds them."""
    asked = _parsed()
    parsed = asked if ASKED in request.args else None
    if parsed is not None and not parsed.problems:
        return redirect(url_for("handbooks.handbook", code=_chosen(parsed).code), 303)
    fields = shown_fields(CHOICE, {FORM: "a4", **asked.values}, {MARKETS: _codes()}, parsed)
    markets, *others = fields
    windows = directory.all_windows()
    page = web.render(
        "handbooks/index.html",
        status=422 if parsed else 200,
        markets=markets,
        places=[
            (window, [option for option in markets.options if option.value in window.countries]) for window in windows
        ],
        others=others,
        books=[(window, selection.of_window(window.code, web.manner().language.locale).code) for window in windows],
        problems=[field for field in fields if field.error],
    )
    return page if parsed else web.unchanged_or(page)


@blueprint.get("/<code>")
def handbook(code: str) -> Response:
    """Show whether a handbook is ready; the page asks again by itself while it is being printed."""
    try:
        found = selection.from_code(code)
    except NotPrinted as refused:
        return _not_printed(refused)
    writer = web.writer(found)
    try:
        order = web.orders().ask(found, writer, asker=web.asker())
    except TooManyOrders as refused:
        answer = errors.page(429, (N_("One moment, please"), web.sentence(refused)))
        answer.headers["Retry-After"] = "30"
        return answer
    return web.render(
        "handbooks/handbook.html",
        fragment="handbooks/_state.html",
        handbook=found,
        names=presentation.handbook_names(found),
        subject=_subject(found),
        edition=composition.edition(found, writer),
        order=order,
        printer=web.printer(),
        request_key=web.new_request_key(),
        others=[
            (language, replace(found, language=language.locale).code)
            for language in LANGUAGES
            if language.locale != found.language
        ],
        forms=[(gettext(label), replace(found, form=form).code, form == found.form) for form, label in FORMS.items()],
        chosen=_choices(found),
        qr=_qr(found),
        language_name=next(language.name for language in LANGUAGES if language.locale == found.language),
        choice=found.choice,
        window=directory.get_window(found.window),
    )


@blueprint.get("/<code>/pages")
def pages(code: str) -> Response:
    """Show the pages of a handbook on a terminal whose browser prints, with a way back."""
    try:
        found = selection.from_code(code)
    except NotPrinted as refused:
        return _not_printed(refused)
    return web.render(
        "handbooks/pages.html",
        pages=url_for("handbooks.file", code=found.code, edition="paper"),
        back=url_for("handbooks.handbook", code=found.code),
    )


@blueprint.get("/<code>/handbook.pdf")
def file(code: str) -> AnyResponse:
    """Give a printed handbook, for the printer or for reading; back to its page where it is not printed yet."""
    try:
        found = selection.from_code(code)
    except NotPrinted as refused:
        return _not_printed(refused)
    try:
        order = web.orders().ask(found, web.writer(found), asker=web.asker())
    except TooManyOrders:
        return redirect(url_for("handbooks.handbook", code=found.code), 303)
    path = _file_of(order, is_paper=request.args.get("edition") == "paper")
    if path is None:
        return redirect(url_for("handbooks.handbook", code=found.code), 303)
    # In one piece: a server hands on a few hundred kilobytes at once far faster than in small blocks.
    data = path.read_bytes()
    answer = web.pdf(data, name=found.code, is_saved=request.args.get("save") == "yes")
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(path.stem)
    return answer.make_conditional(request, accept_ranges=True, complete_length=len(data))


def _not_printed(refused: NotPrinted) -> Response:
    onward = (gettext("Choose a handbook"), url_for("handbooks.index"))
    return errors.page(404, (N_("There is no such handbook"), web.sentence(refused)), onward=onward)


def _file_of(order: Order[Path], *, is_paper: bool) -> Path | None:
    # The phone is given the joined edition until the tagged one is ready: the page says so.
    return (order.paper or order.phone) if is_paper else (order.phone or order.paper)


def _subject(handbook: Handbook) -> str:
    if handbook.kind == "window":
        return str(gettext("The handbook of this window: its countries side by side, and what comes first in each."))
    return str(gettext("How to file, what to do when accused or copied, dates, checklists, sources."))


def _choices(handbook: Handbook) -> list[tuple[str, str]]:
    if handbook.kind != "own":
        return []
    known = (
        (gettext("Rights"), selection.RIGHTS, handbook.rights),
        (gettext("Role"), selection.ROLES, handbook.roles),
        (gettext("Stage"), selection.STAGES, handbook.stages),
    )
    comma = gettext(", ")
    return [
        (label, comma.join(gettext(words) for code, words in table.items() if code in chosen))
        for label, table, chosen in known
    ]


def _qr(handbook: Handbook) -> Markup | None:
    if not web.is_terminal():
        return None
    address = web.settings().public_address + url_for("handbooks.handbook", code=handbook.code)
    return presentation.qr_code(address)


def _parsed() -> Parsed:
    raw = request.args.to_dict(flat=False)
    parsed = typing.parse(CHOICE, raw, today=web.today(), choices={MARKETS: _codes()})
    if len(values_of(parsed.values.get(MARKETS))) <= MARKETS_MOST:
        return parsed
    too_many = Problem(MARKETS, selection.TooManyMarkets.message, {"most": MARKETS_MOST})
    return Parsed(parsed.values, parsed.kept, (too_many, *parsed.problems))


def _codes() -> list[str]:
    names = named_countries((country.code for country in directory.all_countries()), web.manner().language.locale)
    return [code for code, _ in names]


def _chosen(parsed: Parsed) -> Handbook:
    def codes(key: str) -> list[str]:
        return list(values_of(parsed.values.get(key)))

    return selection.own(
        codes(MARKETS),
        web.manner().language.locale,
        rights=codes(RIGHTS),
        roles=codes(ROLES),
        stages=codes(STAGES),
        form="".join(codes(FORM)) or "a4",
    )
