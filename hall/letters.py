"""The words of the hall's mails, in the language of whoever reads them; never a name or a fact of a case."""

from collections.abc import Callable
from datetime import datetime

from babel.dates import format_datetime
from sqlalchemy.orm import Session

from hall.accounts.records import find_person
from hall.cases.records import Case
from hall.languages import BY_LOCALE, say
from hall.matching.records import Offer
from hall.notices import actions as notices
from hall.panel.records import find_member
from hall.settings import Settings
from hall.words import N_

Tell = Callable[[Session, Offer, Case, datetime], None]

OFFER_SUBJECT = N_("Case %(reference)s is offered to you, please answer by %(due)s")
OFFER_BODY = N_(
    "A case of the service hall is offered to you.\n\n"
    "Case: %(reference)s\nPlease answer by: %(due)s\n\n"
    "Sign in and first look at the names of the parties. You see the facts once you have declared that you have no "
    "conflict of interest.\n\n%(address)s\n"
)
ANSWER_SUBJECT = N_("The answer to your case %(reference)s is ready")
ANSWER_BODY = N_(
    "The answer to your case %(reference)s is ready.\n\n"
    "Read it with the case code on your slip:\n%(address)s\n\n"
    "The hall never asks for your code by mail or telephone.\n"
)


def teller(settings: Settings) -> Tell:
    """Return what tells a panel member of an offer by mail; nothing happens for a member without an account."""

    def tell(session: Session, offer: Offer, case: Case, now: datetime) -> None:
        member = find_member(session, offer.member_id)
        person = find_person(session, member.person_id) if member is not None and member.person_id else None
        if person is None:
            return
        due = format_datetime(offer.due_at, "short", tzinfo=settings.zone, locale=person.locale)
        desk = "advisor" if offer.kind == "advisor" else "provider"
        words = {
            "reference": case.reference,
            "due": due,
            "address": f"{settings.public_address}/{BY_LOCALE[person.locale].tag}/{desk}",
        }
        notices.queue_mail(
            session,
            to=person.email,
            subject=say(person.locale, OFFER_SUBJECT, words),
            body=say(person.locale, OFFER_BODY, words),
            now=now,
        )

    return tell


def tell_visitor(session: Session, settings: Settings, case: Case, *, email: str, now: datetime) -> None:
    """Tell the visitor that the answer is ready."""
    words = {
        "reference": case.reference,
        "address": f"{settings.public_address}/{BY_LOCALE[case.locale].tag}/case",
    }
    notices.queue_mail(
        session,
        to=email,
        subject=say(case.locale, ANSWER_SUBJECT, words),
        body=say(case.locale, ANSWER_BODY, words),
        now=now,
    )
