"""Who may use which page: the table of hall.guards against the pages there are, and every page against every role."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from hall import events, guards
from hall.accounts import actions as accounts
from hall.accounts import records as people
from hall.accounts.rules import Role, SessionKind
from hall.database import Base, Database
from hall.guards import ANYONE, CODE_HOLDER, MACHINE, RULES, VISITOR
from hall.sessions import COOKIE, DEVICE_COOKIE
from hall.web import STATIC
from tests.conftest import PASSWORD

# Places that a page's address needs; ids that do not exist are as good as any for the guard.
PLACES = {
    "manner": "en",
    "window_code": "us",
    "country_code": "us",
    "page_id": "role",
    "ticket_id": "0" * 24,
    "case_id": "0" * 24,
    "job_id": "0" * 24,
    "offer_id": "0" * 24,
    "kind": "advisor",
    "paper_id": "0" * 24,
    "document_code": "us_complaint",
    "code": "DE",
    "key": "tm_term_years",
    "rule_id": "US-ANS-21",
    "of": "us_complaint",
}
ACTS = {"staff_desk.act": "call", "providers_desk.act": "accept"}
# Reading a case leaves an event, and asking for a page may touch a session: by design, and nothing else may change.
WRITTEN_BY_READING = {"event", "event_head", "hall_session"}
ASKERS = ("anonymous", "terminal", "phone", *Role)


def methods_of(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD"}


def address(app: Flask, rule: Rule) -> str:
    values = {name: PLACES.get(name, "") for name in rule.arguments}
    if "act" in rule.arguments:
        values["act"] = ACTS[rule.endpoint]
    with app.test_request_context("/en/"):
        return app.url_map.bind("localhost").build(rule.endpoint, values)


def asker(app: Flask, who: str) -> FlaskClient:
    """Return a browser of this kind."""
    database: Database = app.extensions["hall_database"]
    client, now = app.test_client(), datetime.now(UTC)
    with database.work() as session:
        if who == "terminal":
            _, code = accounts.announce_device(session, kind="terminal", name="T", now=now, actor=events.THE_HALL)
            _, token = accounts.enrol_device(session, code, now=now)
            client.set_cookie(DEVICE_COOKIE, token)
        elif who == "phone":
            token = accounts.begin_session(session, SessionKind.PHONE, now=now, data={}, case_id="none")
            client.set_cookie(COOKIE, token)
        elif who != "anonymous":
            person = accounts.open_account(
                session,
                email=f"{who}@hall.example",
                name=who,
                password=PASSWORD,
                grants=[(Role(who), "us" if who == Role.CLERK else "")],
                counter="1",
                now=now,
            )
            token = accounts.begin_session(session, SessionKind.PERSON, now=now, data={}, person_id=person.id)
            client.set_cookie(COOKIE, token)
    return client


def is_allowed(who: str, endpoint: str, method: str) -> bool:
    # The tests ask from loopback and the hall of the tests is open to everyone.
    is_what = {ANYONE, VISITOR, MACHINE} | ({CODE_HOLDER} if who == "phone" else set()) | {who}
    return bool(guards.allowed(endpoint, method) & is_what)


def test_every_page_and_method_is_in_the_table_and_nothing_else(app: Flask) -> None:
    there_are = {(rule.endpoint, method) for rule in app.url_map.iter_rules() for method in methods_of(rule)}
    assert there_are == {(endpoint, method) for endpoint, allowed in RULES.items() for method in allowed}


@pytest.mark.parametrize("who", ASKERS)
def test_every_page_lets_in_whom_the_table_names_and_nobody_else(app: Flask, who: str) -> None:
    client = asker(app, who)
    for rule in app.url_map.iter_rules():
        for method in methods_of(rule):
            answer = client.open(address(app, rule), method=method)
            place = f"{method} {rule.endpoint} as {who}: {answer.status}"
            if is_allowed(who, rule.endpoint, method):
                # What may be sent is stopped by the missing token, before it does anything.
                assert answer.status_code == 400 if method == "POST" else answer.status_code in (200, 303, 404), place
                assert "/desk/sign-in" not in answer.headers.get("Location", ""), place
            elif who in ("anonymous", "phone") and method == "GET":
                assert answer.status_code == 303, place
                assert answer.headers["Location"].endswith(("/en/desk/sign-in", "/en/case")), place
            else:
                assert answer.status_code in (303, 403, 404), place


def test_asking_for_pages_changes_no_table(app: Flask, database: Database) -> None:
    clients = [asker(app, who) for who in ASKERS]
    before = _everything(database)
    for client in clients:
        for rule in app.url_map.iter_rules():
            if "GET" in methods_of(rule):
                client.get(address(app, rule))
    assert _everything(database) == before


def test_a_refusal_to_somebody_signed_in_is_an_event(app: Flask, database: Database) -> None:
    asker(app, Role.ADVISOR).get("/en/desk/cases")
    with database.reading() as session:
        refused = session.scalars(sa.select(events.Event).where(events.Event.action == "access_refused")).one()
    assert (refused.actor_kind, refused.object_id) == ("person", "staff_desk.case_list")


def test_a_page_that_nobody_named_is_refused_to_everybody(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    for who in ASKERS:
        answer = asker(app, who).get("/forgotten")
        assert answer.status_code in (303, 403, 404)
        assert "secret" not in answer.text


def test_a_terminal_does_not_know_the_desks(app: Flask) -> None:
    client = asker(app, "terminal")
    unknown = client.get("/en/there-is-no-such-page")
    for page in ("/en/desk/", "/en/desk/cases", "/en/advisor/", "/en/provider/"):
        answer = client.get(page)
        assert answer.status_code == unknown.status_code == 404


def test_a_closed_account_is_out_in_the_same_second(app: Flask, database: Database) -> None:
    client = asker(app, Role.SUPERVISOR)
    assert client.get("/en/desk/cases").status_code == 200
    with database.work() as session:
        person = people.find_person_by_email(session, "supervisor@hall.example")
        assert person is not None
        accounts.disable(session, person, now=datetime.now(UTC), actor=events.THE_HALL)
    assert client.get("/en/desk/cases").status_code == 303


def test_a_copied_cookie_is_dead_after_sign_out(app: Flask) -> None:
    client = asker(app, Role.SUPERVISOR)
    page = client.get("/en/desk/cases")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
    assert client.post("/en/desk/sign-out", data={"csrf_token": token}).status_code == 303
    thief = app.test_client()
    thief.set_cookie(COOKIE, cookie.value)
    assert thief.get("/en/desk/cases").status_code == 303


def test_only_known_host_names_are_answered(client: FlaskClient) -> None:
    assert client.get("/en/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/en/", headers={"Host": "127.0.0.1"}).status_code == 200


def test_every_answer_carries_the_closed_policy(app: Flask, client: FlaskClient) -> None:
    for page in ("/", "/en/", "/en/there-is-no-such-page", "/en/case", "/en/board", "/healthz"):
        headers = client.get(page).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
    assert STATIC.is_dir()


def test_nothing_is_kept_where_a_session_shows(app: Flask) -> None:
    assert asker(app, Role.SUPERVISOR).get("/en/desk/cases").headers["Cache-Control"] == "no-store"
    assert app.test_client().get("/en/case").headers["Cache-Control"] == "no-store"


def _everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
            if table.name not in WRITTEN_BY_READING
        }
