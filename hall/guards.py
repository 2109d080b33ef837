"""Who may use which page, by method: one table, and all that is not in it is refused."""

from collections.abc import Mapping
from ipaddress import ip_address

from flask import Flask, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from hall import events, web
from hall.accounts import actions as accounts
from hall.accounts import records
from hall.accounts.rules import Role, SessionKind
from hall.database import FAULTS
from hall.sessions import DEVICE_COOKIE

# Who asks, beside the roles of a person signed in.
ANYONE = "anyone"
VISITOR = "visitor"  # may take numbers and open cases: any browser, or enrolled terminals alone, by setting
CODE_HOLDER = "code_holder"  # a browser that gave the code of a case
MACHINE = "machine"  # loopback, or whoever shows the token of the metrics

EVERYONE = frozenset({ANYONE})
VISITORS = frozenset({VISITOR})
CODE_HOLDERS = frozenset({CODE_HOLDER})
PEOPLE: frozenset[str] = frozenset(Role)
COUNTERS: frozenset[str] = frozenset({Role.CLERK, Role.RECEPTION, Role.SUPERVISOR})
CASE_DESK: frozenset[str] = frozenset({Role.CLERK, Role.TRIAGER, Role.SUPERVISOR})
CASE_READERS: frozenset[str] = CASE_DESK | {Role.CONFLICT_OFFICER, Role.DIRECTOR}
CONFLICT_OFFICERS: frozenset[str] = frozenset({Role.CONFLICT_OFFICER})
ADVISORS: frozenset[str] = frozenset({Role.ADVISOR})
PROVIDERS: frozenset[str] = frozenset({Role.PROVIDER})

Allowed = Mapping[str, frozenset[str]]

# One line a page. A page that is not here is refused to everybody, in the tests and in the hall.
RULES: dict[str, Allowed] = {
    "welcome": {"GET": EVERYONE},
    "operation.health": {"GET": EVERYONE},
    "operation.figures": {"GET": frozenset({MACHINE})},
    # the visitor
    "terminal.home": {"GET": EVERYONE},
    "terminal.paper": {"GET": EVERYONE},
    "terminal.abroad": {"GET": EVERYONE},
    "terminal.ticket": {"GET": VISITORS, "POST": VISITORS},
    "terminal.begin": {"GET": VISITORS, "POST": VISITORS},
    "terminal.question": {"GET": VISITORS, "POST": VISITORS},
    "terminal.check": {"GET": VISITORS, "POST": VISITORS},
    "terminal.slip": {"GET": VISITORS, "POST": VISITORS},
    "terminal.leave": {"POST": EVERYONE},
    "terminal.goodbye": {"GET": EVERYONE},
    "terminal.case_code": {"GET": EVERYONE, "POST": EVERYONE},
    "terminal.case_status": {"GET": CODE_HOLDERS},
    "terminal.ask": {"POST": CODE_HOLDERS},
    "terminal.calendar_file": {"GET": CODE_HOLDERS},
    "printing.print_copy": {"POST": VISITORS},
    "printing.job_page": {"GET": VISITORS},
    "printing.print_again": {"POST": VISITORS},
    "printing.case_handbook": {"GET": VISITORS | CODE_HOLDERS},
    "printing.case_handbook_file": {"GET": VISITORS | CODE_HOLDERS},
    "printing.case_handbook_pages": {"GET": VISITORS | CODE_HOLDERS},
    "terminal.add_papers": {"POST": CODE_HOLDERS},
    "terminal.open_paper": {"GET": CODE_HOLDERS},
    "terminal.remove_paper": {"POST": CODE_HOLDERS},
    "terminal.enrol": {"GET": EVERYONE, "POST": EVERYONE},
    "windows.window": {"GET": EVERYONE},
    "windows.country": {"GET": EVERYONE},
    "windows.search": {"GET": EVERYONE},
    "windows.changes": {"GET": EVERYONE},
    "windows.service_catalogue": {"GET": EVERYONE},
    "windows.all_situations": {"GET": EVERYONE},
    "windows.situation": {"GET": EVERYONE},
    "windows.changes_feed": {"GET": EVERYONE},
    "comparison.compare": {"GET": EVERYONE},
    "comparison.table": {"GET": EVERYONE},
    "api.description": {"GET": EVERYONE},
    "api.countries": {"GET": EVERYONE},
    "api.country": {"GET": EVERYONE},
    "api.fact": {"GET": EVERYONE},
    "api.documents": {"GET": EVERYONE},
    "api.rules": {"GET": EVERYONE},
    "api.rule": {"GET": EVERYONE},
    "api.deadlines": {"GET": EVERYONE},
    "calculator.papers": {"GET": EVERYONE},
    "calculator.paper": {"GET": EVERYONE},
    "calculator.calendar_file": {"GET": EVERYONE},
    "handbooks.index": {"GET": EVERYONE},
    "handbooks.handbook": {"GET": EVERYONE},
    "handbooks.file": {"GET": EVERYONE},
    "handbooks.pages": {"GET": EVERYONE},
    "board.board": {"GET": EVERYONE},
    # the staff
    "staff_desk.sign_in": {"GET": EVERYONE, "POST": EVERYONE},
    "staff_desk.sign_out": {"POST": EVERYONE},
    "staff_desk.one_time_code": {"GET": PEOPLE, "POST": PEOPLE},
    "staff_desk.desk": {"GET": COUNTERS},
    "staff_desk.call_next": {"POST": COUNTERS},
    "staff_desk.act": {"POST": COUNTERS},
    "staff_desk.transfer": {"POST": COUNTERS},
    "staff_desk.print_list": {"GET": COUNTERS},
    "staff_desk.print_again": {"POST": COUNTERS},
    "staff_desk.case_list": {"GET": CASE_READERS},
    "staff_desk.case_page": {"GET": CASE_READERS},
    "staff_desk.add_party": {"POST": CASE_DESK},
    "staff_desk.check_conflicts": {"POST": CASE_DESK | CONFLICT_OFFICERS},
    "staff_desk.decide": {"POST": CONFLICT_OFFICERS},
    "staff_desk.propose": {"POST": CASE_DESK},
    "staff_desk.offer": {"POST": CASE_DESK},
    "staff_desk.change_urgency": {"POST": frozenset({Role.TRIAGER, Role.SUPERVISOR})},
    "staff_desk.close": {"POST": CASE_DESK},
    "staff_desk.add_papers": {"POST": CASE_DESK},
    "staff_desk.open_paper": {"GET": CASE_READERS},
    # the panel and the providers
    "advisors_desk.desk": {"GET": ADVISORS},
    "advisors_desk.case_page": {"GET": ADVISORS},
    "advisors_desk.declare": {"POST": ADVISORS},
    "advisors_desk.accept": {"POST": ADVISORS},
    "advisors_desk.decline": {"POST": ADVISORS},
    "advisors_desk.open_paper": {"GET": ADVISORS},
    "advisors_desk.answer": {"GET": ADVISORS, "POST": ADVISORS},
    "providers_desk.desk": {"GET": PROVIDERS},
    "providers_desk.referral": {"GET": PROVIDERS},
    "providers_desk.act": {"POST": PROVIDERS},
}


def who_asks() -> frozenset[str]:
    """Return all that the asker is: roles of the person, and what the device, session and address make of it."""
    asker = {ANYONE}
    session, person, device = web.web_session(), web.find_signed_in(), web.find_device()
    if web.settings().open_to == "everyone" or device is not None:
        asker.add(VISITOR)
    if session.kind is SessionKind.PHONE and session.case_id is not None:
        asker.add(CODE_HOLDER)
    if person is not None:
        asker |= person.roles
    if _is_machine():
        asker.add(MACHINE)
    return frozenset(asker)


def allowed(endpoint: str, method: str) -> frozenset[str]:
    """Return who may use a method of an endpoint; nobody where the table is silent."""
    return RULES.get(endpoint, {}).get("GET" if method == "HEAD" else method, frozenset())


def may(endpoint: str, method: str = "GET") -> bool:
    """Whether who asks may use a method of an endpoint: a page shows nobody what would be refused."""
    return bool(allowed(endpoint, method) & who_asks())


def install(app: Flask) -> None:
    """Put the guard before every request of the app, and tell the templates what it lets through."""
    app.jinja_env.globals["may"] = may

    @app.before_request
    def _guard() -> AnyResponse | None:
        if request.endpoint is None:
            return None  # no such address: the error page says so
        may = allowed(request.endpoint, request.method)
        try:
            _recognise()
        except FAULTS:
            # What everybody may read is shown also when nobody can be recognised.
            if request.method not in ("GET", "HEAD") or ANYONE not in may:
                raise
        if may & who_asks():
            # Only whoever may hand in files is listened to for so long.
            request.max_content_length = web.form_bytes() or request.max_content_length
            return None
        return _refuse(may)


def _recognise() -> None:
    session, cookie = web.web_session(), request.cookies.get(DEVICE_COOKIE)
    if session.fault is not None:
        raise session.fault
    if session.person_id is None and not cookie:
        return
    with web.reading() as reading:
        if cookie and len(cookie) <= 100:
            g.device = records.find_device(reading, accounts.token_hash(reading, cookie))
        if session.person_id is not None:
            person = records.find_person(reading, session.person_id)
            g.person = person if person is not None and person.disabled_at is None else None


def _refuse(may: frozenset[str]) -> AnyResponse:
    person = web.find_signed_in()
    if person is not None:
        with web.work() as session:
            events.record(
                session,
                "access_refused",
                now=web.now(),
                actor=events.Actor("person", person.id),
                subject=("page", request.endpoint or ""),
            )
        abort(403)
    if CODE_HOLDER in may:
        return redirect(url_for("terminal.case_code"), 303)
    if may & PEOPLE and web.find_device() is None and request.method == "GET":
        return redirect(url_for("staff_desk.sign_in"), 303)
    # To a terminal, the pages of the staff do not exist.
    return abort(404 if web.find_device() is not None or may & PEOPLE else 403)


def _is_machine() -> bool:
    token = web.settings().metrics_token
    if token:
        return request.headers.get("Authorization", "") == f"Bearer {token}"
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
