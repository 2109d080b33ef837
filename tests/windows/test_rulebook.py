"""The rules as data: complete, sourced, reachable."""

import shutil
from pathlib import Path

import pytest

from windows import calendars, directory, rulebook
from windows.knowledge import InvalidKnowledge
from windows.rulebook import (
    JURISDICTIONS,
    DocumentType,
    Rule,
    UnknownAnswer,
    UnknownDocument,
    UnknownRule,
    UnknownWay,
)

RULES = rulebook.all_rules()
DOCUMENTS = rulebook.all_documents()


def _id(value: Rule | DocumentType) -> str:
    return value.id if isinstance(value, Rule) else value.code


@pytest.mark.parametrize("rule", RULES, ids=_id)
def test_every_rule_is_reached_by_its_paper_at_its_place(rule: Rule) -> None:
    place = None if rule.jurisdiction in ("*", "WO") else rule.jurisdiction
    assert rule in rulebook.rules_for(document=rule.document, jurisdiction=place)


@pytest.mark.parametrize("rule", RULES, ids=_id)
def test_a_rule_that_may_show_a_date_names_its_law_and_its_source(rule: Rule) -> None:
    if rule.show_date:
        assert rule.confidence == "sourced"
        assert rule.basis
        assert all(source.address and source.dated for source in rule.sources)
    else:
        assert rule.confidence == "general"


@pytest.mark.parametrize("document", DOCUMENTS, ids=_id)
def test_every_paper_has_a_rule_and_asks_for_what_its_rules_take(document: DocumentType) -> None:
    rules = rulebook.rules_for(document=document.code)
    assert rules
    asked = {event.code for event in rulebook.events_for(document=document.code)}
    assert asked == set(document.events)
    assert all(rulebook.get_event(code).label for code in document.events)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_id)
def test_every_place_of_a_paper_has_a_rule(document: DocumentType) -> None:
    for place in document.jurisdictions:
        assert place in JURISDICTIONS or len(place) == 2
        assert rulebook.rules_for(document=document.code, jurisdiction=place)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_id)
def test_every_paper_can_be_recognised(document: DocumentType) -> None:
    assert document.recognise or document.hint


@pytest.mark.parametrize(
    ("country", "document", "words"),
    [
        ("KR", "PATENT_OFFICE_ACTION", {"ko": "의견제출통지서"}),
        ("US", "PATENT_OFFICE_ACTION", {"en": "OFFICE ACTION"}),
        ("DE", "PATENT_OFFICE_ACTION", {"en": "Communication pursuant to Article 94(3) EPC", "de": "Prüfungsbescheid"}),
        ("FR", "TM_PUBLICATION", {"en": "Bulletin", "fr": "BOPI"}),
        ("MX", "TM_PUBLICATION", {"es": "Gaceta de la Propiedad Industrial"}),
        ("VN", "OPPOSITION_NOTICE", {}),
        ("VN", "MADRID_REFUSAL", {"en": "NOTIFICATION OF PROVISIONAL REFUSAL OF PROTECTION"}),
    ],
)
def test_a_paper_bears_the_words_that_are_printed_in_its_country(
    country: str, document: str, words: dict[str, str]
) -> None:
    printed = rulebook.words_printed_in(directory.get_country(country), rulebook.get_document(document))
    assert printed == words


@pytest.mark.parametrize("document", DOCUMENTS, ids=_id)
def test_words_printed_under_one_law_are_words_of_the_paper(document: DocumentType) -> None:
    pieces = {piece for text in document.recognise.values() for piece in text.split(" · ")}
    for law, printed in document.printed_in.items():
        assert law in JURISDICTIONS or directory.find_country(law)
        assert set(printed) <= pieces


def test_own_acts_come_first() -> None:
    kinds = [rule.is_own_act for rule in rulebook.rules_for(document="US_TRO", jurisdiction="US")]
    assert kinds == sorted(kinds, reverse=True)


def test_a_country_without_a_rule_of_its_own_takes_those_of_its_common_systems() -> None:
    found = {rule.id for rule in rulebook.rules_for(document="UPC_CLAIM", jurisdiction="DE")}
    assert "UPC-SOD-3M" in found


def test_a_country_with_a_rule_of_its_own_keeps_to_it() -> None:
    places = {rule.jurisdiction for rule in rulebook.rules_for(document="TM_PUBLICATION", jurisdiction="DE")}
    assert places == {"DE"}


def test_rules_of_every_country_are_always_given() -> None:
    assert rulebook.rules_for(document="CEASE_DESIST", jurisdiction="JP")
    found = {rule.id for rule in rulebook.rules_for(document="MADRID_REFUSAL", jurisdiction="JP")}
    assert {"MADRID-PRINTED", "JP-MADRID-3M"} <= found


def test_only_events_of_the_place_are_asked_for() -> None:
    events = rulebook.events_for(document="PATENT_OFFICE_ACTION", jurisdiction="US")
    assert [event.code for event in events] == ["mailed", "printed_date"]


def test_questions_and_ways_are_asked_only_where_they_matter() -> None:
    notice = rulebook.rules_for(document="ITC_NOI", jurisdiction="US")
    assert [question.code for question in rulebook.questions_for(notice)] == ["temporary_relief"]
    assert "mail_abroad" in {way.code for way in rulebook.ways_for(notice)}
    assert not rulebook.ways_for(rulebook.rules_for(document="UPC_CLAIM", jurisdiction="UPC"))


def test_an_answer_leaves_only_fitting_rules() -> None:
    rule = rulebook.get_rule("ITC-RESP-TEO-10")
    assert rulebook.applies(rule, {})
    assert rulebook.applies(rule, {"temporary_relief": "yes"})
    assert not rulebook.applies(rule, {"temporary_relief": "no"})


def test_a_rule_with_two_conditions_needs_both() -> None:
    rule = rulebook.get_rule("DE-NOTICE-1M")
    assert rulebook.applies(rule, {"served_abroad": "abroad"})
    assert not rulebook.applies(rule, {"served_abroad": "abroad", "de_paper": "judgment"})


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownRule):
        rulebook.get_rule("MARS-1")
    with pytest.raises(UnknownDocument):
        rulebook.rules_for(document="MARS", jurisdiction=None)
    with pytest.raises(UnknownWay):
        rulebook.get_way("pigeon")
    with pytest.raises(UnknownAnswer):
        rulebook.check_answers({"temporary_relief": "perhaps"})


def test_every_condition_is_open_for_at_least_two_outcomes() -> None:
    for question in rulebook.questions_for(RULES):
        assert len(question.options) >= 2


def test_every_calendar_a_rule_names_exists() -> None:
    assert {rule.calendar for rule in RULES} <= {calendar.id for calendar in calendars.all_calendars()}


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("rules/japan.toml", 'event = "gazette_published"', 'event = "moonrise"', "unknown event moonrise"),
        ("rules/japan.toml", 'counting = "JP"', 'counting = "MOON"', "unknown counting MOON"),
        ("rules/japan.toml", 'calendar = "JP-JPO"', 'calendar = "MARS"', "unknown calendar MARS"),
        ("rules/japan.toml", 'unit = "months"', 'unit = "moons"', "period.unit"),
        ("rules/japan.toml", 'kind = "own_act"', 'kind = "own_fault"', "kind"),
        ("rules/japan.toml", 'document = "JP_PD"', 'document = "JP_DP"', "unknown document JP_DP"),
        ("rules/japan.toml", 'jurisdiction = "JP"', 'jurisdiction = "MX"', "does not name this place"),
        ("rules/us_itc.toml", "mail_abroad = 10", "pigeon = 10", "unknown additions pigeon"),
        ("rules/us_itc.toml", '"temporary_relief"', '"relief"', "unknown conditions relief"),
        ("rules/us_itc.toml", 'answers = ["no"]', 'answers = ["never"]', "unknown conditions never"),
        ("documents.toml", '"printed_date"]', '"printed"]', "unknown event printed"),
        ("counting.toml", 'first_day = "excluded"', 'first_day = "lost"', "first_day"),
    ],
)
def test_a_mistake_in_a_rule_names_the_file_and_the_line(
    tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    file, line = _broken(tmp_path, name, old, new)
    with pytest.raises(InvalidKnowledge, match=message) as mistake:
        rulebook.load(tmp_path / "windows")
    assert mistake.value.file == file
    assert mistake.value.line == line


def test_a_rule_that_shows_a_date_without_a_source_is_refused(tmp_path: Path) -> None:
    _broken(tmp_path, "rules/anywhere.toml", "show_date = false", "show_date = true")
    with pytest.raises(InvalidKnowledge, match="without a source shows no date"):
        rulebook.load(tmp_path / "windows")


def test_a_paper_that_does_not_ask_for_a_date_is_refused(tmp_path: Path) -> None:
    _broken(tmp_path, "documents.toml", 'events = ["served", "printed_date"]', 'events = ["served"]')
    with pytest.raises(InvalidKnowledge, match="does not ask for a date"):
        rulebook.load(tmp_path / "windows")


def _broken(tmp_path: Path, name: str, old: str, new: str) -> tuple[Path, int]:
    """A copy of the knowledge in which `old` in the file `name` reads `new`, and the line it stands on."""
    folder = tmp_path / "windows"
    shutil.copytree(rulebook.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("document", "country", "own", "common"),
    [
        ("EU_CUSTOMS", "FR", "FR-CUSTOMS-HOLDER-3", "EU-CUS-3"),
        ("EU_CUSTOMS", "DE", "DE-CUSTOMS-OBJECT-2W", "EU-CUS-3"),
        ("OPPOSITION_NOTICE", "ES", "ES-TM-OPP-ANS-1M", "EU-TM-OPP-OBS-2M"),
        ("TM_CANCELLATION", "IT", "IT-TM-CANC-60D", "EU-TM-CANC-2M"),
        ("TM_CANCELLATION", "DE", "DE-TM-CANC-2M", "EU-TM-CANC-2M"),
        ("PATENT_GRANT", "DE", "DE-PAT-OPP-9M", "EP-UP-1M"),
        ("PATENT_GRANT", "FR", "FR-PAT-OPP-9M", "EP-VALID-3M"),
    ],
)
def test_a_rule_of_a_country_beside_the_common_ones_hides_none_of_them(
    document: str, country: str, own: str, common: str
) -> None:
    told = [rule.id for rule in rulebook.rules_for(document=document, jurisdiction=country)]
    assert {own, common} <= set(told)
    assert len(told) == len(set(told))


def test_a_rule_of_a_country_stands_instead_of_the_common_ones_where_it_does_not_say_otherwise() -> None:
    told = {rule.jurisdiction for rule in rulebook.rules_for(document="TM_OFFICE_ACTION", jurisdiction="DE")}
    assert told == {"DE"}
