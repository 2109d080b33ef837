"""The pages around a printer: a terminal orders one copy, the visitor sees how far it is, the staff see what waits."""

import re
import time
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from hall import diagnosis
from hall.accounts import actions as accounts
from hall.accounts.rules import Role
from hall.cases.records import Case
from hall.database import Database
from hall.events import THE_HALL
from hall.prints import actions as prints
from hall.prints import rules
from hall.prints.records import PrintJob
from hall.prints.rules import State
from hall.sessions import DEVICE_COOKIE
from hall.settings import Settings
from tests.attachments.test_pages import holder
from tests.conftest import SignIn
from tests.prints.conftest import QUEUE, PrintingSystem, wait
from tests.terminal.test_own_handbook import open_case

pytestmark = [pytest.mark.only_on("sqlite"), pytest.mark.usefixtures("kept_handbooks")]

BOOK = "/en/handbooks/SG-copyright-preparing-planning-en"
WAIT_SECONDS = 60


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A hall with a printer at one of its terminals."""
    return settings.model_copy(update={"printers": (f"Entrance={QUEUE}",)})


def terminal(app: Flask, database: Database, name: str, now: datetime) -> FlaskClient:
    with database.work() as session:
        _, code = accounts.announce_device(session, kind="terminal", name=name, now=now, actor=THE_HALL)
        _, token = accounts.enrol_device(session, code, now=now)
    client = app.test_client()
    client.set_cookie(DEVICE_COOKIE, token)
    return client


def form_of(text: str) -> dict[str, str]:
    form = re.search(r'<form method="post" action="/en/print".*?</form>', text, re.DOTALL)
    assert form, text
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))


def ready(client: FlaskClient) -> str:
    return wait_for(client, BOOK, "handbook is ready")


def wait_for(client: FlaskClient, path: str, words: str) -> str:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        page = client.get(path).text
        if words in page:
            return page
        time.sleep(0.2)
    raise AssertionError(words)


def test_a_terminal_with_a_printer_prints_one_copy(
    app: Flask, database: Database, now: datetime, printing_system: PrintingSystem
) -> None:
    client = terminal(app, database, "Entrance", now)
    values = form_of(ready(client))
    answers = [client.post("/en/print", data=values) for _ in range(2)]  # a finger that touches twice
    assert {answer.status_code for answer in answers} == {303}
    [address] = {answer.headers["Location"] for answer in answers}
    page = wait_for(client, address, "please take it from the printer")
    assert "<svg" in page
    with database.reading() as session:
        [job] = session.scalars(sa.select(PrintJob)).all()
    assert (job.state, job.device, job.queue, job.name) == (State.PRINTED, "Entrance", QUEUE, BOOK.rpartition("/")[2])
    assert len(printing_system.copies_of(f"hall-{job.id}")) == 1


def test_a_booklet_tells_who_prints_how_and_who_folds_how(
    app: Flask, database: Database, now: datetime, client: FlaskClient, printing_system: PrintingSystem
) -> None:
    how_to_print, how_to_fold = "Print on both sides, turned on the short edge", "Fold the printed stack once"
    assert how_to_fold not in ready(client)
    booklet = f"{BOOK}-booklet"
    page = wait_for(client, booklet, "handbook is ready")
    assert how_to_print in page
    assert how_to_fold in page
    here = terminal(app, database, "Entrance", now)
    page = wait_for(here, booklet, "handbook is ready")
    assert how_to_print not in page  # the hall does that itself
    assert how_to_fold in page
    address = here.post("/en/print", data=form_of(page)).headers["Location"]
    assert how_to_fold in wait_for(here, address, "please take it from the printer")


def test_other_browsers_print_by_themselves(app: Flask, database: Database, now: datetime, client: FlaskClient) -> None:
    for asking in (client, terminal(app, database, "Cellar", now)):
        page = ready(asking)
        assert "/en/print" not in page
        assert "Open and print" in page
        token = re.search(r'name="csrf_token" value="([^"]+)"', asking.get("/en/case").text)
        assert token
        values = {"csrf_token": token[1], "request_key": "k" * 24, "code": "SG-en"}
        assert asking.post("/en/print", data=values).status_code == 404


def test_a_terminal_shows_the_pages_with_a_way_back(
    app: Flask, database: Database, now: datetime, client: FlaskClient
) -> None:
    assert f'href="{BOOK}/handbook.pdf?edition=paper"' in ready(client)
    at_a_terminal = terminal(app, database, "Cellar", now)
    assert f'href="{BOOK}/pages"' in ready(at_a_terminal)
    page = at_a_terminal.get(f"{BOOK}/pages")
    frame = re.search(r'<iframe[^>]* src="([^"#]+)#', page.text)
    assert frame
    assert f'href="{BOOK}"' in page.text
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    pdf = at_a_terminal.get(unescape(frame[1]), buffered=True)
    assert pdf.content_type == "application/pdf"
    assert "frame-ancestors 'self'" in pdf.headers["Content-Security-Policy"]
    assert pdf.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get("/en/handbooks/XX-en/pages").status_code == 404


def test_a_dead_printer_blocks_nobody_and_the_staff_print_again(
    app: Flask, database: Database, now: datetime, printing_system: PrintingSystem, sign_in: SignIn
) -> None:
    client = terminal(app, database, "Entrance", now)
    values = form_of(ready(client))
    printing_system.run("/usr/sbin/cupsreject", QUEUE)
    address = client.post("/en/print", data=values).headers["Location"]
    assert "did not come out of the printer" in wait_for(client, address, "The printer does not take the job.")
    desk = sign_in(Role.CLERK, window="us")
    assert "1 handbook did not come out of a printer" in desk.get("/en/desk/").text
    listed = desk.get("/en/desk/prints").text
    assert "Entrance" in listed
    assert "Singapore · A4 · English" in listed
    assert "The printer does not take the job." in listed
    printing_system.run("/usr/sbin/cupsaccept", QUEUE)
    again = re.search(r'action="(/en/desk/prints/[^"]+/again)".*?name="csrf_token" value="([^"]+)"', listed, re.DOTALL)
    assert again
    assert (
        "given to the printer again" in desk.post(again[1], data={"csrf_token": again[2]}, follow_redirects=True).text
    )

    def printed() -> bool:
        desk.get("/en/desk/prints")
        with database.reading() as session:
            return State.PRINTED in set(session.scalars(sa.select(PrintJob.state)))

    wait(printed)
    listed = desk.get("/en/desk/prints", headers={"HX-Request": "true"}).text
    assert "/again" not in listed  # its pages went with the copy
    assert "second try" in listed
    assert "not printed" not in listed  # nothing is left to do for the first
    assert "come out of a printer" not in desk.get("/en/desk/").text
    assert "please take it from the printer" in client.get(address).text


def test_a_visitor_prints_again_at_the_terminal_alone(
    app: Flask, database: Database, now: datetime, printing_system: PrintingSystem
) -> None:
    client = terminal(app, database, "Entrance", now)
    values = form_of(ready(client))
    printing_system.run("/usr/sbin/cupsreject", QUEUE)
    address = client.post("/en/print", data=values).headers["Location"]
    page = wait_for(client, address, "The printer does not take the job.")
    token = {"csrf_token": values["csrf_token"]}
    elsewhere = terminal(app, database, "Cellar", now)
    assert "/again" not in elsewhere.get(address).text
    own = re.search(r'name="csrf_token" value="([^"]+)"', elsewhere.get("/en/case").text)
    assert own
    elsewhere.post(f"{address}/again", data={"csrf_token": own[1]})
    with database.reading() as session:
        assert len(session.scalars(sa.select(PrintJob)).all()) == 1
    printing_system.run("/usr/sbin/cupsaccept", QUEUE)
    assert f'action="{address}/again"' in page
    for _ in range(2):  # a finger that touches twice
        assert client.post(f"{address}/again", data=token).status_code == 303
    wait_for(client, address, "please take it from the printer")
    with database.reading() as session:
        states = sorted(session.scalars(sa.select(PrintJob.state)))
    assert states == [State.FAILED, State.PRINTED]


def test_whoever_comes_next_does_not_print_the_handbook_of_a_case(
    app: Flask, database: Database, settings: Settings, now: datetime
) -> None:
    client = terminal(app, database, "Entrance", now)
    case_id = open_case(database, settings, now)
    owner = holder(app, database, case_id)
    device = client.get_cookie(DEVICE_COOKIE)
    assert device
    owner.set_cookie(DEVICE_COOKIE, device.value)
    with database.work() as session:
        job = prints.order(
            session,
            b"%PDF-1.7",
            name=session.get_one(Case, case_id).reference,
            device="Entrance",
            queue=QUEUE,
            sides="one-sided",
            request="r" * 24,
            now=datetime.now().astimezone(),
        )
        job.state, job.reason, job.finished_at = State.FAILED, "canceled", job.ordered_at
        address = f"/en/printing/{job.id}"
    page = client.get(address).text
    assert "did not come out of the printer" in page
    assert "/again" not in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/en/case").text)
    assert token
    assert client.post(f"{address}/again", data={"csrf_token": token[1]}).status_code == 303
    with database.reading() as session:
        assert len(session.scalars(sa.select(PrintJob)).all()) == 1
    assert f'action="{address}/again"' in owner.get(address).text


def test_nobody_but_the_staff_sees_what_waits(client: FlaskClient) -> None:
    assert client.get("/en/desk/prints").status_code in (302, 303, 401, 403)


def test_a_stuck_job_tells_the_visitor_to_go(app: Flask, database: Database, now: datetime) -> None:
    client = terminal(app, database, "Entrance", now)
    long_ago = datetime.now().astimezone() - rules.STUCK_AFTER * 2
    with database.work() as session:
        session.add(
            PrintJob(
                id="stuck",
                request_hash="x",
                name="SG-en",
                device="Entrance",
                queue="nowhere",
                sides="one-sided",
                state=State.PRINTING,
                ordered_at=long_ago,
                sent_at=long_ago,
            )
        )
    assert "The printer takes long" in client.get("/en/printing/stuck").text
    assert client.get("/en/printing/nothing").status_code == 404
    with database.work() as session:
        session.get_one(PrintJob, "stuck").name = "BJ-2026-000001"  # that of a case
    page = client.get("/en/printing/stuck").text
    assert "type that of your case" in page
    assert 'href="/en/case/handbook"' in page
    assert "BJ-2026" not in page


def test_the_settings_name_a_printer_for_all_or_for_each(settings: Settings) -> None:
    both = settings.model_copy(update={"printers": ("Entrance=one", "two")})
    assert both.printer_of("Entrance") == "one"
    assert both.printer_of("Cellar") == "two"
    assert settings.printer_of("Cellar") == ""
    assert Settings(printers="A b=one, two").printers == ("A b=one", "two")
    assert Settings(printers="A b=one, two, Cellar=one").queues == ("one", "two")
    with pytest.raises(ValueError, match="CUPS queue"):
        Settings(printers="-o raw")


def test_the_address_of_the_hall_follows_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALL_LISTEN_PORT", "8123")
    assert Settings().public_address == "http://127.0.0.1:8123"
    monkeypatch.setenv("HALL_PUBLIC_ADDRESS", "https://hall.example")
    assert Settings().public_address == "https://hall.example"


def test_the_doctor_names_a_printer_that_is_not_there(settings: Settings, printing_system: PrintingSystem) -> None:
    both = settings.model_copy(update={"printers": (f"Entrance={QUEUE}", "nowhere")})
    found = {finding.what: finding.good for finding in diagnosis.examine(both) if finding.what.startswith("printer ")}
    assert found == {f"printer {QUEUE}": True, "printer nowhere": False}


def test_the_doctor_says_where_handbooks_cannot_be_kept(settings: Settings, tmp_path: Path) -> None:
    apart = settings.model_copy(update={"data_folder": tmp_path / "apart"})

    def can_be_kept() -> bool:
        return next(one.good for one in diagnosis.examine(apart) if one.what.startswith("handbooks can be kept"))

    assert can_be_kept()
    apart.data_folder.mkdir()
    apart.handbook_folder.write_text("not a folder")
    assert not can_be_kept()
