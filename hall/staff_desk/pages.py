"""The desk of the hall's staff: sign in, call numbers, look after cases."""

from typing import Any

import segno
from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hall import guards, letters, presentation, web
from hall.accounts import actions as accounts
from hall.accounts import records as people
from hall.accounts.rules import CodeRefused, Role, SessionKind, SignInRefused, TooManyTries
from hall.attachments import actions as attachments
from hall.attachments import records as papers_kept
from hall.attachments.rules import FORM_BYTES
from hall.cases import actions as case_actions
from hall.cases import records as cases
from hall.cases import rules as case_rules
from hall.cases.records import Case
from hall.cases.rules import AnswerTooShort, ConflictStatus
from hall.conflicts import actions as conflicts
from hall.conflicts import records as register
from hall.conflicts import rules as conflict_rules
from hall.events import events_of_case
from hall.matching import actions as matching
from hall.matching import records as offers
from hall.panel import records as panel
from hall.prints import actions as prints
from hall.prints import records as print_jobs
from hall.prints import rules as print_rules
from hall.staff_desk.forms import SignInForm
from hall.tickets import actions as queue
from hall.tickets import records as tickets
from hall.tickets.records import Ticket
from hall.tickets.rules import Priority
from hall.words import Refused
from windows import directory

blueprint = web.place_blueprint("staff_desk", __name__, prefix="/desk")

# Where the session keeps the key of one-time codes until a code of it was typed.
NEW_CODE = "new_code"
# Where people come to after they signed in: the first of these that they may open.
HOMES = (
    "staff_desk.desk",
    "staff_desk.case_list",
    "advisors_desk.desk",
    "providers_desk.desk",
    "staff_desk.one_time_code",
)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> AnyResponse:
    """Let people of the hall, the panel and the directory in."""
    form = SignInForm()
    refusal = ""
    if form.validate_on_submit():
        try:
            person = _check(form)
        except (SignInRefused, TooManyTries) as refused:
            refusal = web.sentence(refused)
        else:
            web.web_session().enter(SessionKind.PERSON, person_id=person.id)
            return redirect(url_for(_home_of(person)), 303)
    status = 422 if request.method == "POST" else 200
    page = web.render("staff_desk/sign_in.html", status=status, form=form, refusal=refusal)
    if web.is_htmx():
        # A queue asked for its part after the session had ended: load the whole page, do not put this one into it.
        page.headers["HX-Refresh"] = "true"
    return page


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session: its cookie is dead."""
    web.web_session().leave()
    return redirect(url_for("staff_desk.sign_in"), 303)


@blueprint.get("/")
def desk() -> Response:
    """Show the queue of the person's windows and the ticket at their counter."""
    person = web.get_signed_in()
    with web.reading() as session:
        held = tickets.find_at_counter(session, person.counter) if person.counter else None
        waiting = tickets.queue(session, web.today(), person.windows or None)
        counts = tickets.count_waiting(session, web.today())
        case = _case_row(session, held[0].case_id) if held else None
        note = tickets.find_note(session, held[0].id) if held else ""
        amiss = print_jobs.count_amiss(
            session,
            failed_since=web.now() - print_rules.KEPT,
            ordered_before=web.now() - print_rules.STUCK_AFTER,
        )
    page = web.render(
        "staff_desk/desk.html",
        fragment="staff_desk/_queue.html",
        held=held,
        case=case,
        note=note,
        waiting=waiting,
        counts=counts,
        amiss=amiss,
        windows=directory.all_windows(),
        red_lane=Priority.RED_LANE,
        now=web.now(),
        **presentation.case_labels(),
    )
    return web.unchanged_or(page)


@blueprint.post("/call-next")
def call_next() -> AnyResponse:
    """Call the next number to the person's counter."""
    with web.work() as session:
        queue.call_next(session, _me(session), day=web.today(), now=web.now())
    return _to_desk()


@blueprint.post("/tickets/<ticket_id>/<any(call, recall, start, miss, finish):act>")
def act(ticket_id: str, act: str) -> AnyResponse:
    """Do one of the acts of the queue to a ticket."""
    deeds = {
        "call": queue.call,
        "recall": queue.recall,
        "start": queue.start,
        "miss": queue.miss,
        "finish": queue.finish,
    }
    with web.work() as session:
        deeds[act](session, _ticket(session, ticket_id), _me(session), now=web.now())
    return _to_desk()


@blueprint.post("/tickets/<ticket_id>/transfer")
def transfer(ticket_id: str) -> AnyResponse:
    """Send a visitor on to another window."""
    window = request.form.get("window", "")
    if window not in {known.code for known in directory.all_windows()}:
        abort(400)
    with web.work() as session:
        ticket = _ticket(session, ticket_id)
        queue.transfer(session, ticket, _me(session), window=window, note=_note(), now=web.now())
    return _to_desk()


@blueprint.get("/cases")
def case_list() -> Response:
    """Show the open cases of the person's windows, the most urgent first."""
    person = web.get_signed_in()
    narrow = person.windows if Role.CLERK in person.roles and len(person.roles) == 1 else None
    with web.reading() as session:
        rows = cases.open_cases(session, windows=narrow)
    return web.render("staff_desk/cases.html", rows=rows, now=web.now(), **presentation.case_labels())


@blueprint.get("/prints")
def print_list() -> Response:
    """Show what waits for a printer, what did not come out of one, and what just did; asked again by itself."""
    now = web.now()
    with web.reading() as session:
        jobs = print_jobs.to_watch(session, failed_since=now - print_rules.KEPT, printed_since=now - print_rules.SHOWN)
        bodies = print_jobs.with_pages(session, [job.id for job in jobs])
        again = print_jobs.second_tries(session, [job.id for job in jobs])
    web.start_printing()
    page = web.render(
        "staff_desk/prints.html",
        fragment="staff_desk/_prints.html",
        jobs=[
            (
                job,
                presentation.handbook_words(job.name),
                gettext(print_rules.LABELS[print_rules.State(job.state)]),
                gettext(print_rules.REASONS[job.reason]) if job.reason else "",
                job.state == print_rules.State.FAILED and job.id in bodies,
                job.id in again,
            )
            for job in jobs
        ],
    )
    return web.unchanged_or(page)


@blueprint.post("/prints/<job_id>/again")
def print_again(job_id: str) -> AnyResponse:
    """Let a handbook that did not come out be printed once more."""
    with web.work() as session:
        job = print_jobs.find_job(session, job_id)
        if job is None:
            abort(404)
        is_done = prints.print_again(session, job, now=web.now())
    if is_done:
        web.start_printing()
        flash(gettext("The handbook is given to the printer again."), "success")
    else:
        flash(gettext("The pages of this job are gone. Let the visitor print the handbook anew."), "error")
    return redirect(url_for("staff_desk.print_list"), 303)


@blueprint.get("/cases/<case_id>")
def case_page(case_id: str) -> Response:
    """Show one case: facts, dates, conflict check, proposals, what happened. That it was read is an event."""
    return _case_page(case_id)


@blueprint.post("/cases/<case_id>/parties")
def add_party(case_id: str) -> AnyResponse:
    """Add a party that came to light at the window; the conflict check runs again at once."""
    role = request.form.get("role", "")
    names = tuple(dict.fromkeys(name.strip() for name in _note("names").splitlines() if name.strip()))
    if role not in presentation.PARTY_LABELS or not names:
        flash(gettext("Choose the side and write at least one name."), "error")
        return _to_case(case_id, "parties")
    with web.work() as session:
        case = _case(session, case_id)
        party = case_actions.add_party(
            session,
            case,
            role=role,
            names=names,
            country=_note("country")[:2].upper(),
            actor=web.actor(),
            now=web.now(),
        )
        conflicts.note_party(session, case, party, today=web.today())
        conflicts.check_case(session, case, actor=web.actor(), today=web.today(), now=web.now())
    return _to_case(case_id, "conflicts")


@blueprint.post("/cases/<case_id>/check")
def check_conflicts(case_id: str) -> AnyResponse:
    """Run the conflict check of a case, again or for the first time."""
    with web.work() as session:
        conflicts.check_case(session, _case(session, case_id), actor=web.actor(), today=web.today(), now=web.now())
    return _to_case(case_id, "conflicts")


@blueprint.post("/cases/<case_id>/decide")
def decide(case_id: str) -> AnyResponse:
    """The conflict officer decides about what the check found."""
    outcome = request.form.get("outcome", "")
    if outcome not in (ConflictStatus.WAIVED, ConflictStatus.BLOCKED):
        abort(400)
    try:
        with web.work() as session:
            case = _case(session, case_id)
            conflicts.decide(
                session,
                case,
                outcome=ConflictStatus(outcome),
                reason=_note("reason"),
                version=_version(),
                actor=web.actor(),
                now=web.now(),
            )
            matching.resume(session, case)
    except AnswerTooShort as refused:
        return _case_page(case_id, ("decision-reason", refused))
    return _to_case(case_id, "conflicts")


@blueprint.post("/cases/<case_id>/propose/<any(advisor, provider):kind>")
def propose(case_id: str, kind: str) -> AnyResponse:
    """Ask who suits the case."""
    with web.work() as session:
        matching.propose(session, _case(session, case_id), kind=kind, today=web.today(), now=web.now())
    return _to_case(case_id, kind)


@blueprint.post("/cases/<case_id>/offer")
def offer(case_id: str) -> AnyResponse:
    """Assign an advisor, or send a referral to a provider."""
    with web.work() as session:
        member = panel.find_member(session, request.form.get("member", ""))
        if member is None:
            abort(404)
        matching.offer(
            session,
            _case(session, case_id),
            member,
            reason=_note("reason"),
            actor=web.actor(),
            tell=letters.teller(web.settings()),
            today=web.today(),
            now=web.now(),
            hours=web.settings().hours,
        )
    flash(gettext("The case was offered."), "success")
    return _to_case(case_id, member.kind)


@blueprint.post("/cases/<case_id>/urgency")
def change_urgency(case_id: str) -> AnyResponse:
    """Change how urgent a case is, with a reason."""
    urgency = request.form.get("urgency", "")
    if urgency not in case_rules.URGENCY_LABELS:
        abort(400)
    try:
        with web.work() as session:
            case_actions.change_urgency(
                session,
                _case(session, case_id),
                urgency=urgency,
                reason=case_rules.check_text(_note("reason")),
                version=_version(),
                actor=web.actor(),
                now=web.now(),
            )
    except AnswerTooShort as refused:
        return _case_page(case_id, ("urgency-reason", refused))
    return _to_case(case_id, "triage")


@blueprint.post("/cases/<case_id>/papers")
@web.takes_files(FORM_BYTES)
def add_papers(case_id: str) -> AnyResponse:
    """Add scans of papers that the visitor brought to the window."""
    files = attachments.prepare(web.files_of("papers"))
    with web.work() as session:
        case = _case(session, case_id)
        attachments.add(session, case, files, request=web.request_key(), actor=web.actor(), now=web.now())
    return _to_case(case_id, "case-papers")


@blueprint.get("/cases/<case_id>/papers/<paper_id>")
def open_paper(case_id: str, paper_id: str) -> AnyResponse:
    """Show a paper of a case; that it was opened is kept."""
    with web.work() as session:
        case = _case(session, case_id)
        row = papers_kept.find_attachment(session, case.id, paper_id)
        if row is None:
            abort(404)
        return web.paper(attachments.open_paper(session, case, row, actor=web.actor(), now=web.now()))


@blueprint.post("/cases/<case_id>/close")
def close(case_id: str) -> AnyResponse:
    """Close a case."""
    with web.work() as session:
        matching.close_case(session, _case(session, case_id), actor=web.actor(), now=web.now())
    return _to_case(case_id, "history")


@blueprint.route("/code", methods=["GET", "POST"])
def one_time_code() -> AnyResponse:
    """Set up one-time codes for the person signed in: show the secret, and switch on when a code of it was typed."""
    me, refusal = web.get_signed_in(), ""
    if request.method == "POST" and request.form.get("step") != "confirm":
        web.web_session()[NEW_CODE] = accounts.new_code_secret()
        return redirect(url_for("staff_desk.one_time_code"), 303)
    secret = web.web_session().get(NEW_CODE, "")
    if request.method == "POST" and secret:
        try:
            _confirm_code(secret)
        except (CodeRefused, TooManyTries) as refused:
            refusal = web.sentence(refused)
        else:
            del web.web_session()[NEW_CODE]
            flash(gettext("From the next sign-in on, the app's code is asked for."), "success")
            return redirect(url_for("staff_desk.one_time_code"), 303)
    code = segno.make_qr(accounts.code_address(me, secret), error="m") if secret else None
    return web.render(
        "staff_desk/code.html",
        status=422 if refusal else 200,
        qr=Markup(code.svg_inline(scale=5, border=2, svgclass="qr", lineclass="", omitsize=True)) if code else "",  # noqa: S704
        secret=secret,
        has_code=me.totp_sealed is not None,
        refusal=refusal,
    )


def _confirm_code(secret: str) -> None:
    subject = f"code of {web.get_signed_in().id}"
    given = {name: request.form.get(name, "")[:1000] for name in ("code", "password")}
    try:
        with web.work() as session:
            accounts.check_tries(session, "sign_in", subject, now=web.now())
            accounts.set_up_code(session, _me(session), secret=secret, now=web.now(), **given)
    except CodeRefused:
        with web.work() as session:
            accounts.count_failure(session, "sign_in", subject, now=web.now())
        raise


def _check(form: SignInForm) -> people.Person:
    email, password = form.email.data or "", form.password.data or ""
    try:
        with web.work() as session:
            return accounts.check_sign_in(
                session, email=email, password=password, code=form.code.data or "", now=web.now()
            )
    except SignInRefused:
        with web.work() as session:
            accounts.count_failure(session, "sign_in", accounts.fold_email(email), now=web.now())
        raise


def _home_of(person: people.Person) -> str:
    return next(home for home in HOMES if guards.allowed(home, "GET") & person.roles)


def _case_values(session: Session, case: Case, facts: dict[str, Any]) -> dict[str, Any]:
    search = register.latest_search(session, case.id)
    hits = register.hits_of(session, search.id) if search else []
    officer = Role.CONFLICT_OFFICER in web.get_signed_in().roles
    decision = register.latest_decision(session, case.id)
    made = offers.offers_of_case(session, case.id)
    members = {row.id: row for kind in ("advisor", "provider") for row in panel.all_members(session, kind=kind)}
    messages = cases.messages_of(session, case, kinds=("opinion", "question", "note"))
    happened = events_of_case(session, case.id)
    acted = {event.actor_id for event in happened if event.actor_kind == "person"}
    acted |= {message.author_id for message in messages} | ({decision[0].person_id} if decision else set())
    names = {key: presentation.member_name(member) for key, member in members.items()} | _names(session, acted)
    return {
        "case": case,
        "facts": presentation.facts(case.lane, facts),
        "parties": cases.parties_of(session, case),
        "deadlines": presentation.deadlines(cases.deadlines_of(session, case.id), web.today()),
        "search": search,
        "hits": hits,
        # Whose name it is like is for the conflict officer alone.
        "names": {said.seq: said for said in register.names(session, [h.register_seq for h in hits])}
        if officer
        else {},
        "decision": decision,
        "is_officer": officer,
        "found": conflict_rules.FOUND,
        "nothing_found": conflict_rules.NOTHING_FOUND,
        "rankings": {kind: offers.latest_ranking(session, case.id, kind) for kind in ("advisor", "provider")},
        "offers": made,
        "members": members,
        "messages": messages,
        "papers": papers_kept.papers_of(session, case),
        "request_key": web.new_request_key(),
        "address_of_paper": lambda paper_id: url_for("staff_desk.open_paper", case_id=case.id, paper_id=paper_id),
        "people": names,
        "history": presentation.history(happened, names),
        "ticket": tickets.find_ticket_of_case(session, case.id),
        "now": web.now(),
        **presentation.case_labels(),
    }


def _case_page(case_id: str, refused: tuple[str, Refused] | None = None) -> Response:
    """The page of a case; after a refusal with what was typed into the field `refused` names, and why not."""
    with web.work() as session:
        case = _case(session, case_id)
        facts = case_actions.read_as(session, case, actor=web.actor(), why="desk", now=web.now())
        values = _case_values(session, case, facts)
    told = None
    if refused is not None:
        told = {"id": refused[0], "text": _note("reason"), "sentence": web.sentence(refused[1])}
    return web.render("staff_desk/case.html", status=422 if told else 200, refused=told, **values)


def _names(session: Session, ids: set[str]) -> dict[str, str]:
    return {row.id: row.name for row in (people.find_person(session, key) for key in ids) if row is not None}


def _me(session: Session) -> people.Person:
    return session.get_one(people.Person, web.get_signed_in().id)


def _ticket(session: Session, ticket_id: str) -> Ticket:
    ticket = tickets.find_ticket(session, ticket_id)
    if ticket is None:
        abort(404)
    return ticket


def _case(session: Session, case_id: str) -> Case:
    case = cases.find_case(session, case_id)
    if case is None:
        abort(404)
    return case


def _case_row(session: Session, case_id: str | None) -> Case | None:
    return cases.find_case(session, case_id) if case_id else None


def _note(name: str = "note") -> str:
    return request.form.get(name, "")[:2000].strip()


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _to_desk() -> AnyResponse:
    return redirect(url_for("staff_desk.desk"), 303)


def _to_case(case_id: str, anchor: str) -> AnyResponse:
    return redirect(url_for("staff_desk.case_page", case_id=case_id, _anchor=anchor), 303)
