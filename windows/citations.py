"""How a source and a basis in law are written for readers.

A citation stays as the law writes it, in every language; what is no citation ("platform terms", a place that was
not recorded) is said in the reader's words.
"""

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
NOT_READ = N_("%(law)s (not read)")
PHRASES = frozenset(
    {
        N_("37 CFR 2.62 before 2022-12-03"),
        N_("General Clauses Act 1897 s. 10 read; Registrar order of 2025-06-24 the other way"),
        N_("JP Patent Act art. 3 (applied to marks by Trademark Act 77(1)); Civil Code 138-143"),
        N_("PCT 22(1), 39(1)(a); national law"),
        N_("PCT Rule 80.1-80.5; national law"),
        N_("EUTMDR 77(4) for oppositions; Office sets the time for objections"),
        N_("IP Law before Law 131/2025"),
        N_("Indian Registry guidelines for the Madrid Protocol"),
        N_("Indonesian civil procedure (HIR), as the firm states"),
        N_("KR Trademark Act 60(1) before amendment"),
        N_("Mexican trademark law (as the firm states)"),
        N_("PatG / IntPatUebkG before 2022-05-01"),
        N_("Rospatent practice; Madrid refusal item X"),
        N_("TURKPATENT notice of opposition"),
        N_("UAE civil procedure, as the firm states"),
        N_("UKIPO practice since 2023-01-25"),
        N_("WIPO member profile PH"),
        N_("WIPO member profile TR"),
        N_("national trademark law"),
        N_("no statutory period"),
        N_("no statutory period; court practice"),
        N_("note to 35 USC 173 (Geneva Act in force for the US)"),
        N_("platform terms"),
    }
)

_NOT_READ_END = " (not read)"


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


def basis_words(basis: str, say: Say) -> str:
    """Return the basis of a rule or fact: citations unchanged, phrases in the reader's words."""
    if basis in PHRASES:
        return say(basis)
    if basis.endswith(_NOT_READ_END):
        return say(NOT_READ) % {"law": basis.removesuffix(_NOT_READ_END)}
    return basis
