"""What stands on the shelf, and that its texts keep the rules of the house."""

import re
from collections import Counter
from pathlib import Path

import pytest

from handbooks import selection, shelf
from handbooks.shelf import CHAPTERS, LANGUAGES, Chapter, InvalidChapter
from windows import directory, prose

WINDOWS = Path(directory.__file__).parent
TEXTS = sorted([*CHAPTERS.rglob("*.md"), *WINDOWS.glob("*/guide/*.md")])
UNIT = (
    "(?:days?|weeks?|months?|years?|hours?|working|business|percent|%|€|USD|EUR"
    "|日|天|周|星期|个月|月|年|小时|个工作日|元|万)"
)
TYPED_FIGURE = re.compile(rf"\d[\d,.]*\s*-?\s*{UNIT}", re.IGNORECASE)
PROMISES = re.compile(
    r"you are safe|no deadline|no conflict|(?<!bank )guarantee|endorse|"
    r"您是安全的|不会有问题|没有期限|没有冲突|保证胜诉|绝对安全",
    re.IGNORECASE,
)


def prose_of(path: Path) -> str:
    """The text of a file without front matter and references."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "", text)


def test_all_topics_are_written_for_everybody() -> None:
    common = [chapter.key for chapter in shelf.all_chapters("en") if not chapter.markets]
    assert common == list(shelf.TOPICS)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_language_has_the_same_chapters_at_the_same_revision(language: str) -> None:
    english = {path.name for path in (CHAPTERS / "en").glob("*.md")}
    assert {path.name for path in (CHAPTERS / language).glob("*.md")} == english
    assert {chapter.language for chapter in shelf.all_chapters(language)} == {language}
    assert not [chapter.key for chapter in shelf.all_chapters(language) if chapter.is_behind]


CHAPTER_NAMES = sorted(path.name for path in (CHAPTERS / "en").glob("*.md"))


@pytest.mark.parametrize("name", CHAPTER_NAMES)
def test_both_languages_refer_to_the_same_facts_and_rules(name: str) -> None:
    english, chinese = (
        Counter(map(str, prose.references((CHAPTERS / language / name).read_text(encoding="utf-8"))))
        for language in ("en", "zh_Hans")
    )
    assert english == chinese


def pairs_of(path: Path) -> dict[str, str]:
    """The Chinese word of every English word of a glossary, without the marks of their languages."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    plain = [[re.sub(r"\[(.*?)\]\{lang=[\w-]+\}", r"\1", cell) for cell in row] for row in rows]
    english = head.index("English" if "English" in head else "英文")
    return {row[english]: row[head.index("中文")] for row in plain}


@pytest.mark.parametrize("name", [name for name in CHAPTER_NAMES if name.startswith("glossary")])
def test_a_glossary_pairs_the_same_words_in_both_languages(name: str) -> None:
    pairs = pairs_of(CHAPTERS / "en" / name)
    assert len(pairs) >= 7
    assert pairs == pairs_of(CHAPTERS / "zh_Hans" / name)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_figure_is_typed_into_a_text(path: Path) -> None:
    assert TYPED_FIGURE.findall(prose_of(path)) == []


def test_a_typed_figure_would_be_noticed() -> None:
    for text in ("within 30 days", "3个月内", "12-month", "24小时", "500 EUR", "10 %", "两者共30日"):
        assert TYPED_FIGURE.search(text), text
    assert not TYPED_FIGURE.search("Section 337, ISO 9001, A4")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_text_promises_what_nobody_can_keep(path: Path) -> None:
    assert PROMISES.findall(prose_of(path)) == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_mark_of_emphasis_is_left_in_the_page(path: Path) -> None:
    page = prose.render(shelf.for_roles(prose_of(path), selection.ROLES), lambda _reference: "x")
    assert "**" not in page
    assert "{" not in page


def test_a_part_for_a_role_stands_in_the_books_of_that_role_alone() -> None:
    text = (
        "Lead.\n\n## Sued {.for-we_are_accused}\n\nA.\n\n## Not sued {.without-we_are_accused}\n\nB.\n\n## All\n\nC.\n"
    )
    assert shelf.for_roles(text, {"we_are_accused"}) == "Lead.\n\n## Sued\n\nA.\n\n## All\n\nC.\n"
    assert shelf.for_roles(text, {"we_claim"}) == "Lead.\n\n## Not sued\n\nB.\n\n## All\n\nC.\n"
    assert shelf.for_roles("No part.\n", {"we_claim"}) == "No part.\n"
    assert shelf.roles_named(text) == {"we_are_accused"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reference_of_every_chapter_is_known(language: str) -> None:
    for chapter in shelf.all_chapters(language):
        for reference in prose.references(chapter.text):
            if reference.kind == "rule":
                assert prose.get_rule(reference).id == reference.key
            else:
                # What holds everywhere speaks of no market: the section reads the same in every book.
                assert chapter.markets or reference.place != prose.HERE_WORD, chapter.title
                prose.find_fact(reference, (chapter.markets or ("US",))[0])


def test_the_parts_of_a_hash_cannot_run_into_each_other() -> None:
    assert shelf.hash_of([b"ab", b"c"]) != shelf.hash_of([b"a", b"bc"])


# Chapters that are not what they must be


def chapters_in(folder: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> tuple[Chapter, ...]:
    monkeypatch.setattr(shelf, "CHAPTERS", folder)
    return shelf.all_chapters.__wrapped__(language)


def write_chapter(folder: Path, language: str, *, key: str = "before", revision: int = 1, more: str = "") -> None:
    path = folder / language / "before.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"key: {key}\ntitle: T\nreviewed: 2026-11-24\nsource_revision: {revision}\n{more}"
    path.write_text(f"---\n{head}---\n\nText.\n", encoding="utf-8")


def test_a_missing_translation_is_given_in_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_chapter(tmp_path, "en")
    assert [chapter.language for chapter in chapters_in(tmp_path, monkeypatch, "zh_Hans")] == ["en"]


def test_a_translation_of_an_older_text_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_chapter(tmp_path, "en", revision=2)
    write_chapter(tmp_path, "zh_Hans", revision=1)
    assert [chapter.is_behind for chapter in chapters_in(tmp_path, monkeypatch, "zh_Hans")] == [True]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"key": "unheard_of"}, "unknown key unheard_of"),
        ({"revision": 0}, "source_revision: Input should be greater"),
        ({"more": "colour: red\n"}, "colour: "),
    ],
    ids=["key", "revision", "field"],
)
def test_a_wrong_head_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str], told: str
) -> None:
    write_chapter(tmp_path, "en", **wrong)  # type: ignore[arg-type]
    with pytest.raises(InvalidChapter, match=rf"before\.md: {told}") as refused:
        chapters_in(tmp_path, monkeypatch, "en")
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"---\nkey: [fairs\n---\n\nText.\n",
        b"---\nkey: before\nreviewed: 2026-13-01\n---\n\nText.\n",
        b"\xff\xfe",
        b"Text.\n",
        b"---\nkey: before\ntitle: T\nreviewed: 2026-11-24\nsource_revision: 1\n---\n\n",
    ],
    ids=["no YAML", "no date", "no UTF-8", "no head", "no text"],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    write_chapter(tmp_path, "en")
    (tmp_path / "en" / "before.md").write_bytes(content)
    with pytest.raises(InvalidChapter, match=r"before\.md"):
        chapters_in(tmp_path, monkeypatch, "en")


def test_a_translation_for_other_markets_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_chapter(tmp_path, "en")
    write_chapter(tmp_path, "zh_Hans", more="markets: [US]\n")
    with pytest.raises(InvalidChapter):
        chapters_in(tmp_path, monkeypatch, "zh_Hans")
