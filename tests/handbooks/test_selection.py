"""What is chosen decides what is in the book; what cannot be is refused with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handbooks import selection
from handbooks.selection import (
    FORMS,
    RIGHTS,
    ROLES,
    STAGES,
    Handbook,
    NoMarket,
    NotInThisLanguage,
    NotPrinted,
    Section,
    TooManyMarkets,
    UnknownChoice,
    UnknownMarket,
)
from handbooks.shelf import LANGUAGES
from windows import directory

CODES = [country.code for country in directory.all_countries()]


def keys(handbook: Handbook) -> set[str]:
    return {section.key for section in handbook.sections}


def test_the_series_holds_every_country_and_every_window_in_every_language() -> None:
    codes = {handbook.code for handbook in selection.all_handbooks()}
    windows = [f"window-{window.code.replace('_', '-')}" for window in directory.all_windows()]
    assert codes == {f"{name}-{tag}" for name in [*CODES, *windows] for tag in LANGUAGES.values()}


def test_the_two_halves_stand_in_the_handbook_of_a_country() -> None:
    country = keys(selection.from_code("DE-en"))
    assert {"accused", "accused_ways", "accused_here"} <= country
    assert {"copied", "copied_ways", "copied_here", "courts_here"} <= country


def test_the_accused_are_not_told_how_to_file_and_the_preparing_not_how_to_defend() -> None:
    accused = keys(selection.own(["US"], "en", roles=["we_are_accused"]))
    preparing = keys(selection.own(["US"], "en", roles=["we_are_preparing"]))
    assert "accused_here" in accused
    assert not accused & {"before", "filing", "marks", "copied", "copied_here", "filing_here"}
    assert {"before", "filing", "filing_here"} <= preparing
    assert not preparing & {"accused", "accused_here", "copied", "courts_here"}


def test_a_right_that_was_not_chosen_is_left_out() -> None:
    marks = selection.own(["US", "JP"], "en", rights=["mark"])
    assert not keys(marks) & {"inventions", "designs", "secrets"}
    assert [one for one in marks.sections if one.key == "rights_here"] == [
        Section("rights_here", "US", "mark"),
        Section("rights_here", "JP", "mark"),
    ]


def test_who_plans_is_not_told_of_platforms_and_who_sells_is_not_told_how_to_keep_secrets_from_nobody() -> None:
    assert "platforms" not in keys(selection.own(["US"], "en", stages=["planning"]))
    assert "platforms" in keys(selection.own(["US"], "en", stages=["selling"]))
    assert "filing" not in keys(selection.own(["US"], "en", stages=["dispute"]))


def test_every_section_has_an_anchor_of_its_own() -> None:
    for handbook in (*selection.all_handbooks(), selection.own(["DE", "US", "VN", "JP", "BR"], "en")):
        anchors = [section.anchor for section in handbook.sections]
        assert len(set(anchors)) == len(anchors), handbook.code


@given(
    markets=st.lists(st.sampled_from(CODES), min_size=1, max_size=5, unique=True),
    rights=st.sets(st.sampled_from(sorted(RIGHTS))),
    roles=st.sets(st.sampled_from(sorted(ROLES))),
    stages=st.sets(st.sampled_from(sorted(STAGES))),
    language=st.sampled_from(sorted(LANGUAGES)),
    form=st.sampled_from(sorted(FORMS)),
)
def test_a_code_leads_back_to_its_handbook(
    markets: list[str], rights: set[str], roles: set[str], stages: set[str], language: str, form: str
) -> None:
    handbook = selection.own(markets, language, rights=rights, roles=roles, stages=stages, form=form)
    found = selection.from_code(handbook.code)
    assert found.code == handbook.code
    assert found.sections == handbook.sections
    assert selection.from_code(handbook.code.upper()) == found


@pytest.mark.parametrize("handbook", selection.all_handbooks("large"), ids=lambda handbook: handbook.code)
def test_a_code_of_the_series_leads_back_to_it(handbook: Handbook) -> None:
    assert selection.from_code(handbook.code) == handbook


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("xx-en", UnknownMarket),
        ("us", NotPrinted),
        ("us-mark", NotPrinted),
        ("us-fr", NotInThisLanguage),
        ("", NotPrinted),
        ("-en", NoMarket),
        ("us-gold-en", NotPrinted),
        ("us-en-poster", NotPrinted),
        ("window-mars-en", NotPrinted),
        ("window-en", NotPrinted),
        ("us.de.fr.gb.it.es-en", TooManyMarkets),
        ("../../etc/passwd-en", UnknownMarket),
        ("<b>-en", UnknownMarket),
    ],
)
def test_a_code_that_means_nothing_is_refused(code: str, refusal: type[NotPrinted]) -> None:
    with pytest.raises(refusal) as refused:
        selection.from_code(code)
    assert type(refused.value) is refusal


def test_an_unknown_right_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownChoice) as refused:
        selection.own(["US"], "en", rights=["patents"])
    assert "utility_model" in str(refused.value.params["known"])


def test_a_market_that_is_named_twice_is_one() -> None:
    assert selection.own(["us", "US "], "en").markets == ("US",)


def test_one_market_with_nothing_chosen_is_the_book_of_the_country() -> None:
    for markets in (["us"], ["US", "us"], [" us "]):
        assert selection.own(markets, "en") == selection.of_country("US", "en")
    assert selection.own(["US"], "en", rights=["mark"]).kind == "own"
