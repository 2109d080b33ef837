"""The visitor's pages: choose, ask, answer, take a number, read the slip, come back with the code."""

from datetime import date
from typing import Any

from flask import Response, abort, g, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from hall import calendar_files, presentation, web
from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.attachments import actions as attachments
from hall.attachments import records as papers_kept
from hall.attachments.records import Attachment
from hall.attachments.rules import FILE_BYTES, FILES_AT_ONCE, FORM_BYTES
from hall.cases import actions as case_actions
from hall.cases import records as cases
from hall.cases import rules as case_rules
from hall.cases.records import Case
from hall.conflicts import actions as conflicts
from hall.events import THE_HALL, Actor, events_of_case
from hall.fields import shown_fields
from hall.intake import details, papers
from hall.intake import flow as intake
from hall.intake.questions import is_blank
from hall.languages import LANGUAGES, Language, named_countries, pick_language, say
from hall.panel import records as panel
from hall.sessions import DEVICE_COOKIE
from hall.terminal import asking, slips, submission
from hall.tickets import actions as queue
from hall.tickets import records as tickets
from hall.tickets import rules as queue_rules
from hall.tickets.records import Ticket
from hall.tickets.rules import Priority
from hall.web import Manner
from hall.words import N_, Refused
from windows import deadlines as rulebook
from windows import directory
from windows.directory import Window

blueprint = web.place_blueprint("terminal", __name__)

WELCOME = N_("Welcome to the International IP Service Hall")
TOUCH = N_("Touch your language to begin.")
DEVICE_YEARS_SECONDS = 5 * 365 * 24 * 3600


@blueprint.get("/")
@web.kept_a_moment
def home() -> Response:
    """Show the two doors, the windows, and what else the hall has."""
    with web.reading() as session:
        waiting = tickets.count_waiting(session, web.today())
    return web.render(
        "terminal/home.html",
        windows=directory.all_windows(),
        waiting=waiting,
        opening=presentation.opening_words(web.settings().hours, web.now()),
    )


@blueprint.get("/paper")
@web.kept_a_moment
def paper() -> Response:
    """The first door: where does the paper come from?"""
    locale = web.manner().language.locale
    places = [(window, named_countries(window.countries, locale)) for window in directory.all_windows()]
    return web.render("terminal/paper.html", places=places)


@blueprint.get("/abroad")
@web.kept_a_moment
def abroad() -> Response:
    """The second door: where do you want to go?"""
    with web.reading() as session:
        waiting = tickets.count_waiting(session, web.today())
    return web.render("terminal/abroad.html", windows=directory.all_windows(), waiting=waiting)


@blueprint.route("/ticket/<window_code>", methods=["GET", "POST"])
def ticket(window_code: str) -> AnyResponse:
    """Give a number for a window without a case."""
    window = _window(window_code)
    if request.method == "GET":
        return web.render("terminal/ticket.html", window=window, request_key=web.new_request_key())
    with web.work() as session:
        taken = queue.take(
            session,
            window=window.code,
            series=window.letter,
            day=web.today(),
            now=web.now(),
            locale=web.manner().language.locale,
            actor=web.actor(),
            request_hash=case_actions.request_hash(session, web.request_key()),
            device_id=_device_id(),
        )
        slips.keep(taken.id)
    return redirect(url_for("terminal.slip"), 303)


@blueprint.route("/intake/begin", methods=["GET", "POST"])
def begin() -> AnyResponse:
    """Tell what will be asked and why; then begin."""
    given = _given()
    if request.method == "GET":
        return web.render("terminal/begin.html", given=given, pages=len(intake.get_flow(given["flow"]).pages))
    asking.begin(given.pop("flow"), {name: value for name, value in given.items() if value})
    current = _intake()
    return _to_page(current, current.walk().next)


@blueprint.route("/intake/question/<page_id>", methods=["GET", "POST"])
def question(page_id: str) -> AnyResponse:
    """Ask one question; what is wrong is said beside it, and what was typed stays."""
    current = _intake()
    if current is None:
        return redirect(url_for("terminal.home"), 303)
    try:
        page = intake.get_page(current.flow, page_id)
    except intake.UnknownPage:
        abort(404)
    parsed, refused = None, False
    if request.method == "POST":
        parsed = intake.parse(
            page, request.form.to_dict(flat=False), today=web.today(), choices=current.choices, answers=current.answers
        )
        parsed = asking.with_impossible_dates(current, page, parsed, web.today())
        refused = bool(parsed.problems)
        if not refused:
            current = asking.keep(current, page, parsed)
            return _after(current, page)
    walk, before = current.walk(), intake.back(current.flow, current.answers, page_id)
    fields = shown_fields(page, current.answers, current.choices, parsed)
    visible = intake.visible(current.flow, current.answers, choices=current.choices)
    return web.render(
        "terminal/question.html",
        status=422 if refused else 200,
        question=page,
        drawing=details.drawing_for(current.answers) if any(field.kind == "date" for field in page.fields) else None,
        fields=fields,
        problems=[field for field in fields if field.error],
        back=before,
        position=next((n for n, one in enumerate(visible, 1) if one.id == page_id), walk.position),
        total=len(visible),
        returns="check" if request.values.get("returns") == "check" else "",
    )


@blueprint.route("/intake/check", methods=["GET", "POST"])
def check() -> AnyResponse:
    """Show all answers once more with the dates found; send them."""
    current = _intake()
    if current is None:
        return redirect(url_for("terminal.slip" if slips.find() else "terminal.home"), 303)
    walk = current.walk()
    if walk.next is not None:
        return _to_page(current, walk.next)
    answers = current.counting()
    if request.method == "POST":
        return _submit(current, answers)
    found = submission.find_deadlines(answers, web.today())
    return web.render(
        "terminal/check.html",
        rows=_rows(walk.asked, answers),
        dated=[shown for shown in presentation.computed(found.deadlines) if shown.date],
        document=answers.get("document", ""),
        back=walk.asked[-1] if walk.asked else None,
        request_key=current.request,
    )


@blueprint.route("/slip", methods=["GET", "POST"])
def slip() -> AnyResponse:
    """Show number and code; the code once, and again only at the press of a button in the same visit."""
    kept = slips.find()
    if kept is None:
        return redirect(url_for("terminal.home"), 303)
    if request.method == "POST":
        slips.show_again()
        return redirect(url_for("terminal.slip"), 303)
    with web.reading() as session:
        ticket_row = tickets.find_ticket(session, kept.ticket_id)
        case = cases.find_case(session, kept.case_id) if kept.case_id else None
        if ticket_row is None:
            return redirect(url_for("terminal.home"), 303)
        values = _slip_values(session, ticket_row, case)
    code = slips.take_code()
    page = web.render(
        "terminal/slip.html",
        code=case_rules.code_groups(code) if code else (),
        qr=presentation.qr_code(_code_address(code)) if code else "",
        has_code=bool(kept.code),
        **values,
    )
    page.headers["Cache-Control"] = "no-store"
    return page


@blueprint.post("/leave")
def leave() -> AnyResponse:
    """End the visit: nothing of it stays, on the terminal or in the session."""
    web.web_session().leave()
    return redirect(url_for("terminal.goodbye"), 303)


@blueprint.get("/goodbye")
def goodbye() -> Response:
    """Say goodbye; the terminal goes back to the languages by itself."""
    return web.unchanged_or(web.render("terminal/goodbye.html"))


@blueprint.route("/case", methods=["GET", "POST"])
def case_code() -> AnyResponse:
    """Ask for the code of a case."""
    typed = "".join(sign for sign in request.form.get("code", "")[:200] if sign.isprintable())
    refusal = ""
    if request.method == "POST":
        try:
            case = _find_case(typed)
        except Refused as refused:
            refusal = web.sentence(refused)
        else:
            web.web_session().enter(SessionKind.PHONE, case_id=case.id)
            return redirect(url_for("terminal.case_status"), 303)
    status = 422 if refusal else 200
    return web.render("terminal/case_code.html", status=status, typed=typed, refusal=refusal)


@blueprint.get("/case/status")
def case_status() -> Response:
    """Show whoever has the code where the case stands, and the answer."""
    return _status()


@blueprint.post("/case/question")
def ask() -> AnyResponse:
    """Ask a question about the answer."""
    text = request.form.get("question", "")
    try:
        with web.work() as session:
            case = _held_case(session)
            case_actions.ask_again(session, case, text=text, actor=Actor("visitor"), now=web.now())
    except Refused as refused:
        return _status(status=422, question=text, refusal=web.sentence(refused))
    return redirect(url_for("terminal.case_status"), 303)


@blueprint.get("/case/deadlines.ics")
def calendar_file() -> Response:
    """Give the dates of the case as a calendar file."""
    with web.reading() as session:
        case = _held_case(session)
        dates = presentation.deadlines(cases.deadlines_of(session, case.id), web.today())
    answer = Response(
        calendar_files.calendar_file(case.reference, dates, web.now()), content_type="text/calendar; charset=utf-8"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{case.reference}.ics"'
    return answer


@blueprint.post("/case/papers")
@web.takes_files(FORM_BYTES)
def add_papers() -> AnyResponse:
    """Add photos or scans of papers to the case; a terminal has no files."""
    if web.is_terminal():
        abort(404)
    try:
        files = attachments.prepare(web.files_of("papers"))
        with web.work() as session:
            attachments.add(
                session,
                _held_case(session),
                files,
                request=web.request_key(),
                actor=Actor("visitor"),
                now=web.now(),
            )
    except Refused as refused:
        return _status(status=422, papers_refusal=web.sentence(refused))
    return redirect(url_for("terminal.case_status", _anchor="case-papers"), 303)


@blueprint.get("/case/papers/<paper_id>")
def open_paper(paper_id: str) -> AnyResponse:
    """Show a paper of the case to whoever has the code."""
    with web.work() as session:
        case, row = _paper(session, paper_id)
        return web.paper(attachments.open_paper(session, case, row, actor=Actor("visitor"), now=web.now()))


@blueprint.post("/case/papers/<paper_id>/remove")
def remove_paper(paper_id: str) -> AnyResponse:
    """Remove a paper that the visitor added."""
    with web.work() as session:
        case, row = _paper(session, paper_id)
        if row.author_kind != "visitor":
            abort(404)
        attachments.remove(session, case, row, actor=Actor("visitor"), now=web.now())
    return redirect(url_for("terminal.case_status", _anchor="case-papers"), 303)


@blueprint.route("/enrol", methods=["GET", "POST"])
def enrol() -> AnyResponse:
    """Take this browser in as a terminal or board."""
    refusal = ""
    if request.method == "POST":
        try:
            device_name, token = _enrol(request.form.get("code", "")[:100])
        except Refused as refused:
            refusal = web.sentence(refused)
        else:
            answer = web.render("terminal/enrolled.html", name=device_name)
            answer.set_cookie(
                DEVICE_COOKIE,
                token,
                max_age=DEVICE_YEARS_SECONDS,
                httponly=True,
                secure=web.settings().is_https,
                samesite="Lax",
            )
            return answer
    return web.render("terminal/enrol.html", status=422 if refusal else 200, refusal=refusal)


def welcome() -> AnyResponse:
    """The attract screen: the languages, in their own names."""
    nearest = pick_language(list(request.accept_languages.values()))
    g.manner, g.language = Manner(nearest, frozenset()), nearest
    page = web.render(
        "terminal/welcome.html",
        greetings=[(language, _greeting(language)) for language in LANGUAGES],
        languages=[
            (language, url_for("terminal.home", manner=Manner(language, frozenset()))) for language in LANGUAGES
        ],
    )
    page.vary.add("Accept-Language")
    return web.unchanged_or(page)


def _given() -> dict[str, str]:
    """What the door already tells: which flow, window, country and paper, its dates; 404 for what is not there."""
    flow = request.values.get("flow", "main")
    window = request.values.get("window", "")
    country = request.values.get("country", "").upper()
    if flow not in intake.FLOWS or (country and directory.find_country(country) is None):
        abort(404)
    if window:
        _window(window)
    return {"flow": flow, "window": window, "country": country, "role": _role()} | _given_paper(flow, country)


def _given_paper(flow: str, country: str) -> dict[str, str]:
    """What the deadline calculator was told already; a date that cannot be is asked again."""
    known, code = papers.all_papers(), request.values.get("document", "")
    if code not in known.papers or (country and not details.is_paper_of(rulebook.get_document(code), country)):
        return {}
    given = {"document": code}
    if request.values.get("way") in known.ways:
        given["way"] = request.values["way"]
    fields = intake.get_flow(flow).fields
    for key in known.events.keys() & fields.keys():
        day = _day(request.values.get(key, ""))
        if day is not None and not (fields[key].not_after_today and day > web.today()):
            given[key] = day.isoformat()
    return given


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _role() -> str:
    role = request.values.get("role", "")
    return role if role in presentation.ROLE_LABELS else ""


def _intake() -> Any:
    return asking.find()


def _to_page(current: Any, page: intake.Page | None) -> AnyResponse:
    if current is None:
        return redirect(url_for("terminal.home"), 303)
    if page is None:
        return redirect(url_for("terminal.check"), 303)
    return redirect(url_for("terminal.question", page_id=page.id), 303)


def _rows(pages: tuple[intake.Page, ...], answers: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "label": gettext(field.label),
            "value": presentation.answer_words(field, answers[field.key]),
            "href": url_for("terminal.question", page_id=page.id, returns="check"),
        }
        for page in pages
        for field in page.fields
        if not is_blank(answers.get(field.key))
    ]


def _after(current: asking.Intake, page: intake.Page) -> AnyResponse:
    # Whoever changes one answer goes back to the check page, unless the change opens a new question.
    if request.form.get("returns") == "check":
        return _to_page(current, current.walk().next)
    return _to_page(current, intake.after(current.flow, current.answers, page.id))


def _submit(current: asking.Intake, answers: dict[str, Any]) -> AnyResponse:
    now, today = web.now(), web.today()
    lane = current.flow.id
    built = submission.build(
        answers,
        lane=lane,
        locale=web.manner().language.locale,
        settings=web.settings(),
        today=today,
        now=now,
        demonstration=web.is_demonstration(),
    )
    with web.work() as session:
        window = directory.get_window(built.window)
        # The number first: its row is held while the case is written, and the event log's head comes last.
        taken = queue.take(
            session,
            window=window.code,
            series=window.letter,
            day=today,
            now=now,
            locale=built.locale,
            actor=web.actor(),
            request_hash=case_actions.request_hash(session, current.request),
            priority=Priority.RED_LANE if built.urgency in ("U0", "U1") else Priority.NONE,
            device_id=_device_id(),
        )
        case, code = case_actions.open_case(
            session, built, request=current.request, year=today.year, now=now, actor=web.actor()
        )
        if taken.case_id is None:
            queue.attach_case(session, taken, case.id)
            conflicts.note_parties(session, case, today=today)
            conflicts.check_case(session, case, actor=THE_HALL, today=today, now=now)
        asking.forget()
        slips.keep(taken.id, case_id=case.id, code=code)
    return redirect(url_for("terminal.slip"), 303)


def _slip_values(session: Any, taken: Ticket, case: Case | None) -> dict[str, Any]:
    window = directory.get_window(taken.window)
    since = web.now() - queue_rules.ESTIMATE_FROM
    wait = queue_rules.estimate(
        tickets.ahead_of(session, taken),
        tickets.count_counters(session, [window.code], since),
        tickets.minutes_served(session, window.code, since),
    )
    return {
        "ticket": taken,
        "case": case,
        "window": window,
        "ahead": tickets.ahead_of(session, taken),
        "wait": wait,
        **_dates(session, case.id if case else ""),
        "now": web.now(),
        **presentation.case_labels(),
    }


def _status(*, status: int = 200, question: str = "", refusal: str = "", papers_refusal: str = "") -> Response:
    with web.reading() as session:
        values = _status_values(session, _held_case(session))
    return web.render(
        "terminal/case_status.html",
        status=status,
        question=question,
        refusal=refusal,
        papers_refusal=papers_refusal,
        request_key=web.new_request_key(),
        files_most=FILES_AT_ONCE,
        file_bytes=FILE_BYTES,
        address_of_paper=lambda paper_id: url_for("terminal.open_paper", paper_id=paper_id),
        **values,
    )


def _paper(session: Any, paper_id: str) -> tuple[Case, Attachment]:
    case = _held_case(session)
    row = papers_kept.find_attachment(session, case.id, paper_id)
    if row is None:
        abort(404)
    return case, row


def _status_values(session: Any, case: Case) -> dict[str, Any]:
    return {
        "case": case,
        "steps": [
            {
                "label": gettext(step.name),
                "date": presentation.moment(step.at) if step.at else "",
                "current": step.current,
            }
            for step in case_rules.status_steps(presentation.passed(events_of_case(session, case.id)))
        ],
        "label": gettext(case_rules.VISITOR_LABELS[case_rules.State(case.state)]),
        **_dates(session, case.id),
        "opinions": [
            {"kind": said.kind, "at": said.at, "body": said.body, "author": _author(session, said)}
            for said in cases.messages_of(session, case, kinds=("opinion", "question"))
        ],
        "ticket": tickets.find_ticket_of_case(session, case.id),
        "may_ask": case.state == case_rules.State.ANSWERED,
        "may_add": case.state != case_rules.State.CLOSED,
        "papers": papers_kept.papers_of(session, case),
        **presentation.case_labels(),
    }


def _dates(session: Any, case_id: str) -> dict[str, Any]:
    found = presentation.deadlines(cases.deadlines_of(session, case_id), web.today())
    return {"dated": [shown for shown in found if shown.date], "undated": [shown for shown in found if not shown.date]}


def _author(session: Any, said: cases.MessageSaid) -> str:
    member = panel.find_member(session, said.author_id) if said.kind == "opinion" else None
    return presentation.member_name(member) if member else ""


def _greeting(language: Language) -> dict[str, str]:
    return {"title": say(language.locale, WELCOME), "text": say(language.locale, TOUCH)}


def _find_case(typed: str) -> Case:
    subject = request.remote_addr or ""
    with web.reading() as session:
        accounts.check_tries(session, "code", subject, now=web.now())
    try:
        with web.reading() as session:
            return case_actions.find_by_code(session, typed)
    except case_rules.CodeUnknown:
        # A slip of the finger is told by the check sign and does not count as a guess.
        with web.work() as session:
            accounts.count_failure(session, "code", subject, now=web.now())
        raise


def _held_case(session: Any) -> Case:
    case = cases.find_case(session, web.web_session().case_id or "")
    if case is None:
        abort(404)
    return case


def _enrol(code: str) -> tuple[str, str]:
    subject = request.remote_addr or ""
    try:
        with web.work() as session:
            accounts.check_tries(session, "enrolment", subject, now=web.now())
            device, token = accounts.enrol_device(session, code, now=web.now())
            return device.name, token
    except accounts.EnrolmentRefused:
        with web.work() as session:
            accounts.count_failure(session, "enrolment", subject, now=web.now())
        raise


def _window(code: str) -> Window:
    try:
        return directory.get_window(code)
    except directory.UnknownWindow:
        abort(404)


def _device_id() -> str | None:
    device = web.find_device()
    return device.id if device else None


def _code_address(code: str) -> str:
    # The part behind # never leaves the phone: the code is in no log and no address.
    return f"{web.settings().public_address}{url_for('terminal.case_code')}#{code}"
