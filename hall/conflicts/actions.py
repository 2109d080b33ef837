"""What can be done about conflicts of interest: note the parties, check a case, decide what was found."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from hall import events
from hall.cases import actions as case_actions
from hall.cases import records as cases
from hall.cases.records import Case, PartySaid
from hall.cases.rules import ConflictStatus, State, check_text
from hall.conflicts import records, rules
from hall.conflicts.records import Decision, NameSaid, Search, SearchHit
from hall.conflicts.rules import Outcome, PartyName, Register, RegisterEntry
from hall.database import hall_of, keys_of, new_id
from hall.events import Actor
from hall.sealing import seal_text
from hall.words import N_, Refused

_NEXT = {
    ConflictStatus.CLEAR: State.MATCHING,
    ConflictStatus.REVIEW: State.CONFLICT_REVIEW,
    ConflictStatus.BLOCKED: State.CONFLICT_REVIEW,
    ConflictStatus.NOT_RUN: State.SCREENING,
}
_BEFORE_WORK = (State.SUBMITTED, State.SCREENING, State.MATCHING, State.CONFLICT_REVIEW)
HALL = "hall"  # holder of the matters of the hall itself; members hold their own


class DecisionRefused(Refused):
    """Only what is under review, or blocked, can be decided."""

    message = N_("There is nothing to decide: the conflict check says %(status)s.")


@dataclass(slots=True)
class _Kept:
    ends: dict[int, date | None] = field(default_factory=dict)
    hall: Register = field(default_factory=Register)
    firms: list[RegisterEntry] = field(default_factory=list)

    def add(self, said: NameSaid) -> None:
        self.ends[said.seq] = said.ended_on
        if said.holder == HALL:
            self.hall.add(_entry(said))
        else:
            self.firms.append(_entry(said))


class KeptRegister:
    """The register in memory, brought up to date before each check; shared by the threads of a process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._halls: dict[tuple[str, str], _Kept] = {}

    def current(self, session: Session) -> tuple[Register, list[RegisterEntry]]:
        """Return the names of the hall's matters, and those of the members' firms, as the session sees them.

        Only names that are new since the last check are opened; a name that ended or went makes all be read anew.
        """
        place = (str(session.get_bind().engine.url), hall_of(session))
        with self._turn:
            wanted = records.all_numbers(session)
            kept = self._halls.get(place, _Kept())
            if any(wanted.get(seq, date.min) != ended for seq, ended in kept.ends.items()):
                kept = _Kept()
            missing = [seq for seq in wanted if seq not in kept.ends]
            for said in records.names(session, missing) if missing else ():
                kept.add(said)
            self._halls[place] = kept
            return kept.hall, kept.firms


KEPT = KeptRegister()


def note_parties(session: Session, case: Case, *, today: date) -> None:
    """Enter the parties of a case in the register, so that later cases are checked against them."""
    for party in cases.parties_of(session, case):
        note_party(session, case, party, today=today)


def note_party(session: Session, case: Case, party: PartySaid, *, today: date) -> None:
    """Enter one party of a case in the register, under each of its names."""
    for name in party.names:
        records.add_name(
            session,
            name=name,
            ids=party.ids,
            side=rules.side_of(party.role),
            matter=case.id,
            holder=HALL,
            place=party.country,
            since=today,
            case_id=case.id,
            party_id=party.id,
        )
    session.flush()


def check_case(session: Session, case: Case, *, actor: Actor, today: date, now: datetime) -> Search:
    """Check the parties of a case against the register and store what was compared, when and with what outcome.

    The case goes on to matching, or to the conflict officer's review.
    """
    parties = cases.parties_of(session, case)
    outcome = rules.check([_party(party) for party in parties], _without(session, case), today=today)
    search = _store(session, case, parties, outcome, now=now)
    case.conflict_status = _status(case, parties, outcome)
    target = _NEXT[ConflictStatus(case.conflict_status)]
    works = case.state in (State.OFFERED, State.IN_CONSULTATION)
    if case.state != target and (case.state in _BEFORE_WORK or (works and target is State.CONFLICT_REVIEW)):
        case_actions.move(session, case, target)
    events.record(
        session,
        "conflict_checked",
        now=now,
        actor=actor,
        subject=("case", case.id),
        case_id=case.id,
        payload={"status": case.conflict_status, "compared": outcome.compared, "hits": len(outcome.hits)},
    )
    return search


def decide(
    session: Session, case: Case, *, outcome: ConflictStatus, reason: str, version: int, actor: Actor, now: datetime
) -> None:
    """The conflict officer lets a case go on, or blocks it, with a reason; DecisionRefused, ChangedMeanwhile."""
    case_actions.check_version(case, version)
    search = records.latest_search(session, case.id)
    if search is None or case.state != State.CONFLICT_REVIEW:
        raise DecisionRefused(status=case.conflict_status)
    decision = Decision(id=new_id(), case_id=case.id, search_id=search.id, person_id=actor.id, outcome=outcome, at=now)
    key = keys_of(session).derive(records.KEY_PURPOSE)
    decision.reason_sealed = seal_text(key, check_text(reason), bound_to=f"decision|{decision.id}")
    session.add(decision)
    case.conflict_status = outcome
    if outcome is ConflictStatus.WAIVED:
        case_actions.move(session, case, State.MATCHING)
    events.record(
        session,
        "conflict_decided",
        now=now,
        actor=actor,
        subject=("case", case.id),
        case_id=case.id,
        payload={"outcome": outcome},
    )


def conflicted_firms(session: Session, case: Case, *, today: date) -> frozenset[str]:
    """Return the firms whose own matters are against a party of this case, or for its other side.

    A mere likeness does not exclude a firm: its people see the names and declare.
    """
    parties = [_party(party) for party in cases.parties_of(session, case)]
    _, entries = KEPT.current(session)
    found = rules.member_conflicts(parties, entries, today=today)
    return frozenset(firm for firm, hits in found.items() if any(hit.blocks for hit in hits))


def _status(case: Case, parties: Sequence[PartySaid], outcome: Outcome) -> ConflictStatus:
    # A check without the names of both sides clears nobody; who only prepares has no other side yet.
    needed = {"client"} if case.role == "we_are_preparing" else {"client", "adverse"}
    named = {party.role for party in parties if party.names}
    if outcome.status == ConflictStatus.CLEAR and not needed <= named:
        return ConflictStatus.NOT_RUN
    return ConflictStatus(outcome.status)


def _without(session: Session, case: Case) -> Register:
    register, _ = KEPT.current(session)
    return register.without_matter(case.id)


def _party(party: PartySaid) -> PartyName:
    return PartyName(party.id, party.role, party.names, party.ids, party.country)


def _entry(said: NameSaid) -> RegisterEntry:
    return RegisterEntry(
        id=str(said.seq),
        name=said.name,
        ids=said.ids,
        side=said.side,
        matter=said.matter,
        holder=said.holder,
        country=said.place,
        since=said.since,
        ended=said.ended_on,
    )


def _store(session: Session, case: Case, parties: list[PartySaid], outcome: Outcome, *, now: datetime) -> Search:
    search = Search(
        id=new_id(),
        case_id=case.id,
        at=now,
        names=sum(len(party.names) for party in parties),
        compared=outcome.compared,
        version=outcome.version,
        status=outcome.status,
    )
    session.add(search)
    session.flush()
    for hit in outcome.hits:
        session.add(
            SearchHit(
                search_id=search.id,
                party_id=hit.party_id,
                register_seq=int(hit.entry_id),
                score=hit.score,
                band=hit.band,
                reason=hit.reason,
                rule=hit.rule,
            )
        )
    session.flush()
    return search
