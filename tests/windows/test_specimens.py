"""Where to look on a paper: every type has a drawing that stays on its sheet and shows the words printed on it."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from windows import rulebook, specimens
from windows.knowledge import InvalidKnowledge
from windows.specimens import FILE, HEIGHT, MARK, WIDTH, Drawing, Printed, Spot

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")

DRAWINGS = [
    (document.code, jurisdiction) for document in rulebook.all_documents() for jurisdiction in document.jurisdictions
]


@pytest.mark.parametrize(("code", "jurisdiction"), DRAWINGS)
def test_all_that_is_drawn_stays_on_the_sheet_and_apart(code: str, jurisdiction: str) -> None:
    drawing = specimens.drawing(code, jurisdiction)
    for mark in drawing.marks:
        x, y, width, height = mark.field
        assert x >= 0
        assert x + width <= WIDTH
        assert y >= 0
        assert y + height <= HEIGHT
        assert MARK <= mark.x <= WIDTH - MARK
    for n, one in enumerate(drawing.marks):
        for other in drawing.marks[n + 1 :]:
            assert (one.x - other.x) ** 2 + (one.y - other.y) ** 2 >= (2 * MARK - 0.2) ** 2, (one, other)
    assert [mark.number for mark in drawing.marks] == list(range(1, len(drawing.marks) + 1))


@pytest.mark.parametrize("document", rulebook.all_documents(), ids=lambda document: document.code)
def test_the_drawings_of_a_paper_show_words_that_it_is_recognised_by(document: rulebook.DocumentType) -> None:
    pieces = {words.casefold() for text in document.recognise.values() for words in text.split(" · ")}
    for jurisdiction in document.jurisdictions:
        drawing = specimens.drawing(document.code, jurisdiction)
        shown = " ".join(words.words for words in drawing.words).casefold()
        assert not pieces or any(piece in shown for piece in pieces), (jurisdiction, shown)
        for words in drawing.words:
            assert words.language in document.recognise


def test_a_paper_looks_as_it_does_where_it_comes_from() -> None:
    def languages(drawing: Drawing) -> set[str]:
        return {words.language for words in drawing.words}

    assert languages(specimens.drawing("PATENT_OFFICE_ACTION", "JP")) == {"ja"}
    assert languages(specimens.drawing("PATENT_OFFICE_ACTION", "KR")) == {"ko"}
    assert languages(specimens.drawing("PATENT_OFFICE_ACTION", None)) == {"en"}


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("[[papers.US_TRO]]", "[[papers.US_TROO]]", "unknown paper US_TROO"),
        ('layout = "caption"', 'layout = "scroll"', "unknown layout scroll"),
        ('["stamp", "entered"]', '["corner", "entered"]', "unknown spot corner"),
        ('["stamp", "entered"]', '["stamp", "weather"]', "unknown label weather"),
        ('jurisdictions = ["KR"]', 'jurisdictions = ["ZA"]', "the paper does not come from ZA"),
        ('kind = "upright"', 'kind = "slanted"', "Input should be"),
        ("x = 50, y = 13", "x = 500, y = 13", "less than or equal to 100"),
    ],
)
def test_a_wrong_drawing_stops_the_start_with_file_and_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    text = FILE.read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "specimens.toml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match=said) as caught:
        specimens.load(path)
    assert caught.value.line > 1


def test_a_paper_without_a_drawing_stops_the_start(tmp_path: Path) -> None:
    text = FILE.read_text(encoding="utf-8")
    path = tmp_path / "specimens.toml"
    path.write_text(text[: text.rindex("[[papers.")], encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match="no drawing for everywhere else"):
        specimens.load(path)


def test_words_are_made_to_fit_their_spot() -> None:
    spot = Spot(x=10, y=20, w=40, size=5)
    assert specimens.word_size(spot, [Printed("title", "ja", "訴状")]) == 5
    assert specimens.word_size(spot, [Printed("title", "ja", "認定手続開始通知書認定手続")]) == pytest.approx(
        40 / 13, abs=0.01
    )


@pytest.mark.parametrize(("tag", "label"), [("en", "The number of the case"), ("zh-Hans", "案号")])
def test_a_page_shows_where_to_look(client: FlaskClient, tag: str, label: str) -> None:
    page = client.get(f"/{tag}/dates/us_complaint").text
    assert f"<li>{label}</li>" in page
    assert 'lang="en">SUMMONS IN A CIVIL ACTION</text>' in page
    assert f"<li>{label}</li>" in client.get(f"/{tag}/windows/us/us").text


def test_papers_are_found_by_the_language_they_are_printed_in(client: FlaskClient) -> None:
    page = client.get("/en/dates/?language=ko").text
    assert "/en/dates/kr_complaint" in page
    assert "/en/dates/other_customs" in page  # may be in any language
    assert "/en/dates/foreign_complaint" in client.get("/en/dates/?language=th").text
    assert "/en/dates/jp_complaint" not in page
    assert "No paper fits both" in client.get("/en/dates/?language=la&country=KR").text
    assert client.get("/en/dates/?language=xx").status_code == 404
