"""The slip: what is kept of it in the visit, and its QR code."""

from dataclasses import dataclass

import segno
from markupsafe import Markup

from hall import web

KEY = "slip"


@dataclass(frozen=True, slots=True)
class Slip:
    """What the visit keeps of a slip; `is_open` is true until the code has been shown."""

    ticket_id: str
    case_id: str
    code: str
    is_open: bool


def keep(ticket_id: str, *, case_id: str = "", code: str = "") -> None:
    """Keep a new slip in the visit."""
    web.web_session()[KEY] = {"ticket_id": ticket_id, "case_id": case_id, "code": code, "is_open": True}


def find() -> Slip | None:
    """Return the visit's slip, or None."""
    kept = web.web_session().get(KEY)
    return Slip(**kept) if kept else None


def take_code() -> str:
    """Return the code if it has not been shown yet, and remember that it has."""
    kept = find()
    if kept is None or not kept.is_open or not kept.code:
        return ""
    web.web_session()[KEY] = {**web.web_session()[KEY], "is_open": False}
    return kept.code


def show_again() -> None:
    """Let the code be shown once more."""
    web.web_session()[KEY] = {**web.web_session()[KEY], "is_open": True}


def qr_code(address: str) -> Markup:
    """Return the address as a QR code (ISO/IEC 18004) in SVG, without any style of its own."""
    code = segno.make(address, error="m", micro=False)
    return Markup(code.svg_inline(scale=5, border=2, svgclass="qr", lineclass="", omitsize=True))  # noqa: S704
