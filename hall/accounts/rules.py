"""Who may come in: roles, passwords, throttling, lives of sessions. Pure: the time is an argument."""

from datetime import datetime, timedelta
from enum import StrEnum

from hall.words import N_, Refused


class Role(StrEnum):
    """What a person of the hall may be; a person may be several."""

    RECEPTION = "reception"
    CLERK = "clerk"
    TRIAGER = "triager"
    CONFLICT_OFFICER = "conflict_officer"
    SUPERVISOR = "supervisor"
    DIRECTOR = "director"
    EDITOR = "editor"
    ADMINISTRATOR = "administrator"
    ADVISOR = "advisor"
    PROVIDER = "provider"


ROLE_NAMES = {
    Role.RECEPTION: N_("Reception"),
    Role.CLERK: N_("Window clerk"),
    Role.TRIAGER: N_("Triager"),
    Role.CONFLICT_OFFICER: N_("Conflict officer"),
    Role.SUPERVISOR: N_("Supervisor"),
    Role.DIRECTOR: N_("Director"),
    Role.EDITOR: N_("Content editor"),
    Role.ADMINISTRATOR: N_("Administrator"),
    Role.ADVISOR: N_("Advisor of the panel"),
    Role.PROVIDER: N_("Provider"),
}

# NIST SP 800-63B-4: length counts, no rules of composition; 8 with a second factor, 15 without.
PASSWORD_LEAST = 15
PASSWORD_LEAST_WITH_CODE = 8
PASSWORD_MOST = 128

# The visit ends when nobody touches the screen; the warning comes first (WCAG 2.2.1).
VISIT_IDLE = timedelta(minutes=15)
VISIT_LONGEST = timedelta(hours=4)
PHONE_IDLE = timedelta(minutes=30)
PHONE_LONGEST = timedelta(hours=4)
# NIST SP 800-63B-4, AAL2: an hour of quiet, twelve hours in all.
PERSON_IDLE = timedelta(hours=1)
PERSON_LONGEST = timedelta(hours=12)

TRY_WINDOW = timedelta(minutes=5)
TRIES_BY_SUBJECT = 10
TRIES_BY_ALL = 1000


class SessionKind(StrEnum):
    """Whose session it is: a visit at the terminal, a phone that knows a case code, or a person signed in."""

    VISIT = "visit"
    PHONE = "phone"
    PERSON = "person"


LIVES = {
    SessionKind.VISIT: (VISIT_IDLE, VISIT_LONGEST),
    SessionKind.PHONE: (PHONE_IDLE, PHONE_LONGEST),
    SessionKind.PERSON: (PERSON_IDLE, PERSON_LONGEST),
}


class SignInRefused(Refused):
    """Wrong address, password or code, or a closed account: which of them is not told."""

    message = N_("The e-mail address, the password or the one-time code is not right.")


class CodeRefused(Refused):
    """The code of the app or the password is wrong: one-time codes stay as they were."""

    message = N_("The code of the app or your password is not right. Nothing was changed.")


class TooManyTries(Refused):
    """Too many tries in a short time, by one subject or by all together."""

    message = N_("Too many tries. Please wait five minutes, or ask the hall's staff.")


class PasswordTooWeak(Refused):
    """The password is shorter or longer than allowed."""

    message = N_("The password needs %(least)s to %(most)s characters.")


def check_password(password: str, *, has_code: bool) -> None:
    """Raise PasswordTooWeak unless the length is allowed (NIST SP 800-63B-4)."""
    least = PASSWORD_LEAST_WITH_CODE if has_code else PASSWORD_LEAST
    if not least <= len(password) <= PASSWORD_MOST:
        raise PasswordTooWeak(least=least, most=PASSWORD_MOST)


def check_tries(by_subject: int, by_all: int) -> None:
    """Raise TooManyTries when the failed tries of the last `TRY_WINDOW` reach a limit."""
    if by_subject >= TRIES_BY_SUBJECT or by_all >= TRIES_BY_ALL:
        raise TooManyTries


def is_alive(kind: SessionKind, *, created: datetime, seen: datetime, now: datetime) -> bool:
    """Whether a session still counts, by its quiet time and its whole life."""
    idle, longest = LIVES[kind]
    return now - seen < idle and now - created < longest
