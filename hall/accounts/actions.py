"""What can be done with accounts, devices and sessions."""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import argon2
import pyotp
import sqlalchemy as sa
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session

from hall import events
from hall.accounts import records, rules
from hall.accounts.records import Device, FailedTry, Grant, HallSession, Person
from hall.accounts.rules import Role, SessionKind
from hall.database import keys_of, new_id
from hall.events import Actor
from hall.sealing import SealBroken, seal, unseal
from hall.words import N_, Refused

HASHER = argon2.PasswordHasher()  # argon2id, RFC 9106 low-memory profile
# Verified against when nobody has the address, so that both answers take as long.
NOBODY_HASH = HASHER.hash(secrets.token_urlsafe(24))
TOTP_SECONDS = 30
ENROLMENT_LIFE = timedelta(hours=72)


class EnrolmentRefused(Refused):
    """The enrolment code is wrong, used or older than three days."""

    message = N_("This enrolment code is not known, was used, or is older than three days.")


@dataclass(frozen=True, slots=True)
class SessionFound:
    """A living session: what kind, whose, for which case, when it was last seen, and its data."""

    kind: SessionKind
    person_id: str | None
    device_id: str | None
    case_id: str | None
    seen_at: datetime
    data: dict[str, Any]


def fold_email(email: str) -> str:
    """Return the address as it is kept and compared."""
    return email.strip().casefold()


def open_account(
    session: Session,
    *,
    email: str,
    name: str,
    password: str,
    grants: Iterable[tuple[Role, str]],
    now: datetime,
    actor: Actor = events.THE_HALL,
    counter: str = "",
    demonstration: bool = False,
) -> Person:
    """Open an account with roles, each with the window it is for or ''; PasswordTooWeak when it is too short."""
    return open_account_with_hash(
        session,
        email=email,
        name=name,
        password_hash=hash_password(password),
        grants=grants,
        now=now,
        actor=actor,
        counter=counter,
        demonstration=demonstration,
    )


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password (RFC 9106); PasswordTooWeak when its length is not allowed."""
    rules.check_password(password, has_code=False)
    return HASHER.hash(password)


def open_account_with_hash(
    session: Session,
    *,
    email: str,
    name: str,
    password_hash: str,
    grants: Iterable[tuple[Role, str]],
    now: datetime,
    actor: Actor = events.THE_HALL,
    counter: str = "",
    demonstration: bool = False,
) -> Person:
    """Open an account whose password was hashed before, such as one of many with the same."""
    person = Person(
        email=fold_email(email),
        name=name,
        password_hash=password_hash,
        counter=counter,
        created_at=now,
        demonstration=demonstration,
        grants=[Grant(role=role, window=window) for role, window in grants],
    )
    session.add(person)
    session.flush()
    events.record(session, "account_opened", now=now, actor=actor, subject=("person", person.id))
    return person


def new_code_secret() -> str:
    """Return a fresh secret for one-time codes (RFC 6238), to be shown to its owner and then confirmed."""
    return pyotp.random_base32()


def code_address(person: Person, secret: str) -> str:
    """Return the provisioning address of a secret, which an app reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.email, issuer_name="IP Service Hall")


def set_up_code(session: Session, person: Person, *, secret: str, code: str, password: str, now: datetime) -> None:
    """Switch one-time codes on, or over to another app, once a code of it and the password were given; CodeRefused."""
    step = _matching_step(secret, code, now, after=0)
    if step is None or not _verify(person.password_hash, password[: rules.PASSWORD_MOST + 1]):
        raise rules.CodeRefused
    person.totp_sealed = seal(_totp_key(session), secret.encode(), bound_to=f"totp|{person.id}")
    person.totp_last_step = step
    events.record(session, "code_set_up", now=now, actor=Actor("person", person.id), subject=("person", person.id))


def remove_code(session: Session, person: Person, *, now: datetime, actor: Actor) -> None:
    """Take the one-time code off an account whose owner has lost it; all its sessions end."""
    person.totp_sealed, person.totp_last_step = None, 0
    session.execute(sa.delete(HallSession).where(HallSession.person_id == person.id))
    events.record(session, "code_removed", now=now, actor=actor, subject=("person", person.id))


def check_sign_in(session: Session, *, email: str, password: str, code: str, now: datetime) -> Person:
    """Return the person who may come in; SignInRefused or TooManyTries. A failed try is counted by `count_failure`."""
    address = fold_email(email)
    check_tries(session, "sign_in", address, now=now)
    person = records.find_person_by_email(session, address)
    matches = _verify(person.password_hash if person else NOBODY_HASH, password[: rules.PASSWORD_MOST + 1])
    if person is None or not matches or person.disabled_at is not None:
        raise rules.SignInRefused
    if person.totp_sealed is not None and not _code_matches(session, person, code, now):
        raise rules.SignInRefused
    if HASHER.check_needs_rehash(person.password_hash):
        person.password_hash = HASHER.hash(password)
    events.record(session, "signed_in", now=now, actor=Actor("person", person.id), subject=("person", person.id))
    return person


def check_tries(session: Session, what: str, subject: str, *, now: datetime) -> None:
    """Raise TooManyTries when `subject`, or all together, failed too often at `what`."""
    since = now - rules.TRY_WINDOW
    mine = records.count_failed(session, what, since=since, subject_hash=_subject_hash(session, subject))
    rules.check_tries(mine, records.count_failed(session, what, since=since))


def count_failure(session: Session, what: str, subject: str, *, now: datetime) -> None:
    """Remember a failed try of `subject` at `what`."""
    session.add(FailedTry(what=what, subject_hash=_subject_hash(session, subject), at=now))
    events.record(session, f"{what}_refused", now=now, actor=Actor("visitor"), subject=("try", what))


def disable(session: Session, person: Person, *, now: datetime, actor: Actor) -> None:
    """Close an account and end all its sessions at once."""
    person.disabled_at = now
    session.execute(sa.delete(HallSession).where(HallSession.person_id == person.id))
    events.record(session, "account_disabled", now=now, actor=actor, subject=("person", person.id))


def begin_session(
    session: Session,
    kind: SessionKind,
    *,
    now: datetime,
    data: Mapping[str, Any],
    person_id: str | None = None,
    device_id: str | None = None,
    case_id: str | None = None,
) -> str:
    """Open a session and return its token for the cookie; only the token's hash is kept."""
    token = secrets.token_urlsafe(32)
    hashed = token_hash(session, token)
    row = {
        "token_hash": hashed,
        "kind": kind,
        "person_id": person_id,
        "device_id": device_id,
        "case_id": case_id,
        "data_sealed": _seal_data(session, hashed, data),
        "created_at": now,
        "seen_at": now,
    }
    session.connection().execute(sa.insert(HallSession), row)
    return token


def find_session(session: Session, token: str, *, now: datetime) -> SessionFound | None:
    """Return the living session of a token, or None: unknown, ended, stale, or its data cannot be opened."""
    hashed = token_hash(session, token)
    row = session.connection().execute(records.SESSION, {"of": hashed}).one_or_none()
    if row is None or not rules.is_alive(SessionKind(row.kind), created=row.created_at, seen=row.seen_at, now=now):
        return None
    try:
        data = json.loads(unseal(_session_key(session), row.data_sealed, bound_to=f"session|{hashed}"))
    except SealBroken:
        return None
    return SessionFound(SessionKind(row.kind), row.person_id, row.device_id, row.case_id, row.seen_at, data)


def save_session(session: Session, token: str, *, data: Mapping[str, Any], now: datetime) -> None:
    """Keep the session's data and the moment it was last seen; nothing happens when it has ended meanwhile."""
    hashed = token_hash(session, token)
    change = {"of": hashed, "seen_at": now, "data_sealed": _seal_data(session, hashed, data)}
    session.connection().execute(records.CHANGE_SESSION, change)


def end_session(session: Session, token: str) -> None:
    """End the session: its cookie is dead from now on."""
    session.execute(sa.delete(HallSession).where(HallSession.token_hash == token_hash(session, token)))


def end_stale_sessions(session: Session, *, now: datetime) -> int:
    """Delete the sessions that have outlived every allowed life; return how many."""
    longest = max(life for _, life in rules.LIVES.values())
    result = session.execute(sa.delete(HallSession).where(HallSession.created_at < now - longest))
    session.execute(sa.delete(FailedTry).where(FailedTry.at < now - timedelta(days=1)))
    return int(getattr(result, "rowcount", 0))


def announce_device(session: Session, *, kind: str, name: str, now: datetime, actor: Actor) -> tuple[Device, str]:
    """Make room for a terminal or board and return it with its one-time enrolment code (three days)."""
    code = secrets.token_hex(8)
    device = Device(
        id=new_id(),
        kind=kind,
        name=name,
        enrolment_hash=token_hash(session, code),
        enrolment_until=now + ENROLMENT_LIFE,
        created_at=now,
    )
    session.add(device)
    events.record(session, "device_announced", now=now, actor=actor, subject=("device", device.id))
    return device, code


def enrol_device(session: Session, code: str, *, now: datetime) -> tuple[Device, str]:
    """Take a browser in as the announced device; return it with the token of its cookie. EnrolmentRefused."""
    device = records.find_enrolment(session, token_hash(session, code.strip().lower()), now)
    if device is None:
        raise EnrolmentRefused
    token = secrets.token_urlsafe(32)
    device.token_hash, device.enrolment_hash, device.enrolment_until = token_hash(session, token), None, None
    events.record(session, "device_enrolled", now=now, actor=Actor("device", device.id), subject=("device", device.id))
    return device, token


def revoke_device(session: Session, device: Device, *, now: datetime, actor: Actor) -> None:
    """Shut a device out at once, with every session it opened."""
    device.revoked_at, device.enrolment_hash = now, None
    session.execute(sa.delete(HallSession).where(HallSession.device_id == device.id))
    events.record(session, "device_revoked", now=now, actor=actor, subject=("device", device.id))


def token_hash(session: Session, token: str) -> str:
    """Return what is kept of a token."""
    return keys_of(session).digest("tokens", token)


def _verify(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False


def _code_matches(session: Session, person: Person, code: str, now: datetime) -> bool:
    secret = unseal(_totp_key(session), person.totp_sealed or b"", bound_to=f"totp|{person.id}").decode()
    step = _matching_step(secret, code, now, after=person.totp_last_step)
    if step is not None:
        person.totp_last_step = step
    return step is not None


def _matching_step(secret: str, code: str, now: datetime, *, after: int) -> int | None:
    totp = pyotp.TOTP(secret)
    digits = "".join(str(int(c)) for c in code if c.isdecimal())
    step = int(now.timestamp()) // TOTP_SECONDS
    for candidate in (step, step - 1, step + 1):
        # A code works once: a step at or before the last one used is a replay.
        if candidate > after and secrets.compare_digest(totp.generate_otp(candidate), digits):
            return candidate
    return None


def _seal_data(session: Session, hashed: str, data: Mapping[str, Any]) -> bytes:
    words = json.dumps(dict(data), ensure_ascii=False).encode()
    return seal(_session_key(session), words, bound_to=f"session|{hashed}")


def _subject_hash(session: Session, subject: str) -> str:
    return keys_of(session).digest("subjects", subject)


def _totp_key(session: Session) -> bytes:
    return keys_of(session).derive("one-time codes")


def _session_key(session: Session) -> bytes:
    return keys_of(session).derive("session data")
