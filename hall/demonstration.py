"""Demonstration data: invented people and matters, marked as such, added and removed as a whole."""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from hall import events
from hall.accounts import actions as accounts
from hall.accounts.records import Person
from hall.accounts.rules import Role
from hall.cases.records import Case
from hall.conflicts import actions as conflicts
from hall.conflicts import records as register
from hall.conflicts.records import RegisterRow
from hall.panel.records import Credential, Facet, Member
from hall.tickets.records import Ticket

FILE = Path(__file__).parent / "panel" / "demonstration.toml"
# Not a secret: it is printed at every start, and the accounts are marked as invented.
PASSWORD = "demonstration-hall"  # noqa: S105
FACETS = {"countries": "country", "rights": "right", "procedures": "procedure", "industries": "industry"}
MATTER = "demonstration"


def add(session: Session, *, now: datetime, today: date) -> int:
    """Add the invented staff, advisors, providers and matters that are not there yet; return how many people."""
    data = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known = set(session.scalars(sa.select(Person.email).where(Person.demonstration)))
    # One hash for all: the password is the same and no secret, and fifty hashes take seconds.
    password_hash = accounts.hash_password(PASSWORD)
    added = 0
    for row in data["staff"]:
        if row["sign_in"] not in known:
            _add_person(session, row, Role(row["role"]), password_hash, now=now)
            added += 1
    for row in (*data["advisors"], *data["providers"]):
        if row["sign_in"] not in known:
            person = _add_person(session, row, Role(row["kind"]), password_hash, now=now)
            _add_member(session, row, person)
            added += 1
    if not session.scalar(sa.select(RegisterRow.seq).where(RegisterRow.matter.startswith(MATTER)).limit(1)):
        firms = {row["sign_in"]: row["firm_en"] for row in (*data["advisors"], *data["providers"])}
        for row in data["register"]:
            _add_matter(session, row, holder=firms.get(row["holder"], conflicts.HALL))
    events.record(session, "demonstration_added", now=now, actor=events.THE_HALL, subject=("hall", "demonstration"))
    return added


def remove(session: Session, *, now: datetime) -> int:
    """Remove all of it, with the cases that were opened while it was there; return how many rows of them."""
    cases = sa.select(Case.id).where(Case.demonstration)
    session.execute(sa.delete(RegisterRow).where(RegisterRow.case_id.in_(cases)))
    session.execute(sa.delete(RegisterRow).where(RegisterRow.matter.startswith(MATTER)))
    session.execute(sa.delete(Ticket).where(Ticket.case_id.in_(cases)))
    removed = 0
    for kind in (Case, Member, Person):
        result = session.execute(sa.delete(kind).where(kind.demonstration))
        removed += int(getattr(result, "rowcount", 0))
    events.record(session, "demonstration_removed", now=now, actor=events.THE_HALL, subject=("hall", "demonstration"))
    return removed


def _add_person(session: Session, row: Mapping[str, Any], role: Role, password_hash: str, *, now: datetime) -> Person:
    return accounts.open_account_with_hash(
        session,
        email=row["sign_in"],
        name=row["name_zh"],
        password_hash=password_hash,
        grants=[(role, row.get("window", "") if role is Role.CLERK else "")],
        counter=row.get("counter", ""),
        now=now,
        demonstration=True,
    )


def _add_member(session: Session, row: Mapping[str, Any], person: Person) -> None:
    kept, missed = row["on_time"]
    good, poor = row["rating"]
    facets = [Facet(facet=FACETS[name], value=value) for name in FACETS for value in row[name]]
    facets += [Facet(facet="language", value=tag, quality=quality) for tag, quality in row["languages"].items()]
    session.add(
        Member(
            kind=row["kind"],
            practice=row["practice"],
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            firm_zh=row["firm_zh"],
            firm_en=row["firm_en"],
            person_id=person.id,
            capacity=row["capacity"],
            completed=row["completed"],
            on_time_kept=kept,
            on_time_missed=missed,
            rated_good=good,
            rated_poor=poor,
            insured=row["insured"],
            joined_on=row["joined_on"],
            demonstration=True,
            facets=facets,
            credentials=[Credential(**credential) for credential in row["credentials"]],
        )
    )


def _add_matter(session: Session, row: Mapping[str, Any], *, holder: str) -> None:
    for name in row["names"]:
        register.add_name(
            session,
            name=name,
            ids=row.get("ids", ()),
            side=row["side"],
            matter=row["matter"],
            holder=holder,
            place=row["country"],
            since=row["since"],
            ended_on=row.get("ended"),
        )
