"""What kind of paper a document is: its group, the procedure it opens, and which dates and words it answers with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from hall.intake.questions import Answers, InvalidFlow, is_known
from hall.intake.reading import read_toml
from windows import rulebook

FILE = Path(__file__).parent / "papers.toml"

EARLIEST = "_earliest"


@dataclass(frozen=True, slots=True)
class Paper:
    """A type of paper: its group (for conditions), the procedure it belongs to, the right it is about if certain."""

    code: str
    group: str
    procedure: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Papers:
    """The papers, and what papers.toml says of dates and ways."""

    papers: Mapping[str, Paper]
    events: Mapping[str, tuple[str, ...]]
    ways: Mapping[str, str]


@cache
def all_papers() -> Papers:
    """The papers, the names of dates each answer gives, and the ways of service. Raises InvalidFlow."""
    return load(FILE)


def load(path: Path) -> Papers:
    """Read the papers from a file. Raises InvalidFlow."""
    data = read_toml(path)
    if set(data) != {"procedures", "events", "ways"}:
        raise InvalidFlow(path, "", "procedures, events and ways are expected")
    return Papers(
        MappingProxyType({code: _paper(path, code, procedure) for code, procedure in data["procedures"].items()}),
        MappingProxyType({key: tuple(names) for key, names in data["events"].items()}),
        MappingProxyType(dict(data["ways"])),
    )


def _paper(path: Path, code: str, procedure: str) -> Paper:
    try:
        document = rulebook.get_document(code)
    except rulebook.UnknownDocument:
        raise InvalidFlow(path, code, "the windows know no such paper") from None
    return Paper(code, document.group, procedure, document.right)


@cache
def groups() -> Mapping[str, frozenset[str]]:
    """The codes of papers by group."""
    papers = all_papers().papers.values()
    names = {paper.group for paper in papers}
    return MappingProxyType({name: frozenset(paper.code for paper in papers if paper.group == name) for name in names})


def find_paper(answers: Answers) -> Paper | None:
    """The paper the answers speak of, or None where it is another one or not known."""
    document = answers.get("document")
    if isinstance(document, str) and document in all_papers().papers:
        return all_papers().papers[document]
    # A first filing and somebody else's publication are papers too: their date is asked, not the paper.
    if is_known(answers.get("date_first_filing")):
        return all_papers().papers["FIRST_FILING"]
    if is_known(answers.get("date_published")):
        return all_papers().papers["TM_PUBLICATION"]
    return None


def way_of(answers: Answers) -> str | None:
    """The way of service in the words of the deadline rules, or None where it is not known."""
    way = answers.get("way")
    return all_papers().ways.get(way) if isinstance(way, str) else None


def dates_of(answers: Answers, names: Collection[str]) -> dict[str, date]:
    """The dates known by the names the deadline rules use, for those of `names` (as their rules take).

    Where the day of receipt is not known, the date printed on the paper is the earliest it may have been:
    `served_earliest` and its like. No name is filled with a date of another meaning.
    """
    found: dict[str, date] = {}
    for key, events in all_papers().events.items():
        day = _day(answers, key)
        if day is not None:
            found |= {name: day for name in events if name in names}
    printed = _day(answers, "date_printed")
    if printed is not None and _day(answers, "date_received") is None:
        received = (name + EARLIEST for name in all_papers().events["date_received"])
        found |= {name: printed for name in received if name in names}
    return found


def told_by(dates: Mapping[str, date], way: str) -> dict[str, str]:
    """Return as answers of the intake what is known in the words of the rules: dates by event, the way of service."""
    answers = {}
    for key, names in all_papers().events.items():
        days = [dates[name] for name in names if name in dates]
        if days:
            answers[key] = days[0].isoformat()
    said = next((answer for answer, code in all_papers().ways.items() if code == way), "")
    return answers | ({"way": said} if said else {})


def _day(answers: Answers, key: str) -> date | None:
    value = answers.get(key)
    return date.fromisoformat(value) if isinstance(value, str) and is_known(value) else None
