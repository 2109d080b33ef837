"""The desk of the providers: look at the parties, declare, read the brief, accept or decline."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hall import letters, presentation, web
from hall.cases import records as cases
from hall.cases.records import Case
from hall.matching import actions as matching
from hall.matching import records as offers
from hall.matching.records import Offer
from hall.matching.rules import DECLINE_REASONS
from hall.panel import records as panel
from hall.panel.records import Member

blueprint = web.place_blueprint("providers_desk", __name__, prefix="/provider")

KIND = "provider"
# How to reach the visitor is told by the hall once the visitor has chosen this provider.
CONTACT = frozenset({"contact_name", "phone", "email"})


@blueprint.get("/")
def desk() -> Response:
    """Show the referrals to the provider, without any fact."""
    with web.reading() as session:
        member = _member(session)
        rows = offers.offers_to(session, member.id) if member else []
    return web.render("providers_desk/desk.html", rows=rows, member=member, now=web.now(), **presentation.case_labels())


@blueprint.get("/referrals/<offer_id>")
def referral(offer_id: str) -> Response:
    """Show the parties; the brief too once the provider has declared to have no conflict of interest."""
    with web.reading() as session:
        offer, case = _offer(session, offer_id)
        is_open = matching.is_open_to(offer, case)
        values: dict[str, Any] = {
            "offer": offer,
            "case": case,
            "is_open": is_open,
            "parties": matching.parties_shown(session, case),
            "facts": presentation.facts(case.lane, cases.facts_of(session, case), without=CONTACT) if is_open else [],
            "deadlines": presentation.deadlines(cases.deadlines_of(session, case.id), web.today()) if is_open else [],
        }
    return web.render("providers_desk/referral.html", now=web.now(), **values, **presentation.case_labels())


@blueprint.post("/referrals/<offer_id>/<any(declare, accept, decline):act>")
def act(offer_id: str, act: str) -> AnyResponse:
    """Declare, accept or decline a referral."""
    with web.work() as session:
        offer, case = _offer(session, offer_id)
        if act == "declare":
            if request.form.get("declared") != "yes":
                flash(gettext("Tick the declaration first."), "error")
            else:
                matching.declare(session, offer, actor=web.actor(), now=web.now())
        elif act == "accept":
            matching.accept(session, offer, case, actor=web.actor(), now=web.now())
            flash(
                gettext("You have accepted the referral. The hall will put you in touch with the visitor."), "success"
            )
        else:
            reason = request.form.get("reason", "")
            if reason in DECLINE_REASONS:
                matching.decline(
                    session,
                    offer,
                    case,
                    reason=reason,
                    actor=web.actor(),
                    tell=letters.teller(web.settings()),
                    now=web.now(),
                    hours=web.settings().hours,
                )
                flash(gettext("You have declined the referral."), "success")
                return redirect(url_for("providers_desk.desk"), 303)
            flash(gettext("Choose a reason."), "error")
    return redirect(url_for("providers_desk.referral", offer_id=offer_id), 303)


def _member(session: Session) -> Member | None:
    return panel.find_member_of_person(session, web.get_signed_in().id, KIND)


def _offer(session: Session, offer_id: str) -> tuple[Offer, Case]:
    member = _member(session)
    offer = offers.find_offer(session, offer_id, member.id) if member else None
    case = cases.find_case(session, offer.case_id) if offer else None
    if offer is None or case is None or offer.state not in (*offers.READERS, "offered"):
        abort(404)
    return offer, case
