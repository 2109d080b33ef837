"""Facts, deadlines and cases put into the reader's language: what several desks show in the same way."""

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import segno
from flask_babel import format_date, format_time, get_locale, gettext, ngettext
from markupsafe import Markup

from hall.cases import rules as case_rules
from hall.cases.records import CaseDeadline
from hall.conflicts import rules as conflict_rules
from hall.events import Event
from hall.hours import Hours, NeverOpen
from hall.intake import details
from hall.intake import flow as intake
from hall.intake.questions import CHOSEN, NO, NONE, UNSURE, YES, Field, Value, is_blank, values_of
from hall.languages import LANGUAGES, country_name, current_language, language_name
from hall.matching import rules as matching_rules
from hall.panel.records import Member
from hall.tickets import rules as ticket_rules
from hall.words import N_
from handbooks import selection
from handbooks.selection import Handbook, NotPrinted
from windows import citations, directory, prose
from windows import deadlines as rulebook
from windows.deadlines import Amount, Deadline, Period, Rule, Step, Words
from windows.directory import Code, Day, Fact, Flag, Names, Number, Text, Texts

TO_BE_CONFIRMED = N_("to be confirmed")
ROLE_LABELS = {
    "we_claim": N_("Our rights were infringed"),
    "we_are_accused": N_("We are accused"),
    "we_are_preparing": N_("We are preparing to go abroad"),
}
PARTY_LABELS = {
    "client": N_("Client"),
    "adverse": N_("Other side"),
    "counsel": N_("Lawyers of the other side"),
    "affiliate": N_("Related company"),
}
# On which side a name of the register stands in its own matter.
SIDE_LABELS = {"client": N_("Client"), "adverse": N_("Other side"), "other": N_("Connected")}
BAND_LABELS = {"hit": N_("match"), "review": N_("possible match")}
OFFER_LABELS = {
    "offered": N_("asked, no answer yet"),
    "declared": N_("no conflict declared, not yet accepted"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "expired": N_("not answered in time"),
    "ended": N_("ended with the case"),
}
KIND_LABELS = {"advisor": N_("Advisors"), "provider": N_("Providers")}
ACTOR_LABELS = {"visitor": N_("the visitor"), "terminal": N_("a terminal"), "hall": N_("the hall itself")}
# What happened to a case, said from the payload of the event.
EVENT_LABELS = {
    "case_submitted": N_("Case submitted"),
    "case_read": N_("Case read"),
    "party_added": N_("Party added: %(role)s"),
    "urgency_changed": N_("Urgency changed from %(before)s to %(after)s"),
    "conflict_checked": N_("Conflict check of %(compared)s names: %(status)s"),
    "conflict_decided": N_("Conflict officer: %(outcome)s"),
    "members_proposed": N_("%(kind)s ranked: %(considered)s considered, %(eligible)s eligible"),
    "offer_sent": N_("Offered to %(member)s"),
    "referral_sent": N_("Referred to %(member)s"),
    "no_conflict_declared": N_("%(member)s declared to have no conflict of interest"),
    "offer_accepted": N_("%(member)s took the case"),
    "referral_accepted": N_("%(member)s accepted the referral"),
    "offer_declined": N_("%(member)s declined: %(reason)s"),
    "offer_expired": N_("%(member)s did not answer in time"),
    "case_answered": N_("Written opinion given to the visitor"),
    "visitor_asked": N_("The visitor asked about the answer"),
    "case_closed": N_("Case closed"),
    "paper_added": N_("Photo or scan of a paper added"),
    "paper_opened": N_("Photo or scan of a paper opened"),
    "paper_removed": N_("Photo or scan of a paper removed"),
    "ticket_taken": N_("Ticket %(label)s taken"),
    "ticket_called": N_("Ticket %(label)s called to counter %(counter)s"),
    "ticket_recalled": N_("Ticket %(label)s called again"),
    "ticket_started": N_("Ticket %(label)s: service began"),
    "ticket_missed": N_("Ticket %(label)s: nobody came"),
    "ticket_transferred": N_("Ticket %(label)s sent on: %(window)s"),
    "ticket_finished": N_("Ticket %(label)s: service finished"),
}


@dataclass(frozen=True, slots=True)
class ShownFact:
    """A fact as a page shows it: label, value in words, whether it is settled, and where it comes from.

    A source is its address and its date; `others` are the values of sources that disagree, with these. `clauses` are
    the parts of a value that is told in several.
    """

    key: str
    label: str
    value: str
    note: str
    basis: str
    settled: bool
    sources: tuple[tuple[str, str], ...]
    checked: date
    others: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownDeadline:
    """A deadline in the reader's words; dates stay dates so that the page can set them large."""

    rule_id: str
    action: str
    event: str
    start: date | None
    raw: date | None
    rolled: date | None
    safe: date | None
    demanded: date | None
    days_left: int | None
    basis: str
    consequence: str
    extension: str
    is_own_act: bool
    applies_when: str
    note: str
    forum: str
    provisional: bool
    why: tuple[str, ...]
    doubts: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def date(self) -> date | None:
        """The date to act by: the safe one, or the one that the other side demands."""
        return self.safe or self.demanded


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """One event of a case in the reader's words, and who did it."""

    action: str
    at: datetime
    words: str
    who: str


def fact_groups(country: directory.Country) -> list[tuple[str, str, list[ShownFact]]]:
    """Return the facts of a country under their headings: code and name of the heading, and its facts."""
    return [
        (group.code, gettext(group.label), [shown_fact(fact) for fact in facts])
        for group, facts in directory.facts_by_group(country)
    ]


def shown_fact(fact: Fact) -> ShownFact:
    """Return a fact in the reader's words."""
    return ShownFact(
        key=fact.key,
        label=gettext(directory.get_fact_key(fact.key).label),
        value=value_words(fact),
        note=told(fact.note),
        basis=str(gettext("; ")).join(map(_say, directory.basis_of(fact))),
        settled=fact.confidence == "sourced",
        sources=_origins(fact.sources),
        checked=fact.checked,
        others=tuple((part_words(value), _origins(sources)) for value, sources in directory.other_values(fact)),
        clauses=tuple(clauses_of(fact)),
    )


def clauses_of(fact: Fact) -> list[str]:
    """Return the clauses of a fact that is told in several, in the reader's words."""
    return [told(clause.text) for clause in fact.clauses]


def _origins(sources: Iterable[directory.Source]) -> tuple[tuple[str, str], ...]:
    return tuple(origin_words(source.address, source.dated) for source in sources)


def value_words(fact: Fact) -> str:
    """Return the value of a fact in the reader's words."""
    return part_words(directory.value_of(fact))


def part_words(value: directory.Value) -> str:
    """Return the value of a fact, as a typed part, in the reader's words."""
    match value:
        case Number(amount, unit):
            return amount_words(amount, unit)
        case Flag(is_true):
            return str(gettext("yes") if is_true else gettext("no"))
        case Code(_, label):
            return str(gettext(label))
        case Day(day):
            return str(format_date(day, "long"))
        case Names(names):
            return (gettext(", ")).join(gettext(name) for name in names) if names else str(gettext("none"))
        case Text(message):
            return told(message)
        case Texts(messages):
            return str(gettext("; ")).join(map(told, messages))


def jurisdiction_name(code: str) -> str:
    """Return the name of a country, union or office as the rules name it."""
    place = rulebook.JURISDICTIONS.get(code)
    return str(gettext(place)) if place else country_name(code, current_language().locale)


def amount_words(amount: int, unit: str) -> str:
    """Return a length of time in the reader's words."""
    one, many = directory.UNITS[unit]
    return str(ngettext(one, many, amount))


def period_words(rule: Rule) -> str:
    """Return the length of a rule's period in the reader's words; '' where no source supports one."""
    return "" if rule.kind == "no_deadline" or not rule.show_date else length_words(rule.period)


def reference_words(known: Fact | Rule) -> str:
    """Return what stands in a guide for a reference: the value of a fact, the length of a rule's period.

    Many clauses in a row of a sentence would not be read: they stand apart, each on a line of its own.
    """
    if isinstance(known, Rule):
        return period_words(known)
    if len(known.clauses) <= prose.FEW_CLAUSES:
        return value_words(known)
    *others, last = clauses_of(known)
    clauses = [*(words + gettext("; ") for words in others), last]
    return Markup("").join(Markup('<span class="fact-clause">{}</span>').format(words) for words in clauses)


def length_words(period: Period) -> str:
    """Return a length of time, or that the paper tells it, in the reader's words."""
    return prose.length_words(period, amount_words, _say)


def step_words(step: Step) -> str:
    """Return one sentence of an explanation in the reader's words."""
    params = {name: _param_words(value) for name, value in step.params.items()}
    text = str(gettext(step.message))
    return text % params if params else text


def explained(deadline: Deadline) -> dict[str, Any]:
    """Return a deadline as plain values that can be kept with a case and said later in any language."""
    return {
        "action": deadline.action,
        "event": rulebook.get_event(deadline.event).label if deadline.event else "",
        "demanded": deadline.demanded,
        "basis": deadline.basis,
        "forum": rulebook.get_forum(deadline.forum).name if deadline.forum else "",
        "consequence": deadline.consequence,
        "extension": deadline.extension,
        "applies_when": deadline.applies_when,
        "kind": deadline.kind,
        "note": deadline.note,
        "provisional": deadline.calendar_provisional,
        "why": [_kept(step) for step in deadline.why],
        "doubts": [_kept(step) for step in deadline.doubts],
        "sources": [[source.address, source.dated] for source in deadline.source],
    }


def deadlines(rows: Iterable[CaseDeadline], today: date | None = None) -> list[ShownDeadline]:
    """Return the deadlines kept with a case in the reader's words; `today` gives the days left."""
    return [_shown(row, json.loads(row.explained), today) for row in rows]


def computed(found: Sequence[Deadline]) -> list[ShownDeadline]:
    """Return deadlines just computed in the reader's words."""
    shown = []
    for deadline in found:
        row = CaseDeadline(
            rule_id=deadline.rule_id,
            start=deadline.start,
            raw=deadline.raw,
            rolled=deadline.rolled,
            safe=deadline.safe,
        )
        kept = json.loads(json.dumps(explained(deadline), default=date.isoformat))
        today = None
        if deadline.days_left is not None and deadline.sort_date is not None:
            today = date.fromordinal(deadline.sort_date.toordinal() - deadline.days_left)
        shown.append(_shown(row, kept, today))
    return shown


def case_labels() -> dict[str, Any]:
    """Return the names of codes that pages of cases show."""
    return {
        "states": case_rules.STAFF_LABELS,
        "urgencies": case_rules.URGENCY_LABELS,
        "conflict_labels": case_rules.CONFLICT_LABELS,
        "ticket_states": ticket_rules.STATE_NAMES,
        "roles": ROLE_LABELS,
        "party_roles": PARTY_LABELS,
        "window_names": {window.code: gettext(window.name) for window in directory.all_windows()},
        "offer_states": OFFER_LABELS,
        "decline_reasons": matching_rules.DECLINE_REASONS,
        "sides": SIDE_LABELS,
        "bands": BAND_LABELS,
        "likenesses": conflict_rules.REASONS,
        "conflict_rules": conflict_rules.RULES,
        "event_labels": EVENT_LABELS,
        "say": say_message,
        "language_name": name_of_language,
        "member_name": member_name,
        "firm_name": firm_name,
        "document_name": document_name,
        "country": lambda code: country_name(code, current_language().locale) if code else "",
    }


def member_name(member: Member) -> str:
    """Return the name of an advisor or provider in the script of the reader."""
    return member.name_zh if current_language().tag.startswith("zh") else member.name_en


def firm_name(member: Member) -> str:
    """Return the name of a member's firm in the script of the reader."""
    return member.firm_zh if current_language().tag.startswith("zh") else member.firm_en


def say_message(message: str, params: Mapping[str, object] | None = None) -> str:
    """Return a stored sentence in the reader's words; a country is named, parameters that are messages translated."""
    if not message:
        return ""
    said = {name: _said(name, value) for name, value in (params or {}).items()}
    text = str(gettext(message))
    return text % said if said else text


def history(happened: Iterable[Event], names: Mapping[str, str]) -> list[ShownEvent]:
    """Return the events of a case in the reader's words, oldest first; `names` holds people and members by id."""
    return [
        ShownEvent(event.action, event.at, _event_words(event, names), _actor_words(event, names)) for event in happened
    ]


def member_languages(member: Member) -> str:
    """Return the languages of an advisor or provider in the reader's words."""
    return str(gettext(", ")).join(name_of_language(tag) for tag in member.values("language"))


def document_name(code: str) -> str:
    """Return the name of a type of paper in the reader's words; a code that is no such type stays empty."""
    try:
        return str(gettext(rulebook.get_document(code).name))
    except rulebook.UnknownDocument:
        return ""


# Who sends a paper, in the order in which a visitor is asked; the groups of the rulebook.
SENDERS = (
    (N_("A court"), {"court", "order"}),
    (N_("A trade commission"), {"trade_commission"}),
    (N_("A lawyer or another firm, without a court"), {"letter"}),
    (N_("Customs"), {"customs"}),
    (N_("A platform, or the provider of a domain"), {"platform", "domain"}),
    (N_("A patent or trademark office"), {"office", "attack", "publication"}),
    (N_("Papers of your own applications and rights"), {"own"}),
)


def by_sender(codes: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return types of paper (their codes) under the words for who sends them; no empty heading."""
    told = list(codes)
    groups = {code: rulebook.get_document(code).group for code in told}
    sent = ((gettext(label), [code for code in told if groups[code] in kinds]) for label, kinds in SENDERS)
    return [(label, found) for label, found in sent if found]


def options(field: Field, further: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Yield value, label and hint of every answer that can be chosen for a field, “not sure” last."""
    if field.kind == "yes_no":
        yield YES, gettext("Yes"), ""
        yield NO, gettext("No"), ""
    for code in further:
        yield code, *_source_words(field, code)
    for option in field.options:
        yield option.value, gettext(option.label), gettext(option.hint) if option.hint else ""
    if field.kind in CHOSEN:
        if field.absent:
            yield NONE, gettext("There is none"), ""
        if field.unsure:
            yield UNSURE, gettext("I am not sure"), ""


def facts(lane: str, said: Mapping[str, Value], *, without: Container[str] = ()) -> list[tuple[str, str]]:
    """Return what was said in an intake as label and value in the reader's words, in the order it was asked."""
    fields = details.with_details(intake.get_flow(lane), said).fields
    return [
        (gettext(fields[key].label), answer_words(fields[key], value))
        for key, value in said.items()
        if key in fields and key not in without and not is_blank(value)
    ]


def answer_words(field: Field, value: Value) -> str:
    """Return an answer in the reader's words."""
    return str(gettext(", ")).join(_answer_word(field, one) for one in values_of(value))


def day(value: date) -> str:
    """Return a day in the reader's form."""
    return str(format_date(value, "long"))


def _answer_word(field: Field, value: str) -> str:
    if value == UNSURE:
        return str(gettext("I am not sure"))
    if value == NONE:
        return str(gettext("There is none"))
    if field.kind in ("yes_no", "consent"):
        return str(gettext("Yes") if value == YES else gettext("No"))
    if field.kind == "date":
        return day(date.fromisoformat(value))
    if field.kind not in CHOSEN:
        return value
    known = next((option for option in field.options if option.value == value), None)
    return str(gettext(known.label)) if known else _source_words(field, value)[0]


def _source_words(field: Field, code: str) -> tuple[str, str]:
    if field.source == "documents":
        # A case may be older than the rulebook and name a paper that is no longer in it.
        name = document_name(code)
        return (name, prose.printed_words(rulebook.get_document(code))) if name else (code, "")
    if field.source == "languages":
        return name_of_language(code), ""
    return country_name(code, current_language().locale), ""


def moment(at: datetime) -> str:
    """Return a moment in the hall's time, to the minute, in the reader's form."""
    return f"{format_date(at, 'long')} {format_time(at, 'short')}"


def opening_words(hours: Hours, now: datetime) -> str:
    """Return whether the hall is open, and until when or from when."""
    try:
        opens, closes = hours.next_interval(now)
    except NeverOpen:
        return str(gettext("Closed now."))
    if opens <= now:
        return str(gettext("Open now, until %(time)s.", time=format_time(closes, "short")))
    if opens.date() == now.astimezone(hours.zone).date():
        return str(gettext("Closed now. Opens today at %(time)s.", time=format_time(opens, "short")))
    day = format_date(opens.date(), "full")
    return str(gettext("Closed now. Opens on %(day)s at %(time)s.", day=day, time=format_time(opens, "short")))


def hours_words(hours: Hours) -> str:
    """Return when the hall is open on its working days."""

    def words(moment: time) -> str:
        return str(format_time(datetime.combine(date(2000, 1, 1), moment), "short", rebase=False))

    spans = gettext(", ").join("–".join(map(words, span)) for span in hours.spans)
    return str(gettext("%(hours)s on working days", hours=spans))


def handbook_names(book: Handbook) -> list[str]:
    """Return the markets of a handbook in the order in which they were asked for, or its window."""
    if book.kind == "window":
        return [str(gettext(directory.get_window(book.window).name))]
    locale = current_language().locale
    return [country_name(market, locale) for market in book.markets]


def handbook_words(code: str) -> str:
    """Return what a handbook is: its markets, its form and its language; '' for the handbook of a case."""
    try:
        book = selection.from_code(code)
    except NotPrinted:
        return ""
    language = next(language.name for language in LANGUAGES if language.locale == book.language)
    return " · ".join([gettext(", ").join(handbook_names(book)), gettext(selection.FORMS[book.form]), language])


def name_of_language(tag: str) -> str:
    """Return the name of a language in the reader's."""
    return language_name(tag, str(get_locale()))


def passed(happened: Iterable[Event]) -> Iterator[tuple[str, datetime, str]]:
    """Yield events of a case as its status bar is made of them (cases.rules.status_steps)."""
    for event in happened:
        said = json.loads(event.payload)
        is_check = event.action in ("conflict_checked", "conflict_decided")
        yield event.action, event.at, str(said.get("status", said.get("outcome", ""))) if is_check else ""


def _event_words(event: Event, names: Mapping[str, str]) -> str:
    labels: dict[str, Mapping[Any, str]] = {
        "role": PARTY_LABELS,
        "status": case_rules.CONFLICT_LABELS,
        "outcome": case_rules.CONFLICT_LABELS,
        "kind": KIND_LABELS,
        "reason": matching_rules.DECLINE_REASONS,
        "window": {window.code: window.name for window in directory.all_windows()},
        "member": names,
    }
    params = {
        name: labels[name].get(str(value), str(value)) if name in labels else value
        for name, value in json.loads(event.payload).items()
    }
    return say_message(EVENT_LABELS.get(event.action, event.action), params)


def _actor_words(event: Event, names: Mapping[str, str]) -> str:
    if event.actor_kind == "person":
        return names.get(event.actor_id, "")
    return say_message(ACTOR_LABELS.get(event.actor_kind, ""))


def _said(name: str, value: object) -> object:
    if name == "country":
        return country_name(str(value), current_language().locale)
    return gettext(value) if isinstance(value, str) and value else value


def _param_words(value: object) -> object:
    match value:
        case Words():
            return gettext(str(value))
        case Amount(num, unit):
            return amount_words(num, unit)
        case date():
            return format_date(value, "full")
        case _:
            return value


def _kept(step: Step) -> list[Any]:
    return [step.message, {name: _kept_param(value) for name, value in step.params.items()}]


def _kept_param(value: object) -> list[object]:
    match value:
        case Words():
            return ["words", str(value)]
        case Amount(num, unit):
            return ["amount", num, unit]
        case date():
            return ["date", value.isoformat()]
        case _:
            return ["text", value]


_READ: Mapping[str, Callable[..., object]] = {
    "words": Words,
    "amount": Amount,
    "date": date.fromisoformat,
    "text": lambda value: value,
}


def _step(kept: Sequence[Any]) -> Step:
    message, params = kept
    return Step(message, {name: _READ[kind](*rest) for name, (kind, *rest) in params.items()})  # type: ignore[misc]


def _shown(row: CaseDeadline, kept: Mapping[str, Any], today: date | None) -> ShownDeadline:
    demanded = date.fromisoformat(kept["demanded"]) if kept["demanded"] else None
    by = row.safe or demanded
    return ShownDeadline(
        rule_id=row.rule_id,
        action=_say(kept["action"]),
        event=_say(kept["event"]),
        start=row.start,
        raw=row.raw,
        rolled=row.rolled,
        safe=row.safe,
        demanded=demanded,
        days_left=(by - today).days if by and today else None,
        basis=_say(kept["basis"]),
        consequence=_say(kept["consequence"]),
        extension=_say(kept["extension"]),
        # Dates kept before the kind was: nearly all are the reader's own.
        is_own_act=kept.get("kind", "own_act") in rulebook.OWN,
        applies_when=_say(kept["applies_when"]),
        note=_say(kept["note"]),
        forum=_say(kept["forum"]),
        provisional=kept["provisional"],
        why=tuple(step_words(_step(step)) for step in kept["why"]),
        doubts=tuple(step_words(_step(step)) for step in kept["doubts"]),
        sources=tuple(origin_words(address, dated) for address, dated in kept["sources"]),
    )


def origin_words(address: str, dated: str) -> tuple[str, str]:
    """Return where a source stands and the date that it bears, in the reader's words."""
    return citations.address_words(address, _say), citations.dated_words(dated, _say)


def told(message: str) -> str:
    """Return what a fact or rule says (msgid) in the reader's words, the dates in it too; nothing for nothing."""
    return prose.with_dates(_say(message), day)


def _say(message: str) -> str:
    return str(gettext(message)) if message else ""


def qr_code(address: str) -> Markup:
    """Return the address as a QR code (ISO/IEC 18004), named for screen readers, in SVG without style."""
    code = segno.make(address, error="m", micro=False)
    name = gettext("QR code: scan it with a phone")
    return Markup(  # noqa: S704 - segno escapes the name
        code.svg_inline(scale=5, border=2, svgclass="qr", lineclass="", omitsize=True, title=str(name))
    )
