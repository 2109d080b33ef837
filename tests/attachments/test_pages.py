"""Photos and scans of papers: added with the code, opened by whom the facts are open to, and by nobody else."""

import io
import re
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from hall import demonstration
from hall.accounts import actions as accounts
from hall.accounts.records import Person
from hall.accounts.rules import SessionKind
from hall.attachments import records
from hall.attachments.records import Attachment, AttachmentBody
from hall.attachments.rules import CASE_BYTES, FILE_BYTES, FORM_BYTES
from hall.cases import actions as case_actions
from hall.cases.records import Case
from hall.database import Database
from hall.events import Actor, Event
from hall.matching import actions as matching
from hall.sealing import SealBroken
from hall.sessions import COOKIE, DEVICE_COOKIE
from hall.settings import Settings
from tests.hall.test_pictures import picture
from tests.matching.test_actions import TODAY, offer, open_case, proposed

MARK = b"the paper says: one million dollars"
PDF = b"%PDF-1.7 " + MARK
STATUS = "/en/case/status"
BOUNDARY = "of-the-parts-of-a-form"


@dataclass
class Scene:
    """A case of the demonstration hall, and the browsers around it."""

    app: Flask
    database: Database
    case_id: str
    visitor: FlaskClient
    stranger: FlaskClient


@pytest.fixture
def scene(app: Flask, database: Database, now: datetime) -> Scene:
    with database.work() as session:
        demonstration.add(session, now=now, today=TODAY)
        case, other = open_case(session, now), open_case(session, now, request="request-2")
        ids = [case.id, other.id]
    return Scene(app, database, ids[0], holder(app, database, ids[0]), holder(app, database, ids[1]))


def holder(app: Flask, database: Database, case_id: str) -> FlaskClient:
    with database.work() as session:
        token = accounts.begin_session(session, SessionKind.PHONE, now=moment(), data={}, case_id=case_id)
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return client


def moment() -> datetime:
    return datetime.now().astimezone()


def person(scene: Scene, email: str) -> FlaskClient:
    with scene.database.work() as session:
        who = session.scalars(sa.select(Person).where(Person.email == email)).one()
        token = accounts.begin_session(session, SessionKind.PERSON, now=moment(), data={}, person_id=who.id)
    client = scene.app.test_client()
    client.set_cookie(COOKIE, token)
    return client


def hidden(client: FlaskClient, path: str, action: str) -> dict[str, str]:
    text = client.get(path).text
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', text, re.DOTALL)
    assert form, text
    fields = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return dict(fields)


def send(
    client: FlaskClient, *files: tuple[str, bytes], page: str = STATUS, to: str = "/en/case/papers", **also: str
) -> TestResponse:
    body = multipart({**hidden(client, page, to), **also}, files)
    return client.post(to, data=body, content_type=f"multipart/form-data; boundary={BOUNDARY}")


def multipart(values: dict[str, str], files: tuple[tuple[str, bytes], ...]) -> bytes:
    """A form as a browser sends it; Werkzeug's own client writes large ones to the disk."""
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in values.items()]
    parts += [f'name="papers"; filename="{name}"\r\n\r\n'.encode() + body for name, body in files]
    lines = b"".join(f"--{BOUNDARY}\r\nContent-Disposition: form-data; ".encode() + part + b"\r\n" for part in parts)
    return lines + f"--{BOUNDARY}--\r\n".encode()


def kept(scene: Scene) -> list[records.Paper]:
    with scene.database.reading() as session:
        return records.papers_of(session, session.get_one(Case, scene.case_id))


def actions_of(session: Session, case_id: str) -> list[str]:
    return list(session.scalars(sa.select(Event.action).where(Event.case_id == case_id).order_by(Event.seq)))


def test_a_visitor_adds_opens_and_removes_papers(scene: Scene) -> None:
    answer = send(scene.visitor, ("起诉状.pdf", PDF), ("IMG_1.HEIC", picture()))
    assert answer.status_code == 303, answer.text
    paper, photo = kept(scene)
    assert (paper.name, paper.kind, photo.name, photo.kind) == (
        "起诉状.pdf",
        "application/pdf",
        "IMG_1.jpg",
        "image/jpeg",
    )
    page = scene.visitor.get(STATUS).text
    assert "起诉状.pdf" in page
    opened = scene.visitor.get(f"/en/case/papers/{paper.id}")
    assert opened.data == PDF
    assert opened.headers["Content-Disposition"].startswith("attachment;")
    assert opened.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.headers["Cache-Control"] == "no-store"
    shown = scene.visitor.get(f"/en/case/papers/{photo.id}")
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert shown.data.startswith(b"\xff\xd8\xff")

    removal = f"/en/case/papers/{paper.id}/remove"
    assert scene.visitor.post(removal, data=hidden(scene.visitor, STATUS, removal)).status_code == 303
    assert [left.id for left in kept(scene)] == [photo.id]
    assert scene.visitor.get(f"/en/case/papers/{paper.id}").status_code == 404
    with scene.database.reading() as session:
        assert session.get(AttachmentBody, paper.id) is None
        assert actions_of(session, scene.case_id)[-5:] == [
            "paper_added",
            "paper_added",
            "paper_opened",
            "paper_opened",
            "paper_removed",
        ]


def test_the_same_form_sent_again_adds_nothing(scene: Scene) -> None:
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    for _ in range(2):
        assert send(scene.visitor, ("a.pdf", PDF), **values).status_code == 303
    assert len(kept(scene)) == 1


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("virus.exe", b"MZ\x90", "is not a JPEG or PNG picture and not a PDF file"),
        ("<script>alert(1)</script>.jpg", b"<svg/>", "script&gt;.jpg"),
        ("broken.jpg", b"\xff\xd8\xffbroken", "cannot be opened as a picture"),
        ("empty.pdf", b"", "is not a JPEG or PNG picture"),
        ("large.pdf", PDF + b" " * FILE_BYTES, "is larger than 10 megabytes"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence_and_nothing_is_kept(
    scene: Scene, name: str, body: bytes, said: str
) -> None:
    answer = send(scene.visitor, ("good.pdf", PDF), (name, body))
    assert answer.status_code == 422
    assert said in answer.text
    assert kept(scene) == []


def test_a_form_without_a_file_is_refused_and_one_beyond_all_measure_too(scene: Scene) -> None:
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    assert "Choose a photo" in scene.visitor.post("/en/case/papers", data=values).text
    answer = send(scene.visitor, *[(f"{n}.pdf", PDF + b" " * 9_000_000) for n in range(6)])
    assert answer.status_code == 413
    assert "send them one by one" in answer.text


def test_other_pages_take_no_more_than_words_need(scene: Scene) -> None:
    answer = scene.visitor.post("/en/case/question", data={"question": "x" * 300_000})
    assert answer.status_code == 413


def test_a_full_case_takes_no_more(scene: Scene) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    with scene.database.work() as session:
        session.execute(sa.update(Attachment).values(size=CASE_BYTES))
    answer = send(scene.visitor, ("b.pdf", PDF))
    assert answer.status_code == 422
    assert "bring further papers to the window" in answer.text


def send_together(scene: Scene, forms: list[dict[str, str]]) -> list[int]:
    """Send forms from as many browsers of the same visitor at once; return the answers."""
    cookie = scene.visitor.get_cookie(COOKIE)
    assert cookie is not None
    started = threading.Barrier(len(forms))

    def send_one(values: dict[str, str]) -> int:
        client = scene.app.test_client()
        client.set_cookie(COOKIE, cookie.value)
        started.wait()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        return client.post("/en/case/papers", data=multipart(values, (("a.pdf", PDF),)), content_type=kind).status_code

    with ThreadPoolExecutor(len(forms)) as pool:
        return sorted(pool.map(send_one, forms))


def test_one_form_sent_eight_times_at_once_is_one_paper(scene: Scene) -> None:
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    assert send_together(scene, [values] * 8) == [303] * 8
    assert len(kept(scene)) == 1


def test_forms_sent_at_once_do_not_pass_the_limit_of_a_case(scene: Scene) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    with scene.database.work() as session:
        session.execute(sa.update(Attachment).values(size=CASE_BYTES - len(PDF) - 1))
    forms = [hidden(scene.visitor, STATUS, "/en/case/papers") for _ in range(8)]
    assert send_together(scene, forms) == [303, *[422] * 7]


def test_a_terminal_takes_no_files(scene: Scene) -> None:
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    with scene.database.work() as session:
        _, code = accounts.announce_device(session, kind="terminal", name="T", now=moment(), actor=Actor("person", "x"))
        _, token = accounts.enrol_device(session, code, now=moment())
    scene.visitor.set_cookie(DEVICE_COOKIE, token)
    assert 'type="file"' not in scene.visitor.get(STATUS).text
    body = multipart(values, (("a.pdf", PDF),))
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    assert scene.visitor.post("/en/case/papers", data=body, content_type=kind).status_code == 404


def test_a_provider_opens_no_papers(scene: Scene, now: datetime) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    (paper,) = kept(scene)
    with scene.database.work() as session:
        case = session.get_one(Case, scene.case_id)
        member = proposed(session, case, now, kind="provider")[0]
        made = offer(session, case, member, now)
        matching.declare(session, made, actor=Actor("person", "x"), now=now)
        who, offer_id = session.get_one(Person, member.person_id).email, made.id
    provider = person(scene, who)
    assert "a.pdf" not in provider.get(f"/en/provider/referrals/{offer_id}").text
    for address in (
        f"/en/provider/referrals/{offer_id}/papers/{paper.id}",
        f"/en/advisor/cases/{offer_id}/papers/{paper.id}",
    ):
        assert provider.get(address).status_code in (403, 404)


def test_a_paper_of_another_case_does_not_exist(scene: Scene) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    (paper,) = kept(scene)
    theirs, nobodys = (
        scene.stranger.get(f"/en/case/papers/{paper_id}") for paper_id in (paper.id, secrets.token_hex(12))
    )
    assert theirs.status_code == nobodys.status_code == 404
    # The mark of the form tells the second in which its page was made.
    same = [
        re.sub(r'papers/[0-9a-f]{24}|(?<=name="csrf_token" value=")[^"]+', "", answer.text)
        for answer in (theirs, nobodys)
    ]
    assert same[0] == same[1]
    removal = scene.stranger.post(
        f"/en/case/papers/{paper.id}/remove", data=hidden(scene.stranger, STATUS, "/en/case/papers")
    )
    assert removal.status_code == 404
    assert scene.app.test_client().get(f"/en/case/papers/{paper.id}").status_code == 303
    assert len(kept(scene)) == 1


def test_the_hall_adds_a_scan_which_the_visitor_reads_but_does_not_remove(scene: Scene) -> None:
    clerk = person(scene, "clerk.us@demo.example")
    page = f"/en/desk/cases/{scene.case_id}"
    assert send(clerk, ("scan.pdf", PDF), page=page, to=f"{page}/papers").status_code == 303
    (paper,) = kept(scene)
    assert paper.author_kind == "person"
    assert clerk.get(f"{page}/papers/{paper.id}").data == PDF
    assert scene.visitor.get(f"/en/case/papers/{paper.id}").data == PDF
    removal = f"/en/case/papers/{paper.id}/remove"
    assert removal not in scene.visitor.get(STATUS).text
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    assert scene.visitor.post(removal, data=values).status_code == 404


def test_an_advisor_opens_papers_after_the_declaration_and_no_longer_when_the_case_has_gone_on(
    scene: Scene, now: datetime
) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    (paper,) = kept(scene)
    with scene.database.work() as session:
        case = session.get_one(Case, scene.case_id)
        member = proposed(session, case, now)[0]
        made = offer(session, case, member, now)
        who, offer_id = session.get_one(Person, member.person_id).email, made.id
    advisor = person(scene, who)
    address = f"/en/advisor/cases/{offer_id}/papers/{paper.id}"
    assert advisor.get(address).status_code == 404
    with scene.database.work() as session:
        matching.declare(session, session.get_one(type(made), offer_id), actor=Actor("person", "x"), now=now)
    assert advisor.get(address).data == PDF
    assert "a.pdf" in advisor.get(f"/en/advisor/cases/{offer_id}").text
    with scene.database.work() as session:
        matching.close_case(session, session.get_one(Case, scene.case_id), actor=Actor("person", "x"), now=now)
    assert advisor.get(address).status_code == 404


def test_a_closed_case_takes_and_gives_back_nothing(scene: Scene, now: datetime) -> None:
    send(scene.visitor, ("a.pdf", PDF))
    values = hidden(scene.visitor, STATUS, "/en/case/papers")
    with scene.database.work() as session:
        case_actions.close(session, session.get_one(Case, scene.case_id), actor=Actor("person", "x"), now=now)
    (paper,) = kept(scene)
    for address in ("/en/case/papers", f"/en/case/papers/{paper.id}/remove"):
        answer = scene.visitor.post(address, data={**values, "papers": [(io.BytesIO(PDF), "b.pdf")]})
        assert answer.status_code in (303, 422)
    assert [left.id for left in kept(scene)] == [paper.id]


def test_bytes_moved_to_another_paper_do_not_open(scene: Scene) -> None:
    send(scene.visitor, ("a.pdf", PDF), ("b.pdf", PDF + b"2"))
    one, two = kept(scene)
    with scene.database.work() as session:
        session.get_one(AttachmentBody, one.id).body_sealed = session.get_one(AttachmentBody, two.id).body_sealed
    with scene.database.reading() as session, pytest.raises(SealBroken):
        records.body_of(session, session.get_one(Case, scene.case_id), session.get_one(Attachment, one.id))


def test_no_byte_of_a_paper_is_readable_anywhere(scene: Scene, settings: Settings) -> None:
    send(scene.visitor, ("a.pdf", PDF + MARK * 100_000))
    with scene.database.reading() as session:
        bodies = session.scalars(sa.select(AttachmentBody.body_sealed)).all()
        names = session.scalars(sa.select(Attachment.name_sealed)).all()
    assert len(bodies) == 1
    assert all(MARK not in body for body in bodies)
    assert all(b"a.pdf" not in name for name in names)
    written = [path for path in Path(settings.data_folder).rglob("*") if path.is_file()]
    assert all(MARK not in path.read_bytes() for path in written)


def test_a_large_file_is_never_written_to_the_disk_while_it_is_read(app: Flask) -> None:
    body = multipart({}, (("a.pdf", PDF + b" " * 5_000_000),))
    form = {"data": body, "content_type": f"multipart/form-data; boundary={BOUNDARY}"}
    with app.test_request_context("/en/case/papers", method="POST", **form):
        request.max_content_length = FORM_BYTES
        assert isinstance(request.files["papers"].stream, io.BytesIO)
