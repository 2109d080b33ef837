"""The pages around a printer of the hall: the handbook of a case, one copy of any handbook, and what became of it."""

from flask import Response, abort, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hall import presentation, web
from hall.cases import records as cases
from hall.cases.records import Case
from hall.languages import named_countries
from hall.panel import records as panel
from hall.prints import actions as prints
from hall.prints import records as print_jobs
from hall.prints import rules as print_rules
from hall.prints.records import PrintJob
from hall.terminal import own_handbook, slips
from handbooks import selection
from handbooks.composition import OwnCase
from handbooks.orders import Order
from handbooks.selection import FORMS, Handbook, NotPrinted
from windows import directory

blueprint = web.place_blueprint("printing", __name__)

AT_ONCE_SECONDS = 0.8
"""How long a page waits for a handbook that is nearly there."""


@blueprint.get("/case/handbook")
def case_handbook() -> AnyResponse:
    """Show whether the handbook for the case is ready; the page asks again by itself until it is."""
    if not (web.web_session().case_id or slips.find()):
        return redirect(url_for("terminal.case_code"), 303)
    case, book, own = _own_handbook()
    if book is None or own is None:
        return redirect(url_for("handbooks.index"), 303)
    order = _order_of(book, own)
    with web.reading() as session:
        markets = own_handbook.markets_of(case, cases.facts_of(session, case))
    page = web.render(
        "terminal/case_handbook.html",
        fragment="terminal/_case_handbook_state.html",
        case=case,
        handbook=book,
        markets=[name for _, name in named_countries(book.markets, web.manner().language.locale)],
        left_out=[name for _, name in named_countries(markets[len(book.markets) :], web.manner().language.locale)],
        others=markets[len(book.markets) :],
        order=order,
        forms=[(gettext(label), form) for form, label in FORMS.items()],
        qr=own.qr if order.failure and web.is_terminal() else "",
        printer=web.printer(),
        request_key=web.new_request_key(),
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.get("/case/handbook/pages")
def case_handbook_pages() -> AnyResponse:
    """Show the pages of the handbook for the case on a terminal whose browser prints, with a way back."""
    _, book, _ = _own_handbook()
    if book is None:
        return redirect(url_for("handbooks.index"), 303)
    return web.render(
        "handbooks/pages.html",
        pages=url_for("printing.case_handbook_file", form=book.form),
        back=url_for("printing.case_handbook", form=book.form),
    )


@blueprint.get("/case/handbook.pdf")
def case_handbook_file() -> AnyResponse:
    """Give the handbook for the case, with its dates: joined for paper, or whole and tagged for the phone.

    It is made for whoever asks, held in memory for a while, and kept nowhere.
    """
    _, book, own = _own_handbook()
    if book is None or own is None:
        abort(404)
    order = _order_of(book, own)
    is_saved = request.args.get("save") == "yes"
    # The joined edition until the tagged one is ready: the page says so.
    data = (order.phone or order.paper) if is_saved else order.paper
    if data is None:
        return redirect(url_for("printing.case_handbook", form=book.form), 303)
    answer = web.pdf(data, name=f"{own.number}-{book.tag}-{book.form}", is_saved=is_saved)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/print")
def print_copy() -> AnyResponse:
    """Order one copy of a handbook, or of that of the case, on the printer of this terminal."""
    queue, device = web.printer(), web.find_device()
    if not queue or device is None:
        abort(404)
    request_key = web.request_key()
    pages, name, form = _to_print(request.form.get("code", ""))
    sides = "two-sided-short-edge" if form == "booklet" else "two-sided-long-edge"
    with web.work() as session:
        job = prints.order(
            session,
            pages,
            name=name,
            device=device.name,
            queue=queue,
            sides=sides,
            request=request_key,
            now=web.now(),
        )
        job_id = job.id
    web.start_printing()
    return redirect(url_for("printing.job_page", job_id=job_id), 303)


@blueprint.get("/printing/<job_id>")
def job_page(job_id: str) -> Response:
    """Show how far a print job is; the page asks again by itself until it is over."""
    with web.reading() as session:
        job = print_jobs.find_latest(session, job_id)
        if job is None:
            abort(404)
        may_print = _may_print_again(session, job)
        stuck = print_rules.is_stuck(job.state, web.now() - job.ordered_at)
    goes_on = job.state in (print_rules.State.PENDING, print_rules.State.PRINTING)
    if goes_on:
        web.start_printing()
    try:
        book = selection.from_code(job.name).code
        address = url_for("handbooks.handbook", code=book)
    except NotPrinted:  # the handbook of a case is named by its reference
        book, address = "", url_for("terminal.case_code")
    page = web.render(
        "terminal/printing.html",
        fragment="terminal/_printing_state.html",
        job=job,
        reason=gettext(print_rules.REASONS[job.reason]) if job.reason else "",
        is_stuck=stuck,
        goes_on=goes_on,
        may_print=may_print,
        form="booklet" if job.sides == "two-sided-short-edge" else "",
        book=book,
        qr=presentation.qr_code(web.settings().public_address + address),
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/printing/<job_id>/again")
def print_again(job_id: str) -> AnyResponse:
    """Let a handbook that did not come out of this terminal's printer be printed once more."""
    with web.work() as session:
        job = print_jobs.find_latest(session, job_id)
        if job is None:
            abort(404)
        if _may_print_again(session, job):
            prints.print_again(session, job, now=web.now())
    web.start_printing()
    return redirect(url_for("printing.job_page", job_id=job_id), 303)


def _may_print_again(session: Session, job: PrintJob) -> bool:
    if not _is_shared(job.name):
        # The handbook of a case: whoever comes to the terminal next may find the address, but not print the book.
        case = _case_here(session)
        if case is None or case.reference != job.name:
            return False
    device = web.find_device()
    return (
        job.state == print_rules.State.FAILED
        and device is not None
        and (device.name, web.printer()) == (job.device, job.queue)
        and bool(print_jobs.with_pages(session, [job.id]))
    )


def _is_shared(name: str) -> bool:
    try:
        selection.from_code(name)
    except NotPrinted:
        return False
    return True


def _case_here(session: Session) -> Case | None:
    """The case of this visit or of this phone."""
    slip = slips.find()
    return cases.find_case(session, web.web_session().case_id or (slip.case_id if slip else "") or "")


def _own_handbook() -> tuple[Case, Handbook | None, OwnCase | None]:
    """The case of this visit or of this phone, the handbook for it, and what it says of the case."""
    language = web.manner().language
    with web.reading() as session:
        case = _case_here(session)
        if case is None:
            abort(404)
        form = request.values.get("form", "a4")
        book = own_handbook.handbook_of(
            case, cases.facts_of(session, case), language.locale, form=form if form in FORMS else "a4"
        )
        dated = presentation.deadlines(cases.deadlines_of(session, case.id), web.today())
        contacts = (
            (gettext("Window"), gettext(directory.get_window(case.window).name)),
            (gettext("Opening hours"), presentation.hours_words(web.settings().hours)),
            *((gettext(label), value) for label, value in web.settings().reach),
            *((gettext("Advisor"), name) for name in _advisors(session, case)),
        )
    address = web.settings().public_address + url_for("terminal.case_code")
    qr = presentation.qr_code(address)
    own = own_handbook.own_case(case, dated, contacts=contacts, qr=qr, address=address, today=web.today())
    return case, book, own if book else None


def _advisors(session: Session, case: Case) -> list[str]:
    """The advisors who answered, by name: who has not is told to nobody."""
    said = cases.messages_of(session, case, kinds=("opinion",))
    members = (panel.find_member(session, message.author_id) for message in said)
    return list(dict.fromkeys(presentation.member_name(member) for member in members if member))


def _to_print(code: str) -> tuple[bytes, str, str]:
    """The pages of a handbook, or of that of the case where there is no code; what it is called; its form."""
    if not code:
        _, book, own = _own_handbook()
        if book is None or own is None:
            abort(404)
        pages = _order_of(book, own).paper
        if pages is None:  # a day has passed since the button was drawn, or it was held too long
            abort(redirect(url_for("printing.case_handbook", form=book.form), 303))
        return pages, own.number, book.form
    try:
        book = selection.from_code(code)
    except NotPrinted:
        abort(404)
    paper = web.orders().ask(book, web.writer(book)).paper
    if paper is None:
        abort(redirect(url_for("handbooks.handbook", code=book.code), 303))
    return paper.read_bytes(), book.code, book.form


def _order_of(book: Handbook, own: OwnCase) -> Order[bytes]:
    """How far the handbook of the case is; a terminal prints it, a phone reads it."""
    order = web.orders().ask_own(book, web.writer(book), own, is_for_reading=not web.is_terminal())
    order.wait(AT_ONCE_SECONDS)
    return order
