"""Every mapped class of the hall, so that one import knows all tables."""

from hall import events, numbering
from hall.accounts import records as accounts
from hall.attachments import records as attachments
from hall.cases import records as cases
from hall.conflicts import records as conflicts
from hall.matching import records as matching
from hall.notices import records as notices
from hall.panel import records as panel
from hall.prints import records as prints
from hall.tickets import records as tickets

__all__ = [
    "accounts",
    "attachments",
    "cases",
    "conflicts",
    "events",
    "matching",
    "notices",
    "numbering",
    "panel",
    "prints",
    "tickets",
]
