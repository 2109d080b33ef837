"""The desk of the expert panel: look at the parties, declare, read the facts, answer."""

from typing import Any

from flask import Response, abort, flash, redirect, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from hall import letters, presentation, web
from hall.attachments import actions as attachments
from hall.attachments import records as papers_kept
from hall.cases import records as cases
from hall.cases.records import Case
from hall.cases.rules import AnswerTooShort
from hall.matching import actions as matching
from hall.matching import records as offers
from hall.matching.records import Offer
from hall.matching.rules import DECLINE_REASONS
from hall.panel import records as panel
from hall.panel.records import Member

blueprint = web.place_blueprint("advisors_desk", __name__, prefix="/advisor")

KIND = "advisor"


@blueprint.get("/")
def desk() -> Response:
    """Show the cases offered to the advisor, without any fact."""
    with web.reading() as session:
        member = _member(session)
        rows = offers.offers_to(session, member.id) if member else []
    return web.render("advisors_desk/desk.html", rows=rows, member=member, now=web.now(), **presentation.case_labels())


@blueprint.get("/cases/<offer_id>")
def case_page(offer_id: str) -> Response:
    """Show the parties; the facts too once the advisor has declared to have no conflict of interest."""
    with web.reading() as session:
        offer, case = _offer(session, offer_id)
        values = _values(session, offer, case)
    return web.render("advisors_desk/case.html", **values)


@blueprint.get("/cases/<offer_id>/papers/<paper_id>")
def open_paper(offer_id: str, paper_id: str) -> AnyResponse:
    """Show a paper of the case to an advisor to whom its facts are open."""
    with web.work() as session:
        offer, case = _offer(session, offer_id)
        row = papers_kept.find_attachment(session, case.id, paper_id) if matching.is_open_to(offer, case) else None
        if row is None:
            abort(404)
        return web.paper(attachments.open_paper(session, case, row, actor=web.actor(), now=web.now()))


@blueprint.post("/cases/<offer_id>/declare")
def declare(offer_id: str) -> AnyResponse:
    """Declare that there is no conflict of interest with the parties."""
    if request.form.get("declared") != "yes":
        flash(gettext("Tick the declaration first."), "error")
        return _to_case(offer_id)
    with web.work() as session:
        offer, _ = _offer(session, offer_id)
        matching.declare(session, offer, actor=web.actor(), now=web.now())
    return _to_case(offer_id)


@blueprint.post("/cases/<offer_id>/accept")
def accept(offer_id: str) -> AnyResponse:
    """Take the case."""
    with web.work() as session:
        offer, case = _offer(session, offer_id)
        matching.accept(session, offer, case, actor=web.actor(), now=web.now())
    return _to_case(offer_id)


@blueprint.post("/cases/<offer_id>/decline")
def decline(offer_id: str) -> AnyResponse:
    """Decline the case, with a reason."""
    reason = request.form.get("reason", "")
    if reason not in DECLINE_REASONS:
        flash(gettext("Choose a reason."), "error")
        return _to_case(offer_id)
    with web.work() as session:
        offer, case = _offer(session, offer_id)
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
    flash(gettext("You have declined the case."), "success")
    return redirect(url_for("advisors_desk.desk"), 303)


@blueprint.route("/cases/<offer_id>/answer", methods=["GET", "POST"])
def answer(offer_id: str) -> AnyResponse:
    """Write the opinion for the visitor; what was typed stays when it is refused."""
    text, refusal = request.form.get("text", ""), ""
    if request.method == "POST":
        try:
            with web.work() as session:
                offer, case = _offer(session, offer_id)
                matching.answer(session, offer, case, text=text, actor=web.actor(), now=web.now())
                _tell_visitor(session, case)
        except AnswerTooShort as refused:
            refusal = web.sentence(refused)
        else:
            flash(gettext("Your opinion was given to the visitor."), "success")
            return _to_case(offer_id)
    with web.reading() as session:
        offer, case = _offer(session, offer_id)
        if not matching.is_open_to(offer, case):
            raise matching.NotDeclared
        values = _values(session, offer, case)
    status = 422 if refusal else 200
    return web.render("advisors_desk/answer.html", status=status, text=text, refusal=refusal, **values)


def _values(session: Session, offer: Offer, case: Case) -> dict[str, Any]:
    is_open = matching.is_open_to(offer, case)
    facts = cases.facts_of(session, case) if is_open else {}
    return {
        "offer": offer,
        "case": case,
        "is_open": is_open,
        "parties": matching.parties_shown(session, case),
        "facts": presentation.facts(case.lane, facts) if is_open else [],
        "deadlines": presentation.deadlines(cases.deadlines_of(session, case.id), web.today()) if is_open else [],
        "address_of_paper": lambda paper_id: url_for("advisors_desk.open_paper", offer_id=offer.id, paper_id=paper_id),
        "papers": papers_kept.papers_of(session, case) if is_open else [],
        "messages": cases.messages_of(session, case, kinds=("opinion", "question")) if is_open else [],
        "now": web.now(),
        **presentation.case_labels(),
    }


def _tell_visitor(session: Session, case: Case) -> None:
    email = cases.facts_of(session, case).get("email")
    if isinstance(email, str) and "@" in email:
        letters.tell_visitor(session, web.settings(), case, email=email, now=web.now())


def _member(session: Session) -> Member | None:
    return panel.find_member_of_person(session, web.get_signed_in().id, KIND)


def _offer(session: Session, offer_id: str) -> tuple[Offer, Case]:
    # Another's offer does not exist, word for word like one that never was.
    member = _member(session)
    offer = offers.find_offer(session, offer_id, member.id) if member else None
    case = cases.find_case(session, offer.case_id) if offer else None
    if offer is None or case is None or offer.state not in (*offers.READERS, "offered"):
        abort(404)
    return offer, case


def _to_case(offer_id: str) -> AnyResponse:
    return redirect(url_for("advisors_desk.case_page", offer_id=offer_id), 303)
