"""How urgent a case is and what it needs, decided by the first fitting rule of triage.toml. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hall.intake import flow, papers
from hall.intake.questions import (
    ALWAYS,
    UNSURE,
    Answers,
    Condition,
    InvalidFlow,
    holds,
    is_known,
    values_of,
)
from hall.intake.reading import read_condition, read_toml
from hall.words import N_

FILE = Path(__file__).parent / "triage.toml"

URGENCIES = ("U0", "U1", "U2", "U3")
"""From now to five working days."""
RIGHTS = ("patent", "utility_model", "design", "mark", "copyright", "trade_secret")
"""Codes of rights, the first of several being the one a case is about; their labels are the matching's."""
PROCEDURES = frozenset(
    {
        "advice",
        "cancellation",
        "cease_and_desist",
        "clearance",
        "customs",
        "domain",
        "filing",
        "invalidation",
        "itc_337",
        "licence",
        "litigation",
        "opposition",
        "patent_assertion",
        "platform",
        "prosecution",
        "squatting",
        "trade_commission",
        "trade_fair",
    }
)
"""Codes of procedures an advisor may be experienced in; their labels are the matching's."""
UNKNOWN_RIGHT = "unknown"
FAR_DAYS = 60
"""Calendar days beyond which a date is within no limit counted in working days."""
OWN_RULE = N_("rule of this hall")
"""The source of a rule that no law lays down."""

WorkingDays = Callable[[date, date], int]

_RULE_KEYS = {
    "id": str,
    "urgency": str,
    "text": str,
    "source": str,
    "when": dict,
    "safe_within": int,
    "safe_within_days": int,
    "safe_unknown": bool,
    "date": str,
    "date_within": int,
    "date_ahead": bool,
}


@dataclass(frozen=True, slots=True)
class Need:
    """What a case needs of an advisor: codes for the matching; empty where not known."""

    window: str
    country: str
    role: str
    right: str
    rights: tuple[str, ...]
    procedure: str
    document: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: all its conditions must be true. Limits in working days, `safe_within_days` in calendar days."""

    id: str
    urgency: str
    text: str
    source: str = OWN_RULE
    when: Condition = ALWAYS
    safe_within: int | None = None
    safe_within_days: int | None = None
    safe_unknown: bool = False
    date: str = ""
    date_within: int | None = None
    date_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an answer means for the choice of an advisor."""

    procedure: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """All that triage.toml says."""

    rules: tuple[Rule, ...]
    claims: Mapping[str, Meaning]
    plans: Mapping[str, Meaning]
    events: Mapping[str, Meaning]


@dataclass(frozen=True, slots=True)
class Triage:
    """The urgency (U0 to U3), the rule that decided, why (msgid) and its source, the need, and the dates to ask for.

    `source` is a citation in the original, or the msgid OWN_RULE. `ask` are keys of dates not known yet.
    """

    urgency: str
    rule_id: str
    reason: str
    source: str
    need: Need
    ask: tuple[str, ...]


@cache
def all_rules() -> Rules:
    """The rules of triage, read once. Raises InvalidFlow."""
    return load(FILE)


def load(path: Path) -> Rules:
    """Read the rules from a file.

    Raises InvalidFlow for unknown keys, urgencies, procedures, rights, for conditions on what the main flow does
    not ask, for answers of the flow that have no meaning, and where the last rule does not hold always.
    """
    data = read_toml(path)
    if set(data) != {"rules", "claims", "plans", "events"}:
        raise InvalidFlow(path, "", "rules, claims, plans and events are expected")
    rules = tuple(_rule(path, table) for table in data["rules"])
    if len({rule.id for rule in rules}) != len(rules):
        raise InvalidFlow(path, "", "a rule stands twice")
    if rules[-1] != Rule(rules[-1].id, rules[-1].urgency, rules[-1].text):
        raise InvalidFlow(path, rules[-1].id, "the last rule has no conditions")
    for paper in papers.all_papers().papers.values():
        if paper.procedure not in PROCEDURES or paper.right not in {"", *RIGHTS}:
            raise InvalidFlow(papers.FILE, paper.code, "unknown procedure or right")
    return Rules(
        rules,
        claims=_meanings(path, "claim", data["claims"]),
        plans=_meanings(path, "plan", data["plans"]),
        events=_meanings(path, "event", data["events"]),
    )


def triage(facts: Answers, *, safe_date: date | None, today: date, working_days_between: WorkingDays) -> Triage:
    """Decide how urgent a case is.

    `facts` are the answers that count; `safe_date` the earliest safe date of the deadline rules, or None where
    none could be computed; `working_days_between` counts the hall's open days after the first day up to
    and with the last (0 or less where the last is not later).
    """
    rule = next(
        rule
        for rule in all_rules().rules
        if _applies(rule, facts, safe_date=safe_date, today=today, working_days_between=working_days_between)
    )
    return Triage(
        urgency=rule.urgency,
        rule_id=rule.id,
        reason=rule.text,
        source=rule.source,
        need=need_of(facts),
        ask=missing_dates(facts),
    )


def need_of(facts: Answers) -> Need:
    """What the case needs of an advisor: window, country, role, right, procedure and paper, as codes."""
    meaning = _meaning(facts)
    told = set(values_of(facts.get("rights")))
    rights = tuple(right for right in RIGHTS if right in told)
    if not rights and meaning.right:
        rights = (meaning.right,)
    paper = papers.find_paper(facts)
    return Need(
        window=_code(facts, "window"),
        country=_code(facts, "country"),
        role=_code(facts, "role"),
        right=rights[0] if rights else UNKNOWN_RIGHT,
        rights=rights,
        procedure=meaning.procedure,
        document=paper.code if paper else "",
    )


def missing_dates(facts: Answers) -> tuple[str, ...]:
    """The keys of dates that are asked in this situation and not known, in the order of the main flow."""
    return tuple(
        field.key
        for page in flow.visible(flow.get_flow("main"), facts)
        for field in page.fields
        if field.kind == "date" and field.required and facts.get(field.key, "") in ("", UNSURE)
    )


def _applies(
    rule: Rule, facts: Answers, *, safe_date: date | None, today: date, working_days_between: WorkingDays
) -> bool:
    if rule.safe_unknown and safe_date is not None:
        return False
    if rule.safe_within is not None and not _is_within(safe_date, rule.safe_within, today, working_days_between):
        return False
    if rule.safe_within_days is not None and not (
        safe_date is not None and (safe_date - today).days <= rule.safe_within_days
    ):
        return False
    if rule.date:
        value = facts.get(rule.date)
        day = date.fromisoformat(value) if isinstance(value, str) and is_known(value) else None
        if day is None or (rule.date_ahead and day < today):
            return False
        if rule.date_within is not None and not _is_within(day, rule.date_within, today, working_days_between):
            return False
    return holds(rule.when, facts)


def _is_within(day: date | None, limit: int, today: date, working_days_between: WorkingDays) -> bool:
    if day is None or (day - today).days > FAR_DAYS:
        return False
    return working_days_between(today, day) <= limit


def _meaning(facts: Answers) -> Meaning:
    rules = all_rules()
    for key, meanings in (("claim", rules.claims), ("plan", rules.plans)):
        for value in values_of(facts.get(key)):
            if value in meanings:
                return meanings[value]
    paper = papers.find_paper(facts)
    if paper is None:
        return rules.events.get(_code(facts, "event"), Meaning("advice"))
    if paper.group != "letter":
        return Meaning(paper.procedure, paper.right)
    if facts.get("way") == "fair_stand":
        return Meaning("trade_fair")
    asks_for_licence = not {"take_licence", "standard_licence"}.isdisjoint(values_of(facts.get("letter_demand")))
    return Meaning("patent_assertion" if asks_for_licence else paper.procedure)


def _code(facts: Answers, key: str) -> str:
    value = facts.get(key, "")
    return value if isinstance(value, str) and value != UNSURE else ""


def _rule(path: Path, table: Mapping[str, Any]) -> Rule:
    name = str(table.get("id", "?"))
    for key, value in table.items():
        if key not in _RULE_KEYS or type(value) is not _RULE_KEYS[key]:
            raise InvalidFlow(path, name, f"unknown key {key}, or not of type {_RULE_KEYS.get(key, str).__name__}")
    if not {"id", "urgency", "text"} <= set(table) or table["urgency"] not in URGENCIES:
        raise InvalidFlow(path, name, "a rule has an id, an urgency from U0 to U3 and a text")
    main = flow.get_flow("main")
    if ("date" in table) != ("date_within" in table or "date_ahead" in table):
        raise InvalidFlow(path, name, "date and date_within or date_ahead go together")
    if "date" in table and not (table["date"] in main.fields and main.fields[table["date"]].kind == "date"):
        raise InvalidFlow(path, name, f"{table['date']} is no date of the main flow")
    when: Condition = ALWAYS
    if "when" in table:
        when = read_condition(path, name, table["when"], groups=papers.groups(), flow=main)
    return Rule(**{**table, "when": when})


def _meanings(path: Path, key: str, tables: Mapping[str, Any]) -> Mapping[str, Meaning]:
    expected = {option.value for option in flow.get_flow("main").fields[key].options}
    if set(tables) != expected:
        raise InvalidFlow(path, key, f"the answers of the flow are {', '.join(sorted(expected))}")
    meanings = {}
    for value, table in tables.items():
        try:
            meanings[value] = Meaning(**table)
        except TypeError:
            raise InvalidFlow(path, key, f"{value} means a procedure and perhaps a right") from None
        if meanings[value].procedure not in PROCEDURES or meanings[value].right not in {"", *RIGHTS}:
            raise InvalidFlow(path, key, f"{value}: unknown procedure or right")
    return MappingProxyType(meanings)
