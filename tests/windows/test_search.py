"""Search: all that a scan finds in scripts without spaces, and what a scan misses."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windows.search import Entry, Found, Index, fold, split_pinyin, terms_of

ENTRIES = (
    Entry("country", ("eu", "DE"), "德国", ("Germany · DE · DEU · Deutsches Patent- und Markenamt",)),
    Entry("fact", ("eu", "DE", "a"), "德国 · 商标：异议期限", ("3个月", "自注册公布起", "sec 42 MarkenG")),
    Entry("fact", ("japan", "JP", "a"), "日本 · 商标：异议期限", ("2个月",)),
    Entry("fact", ("japan", "JP", "b"), "日本 · 专利：最长保护期", ("20年", "重新计算，标准商业")),
    Entry("paper", ("JP_COMPLAINT",), "日本法院起诉状", ("訴状 · 口頭弁論期日呼出状及び答弁書催告状",)),
    Entry("paper", ("KR_COMPLAINT",), "韩国法院起诉状", ("소장 부본 · 답변서 제출 안내",)),
    Entry(
        "rule",
        ("X",),
        "Answer or Rule 12 motion",
        ("FRCP 12(a)(1)(A)(i)", "Trademarks and their oppositions; São Paulo"),
    ),
    Entry("country", ("belt_and_road", "TH"), "泰国", ("กรมทรัพย์สินทางปัญญา · Thailand",)),
)
INDEX = Index(ENTRIES)


def titles(query: str) -> list[str]:
    return [found.entry.title for found in INDEX.search(query).found]


def scan(text: str) -> set[str]:
    wanted = fold(text)
    return {entry.title for entry in ENTRIES if any(wanted in fold(passage) for passage in entry.passages)}


def matches(found: Found) -> list[str]:
    return [piece.text for piece in (*found.title, *found.snippet) if piece.is_match]


@pytest.mark.parametrize(
    "word", ["商标", "专利", "异议", "期", "起诉状", "訴状", "답변서", "ทรัพย์สิน", "异议期限", "標", "を"]
)
def test_words_without_spaces_are_found_as_by_a_scan(word: str) -> None:
    assert set(titles(word)) >= scan(word)


@given(st.sampled_from(ENTRIES), st.data())
@settings(max_examples=200, deadline=None)
def test_whatever_a_scan_finds_in_chinese_the_index_finds(entry: Entry, data: st.DataObject) -> None:
    runs = [run for passage in entry.passages for run in passage.split() if all(ord(sign) > 0xDFF for sign in run)]
    if not runs:
        return
    run = data.draw(st.sampled_from(runs))
    start = data.draw(st.integers(0, len(run) - 1))
    part = run[start : start + data.draw(st.integers(1, 6))]
    if len(terms_of(part)) == 1 and terms_of(part)[0] == fold(part):
        assert {found.entry.title for found in INDEX.search(part, limit=99).found} >= scan(part)


def test_a_word_whose_characters_stand_apart_is_found_only_by_what_stands_together() -> None:
    assert titles("标准商") == ["日本 · 专利：最长保护期"]
    (found,) = INDEX.search("商业标").found
    assert matches(found) == ["商业"]
    assert titles("法标") == []


def test_words_typed_without_a_space_that_nowhere_stand_together_are_found_apart() -> None:
    assert titles("德国异议怎么办")[0] == "德国 · 商标：异议期限"
    assert titles("最长的专利") == ["日本 · 专利：最长保护期"]


@pytest.mark.parametrize(
    ("query", "first", "why", "found"),
    [
        ("trademark", "Answer or Rule 12 motion", "word", "Trademarks"),
        ("TRADEMARKS", "Answer or Rule 12 motion", "word", "Trademarks"),
        ("sao", "Answer or Rule 12 motion", "word", "São"),
        ("oppos", "Answer or Rule 12 motion", "beginning", "oppositions"),
        ("germny", "德国", "similar", "Germany"),
        ("shangbiao", "德国 · 商标：异议期限", "pinyin", "商标"),
        ("qisuzhuang", "日本法院起诉状", "pinyin", "起诉状"),
        ("ＤＥＵ", "德国", "word", "DEU"),
        ("商標", "德国 · 商标：异议期限", "word", "商标"),
    ],
)
def test_what_a_scan_misses_is_found_and_said_why(query: str, first: str, why: str, found: str) -> None:
    best = INDEX.search(query).found[0]
    assert best.entry.title == first
    assert (best.why[0][1], best.why[0][2]) == (why, found)
    assert found in matches(best)


def test_pinyin_may_be_typed_with_spaces() -> None:
    assert titles("shang biao") == titles("shangbiao")


def test_all_terms_count_and_titles_come_first() -> None:
    result = INDEX.search("德国 异议")
    assert [found.entry.title for found in result.found] == ["德国 · 商标：异议期限"]
    assert not result.is_partial
    partial = INDEX.search("德国 起诉状 异议")
    assert partial.is_partial
    assert partial.found[0].entry.title == "德国 · 商标：异议期限"


@pytest.mark.parametrize("query", ["", "   ", "·、。", "<script>", "%_*", "\x00", "a" * 5000, "字" * 5000])
def test_nothing_typed_breaks_it(query: str) -> None:
    assert INDEX.search(query).count == len(INDEX.search(query).found)


def test_pages_of_results_follow_one_another() -> None:
    every = [found.entry for found in INDEX.search("日本", limit=99).found]
    assert [INDEX.search("日本", limit=1, start=n).found[0].entry for n in range(len(every))] == every
    assert INDEX.search("日本", limit=1).count == len(every)


def test_letters_are_read_as_pinyin_in_every_way() -> None:
    assert ("xi", "an") in split_pinyin("xian")
    assert split_pinyin("brand") == []
