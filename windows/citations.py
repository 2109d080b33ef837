"""How a source is written for readers: an address stays as it is, a place that was not recorded is said in words.

A law that was read in a public copy is named by the place where its publisher has it, and the copy is told beside.
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from hall.words import N_
from windows import knowledge

Say = Callable[[str], str]

UNRECORDED = {
    "unrecorded:deadline-list": N_("A public list of deadlines whose place of publication was not recorded"),
    "unrecorded:docket-rules": N_("A public file of docketing rules citing the law, whose place was not recorded"),
    "unrecorded:docket-test": N_("A public test of docketing software citing the rule, whose place was not recorded"),
    "unrecorded:firm-page": N_("A page of a law firm, whose place was not recorded"),
    "unrecorded:member-list": N_("A list of members, whose place was not recorded"),
    "unrecorded:office-page": N_("An older page of the office, whose place was not recorded"),
    "unrecorded:statute": N_("The text of the statute, before the judgment"),
}
UNDATED = N_("undated")
OR_LATER = N_("%(date)s or later")
BEFORE = N_("before %(date)s")
READ_IN_A_COPY = N_("%(place)s, read in the copy %(copy)s")
PUBLISHERS = Path(__file__).with_name("publishers.toml")


@cache
def _publishers() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The names that copies give the files of laws, and where their publisher has them. Raises InvalidKnowledge."""
    return tuple((re.compile(one["copy"]), one["place"]) for one in knowledge.read(PUBLISHERS).data["publisher"])


def published_at(address: str) -> str:
    """Return where the law that was read in a copy is published, or nothing where that is not known."""
    if not address.startswith("github:"):
        return ""
    for pattern, place in _publishers():
        found = pattern.search(address)
        if found:
            return place.format(*found.groups())
    return ""


def copy_words(address: str) -> str:
    """Return the public copy that was read, or nothing where the source itself was."""
    return "github.com/" + address.removeprefix("github:") if address.startswith("github:") else ""


def address_words(address: str, say: Say) -> str:
    """Return where a source stands: its web address, that of its publisher and the copy that was read, or words."""
    if address in UNRECORDED:
        return say(UNRECORDED[address])
    copy, published = copy_words(address), published_at(address)
    if published:
        return say(READ_IN_A_COPY) % {"place": published, "copy": copy}
    return copy or address


def dated_words(dated: str, say: Say) -> str:
    """Return the date of a source (ISO 8601, or a part), or in words how far it is known: `2022-05+`, `<2017`."""
    if dated == "undated":
        return say(UNDATED)
    if dated.endswith("+"):
        return say(OR_LATER) % {"date": dated.removesuffix("+")}
    return say(BEFORE) % {"date": dated.removeprefix("<")} if dated.startswith("<") else dated
