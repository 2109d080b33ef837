"""The rules of deadlines as data: what starts a period, how long it is, how it is counted, and for which paper.

Read from rules/*.toml and the tables beside it (documents, events, counting, ways, questions, forums), checked, and
looked up by paper and place. What a rule makes of a visitor's dates is the work of `windows.deadlines`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from hall.words import N_
from windows import calendars, directory, knowledge
from windows.directory import Confidence, Country, LanguageTag, Option, Right, Source
from windows.knowledge import KnowledgeFile, Shape

HERE = Path(__file__).parent

_strict = ConfigDict(extra="forbid")

PeriodUnit = Literal["days", "working_days", "months", "years"]
PositiveOrZero = Annotated[int, Field(strict=True, ge=0)]
FirstDay = Literal["excluded", "included", "first_business_day"]
EndOfMonth = Literal["same_number_else_last_day", "from_next_day", "month_is_30_days", "not_applicable"]
RollOver = Literal["next_open_day", "none"]
Kind = Literal[
    "own_act",
    "own_or_other_side",
    "other_side_act",
    "authority_act",
    "state_ends",
    "earliest_date",
    "no_deadline",
]
Group = Literal[
    "court",
    "order",
    "trade_commission",
    "letter",
    "customs",
    "platform",
    "domain",
    "office",
    "attack",
    "own",
    "publication",
]
"""Who sends a paper, or what it is: an attack on one's own right, one's own paper, somebody else's publication."""
KINDS: Mapping[Kind, str] = MappingProxyType(
    {
        "own_act": N_("you must act"),
        "own_or_other_side": N_("you or the other side must act"),
        "other_side_act": N_("the other side must act"),
        "authority_act": N_("the authority acts"),
        "state_ends": N_("a period ends"),
        "earliest_date": N_("not before this day"),
        "no_deadline": N_("no time limit"),
    }
)
"""What a date is for, as a label (msgid)."""
OWN = frozenset({"own_act", "own_or_other_side"})
"""The kinds of rules by which the visitor is (or may be) the one who must act."""
PRINTED_DATE = "printed_date"
"""The name of the date printed in the paper as the last day."""
RECEIVED = "received"
"""The name of the day a dated paper arrived."""
EARLIEST = "_earliest"
"""`served_earliest` is the first day on which `served` may have happened, where the visitor is not sure."""
EVERYWHERE = ("WO", "*")
"""Jurisdictions whose rules hold for every country: WIPO's treaties, and papers with no law of their own."""
COMMON_SYSTEMS: Mapping[str, str] = MappingProxyType({"EUIPO": "EU", "EPO": "EP", "UPC": "UPC"})
"""The jurisdiction of each common system a country may belong to."""
JURISDICTIONS: Mapping[str, str] = MappingProxyType(
    {
        "EU": N_("European Union"),
        "EP": N_("European Patent Office"),
        "UPC": N_("Unified Patent Court"),
        "WO": N_("World Intellectual Property Organization"),
        "*": N_("any country"),
    }
)
"""Names (msgids) of the jurisdictions that are no country."""


class UnknownRule(LookupError):
    """No rule has this id."""


class UnknownDocument(LookupError):
    """No type of paper has this code."""


class UnknownWay(LookupError):
    """The hall knows no such way of service."""


class UnknownAnswer(LookupError):
    """No question has this code, or it has no such answer."""


@dataclass(frozen=True, slots=True)
class EventType:
    """An event a period can run from: what to ask the visitor (msgid), and whether it may lie ahead.

    `name` is how it is told where the period binds the other side (msgid; empty where that is no other).
    """

    code: str
    label: str
    name: str = ""
    hint: str = ""
    may_lie_ahead: bool = False

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Way:
    """A way a paper reaches the visitor (msgid)."""

    code: str
    label: str

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Question:
    """A condition the visitor can answer: what to ask (msgid) and the answers."""

    code: str
    label: str
    options: Mapping[str, Option]

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Forum:
    """The court, office or body a rule belongs to (name a msgid)."""

    code: str
    name: str

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Counting:
    """How a period is counted.

    `working_days_below`: a period of fewer days than this leaves out the days the forum is closed.
    `is_sourced` false: the counting rule was not read, so the safe date is the working day before.
    """

    code: str
    first_day: FirstDay
    end_of_month: EndOfMonth
    roll_over: RollOver
    basis: str
    note: str = ""
    working_days_below: PositiveOrZero = 0
    is_sourced: bool = True

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time; `n` 0 means that only the paper states the date.

    `before_hearing` counts units back from the hearing that the paper names: nobody's last day is the hearing itself.
    `n_max` is the far end of a window, `longer_of` further lengths of which the longest counts.
    `set_in_document`: a date printed in the paper wins. `earlier_of_printed`: the earlier of both counts.
    """

    n: PositiveOrZero
    unit: PeriodUnit
    n_max: PositiveOrZero = 0
    before_hearing: PositiveOrZero = 0
    set_in_document: bool = False
    earlier_of_printed: bool = False
    longer_of: tuple["Period", ...] = ()

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Delivery:
    """When a dated paper counts as delivered.

    `deemed_days` after its date (actual receipt later wins), or on its date, whereby receipt more than
    `late_after_days` later lengthens the period by the days above.
    """

    deemed_days: PositiveOrZero = 0
    late_after_days: PositiveOrZero = 0

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule applies only if the visitor answers `question` with one of `answers`."""

    question: str
    answers: tuple[str, ...]

    __pydantic_config__ = _strict


@dataclass(frozen=True, slots=True)
class Rule:
    """A deadline rule as written in rules/*.toml; texts are msgids.

    `additions` are days added to the end of the period by way of service. `show_date` false: nothing was read
    that supports a date, so only the text is shown. `rights` are those it is about, where its paper may be
    about several. `treaty` is the fact (a flag) that says of a country whether a rule of a treaty holds there.
    `beside_common_systems` marks a rule of a country that holds beside those of the common systems it belongs to,
    not instead of them: the same kind of paper may come under either law.
    """

    id: str
    document: str
    jurisdiction: str
    forum: str
    event: str
    period: Period
    counting: str
    calendar: str
    kind: Kind
    action: str
    basis: str
    consequence: str = ""
    extension: str = ""
    applies_when: str = ""
    rights: tuple[Right, ...] = ()
    treaty: str = ""
    beside_common_systems: bool = False
    conditions: tuple[Condition, ...] = ()
    additions: Mapping[str, PositiveOrZero] = field(default_factory=dict)
    delivery: Delivery | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    show_date: bool = True
    is_counting_sourced: bool = True
    confidence: Confidence = "sourced"
    sources: tuple[Source, ...] = ()
    note: str = ""

    __pydantic_config__ = _strict

    @property
    def is_own_act(self) -> bool:
        """Whether the visitor is (or may be) the one who must act."""
        return self.kind in OWN

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of dates the rule can use."""
        names = [] if self._needs_only_printed else [self.event, self.event + EARLIEST]
        if self.period.set_in_document or self.period.earlier_of_printed:
            names.append(PRINTED_DATE)
        if self.delivery is not None:
            names.append(RECEIVED)
        return tuple(names)

    @property
    def _needs_only_printed(self) -> bool:
        return self.period.n == 0 and self.period.set_in_document


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A type of paper: its name (msgid), who sends it, how to recognise it, and the dates to ask for.

    `rights` are those it is about, none where it may be any.
    `recognise` are words printed on it, by language (BCP 47) and never translated (none where they differ from
    country to country), parted by “ · ”; those of `printed_in` are printed under the laws of these jurisdictions alone.
    `hint` (msgid) is what else to look for; `name_here` (msgid) its name where the country is known that it comes from,
    and `name_in` where it is another in one of them (ISO codes).
    `events` are names of dates for `get_event`, in the order to ask.
    """

    code: str
    name: str
    group: Group
    jurisdictions: tuple[str, ...]
    events: tuple[str, ...]
    rights: tuple[Right, ...] = ()
    recognise: Mapping[LanguageTag, str] = field(default_factory=dict)
    printed_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hint: str = ""
    name_here: str = ""
    name_in: Mapping[str, str] = field(default_factory=dict)

    __pydantic_config__ = _strict

    @property
    def right(self) -> Right | Literal[""]:
        """The right it is about where that is certain, empty where it may be one of several."""
        return self.rights[0] if len(self.rights) == 1 else ""

    def name_under(self, country: str) -> str:
        """Return its name (msgid) where it is known that it comes from a country (ISO code)."""
        return self.name_in.get(country) or self.name_here or self.name


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All rules and the tables they point to."""

    rules: Mapping[str, Rule]
    documents: Mapping[str, DocumentType]
    countings: Mapping[str, Counting]
    events: Mapping[str, EventType]
    ways: Mapping[str, Way]
    questions: Mapping[str, Question]
    forums: Mapping[str, Forum]


_RULES = TypeAdapter(dict[str, Rule])
_DOCUMENTS = TypeAdapter(dict[str, DocumentType])
_COUNTINGS = TypeAdapter(dict[str, Counting])
_EVENTS = TypeAdapter(dict[str, EventType])
_WAYS = TypeAdapter(dict[str, Way])
_QUESTIONS = TypeAdapter(dict[str, Question])
_FORUMS = TypeAdapter(dict[str, Forum])


def load(folder: Path) -> Knowledge:
    """Read and check all rules and their tables under `folder`.

    Raises InvalidKnowledge(file, line, message) for an unknown key or code, a rule told twice, a rule that would
    show a date without a source, or a document that does not ask for a date one of its rules takes.
    """
    known = Knowledge(
        rules={},
        documents=_table(folder / "documents.toml", _DOCUMENTS),
        countings=_table(folder / "counting.toml", _COUNTINGS),
        events=_table(folder / "events.toml", _EVENTS),
        ways=_table(folder / "ways.toml", _WAYS),
        questions=_table(folder / "questions.toml", _QUESTIONS),
        forums=_table(folder / "forums.toml", _FORUMS),
    )
    rules: dict[str, Rule] = {}
    for path in sorted((folder / "rules").glob("*.toml")):
        rules |= _read_rules(path, known, rules)
    _check_documents(folder / "documents.toml", known, rules)
    return Knowledge(
        MappingProxyType(rules),
        known.documents,
        known.countings,
        known.events,
        known.ways,
        known.questions,
        known.forums,
    )


@cache
def _knowledge() -> Knowledge:
    return load(HERE)


def _table(path: Path, shape: TypeAdapter[dict[str, Shape]]) -> Mapping[str, Shape]:
    file = knowledge.read(path)
    table: dict[str, Shape] = file.shaped(shape, file.tables("code"))
    return MappingProxyType(table)


def _read_rules(path: Path, known: Knowledge, others: Mapping[str, Rule]) -> dict[str, Rule]:
    file = knowledge.read(path)
    rules = file.shaped(_RULES, file.tables("id"))
    for rule in rules.values():
        if rule.id in others:
            raise file.invalid((rule.id,), f"{rule.id} stands in another file already")
        _check_rule(file, rule, known)
    return rules


def _check_rule(file: KnowledgeFile, rule: Rule, known: Knowledge) -> None:
    for name, code, table in _pointers(rule, known):
        if code not in table:
            raise file.invalid((rule.id, name), f"{rule.id}: unknown {name} {code}")
    if rule.calendar not in {calendar.id for calendar in calendars.all_calendars()}:
        raise file.invalid((rule.id, "calendar"), f"{rule.id}: unknown calendar {rule.calendar}")
    if rule.show_date and not rule.sources:
        raise file.invalid((rule.id,), f"{rule.id}: a rule without a source shows no date")
    if (rule.confidence == "sourced") != bool(rule.sources):
        raise file.invalid((rule.id,), f"{rule.id}: a rule has a source or is marked general")
    if rule.jurisdiction not in known.documents[rule.document].jurisdictions:
        raise file.invalid((rule.id, "jurisdiction"), f"{rule.id}: {rule.document} does not name this place")


def _pointers(rule: Rule, known: Knowledge) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    yield "document", rule.document, known.documents
    yield "forum", rule.forum, known.forums
    yield "event", rule.event, known.events
    yield "counting", rule.counting, known.countings
    for way in rule.additions:
        yield "additions", way, known.ways
    for condition in rule.conditions:
        question = known.questions.get(condition.question)
        yield "conditions", condition.question, known.questions
        for answer in condition.answers:
            yield "conditions", answer, question.options if question else {}


def _check_documents(path: Path, known: Knowledge, rules: Mapping[str, Rule]) -> None:
    file = knowledge.read(path)
    for document in known.documents.values():
        for name in document.events:
            if name not in known.events:
                raise file.invalid((document.code, "events"), f"{document.code}: unknown event {name}")
        for rule in rules.values():
            if rule.document == document.code and not _asks_for(document, rule):
                raise file.invalid(
                    (document.code, "events"), f"{document.code} does not ask for a date {rule.id} takes"
                )


def laws_of(country: Country) -> tuple[str, ...]:
    """The jurisdictions whose rules hold in a country: its own, then those of the common systems it belongs to."""
    return country.code, *(COMMON_SYSTEMS[system] for system in country.systems if system in COMMON_SYSTEMS)


def words_printed_in(
    country: Country, document: DocumentType, *, without: Collection[str] = ()
) -> dict[LanguageTag, str]:
    """The words on a paper that comes from a country, by language.

    Of a paper that exists under several laws they are those in the languages of the country's offices, and in English
    where it belongs to a common system. Those of the laws (jurisdictions) `without` are left out.
    """
    laws = [law for law in laws_of(country) if law not in without]
    is_in_common = any(law != country.code for law in laws)
    languages = {office.language or "en" for office in country.offices} | ({"en"} if is_in_common else set())
    is_of_one_law = len(document.jurisdictions) == 1 or not set(EVERYWHERE).isdisjoint(document.jurisdictions)
    here = {piece for law in laws for piece in document.printed_in.get(law, ())}
    elsewhere = {piece for pieces in document.printed_in.values() for piece in pieces} - here
    found = {
        tag: " · ".join(piece for piece in text.split(" · ") if piece not in elsewhere)
        for tag, text in document.recognise.items()
        if is_of_one_law or tag in languages
    }
    return {tag: text for tag, text in found.items() if text}


def _asks_for(document: DocumentType, rule: Rule) -> bool:
    return all(name in document.events for name in rule.takes if not name.endswith(EARLIEST))


def all_documents() -> tuple[DocumentType, ...]:
    """All types of paper the hall can recognise."""
    return tuple(_knowledge().documents.values())


def get_document(code: str) -> DocumentType:
    """The type of paper of this code. Raises UnknownDocument."""
    try:
        return _knowledge().documents[code]
    except KeyError:
        raise UnknownDocument(code) from None


def all_rules() -> tuple[Rule, ...]:
    """All rules of all places."""
    return tuple(_knowledge().rules.values())


def get_rule(rule_id: str) -> Rule:
    """The rule of this id. Raises UnknownRule."""
    try:
        return _knowledge().rules[rule_id]
    except KeyError:
        raise UnknownRule(rule_id) from None


def get_event(code: str) -> EventType:
    """What to ask the visitor for a date of this name (an event, or `printed_date`). Raises KeyError."""
    return _knowledge().events[code]


def start_of(rule: Rule) -> str:
    """Return the event from which a rule counts, as the reader is told (msgid), or ''."""
    if not rule.event:
        return ""
    event = get_event(rule.event)
    return event.label if rule.is_own_act or not event.name else event.name


def get_forum(code: str) -> Forum:
    """The forum of this code. Raises KeyError."""
    return _knowledge().forums[code]


def get_counting(code: str) -> Counting:
    """The way of counting of this code. Raises KeyError."""
    return _knowledge().countings[code]


def get_way(code: str) -> Way:
    """The way of service of this code. Raises UnknownWay."""
    try:
        return _knowledge().ways[code]
    except KeyError:
        raise UnknownWay(code) from None


def get_question(code: str) -> Question:
    """The question of this code. Raises KeyError."""
    return _knowledge().questions[code]


def all_ways() -> tuple[Way, ...]:
    """All ways a paper can reach the visitor."""
    return tuple(_knowledge().ways.values())


def rules_for(*, document: str, jurisdiction: str | None = None) -> tuple[Rule, ...]:
    """The rules for a type of paper at a place: own acts first, rules that may show a date first.

    `jurisdiction` is a country code, `EU`, `EP`, `UPC`, or None for all places. Where a country has no rule of its
    own, or its own stand beside them, those of the common systems it belongs to are given. Raises UnknownDocument.
    """
    code = get_document(document).code
    rules = [rule for rule in all_rules() if rule.document == code]
    if jurisdiction is not None:
        rules = _at(rules, jurisdiction)
    return tuple(sorted(rules, key=lambda rule: (not rule.is_own_act, not rule.show_date)))


def _at(rules: Iterable[Rule], jurisdiction: str) -> list[Rule]:
    everywhere = [rule for rule in rules if rule.jurisdiction in EVERYWHERE]
    own = [rule for rule in rules if rule.jurisdiction == jurisdiction and rule not in everywhere]
    if not all(rule.beside_common_systems for rule in own):
        return own + everywhere
    country = directory.find_country(jurisdiction)
    laws = laws_of(country) if country else ()
    return own + [rule for rule in rules if rule.jurisdiction in laws and rule not in own] + everywhere


def events_for(*, document: str, jurisdiction: str | None = None) -> tuple[EventType, ...]:
    """The dates to ask the visitor for, in order: those a rule for the paper at the place can use.

    Raises UnknownDocument.
    """
    taken = {name for rule in rules_for(document=document, jurisdiction=jurisdiction) for name in rule.takes}
    return tuple(get_event(code) for code in get_document(document).events if code in taken)


def questions_for(rules: Iterable[Rule]) -> tuple[Question, ...]:
    """The conditions to ask the visitor so that only fitting rules remain, each once."""
    codes = dict.fromkeys(condition.question for rule in rules for condition in rule.conditions)
    return tuple(_knowledge().questions[code] for code in codes)


def ways_for(rules: Iterable[Rule]) -> tuple[Way, ...]:
    """The ways of service that change one of the rules; empty if the way does not matter."""
    codes = {way for rule in rules for way in rule.additions}
    return tuple(way for way in all_ways() if way.code in codes)


def applies(rule: Rule, answers: Mapping[str, str]) -> bool:
    """Whether the rule may apply: no question of it is answered unfittingly. Raises UnknownAnswer."""
    check_answers(answers)
    return all(answers.get(condition.question) in (None, *condition.answers) for condition in rule.conditions)


def check_answers(answers: Mapping[str, str]) -> None:
    """Raises UnknownAnswer for a question or an answer the hall does not have."""
    questions = _knowledge().questions
    for question, answer in answers.items():
        if question not in questions or answer not in questions[question].options:
            raise UnknownAnswer(f"{question}: {answer}")
