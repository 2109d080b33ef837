"""How a mail leaves: over SMTP, or into a folder where no mail server is set."""

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote, urlsplit

SMTP_SECONDS = 20
Send = Callable[[EmailMessage], None]


def to_folder(folder: Path) -> Send:
    """Return a sender that writes each mail into `folder`, one file each; the same mail again is the same file."""

    def send(message: EmailMessage) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = str(message["Message-ID"]).strip("<>").replace("/", "_")
        part = folder / f".{name}.part"
        part.write_bytes(message.as_bytes())
        part.replace(folder / f"{name}.eml")

    return send


def over_smtp(url: str) -> Send:
    """Return a sender for smtp://user:password@host:port or smtps://…; STARTTLS is used where it is offered."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"

    def send(message: EmailMessage) -> None:
        context = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=SMTP_SECONDS)
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    return send
