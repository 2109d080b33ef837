"""The handbook of a case: which markets, rights and role it is about, and what it says of the case itself."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from hall.cases.records import Case
from hall.presentation import ShownDeadline
from hall.words import N_
from handbooks import selection
from handbooks.composition import OwnCase, OwnDeadline
from handbooks.selection import MARKETS_MOST, RIGHTS, ROLES, Handbook
from windows import directory, situations

STAGES_OF: Mapping[str, tuple[str, ...]] = {
    "we_are_accused": ("selling", "dispute"),
    "we_claim": ("selling", "dispute"),
    "we_are_preparing": ("planning", "selling"),
}
"""How far a visitor is, by what brings him."""
STEPS = (
    N_("Sign nothing, promise nothing and delete nothing before you have spoken with an advisor."),
    N_("Put the dates of this page into two calendars, and name who acts."),
    N_("With your phone you can add photos of the paper to your case: scan the code."),
    N_("You read the answer on your phone, or here, with your code."),
)
"""The next steps where no situation names them."""
STEPS_BEFORE = (
    N_("Show, sell and publish nothing new before it is filed."),
    N_("Let the name and the product be searched in each market of this book."),
    N_("Write down the date of your first filing at home, and put its priority dates into two calendars."),
    N_("You read the answer on your phone, or here, with your code."),
)
"""The next steps of those who are still preparing."""


def handbook_of(case: Case, told: Mapping[str, Any], language: str, *, form: str = "a4") -> Handbook | None:
    """Return the handbook for a case in a language (locale), or None where it is about no market of the hall.

    `told` are the facts of the case by key; `form` is one of selection.FORMS.
    """
    markets = markets_of(case, told)
    if not markets:
        return None
    rights = [right for right in case.rights.split(",") if right in RIGHTS]
    roles = [case.role] if case.role in ROLES else []
    return selection.own(
        markets[:MARKETS_MOST], language, rights=rights, roles=roles, stages=STAGES_OF.get(case.role, ()), form=form
    )


def markets_of(case: Case, told: Mapping[str, Any]) -> list[str]:
    """Return the markets (ISO codes) that a case is about, the country of its paper first; `told` are its facts."""
    named = [case.country, *(told.get("markets") or ())]
    return list(dict.fromkeys(code for code in named if directory.find_country(str(code)) is not None))


def own_case(
    case: Case,
    dated: Iterable[ShownDeadline],
    *,
    contacts: tuple[tuple[str, str], ...],
    qr: Markup,
    address: str,
    today: date,
) -> OwnCase:
    """Return what a handbook says of a case `today`, in the reader's words; `qr` opens `address` on the phone.

    `contacts` are labels and what they name.
    """
    return OwnCase(
        number=case.reference,
        deadlines=tuple(map(_deadline, dated)),
        steps=tuple(gettext(step) for step in steps_of(case)),
        contacts=contacts,
        qr=qr,
        address=address,
        printed=today,
    )


def steps_of(case: Case) -> tuple[str, ...]:
    """Return the next steps (msgids): those of the situation that the paper of the case belongs to, else the hall's."""
    sides = {"we_are_accused": {"accused", "both"}, "we_claim": {"claim", "both"}}.get(case.role, set())
    for situation in situations.all_situations():
        if case.document in situation.papers and situation.side in sides:
            return situation.steps
    return STEPS_BEFORE if case.role == "we_are_preparing" else STEPS


def _deadline(shown: ShownDeadline) -> OwnDeadline:
    return OwnDeadline(
        action=shown.action,
        paper=shown.event,
        day=shown.rolled or shown.demanded,
        safe_day=shown.safe,
        words=gettext("ask at the window"),
        basis=shown.basis,
        when=shown.applies_when,
        consequence=shown.consequence,
        extension=_extension(shown),
        doubts=(
            *shown.doubts,
            *((gettext("The calendar of this office is not final yet."),) if shown.provisional else ()),
        ),
        is_demanded=shown.rolled is None and shown.demanded is not None,
    )


def _extension(shown: ShownDeadline) -> str:
    if not shown.extension:
        return ""
    # What ends, or what others must do, is not the reader's to make longer.
    if shown.is_own_act:
        return str(gettext("More time: %(extension)s", extension=shown.extension))
    return str(gettext("Extension: %(extension)s", extension=shown.extension))
