"""The ledger: whatever the hall tells otherwise than before is written down, and the page “What changed” says so."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from windows import ledger
from windows.directory import Number
from windows.knowledge import InvalidKnowledge
from windows.ledger import Correction

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")

FIRST = date(2026, 1, 5)
PERIOD = "fact:DE.tm_opposition_period"
RULE = "rule:US-ANS-21"
WORDS = "fact:AE.customs_measures"
ADDED_EN = "Added by the hall: Trademark: years of non-use before cancellation; Trade secrets: law that protects them<"
ADDED_ZH = "本大厅新增：商标：不使用可撤销的年限；商业秘密：保护依据<"


def test_whatever_the_hall_tells_stands_in_the_ledger() -> None:
    unrecorded = list(ledger.unrecorded(ledger.read(), ledger.told_now()))
    assert not unrecorded, "run `flask windows record`"


def test_the_first_day_is_no_correction() -> None:
    lines = ledger.read()
    first = [line for line in lines if line.day == lines[0].day]
    assert len(first) > 1000
    assert ledger.corrections(tuple(first)) == ()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A ledger of a hall that told three things otherwise, one not at all, and one more than it tells now."""
    now = dict(ledger.told_now())
    now[PERIOD] = {"value": 2, "unit": "months"}
    now[WORDS] = {"value": "none known", "unit": "text"}
    now[RULE] = {**now[RULE], "period": {"n": 14, "unit": "days"}}
    del now["fact:JP.tm_nonuse_years"]
    now["fact:FR.tm_term_years"] = {**now["fact:FR.tm_term_years"], "value": 10}
    now["fact:KR.tm_gone"] = {"value": 1, "unit": "months"}
    path = tmp_path / "ledger.jsonl"
    path.write_text(
        "".join(f"{json.dumps({'day': str(FIRST), 'name': name, 'told': told})}\n" for name, told in now.items()),
        encoding="utf-8",
    )
    return path


def test_a_change_is_recorded_once_and_read_as_a_correction(older: Path) -> None:
    day = date(2026, 2, 28)
    assert ledger.record(day, older) == 5
    assert ledger.record(day, older) == 0
    found = {correction.name: correction for correction in ledger.corrections(ledger.read(older))}
    assert set(found) == {PERIOD, WORDS, RULE, "fact:JP.tm_nonuse_years", "fact:KR.tm_gone"}
    before = found[PERIOD].before
    assert before is not None
    assert ledger.fact_value(before, "tm_opposition_period") == Number(2, "months")
    assert found["fact:JP.tm_nonuse_years"].before is None
    assert found["fact:KR.tm_gone"].now is None
    assert {correction.day for correction in found.values()} == {day}


def test_a_value_given_back_is_a_correction_too_and_the_newest_comes_first(older: Path) -> None:
    ledger.record(date(2026, 2, 28), older)
    with older.open("a", encoding="utf-8") as file:
        file.write(json.dumps({"day": "2026-03-01", "name": PERIOD, "told": {"value": 2, "unit": "months"}}) + "\n")
    newest = ledger.corrections(ledger.read(older))[0]
    assert newest == Correction(
        date(2026, 3, 1), PERIOD, {"value": 3, "unit": "months"}, {"value": 2, "unit": "months"}
    )
    assert ledger.record(date(2026, 3, 2), older) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "a line has a day, a name and what was told"),
        ('{"day": "2026-02-30", "name": "fact:DE.x", "told": null}', "a line has a day"),
        ('{"day": "2026-02-03", "name": "fact:DE.x"}', "a line has a day"),
        ('{"day": "2025-12-31", "name": "fact:DE.x", "told": null}', "the newest line comes last"),
    ],
)
def test_a_wrong_line_stops_the_start_with_file_and_line(older: Path, line: str, said: str) -> None:
    count = len(older.read_text(encoding="utf-8").splitlines())
    with older.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(InvalidKnowledge, match=said) as caught:
        ledger.read(older)
    assert f"{older.name}:{count + 1}" in str(caught.value)


@pytest.fixture
def corrected(older: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The hall as it is, with an older ledger brought up to date on the last day of February."""
    text = older.read_text(encoding="utf-8").replace('"fact:KR.tm_gone"', '"fact:KR.tm_nonuse_years"')
    gained = ('"fact:KR.tm_nonuse_years"', '"fact:KR.trade_secret_law"')
    lines = [line for line in text.splitlines() if not any(name in line for name in gained)]
    older.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    ledger.record(date(2026, 2, 28), older)
    monkeypatch.setattr(ledger, "FILE", older)
    ledger.all_corrections.cache_clear()
    yield
    ledger.all_corrections.cache_clear()


@pytest.mark.usefixtures("corrected")
@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("en", ("Trademark: time to oppose: 3 months (before: 2 months)", "21 days (before: 14 days)", ADDED_EN)),
        ("zh-Hans", ("3个月（此前为：2个月）", "21日（此前为：14日）", ADDED_ZH)),
    ],
)
def test_corrections_are_shown_and_lead_to_where_they_stand(
    client: FlaskClient, tag: str, said: tuple[str, ...]
) -> None:
    page = client.get(f"/{tag}/changes").text
    for words in said:
        assert words in page
    assert f"/{tag}/windows/eu/de#fact-tm_opposition_period" in page
    assert f"/{tag}/dates/us_complaint?country=US" in page
    assert page.count(said[2]) == 1
    assert said[0] in client.get(f"/{tag}/windows/eu/de").text
    feed = ElementTree.fromstring(client.get(f"/{tag}/changes.atom").data)
    titles = [element.text or "" for element in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert any(said[1] in title for title in titles)


def test_what_was_changed_twice_on_one_day_is_one_correction() -> None:
    name = "fact:XX.tm_opposition_period"

    def line(day: int, value: int) -> ledger.Line:
        return ledger.Line(date(2026, 1, day), name, {"value": value, "unit": "months"})

    twice = ledger.corrections((line(1, 2), line(2, 3), line(2, 4)))
    [correction] = twice
    assert correction.before == {"value": 2, "unit": "months"}
    assert correction.now == {"value": 4, "unit": "months"}
    assert ledger.corrections((line(1, 2), line(2, 3), line(2, 2))) == ()
    assert len(ledger.corrections((line(1, 2), line(2, 3), line(3, 2)))) == 2
