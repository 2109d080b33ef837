"""What is put on the pages: periods in words, papers of a market, the time line, chapters that lag behind."""

import re
from dataclasses import replace
from datetime import date

import pytest

from hall.languages import catalogue
from handbooks import composition, shelf
from handbooks.composition import Sources, Speaker
from windows import rulebook
from windows.directory import Source


def speaker(country: str = "US", language: str = "en") -> Speaker:
    return Speaker(shelf.get_handbook(country, language), catalogue(language))


def period_of(rule_id: str) -> str:
    """The words in the table of deadlines, without markup."""
    return re.sub(r"<[^>]+>", "", speaker()._period(rulebook.get_rule(rule_id)))


@pytest.mark.parametrize(
    ("rule_id", "words"),
    [
        ("US-ANS-21", "21 days"),
        ("US-IPR-BAR-1Y", "1 year"),
        ("EU-CUS-10", "10 working days"),
        ("DMCA-RESTORE", "10 working days to 14 working days"),
        ("UPC-PI-MERITS-31", "31 days or 20 working days, whichever is longer"),
        ("US-SUBP-OBJ", "14 days or the date printed in the paper, whichever is earlier"),
        ("DE-NOTICE-1M", "1 month; a date printed in the paper wins"),
        ("JP-COMPLAINT", "the date printed in the paper"),
        ("DE-ABMAHN", "the date printed in the paper"),
        ("DE-PI-WIDERSPRUCH", "no fixed time: act at once"),
    ],
)
def test_a_period_is_said_in_words(rule_id: str, words: str) -> None:
    assert period_of(rule_id) == words


def test_a_rule_without_a_source_shows_no_figure() -> None:
    unsourced = [rule for rule in rulebook.all_rules() if not rule.show_date]
    assert unsourced
    for rule in unsourced:
        assert not re.search(r"\d", period_of(rule.id)), rule.id


def test_the_table_holds_the_papers_of_the_market_and_its_common_systems() -> None:
    german = [name for name, _, _ in speaker("DE").book()["papers"]]
    assert "UPC statement of claim" in german
    assert "German court claim" in german
    assert not [name for name in german if name.startswith(("US ", "Japanese", "Korean"))]


def test_the_table_leaves_out_rules_that_have_ended() -> None:
    handbook = shelf.get_handbook("DE", "en")
    old = [rule for rule in rulebook.all_rules() if rule.effective_to and rule.effective_to < handbook.edition]
    shown = {task.action for _, _, tasks in speaker("DE").book()["papers"] for task in tasks}
    assert [rule for rule in old if rule.jurisdiction in ("DE", "EP")]
    assert not shown & {rule.action for rule in old if rule.jurisdiction in ("DE", "EP") and "old" in rule.action}


@pytest.mark.parametrize("handbook", shelf.all_handbooks(), ids=lambda handbook: handbook.code)
def test_the_time_line_is_drawn_to_scale(handbook: shelf.Handbook) -> None:
    lanes = Speaker(handbook, catalogue(handbook.language)).book()["lanes"]
    assert len(lanes) == 3
    whole = [lane.first_percent + lane.second_percent for lane in lanes]
    assert max(whole) == pytest.approx(100)
    facts = handbook.country.facts
    months = [facts[key].value for key in ("priority_tm_design_months", "priority_patent_months")]
    assert whole[0] / whole[1] == pytest.approx(float(str(months[0])) / float(str(months[1])))


def test_a_source_keeps_its_number_through_the_book() -> None:
    sources = Sources()
    one, two = Source("https://one.example", "2026"), Source("https://two.example", "2026")
    assert ">1<" in sources.cite([one])
    assert ">2<" in sources.cite([two])
    assert ">1<" in sources.cite([one])
    assert sources.cite([]) == ""
    assert list(sources) == [(1, one), (2, two)]


def test_a_chapter_that_lags_behind_or_is_not_translated_says_so() -> None:
    handbook = shelf.get_handbook("US", "zh_Hans")
    behind = replace(handbook.chapters[1], is_behind=True)
    english = replace(shelf.get_handbook("US", "en").chapters[-1], key="money")
    plain = composition.compose(handbook, catalogue("en"))
    assert "was revised after this translation" not in plain
    assert "is not translated yet" not in plain
    changed = replace(handbook, chapters=(handbook.chapters[0], behind, *handbook.chapters[2:], english))
    html = composition.compose(changed, catalogue("en"))
    assert html.count("was revised after this translation") == 1
    assert html.count("is not translated yet") == 1
    assert '<div class="part" lang="en">' in html


def test_the_edition_is_printed_in_the_language_of_the_book() -> None:
    handbook = replace(shelf.get_handbook("US", "zh_Hans"), edition=date(2026, 3, 5))
    assert Speaker(handbook, catalogue("zh_Hans")).book()["edition_words"] == "2026年3月5日"
    assert Speaker(replace(handbook, language="en"), catalogue("en")).book()["edition_words"] == "March 5, 2026"


def test_where_sources_disagree_both_values_and_their_sources_are_printed() -> None:
    handbook = speaker("PK")
    glance = [row for _, rows in handbook.book()["glance"] for row in rows]
    [other] = next(row for row in glance if "3 months" in "".join(row.others)).others
    number = re.search(r"Other sources say: 3 months.*?>(\d+)<", other)
    assert number, other
    assert "wizwits.in" in dict(handbook.sources)[int(number[1])].address
