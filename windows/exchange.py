"""What the windows know, as plain values for other programs: the JSON of the API and of the command line.

Dates are ISO 8601, countries ISO 3166-1 alpha-2, units and codes those of the files. Words are said by `say` in one
language; everything else holds none.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from windows import directory
from windows.deadlines import Amount, Deadline, Step, Words
from windows.directory import Country, Fact, Plain, Source
from windows.rulebook import DocumentType, Period, Rule

Say = Callable[[str, Mapping[str, object] | None], str]


def country_data(country: Country, say: Say) -> dict[str, Any]:
    """Return a country: codes, windows, common systems, offices and the keys of its facts."""
    return {
        "code": country.code,
        "alpha3": country.alpha3,
        "windows": list(country.windows),
        "systems": list(country.systems),
        "offices": [
            {
                "name": say(office.name, None),
                "own_name": office.name_local,
                "language": office.language,
                "address": office.address,
            }
            for office in country.offices
        ],
        "facts": list(country.facts),
    }


def fact_data(country: Country, fact: Fact, say: Say) -> dict[str, Any]:
    """Return a fact: value in its unit, basis, note, sources with their dates, and how settled it is."""
    key = directory.get_fact_key(fact.key)
    return {
        "country": country.code,
        "key": fact.key,
        "label": say(key.label, None),
        "value": _fact_value(fact.value, fact.unit, say),
        "unit": fact.unit,
        "basis": "; ".join(directory.basis_of(fact)),
        "note": say(fact.note, None) if fact.note else "",
        "confidence": fact.confidence,
        "checked": fact.checked.isoformat(),
        "sources": _sources(fact.sources),
        "others": [
            {"value": _fact_value(other.value, fact.unit, say), "sources": _sources(other.sources)}
            for other in fact.others
        ],
    }


def _fact_value(value: Plain, unit: str, say: Say) -> object:
    match value:
        case str() if unit == "text":
            return say(value, None)
        case tuple() if unit == "text":
            return say("; ", None).join(say(words, None) for words in value)
    return _plain(value)


def document_data(document: DocumentType, say: Say) -> dict[str, Any]:
    """Return a type of paper: its name, the words printed on it by language, where it comes from, the dates it asks."""
    return {
        "code": document.code,
        "name": say(document.name, None),
        "recognise": dict(document.recognise),
        "jurisdictions": list(document.jurisdictions),
        "events": list(document.events),
    }


def rule_data(rule: Rule, say: Say) -> dict[str, Any]:
    """Return a deadline rule as the files hold it; `takes` are the names of dates that it can use."""
    return {
        "id": rule.id,
        "document": rule.document,
        "jurisdiction": rule.jurisdiction,
        "forum": rule.forum,
        "kind": rule.kind,
        "event": rule.event,
        "takes": list(rule.takes),
        "period": _period(rule.period),
        "counting": rule.counting,
        "calendar": rule.calendar,
        "action": say(rule.action, None),
        "consequence": say(rule.consequence, None) if rule.consequence else "",
        "extension": say(rule.extension, None) if rule.extension else "",
        "applies_when": say(rule.applies_when, None) if rule.applies_when else "",
        "conditions": {condition.question: list(condition.answers) for condition in rule.conditions},
        "additions": dict(rule.additions),
        "effective_from": _plain(rule.effective_from),
        "effective_to": _plain(rule.effective_to),
        "basis": rule.basis,
        "show_date": rule.show_date,
        "confidence": rule.confidence,
        "sources": _sources(rule.sources),
    }


def deadline_data(deadline: Deadline, say: Say) -> dict[str, Any]:
    """Return a computed deadline with its explanation; dates are null where no source supports one."""
    return {
        "rule": deadline.rule_id,
        "action": say(deadline.action, None),
        "kind": deadline.kind,
        "event": deadline.event,
        "start": _plain(deadline.start),
        "raw": _plain(deadline.raw),
        "rolled": _plain(deadline.rolled),
        "safe": _plain(deadline.safe),
        "until": _plain(deadline.until),
        "demanded": _plain(deadline.demanded),
        "days_left": deadline.days_left,
        "basis": deadline.basis,
        "calendar": deadline.calendar,
        "calendar_provisional": deadline.calendar_provisional,
        "show_date": deadline.show_date,
        "applies_when": say(deadline.applies_when, None) if deadline.applies_when else "",
        "why": [_step(step, say) for step in deadline.why],
        "doubts": [_step(step, say) for step in deadline.doubts],
        "sources": _sources(deadline.source),
    }


def _step(step: Step, say: Say) -> str:
    return say(step.message, {name: _param(value, say) for name, value in step.params.items()})


def _param(value: object, say: Say) -> object:
    match value:
        case Words():
            return say(str(value), None)
        case Amount(num, unit):
            one, many = directory.UNITS[unit]
            return say(one if num == 1 else many, {"num": num})
        case date():
            return value.isoformat()
        case _:
            return value


def _period(period: Period) -> dict[str, Any]:
    return {
        "n": period.n,
        "unit": period.unit,
        "n_max": period.n_max or None,
        "before_hearing": period.before_hearing or None,
        "longer_of": [{"n": other.n, "unit": other.unit} for other in period.longer_of],
        "set_in_document": period.set_in_document,
        "earlier_of_printed": period.earlier_of_printed,
    }


def _sources(sources: tuple[Source, ...]) -> list[dict[str, str]]:
    return [{"address": source.address, "dated": source.dated} for source in sources]


def _plain(value: object) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
