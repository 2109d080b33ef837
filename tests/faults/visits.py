"""Visits with all questions answered: opened, submitted, and counted by the client's own list."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from hall import events
from hall.accounts import actions as accounts
from hall.accounts.rules import SessionKind
from hall.cases.actions import request_hash
from hall.cases.records import Case
from hall.database import Database
from hall.sessions import COOKIE
from hall.tickets.records import Ticket
from tests.web_client import Answer, Visitor, hidden_fields

CHECK = "/en/intake/check"
ANSWERS = {
    "role": "we_are_preparing",
    "country": "DE",
    "plan": ["ask"],
    "markets": ["DE"],
    "rights": ["mark"],
    "other_side_names": "Acme Power GmbH",
    "other_side_names_other_script": "",
    "other_side_lawyers": "",
    "wanted": ["protect"],
    "story": "",
    "company_name": "深圳星河电子有限公司",
    "company_name_latin": "Shenzhen Xinghe Electronics Co., Ltd.",
    "credit_code": "",
    "contact_name": "李娜",
    "phone": "",
    "email": "",
    "answer_language": "en",
    "consent_use": "yes",
    "consent_advisor": "yes",
    "consent_provider": "no",
}


@dataclass
class Visit:
    """One visitor with all questions answered; `acknowledged` once the server has said that it is saved."""

    token: str
    request: str
    acknowledged: bool = False


def open_visits(database: Database, number: int) -> list[Visit]:
    """Open visits with all questions answered, each by an enterprise of its own."""
    visits = []
    with database.work() as session:
        for _ in range(number):
            request = os.urandom(18).hex()
            answers = {**ANSWERS, **_names(request)}
            data = {"intake": {"flow": "main", "answers": answers, "request": request}}
            token = accounts.begin_session(session, SessionKind.VISIT, now=datetime.now(UTC), data=data)
            visits.append(Visit(token, request))
    return visits


def _names(request: str) -> dict[str, str]:
    # Everybody with the same name would be a conflict with everybody.
    han = "".join(chr(0x4E00 + int(request[place : place + 3], 16) * 5) for place in (7, 10, 13))
    return {
        "company_name": f"深圳{han}电子有限公司",
        "company_name_latin": f"{request[-9:].title()} Electronics Co., Ltd.",
        "other_side_names": f"{request[:7].title()} Power GmbH",
    }


def send(visitor: Visitor, tag: str = "en") -> Answer:
    """Open the check page and send it; where the page does not open, what was said instead."""
    path = f"/{tag}/intake/check"
    answer = visitor.get(path)
    return visitor.post(path, hidden_fields(answer.text, path)) if answer.status == 200 else answer


def submit(address: str, visit: Visit) -> None:
    """Send the check page; NoAnswer when the server goes away."""
    visitor = Visitor(address, {COOKIE: visit.token})
    try:
        answer = send(visitor)
        # Whoever was saved and did not hear of it is led to the slip at once.
        assert answer.status == 303, answer.text
        assert answer.location.endswith("/slip"), answer.location
        visit.acknowledged = True
    finally:
        visitor.close()


def check(database: Database, visits: list[Visit]) -> None:
    """Every acknowledged visit has one case and one ticket; nobody has two; numbers and events have no gap."""
    with database.reading() as session:
        cases = dict(session.execute(sa.select(Case.request_hash, Case.id)).all())
        tickets = {ticket.request_hash: ticket for ticket in session.scalars(sa.select(Ticket))}
        for visit in visits:
            key = request_hash(session, visit.request)
            if visit.acknowledged:
                assert key in cases, "an acknowledged case is lost"
            if key in cases:
                assert tickets[key].case_id == cases[key]
        assert cases.keys() == tickets.keys()
        assert sorted(ticket.number for ticket in tickets.values()) == list(range(1, len(tickets) + 1))
        references = session.scalars(sa.select(Case.reference).order_by(Case.reference)).all()
        assert [int(reference[-6:]) for reference in references] == list(range(1, len(cases) + 1))
        assert list(events.flaws(session)) == []
