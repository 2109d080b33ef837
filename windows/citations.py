"""How a source is written for readers: an address stays as it is, a place that was not recorded is said in words."""

from collections.abc import Callable

from hall.words import N_

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


def address_words(address: str, say: Say) -> str:
    """Return where a source stands: a web address as it is, a file of a repository with its host, else words."""
    if address in UNRECORDED:
        return say(UNRECORDED[address])
    if address.startswith("github:"):
        return "github.com/" + address.removeprefix("github:")
    return address


def dated_words(dated: str, say: Say) -> str:
    """Return the date of a source as it was noted (ISO 8601, whole or in part), or that it bears none."""
    return say(UNDATED) if dated == "undated" else dated
