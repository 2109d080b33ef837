"""What changed: checked at the start, shown with sources, given as a feed."""

import re
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from windows.changes import all_changes, changes_of, load
from windows.knowledge import InvalidKnowledge

# These pages read files alone: one database is enough.
pytestmark = pytest.mark.only_on("sqlite")

ATOM = "{http://www.w3.org/2005/Atom}"
GOOD = """
[[changes]]
day = 2025-07-22
country = "KR"
fact = "tm_opposition_period"
text = "Shorter."
sources = [{ address = "https://example.org/", dated = "2025" }]
"""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (GOOD.replace("KR", "XX"), "unknown country"),
        (GOOD.replace("tm_opposition_period", "nothing"), "unknown fact"),
        (GOOD.replace('fact = "tm_opposition_period"', 'rule = "NOTHING"'), "unknown rule"),
        (GOOD.replace('fact = "tm_opposition_period"', ""), "by a fact or by a rule"),
        (GOOD.replace('[{ address = "https://example.org/", dated = "2025" }]', "[]"), "has a source"),
        (GOOD + GOOD.replace("2025-07-22", "2026-01-01"), "the newest comes first"),
        (GOOD.replace("text", "words"), "Field required"),
    ],
)
def test_a_wrong_change_stops_the_start_with_file_and_line(tmp_path: Path, wrong: str, said: str) -> None:
    path = tmp_path / "changes.toml"
    path.write_text(wrong, encoding="utf-8")
    with pytest.raises(InvalidKnowledge, match=said):
        load(path)
    path.write_text(GOOD, encoding="utf-8")
    assert load(path)[0].day == date(2025, 7, 22)


def test_every_change_has_a_name_of_its_own() -> None:
    assert len({change.name for change in all_changes()}) == len(all_changes())
    assert {change.country for change in changes_of("KR")} == {"KR"}


@pytest.mark.parametrize("tag", ["en", "zh-Hans"])
def test_changes_are_shown_and_lead_to_where_they_stand(client: FlaskClient, tag: str) -> None:
    page = client.get(f"/{tag}/changes").text
    assert f"/{tag}/windows/korea/kr#fact-tm_opposition_period" in page
    assert '<time datetime="2025-07-22">' in page
    assert '<time datetime="2025-07-22">' in client.get(f"/{tag}/windows/korea/kr").text


def test_the_feed_is_atom(client: FlaskClient) -> None:
    answer = client.get("/zh-Hans/changes.atom")
    assert answer.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.data)
    entries = feed.findall(f"{ATOM}entry")
    names = [(entry.findtext(f"{ATOM}id") or "").rpartition("#")[2] for entry in entries]
    assert set(names) == set(re.findall(r'<li id="([^"]+)">\s*<time', client.get("/zh-Hans/changes").text))
    assert names == sorted(names, key=lambda name: name[:10], reverse=True)
    assert len(set(names)) == len(names) >= len(all_changes())
    for entry in entries:
        assert {child.tag.removeprefix(ATOM) for child in entry} == {"title", "id", "link", "updated", "summary"}
    assert client.get("/zh-Hans/changes.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
