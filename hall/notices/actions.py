"""What can be done with the outbox: put a mail in, send what is due."""

import json
import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy.orm import Session

from hall.database import Database, keys_of, new_id
from hall.notices import records, rules
from hall.notices.post import Send
from hall.notices.records import Mail
from hall.sealing import seal, unseal

log = structlog.get_logger()
KEY_PURPOSE = "outbox"


def queue_mail(session: Session, *, to: str, subject: str, body: str, now: datetime) -> Mail:
    """Put a mail into the outbox; it leaves after the transaction has been committed."""
    mail = Mail(id=new_id(), state="waiting", next_at=now, created_at=now)
    mail.message_id = f"<{mail.id}@hall>"
    words = json.dumps({"to": to, "subject": subject, "body": body}, ensure_ascii=False).encode()
    mail.sealed = seal(keys_of(session).derive(KEY_PURPOSE), words, bound_to=f"mail|{mail.id}")
    session.add(mail)
    return mail


def send_due(database: Database, send: Send, *, sender: str, now: datetime) -> int:
    """Send the mails whose time has come, each in its own transaction; return how many left.

    A mail whose acknowledgement was lost may go twice: both carry the same Message-ID.
    """
    with database.reading() as session:
        waiting = records.due(session, now)
    return sum(_send_one(database, mail_id, send, sender=sender, now=now) for mail_id in waiting)


def _send_one(database: Database, mail_id: str, send: Send, *, sender: str, now: datetime) -> bool:
    with database.work() as session:
        mail = session.get(Mail, mail_id, with_for_update={"skip_locked": True})
        if mail is None or mail.state != "waiting" or mail.next_at > now:
            return False
        # The turn is taken before anything is sent: no other worker takes the mail for as long as this may last.
        mail.tries += 1
        pause = rules.pause_after(mail.tries) or rules.LONGEST_PAUSE
        mail.next_at = now + pause
        message = _message(session, mail, sender)
    try:
        send(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("mail_not_sent", mail=mail_id, error=type(error).__name__)
        _give_up_after_last(database, mail_id)
        return False
    with database.work() as session:
        sent = session.get_one(Mail, mail_id)
        sent.state, sent.sent_at, sent.sealed = "sent", now, None
    return True


def _give_up_after_last(database: Database, mail_id: str) -> None:
    with database.work() as session:
        mail = session.get_one(Mail, mail_id)
        if rules.pause_after(mail.tries) is None:
            mail.state = "dead"


def _message(session: Session, mail: Mail, sender: str) -> EmailMessage:
    key = keys_of(session).derive(KEY_PURPOSE)
    words = json.loads(unseal(key, mail.sealed or b"", bound_to=f"mail|{mail.id}"))
    message = EmailMessage()
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.created_at)
    message["From"], message["To"], message["Subject"] = sender, words["to"], words["subject"]
    message.set_content(words["body"])
    return message
