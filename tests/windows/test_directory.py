"""Windows, countries and facts."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from windows import directory
from windows.directory import (
    Code,
    Country,
    Day,
    Fact,
    Flag,
    InvalidKnowledge,
    Names,
    Number,
    Text,
    Texts,
    UnknownCountry,
    UnknownWindow,
)

ALL_FACTS = [(country, fact) for country in directory.all_countries() for fact in country.facts.values()]


def _id(value: Country | Fact) -> str:
    return value.code if isinstance(value, Country) else value.key


def test_the_hall_has_five_windows_with_letters_of_their_own() -> None:
    letters = {window.code: window.letter for window in directory.all_windows()}
    assert letters == {"eu": "E", "us": "U", "japan": "J", "korea": "K", "belt_and_road": "B"}


def test_no_window_is_empty_and_every_country_leads_back_to_it() -> None:
    for window in directory.all_windows():
        assert window.countries
        for code in window.countries:
            assert window.code in directory.get_country(code).windows


def test_an_unknown_window_or_country_is_refused() -> None:
    with pytest.raises(UnknownWindow):
        directory.get_window("mars")
    with pytest.raises(UnknownCountry):
        directory.get_country("XX")
    assert directory.find_country("XX") is None


def test_germany_belongs_to_the_common_systems_of_europe() -> None:
    assert {"EUIPO", "EPO", "UPC"} <= set(directory.get_country("DE").systems)


@pytest.mark.parametrize(("country", "fact"), ALL_FACTS, ids=_id)
def test_every_fact_is_sourced_and_dated_or_marked_general(country: Country, fact: Fact) -> None:
    assert bool(fact.sources) or fact.confidence == "general"
    assert all(source.address and source.dated for source in fact.sources)
    assert fact.checked >= country.checked >= date(2026, 11, 23)


@pytest.mark.parametrize(("country", "fact"), ALL_FACTS, ids=_id)
def test_every_fact_has_a_label_and_a_value_a_page_can_show(country: Country, fact: Fact) -> None:
    key = directory.get_fact_key(fact.key)
    value = directory.value_of(fact)
    assert key.label
    if isinstance(value, Number):
        assert value.unit in directory.UNITS
    if isinstance(value, Code):
        assert value.label


def test_all_facts_of_a_country_stand_under_a_heading() -> None:
    for country in directory.all_countries():
        shown = [fact.key for _, facts in directory.facts_by_group(country) for fact in facts]
        assert sorted(shown) == sorted(country.facts)


def _fact(key: str, code: str = "JP") -> Fact:
    return directory.get_country(code).facts[key]


def test_values_come_as_typed_parts() -> None:
    assert directory.value_of(_fact("patent_term_years")) == Number(20, "years")
    assert directory.value_of(_fact("utility_model_available")) == Flag(True)
    assert directory.value_of(_fact("tm_system")) == Code("first_to_file", "first to file")
    assert directory.value_of(_fact("madrid_entry_date")) == Day(date(2000, 3, 14))
    assert directory.value_of(_fact("regional_systems", "DE")) == Names(
        (
            "European Patent Convention",
            "EU Intellectual Property Office",
            "Unitary patent and Unified Patent Court",
        )
    )
    assert isinstance(directory.value_of(_fact("limitation_period")), Text)


def test_nought_is_said_in_words_where_it_has_a_meaning() -> None:
    assert directory.value_of(_fact("tm_opposition_period", "RU")) == Code("zero", "no formal opposition")
    assert directory.value_of(_fact("patent_grace_period_months", "DE")) == Code("zero", "no general grace period")


Breaker = Callable[[str], str]


def _broken(tmp_path: Path, name: str, old: str, new: str) -> tuple[Path, int]:
    """A copy of the windows in which `old` in the file `name` reads `new`, and the line it stands on."""
    folder = tmp_path / "windows"
    shutil.copytree(directory.HERE, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file, text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "lines_below"),
    [
        ("japan/countries/jp.toml", "[facts.tm_system]", "[facts.tm_sistem]", 0),
        ("japan/countries/jp.toml", 'value = "first_to_file"', 'value = "last_to_file"', 0),
        ("japan/countries/jp.toml", 'unit = "code"', 'unit = "parsecs"', 0),
        ("japan/countries/jp.toml", 'unit = "working_days"', 'unit = "months"', 0),
        ("eu/countries/de.toml", 'value = ["EPC", "EUIPO", "UPC"]', 'value = ["EPC", "NASA"]', 0),
        ("japan/countries/jp.toml", "]\ntext = ", ']\nunit = "text"\ntext = ', 2),
        ("japan/countries/jp.toml", "value = 20\n", 'value = "twenty"\n', 0),
        ("japan/countries/jp.toml", "systems = []", "systems = []\ncapital = 1", 1),
        ("japan/countries/jp.toml", 'code = "JP"', 'code = "US"', 0),
        ("japan/countries/jp.toml", "https://laws.e-gov", "laws.e-gov", 0),
        ("belt_and_road/countries/pk.toml", "others = [{ value = 3,", 'others = [{ value = "3",', 0),
        ("belt_and_road/countries/pk.toml", "others = [{ value = 3,", "others = [{ worth = 3,", 0),
        ("japan/window.toml", 'letter = "J"', 'letter = "JJ"', 0),
        ("japan/window.toml", 'code = "japan"', 'code = "nippon"', 0),
        ("facts.toml", 'group = "marks"', 'group = "remarks"', 0),
        ("facts.toml", 'kind = "text"', 'kind = "prose"', 0),
    ],
)
def test_a_mistake_in_a_file_names_the_file_and_the_line(
    tmp_path: Path, name: str, old: str, new: str, lines_below: int
) -> None:
    file, line = _broken(tmp_path, name, old, new)
    with pytest.raises(InvalidKnowledge) as mistake:
        directory.load(file.parents[len(Path(name).parts) - 1])
    assert mistake.value.file == file
    assert mistake.value.line == line + lines_below
    assert mistake.value.message


def test_a_sourced_fact_without_a_source_is_refused(tmp_path: Path) -> None:
    old = 'sources = [{ address = "unrecorded:docket-rules", dated = "2026" }]'
    file, _ = _broken(tmp_path, "japan/countries/jp.toml", old, "sources = []")
    with pytest.raises(InvalidKnowledge, match="marked general"):
        directory.load(tmp_path / "windows")
    assert file.exists()


@pytest.mark.parametrize("other", ["{ value = 2, sources = [{ address = 'unrecorded:firm-page' }] }", "{ value = 3 }"])
def test_another_value_differs_and_has_a_source(tmp_path: Path, other: str) -> None:
    told = 'others = [{ value = 3, sources = [{ address = "https://wizwits.in", dated = "undated" }] }]'
    _broken(tmp_path, "belt_and_road/countries/pk.toml", told, f"others = [{other}]")
    with pytest.raises(InvalidKnowledge, match=r"source"):
        directory.load(tmp_path / "windows")


def test_sources_that_disagree_are_told_with_both_values() -> None:
    fact = directory.get_country("PK").facts["tm_opposition_period"]
    assert directory.value_of(fact) == Number(2, "months")
    [(value, sources)] = directory.other_values(fact)
    assert value == Number(3, "months")
    assert "wizwits.in" in sources[0].address


def test_a_fact_in_clauses_tells_of_each_right_its_own() -> None:
    fact = _fact("limitation_period", "US")
    whole = directory.value_of(fact)
    assert isinstance(whole, Texts)
    assert len(whole.messages) == len(fact.clauses) > 1
    for clause in fact.clauses:
        for right in clause.rights:
            told = directory.told_of(fact, {right})
            assert told is not None
            assert clause.text in str(directory.value_of(told))
            assert all(right in one.rights or not one.rights for one in told.clauses)
            assert set(directory.basis_of(told)) <= set(directory.basis_of(fact))
    assert directory.told_of(fact, ()) == fact
    assert directory.told_of(fact, {"patent"}) != fact


def test_a_fact_about_other_rights_tells_nothing() -> None:
    assert directory.told_of(_fact("tm_term_years"), {"patent", "design"}) is None
    assert directory.told_of(_fact("tm_term_years"), {"patent", "mark"}) == _fact("tm_term_years")
    assert directory.about(_fact("paris_convention")) == frozenset()
    assert directory.told_of(_fact("paris_convention"), {"copyright"}) == _fact("paris_convention")


def test_common_systems_are_those_of_the_right() -> None:
    common = _fact("regional_systems", "DE")
    told = directory.told_of(common, {"mark"})
    assert told is not None
    assert told.value == ("EUIPO",)
    assert directory.told_of(common, {"copyright"}) is None


def test_a_fact_stands_in_words_or_in_clauses(tmp_path: Path) -> None:
    _broken(tmp_path, "us/countries/us.toml", "]\nclauses = [", ']\ntext = "words"\nclauses = [')
    with pytest.raises(InvalidKnowledge, match="one of them alone"):
        directory.load(tmp_path / "windows")


def test_a_fact_told_of_one_right_rests_on_its_laws_and_was_read_in_its_sources() -> None:
    damages = directory.get_country("US").facts["damages_multiplier"]
    told = directory.told_of(damages, {"copyright"})
    assert told is not None
    assert directory.basis_of(told) == ("17 USC 412, 504",)
    assert [source.address.rpartition("/")[2] for source in told.sources] == ["USC-T17-S504.md", "USC-T17-S412.md"]
    crimes = directory.told_of(directory.get_country("DE").facts["criminal_enforcement"], {"design"})
    assert crimes is not None
    assert directory.basis_of(crimes) == ("DesignG sec. 51",)
    assert directory.told_of(damages, ()) is damages
