"""Who comes in: passwords, codes, throttle, sessions, devices."""

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy.orm import Session

from hall import events
from hall.accounts import actions, records, rules
from hall.accounts.actions import EnrolmentRefused
from hall.accounts.records import HallSession, Person
from hall.accounts.rules import CodeRefused, Role, SessionKind, SignInRefused, TooManyTries
from hall.database import Database

PASSWORD = "correct horse battery staple"
HOUR = timedelta(hours=1)


def open_account(session: Session, now: datetime) -> Person:
    return actions.open_account(
        session, email="Li.Na@Hall.example", name="李娜", password=PASSWORD, grants=[(Role.CLERK, "us")], now=now
    )


def test_the_right_password_lets_in_whatever_the_case_of_the_address(database: Database, now: datetime) -> None:
    with database.work() as session:
        open_account(session, now)
        person = actions.check_sign_in(session, email=" li.na@HALL.example", password=PASSWORD, code="", now=now)
        assert person.name == "李娜"
        assert person.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("email", "password"),
    [("li.na@hall.example", PASSWORD + " "), ("nobody@hall.example", PASSWORD), ("", ""), ("li.na@hall.example", "")],
)
def test_wrong_address_and_wrong_password_say_the_same(
    database: Database, now: datetime, email: str, password: str
) -> None:
    with database.work() as session:
        open_account(session, now)
        with pytest.raises(SignInRefused) as refused:
            actions.check_sign_in(session, email=email, password=password, code="", now=now)
    assert refused.value.message == SignInRefused.message


def test_a_closed_account_is_out_at_once_with_its_sessions(database: Database, now: datetime) -> None:
    with database.work() as session:
        person = open_account(session, now)
        token = actions.begin_session(session, SessionKind.PERSON, now=now, data={}, person_id=person.id)
        actions.disable(session, person, now=now, actor=events.THE_HALL)
    with database.work() as session:
        assert actions.find_session(session, token, now=now) is None
        with pytest.raises(SignInRefused):
            actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code="", now=now)


def set_up(session: Session, person: Person, now: datetime) -> pyotp.TOTP:
    secret = actions.new_code_secret()
    totp = pyotp.parse_uri(actions.code_address(person, secret))
    assert isinstance(totp, pyotp.TOTP)
    actions.set_up_code(session, person, secret=secret, code=totp.at(now), password=PASSWORD, now=now)
    return totp


@pytest.mark.parametrize(("code", "password"), [("000000", PASSWORD), ("", PASSWORD), (None, "wrong" * 4)])
def test_one_time_codes_are_not_switched_on_without_a_right_code_and_the_password(
    database: Database, now: datetime, code: str | None, password: str
) -> None:
    secret = actions.new_code_secret()
    with database.work() as session:
        person = open_account(session, now)
        with pytest.raises(CodeRefused):
            actions.set_up_code(
                session,
                person,
                secret=secret,
                code=pyotp.TOTP(secret).at(now) if code is None else code,
                password=password,
                now=now,
            )
        actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code="", now=now)


def test_a_one_time_code_is_needed_once_set_up_and_works_once(database: Database, now: datetime) -> None:
    with database.work() as session:
        person = open_account(session, now)
        totp = set_up(session, person, now - timedelta(seconds=60))
    code = totp.at(now)

    def come_in(typed: str, at: datetime) -> None:
        with database.work() as session:
            actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code=typed, now=at)

    for wrong in ("", "000000", code[:5]):
        with pytest.raises(SignInRefused):
            come_in(wrong, now)
    come_in(f" {code[:3]} {code[3:]} ".translate({ord("0") + n: ord("０") + n for n in range(10)}), now)
    for replay in (code, f"{code[:3]} {code[3:]}"):
        with pytest.raises(SignInRefused):
            come_in(replay, now)
    come_in(totp.at(now + timedelta(seconds=30)), now + timedelta(seconds=30))


def test_a_lost_one_time_code_is_taken_off_with_the_sessions(database: Database, now: datetime) -> None:
    with database.work() as session:
        person = open_account(session, now)
        set_up(session, person, now)
        token = actions.begin_session(session, SessionKind.PERSON, now=now, data={}, person_id=person.id)
        actions.remove_code(session, person, now=now, actor=events.THE_HALL)
        assert actions.find_session(session, token, now=now) is None
        actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code="", now=now)


def test_the_eleventh_wrong_try_within_five_minutes_is_not_even_looked_at(database: Database, now: datetime) -> None:
    with database.work() as session:
        open_account(session, now)
        for _ in range(rules.TRIES_BY_SUBJECT):
            actions.count_failure(session, "sign_in", "li.na@hall.example", now=now)
    with database.work() as session:
        with pytest.raises(TooManyTries):
            actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code="", now=now)
        later = now + rules.TRY_WINDOW + timedelta(seconds=1)
        actions.check_sign_in(session, email="li.na@hall.example", password=PASSWORD, code="", now=later)


@pytest.mark.parametrize("password", ["", "x" * 14, "x" * 129])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(rules.PasswordTooWeak):
        rules.check_password(password, has_code=False)


def test_a_session_keeps_its_data_and_only_the_hash_of_its_token(database: Database, now: datetime) -> None:
    with database.work() as session:
        token = actions.begin_session(session, SessionKind.VISIT, now=now, data={"name": "星河"})
    with database.reading() as session:
        row = session.query(HallSession).one()
        assert token not in row.token_hash
        assert "星河".encode() not in row.data_sealed
        found = actions.find_session(session, token, now=now)
        assert found is not None
        assert found.data == {"name": "星河"}


@pytest.mark.parametrize("kind", list(SessionKind))
def test_a_session_ends_after_its_quiet_time_and_after_its_whole_life(kind: SessionKind, now: datetime) -> None:
    idle, longest = rules.LIVES[kind]
    second = timedelta(seconds=1)
    assert rules.is_alive(kind, created=now, seen=now, now=now + idle - second)
    assert not rules.is_alive(kind, created=now, seen=now, now=now + idle)
    assert rules.is_alive(kind, created=now, seen=now + longest - 2 * second, now=now + longest - second)
    assert not rules.is_alive(kind, created=now, seen=now + longest - second, now=now + longest)


def test_an_ended_session_is_dead(database: Database, now: datetime) -> None:
    with database.work() as session:
        token = actions.begin_session(session, SessionKind.VISIT, now=now, data={})
        actions.end_session(session, token)
        assert actions.find_session(session, token, now=now) is None


def test_an_enrolment_code_takes_in_one_device_once_within_three_days(database: Database, now: datetime) -> None:
    with database.work() as session:
        _, code = actions.announce_device(session, kind="terminal", name="Hall 1", now=now, actor=events.THE_HALL)
        _, stale = actions.announce_device(session, kind="board", name="Board", now=now, actor=events.THE_HALL)
    with database.work() as session:
        device, token = actions.enrol_device(session, f" {code.upper()} ", now=now)
        assert records.find_device(session, actions.token_hash(session, token)) is not None
        for again in (code, "wrong", ""):
            with pytest.raises(EnrolmentRefused):
                actions.enrol_device(session, again, now=now)
        with pytest.raises(EnrolmentRefused):
            actions.enrol_device(session, stale, now=now + actions.ENROLMENT_LIFE)
        actions.revoke_device(session, device, now=now, actor=events.THE_HALL)
        assert records.find_device(session, actions.token_hash(session, token)) is None


def test_what_is_stale_is_swept_away(database: Database, now: datetime) -> None:
    with database.work() as session:
        actions.begin_session(session, SessionKind.VISIT, now=now, data={})
        actions.begin_session(session, SessionKind.VISIT, now=now + 11 * HOUR, data={})
    with database.work() as session:
        assert actions.end_stale_sessions(session, now=now + 13 * HOUR) == 1
