"""The outbox: a mail leaves once, waits longer after each failure, and is given up in the end."""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa

from hall.database import Database
from hall.notices import actions, post, records, rules
from hall.notices.records import Mail

WORDS = {"to": "li.na@example.com", "subject": "您的案件BJ-2026-000001已有答复", "body": "请凭案件码查看。\n"}


@pytest.fixture
def queued(database: Database, now: datetime) -> Database:
    with database.work() as session:
        actions.queue_mail(session, now=now, **WORDS)
    return database


def send(database: Database, sender: post.Send, now: datetime) -> int:
    return actions.send_due(database, sender, sender="hall@hall.example", now=now)


def unreachable(_message: EmailMessage) -> None:
    raise ConnectionRefusedError


def test_a_mail_leaves_once_and_its_words_are_forgotten(queued: Database, now: datetime, tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    assert send(queued, post.to_folder(folder), now) == 1
    assert send(queued, post.to_folder(folder), now + timedelta(days=1)) == 0
    (file,) = folder.glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"]) == (WORDS["to"], WORDS["subject"])
    assert message.get_content() == WORDS["body"]
    with queued.reading() as session:
        assert session.scalars(sa.select(Mail)).one().sealed is None


def test_a_mail_whose_transaction_failed_never_leaves(database: Database, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), database.work() as session:
        actions.queue_mail(session, now=now, **WORDS)
        raise RuntimeError
    assert send(database, post.to_folder(tmp_path), now) == 0


def test_a_mail_waits_longer_after_each_failure_and_is_given_up_in_the_end(queued: Database, now: datetime) -> None:
    at = now
    for tries in range(1, rules.TRIES_MOST + 1):
        assert send(queued, unreachable, at) == 0
        pause = rules.pause_after(tries)
        if pause is not None:
            assert send(queued, unreachable, at + pause - timedelta(seconds=1)) == 0
            at += pause
    with queued.reading() as session:
        mail = session.scalars(sa.select(Mail)).one()
        assert (mail.state, mail.tries) == ("dead", rules.TRIES_MOST)
        assert records.count_by_state(session) == {"dead": 1}


def test_the_pauses_grow_up_to_two_hours() -> None:
    pauses = [rules.pause_after(tries) for tries in range(1, rules.TRIES_MOST)]
    assert all(pause is not None for pause in pauses)
    assert pauses == sorted(pause for pause in pauses if pause is not None)
    assert pauses[-1] == rules.LONGEST_PAUSE
    assert rules.pause_after(rules.TRIES_MOST) is None
