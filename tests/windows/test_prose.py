"""Prose whose figures are references: what is rendered, what is refused, what is escaped."""

from collections.abc import Collection

import pytest

from windows import checking, directory, prose, rulebook
from windows.directory import Fact
from windows.prose import Reference, UnknownReference
from windows.rulebook import Rule


def shown(reference: Reference) -> str:
    return f"[{reference}]"


def test_a_reference_is_shown_where_it_stands() -> None:
    page = prose.render("Within {{fact:US.tm_opposition_period}}, **{{rule:US-ANS-21}}**.", shown)
    assert page == "<p>Within [fact:US.tm_opposition_period], <strong>[rule:US-ANS-21]</strong>.</p>\n"


def test_a_reference_stands_in_a_table_too() -> None:
    page = prose.render("| a |\n| --- |\n| {{fact:here.tm_term_years}} |\n", shown)
    assert "<td>[fact:here.tm_term_years]</td>" in page


@pytest.mark.parametrize(
    "text", ["**专利（PCT）**是", "是**“商标”**吗", "**Abc**。", "（**期限**）", "**沉默可能视为同意。**货主"]
)
def test_emphasis_works_beside_chinese_punctuation(text: str) -> None:
    page = prose.render(text, shown)
    assert page.count("<strong>") == page.count("</strong>") == 1
    assert "*" not in page


def test_a_full_width_mark_is_wide_enough_without_a_space() -> None:
    assert prose.render("**商标。** 异议", shown) == "<p><strong>商标。</strong>异议</p>\n"
    assert prose.render("**Marks.** Opposition", shown) == "<p><strong>Marks.</strong> Opposition</p>\n"


def test_a_lone_mark_of_emphasis_stays_text() -> None:
    assert prose.render("2 ** 3", shown) == "<p>2 ** 3</p>\n"


def test_markup_in_a_text_is_escaped() -> None:
    page = prose.render('<script>alert(1)</script> <img src="x" onerror="y">', shown)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_what_shows_a_reference_cannot_bring_markup_in() -> None:
    page = prose.render("{{fact:US.tm_term_years}}", lambda _reference: "<b>10</b>")
    assert page == "<p>&lt;b&gt;10&lt;/b&gt;</p>\n"


def test_only_language_and_class_are_taken_as_attributes() -> None:
    page = prose.render('[Abmahnung]{lang=de onclick="x()" style="y" id=z}\n\n[a](javascript:alert)', shown)
    assert '<span lang="de">Abmahnung</span>' in page
    assert "onclick" not in page
    assert "style" not in page
    assert "href" not in page


def test_a_fact_is_found_for_a_named_country_and_for_the_one_at_hand() -> None:
    here = prose.find_fact(Reference("fact", "here", "tm_term_years"), "JP")
    named = prose.find_fact(Reference("fact", "JP", "tm_term_years"), "US")
    assert here == named == directory.get_country("JP").facts["tm_term_years"]


def test_a_fact_that_only_other_countries_have_is_none_here() -> None:
    assert prose.find_fact(Reference("fact", "here", "sp_de_defence_min"), "JP") is None


@pytest.mark.parametrize(
    ("place", "key"),
    [("US", "no_such_key"), ("here", "no_such_key"), ("XX", "tm_term_years"), ("JP", "sp_de_defence_min")],
)
def test_an_unknown_fact_is_refused(place: str, key: str) -> None:
    with pytest.raises(UnknownReference):
        prose.find_fact(Reference("fact", place, key), "US")


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UnknownReference):
        prose.get_rule(Reference("rule", "", "NO-SUCH-RULE"))


# The guides

GUIDES = [
    (window, code, locale)
    for window, code in [
        *((window.code, "") for window in directory.all_windows()),
        *((country.windows[0], country.code) for country in directory.all_countries()),
    ]
    for locale in ("en", "zh_Hans")
]


@pytest.mark.parametrize(("window", "country", "locale"), GUIDES)
def test_a_guide_is_written_and_rests_on_sourced_facts(window: str, country: str, locale: str) -> None:
    unsourced = []

    def words(known: Fact | Rule) -> str:
        name = known.id if isinstance(known, Rule) else known.key
        if known.confidence != "sourced":
            unsourced.append(name)
        return f"<{name}>"

    page = prose.country_guide(window, country, locale, words) if country else prose.guide(window, locale, words)

    assert page.count("<h2>") >= 4
    assert '<span class="fact">&lt;' in page
    assert unsourced == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["not written"]),
        ("Within {{fact:US.tm_opposition_period}} and {{rule:US-ANS-21}} under Section 337.", []),
        ("{{fact:US.no_such_key}}", ["fact:US.no_such_key: not known"]),
        ("{{rule:NO-SUCH}}", ["rule:NO-SUCH: not known"]),
        ("{{rule:MADRID-BR}}", ["rule:MADRID-BR: without a source"]),
        ("Answer in 21 days.", ["a figure typed into the prose: 21 day"]),
        ("须在3个月内答辩。", ["a figure typed into the prose: 3个月"]),
    ],
)
def test_the_check_reads_the_guides(text: str, faults: list[str]) -> None:
    assert list(checking.guide_faults(text, "US")) == faults


def test_a_country_of_another_window_gives_an_empty_page() -> None:
    assert prose.country_guide("belt_and_road", "JP", "en", lambda known: str(known)) == ""


def test_the_words_printed_on_a_paper_are_told_their_language() -> None:
    shown = prose.printed_words(rulebook.get_document("PATENT_OFFICE_ACTION"))
    japanese, korean = (f'<span class="together">{words}</span>' for words in ("拒絶理由通知書", "의견제출통지서"))
    assert f'<span lang="ja">{japanese}</span>\N{NO-BREAK SPACE}· <span lang="ko">{korean}</span>' in shown
    assert prose.printed_words(rulebook.get_document("OTHER_CUSTOMS")) == ""


@pytest.mark.parametrize(
    ("text", "rights", "told"),
    [
        ("All.\n\nMarks. {.of-mark}", {"mark"}, "All.\n\nMarks."),
        ("All.\n\nMarks. {.of-mark}", {"patent"}, "All.\n"),
        ("All.\n\nMarks. {.of-mark}", (), "All.\n\nMarks."),
        ("All.\nMarks. {.of-mark}\nEnd.", {"patent"}, "All.\nEnd."),
        ("- One {.of-mark .of-design}\n- Two", {"design"}, "- One\n- Two"),
        ("- One {.of-mark .of-design}\n- Two", {"patent"}, "- Two"),
        ("## Marks {.of-mark}\n\nText.\n\n### More\n\nText.\n\n## All\n\nEnd.", {"patent"}, "## All\n\nEnd."),
        ("## Head\n\nMarks. {.of-mark}\n\n## All\n\nEnd.", {"patent"}, "\n\n## All\n\nEnd."),
        ("| a | b |\n| --- | --- |\n| 1 | 2 | {.of-mark}\n\nEnd.", {"patent"}, "\nEnd."),
        (
            "| a | b |\n| --- | --- |\n| 1 | 2 | {.of-mark}\n| 3 | 4 |",
            {"patent"},
            "| a | b |\n| --- | --- |\n| 3 | 4 |",
        ),
    ],
)
def test_a_line_is_told_to_readers_of_its_rights(text: str, rights: Collection[str], told: str) -> None:
    assert prose.for_rights(text, rights) == told


def test_a_rendered_text_never_shows_the_rights_of_its_lines() -> None:
    assert prose.render("Marks. {.of-mark}", lambda reference: "") == "<p>Marks.</p>\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("One. {.of-mark}\nTwo.", "One.\nTwo."),
        ("一。 {.of-mark}\n二。", "一。二。"),
        ("**一。**\n二。", "<strong>一。</strong>二。"),
    ],
)
def test_a_paragraph_goes_on_over_the_lines_of_its_rights(text: str, shown: str) -> None:
    assert prose.render(text, lambda reference: "") == f"<p>{shown}</p>\n"
