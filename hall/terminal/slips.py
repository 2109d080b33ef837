"""The slip: what is kept of it in the visit."""

from dataclasses import dataclass

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
