"""What a visitor is told when the hall cannot save: one sentence in the visitor's language, and the form once more."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from gettext import translation
from threading import Barrier

import sqlalchemy as sa

from hall.accounts.records import HallSession
from hall.database import Database
from hall.errors import NOT_OPENED, SENTENCES
from hall.languages import CATALOGUES
from hall.sessions import COOKIE
from tests.faults.visits import Visit, send
from tests.web_client import Answer, Visitor, hidden_fields

READ = ("/en/", "/zh-Hans/", "/en/windows/us", "/en/windows/eu/de", "/zh-Hans/board", "/en/handbooks/")
LOCALES = {"en": "en", "zh-Hans": "zh_Hans"}


def check_told(answer: Answer, tag: str, *, opened: bool = True) -> None:
    """The answer is no success and says so in the language of its address: a form not saved, or a page not `opened`."""
    assert answer.status == 503, answer.text
    message = SENTENCES[503][1] if opened else NOT_OPENED[1]
    assert translation("messages", CATALOGUES, [LOCALES[tag]]).gettext(message) in answer.text
    assert f'<html lang="{tag}"' in answer.text


@dataclass
class Unsaved:
    """A form that was not saved, as the page of the error offers it to be sent again."""

    visitor: Visitor
    path: str
    fields: dict[str, str]

    @classmethod
    def of(cls, visitor: Visitor, path: str, answer: Answer) -> "Unsaved":
        """Read the form out of the answer."""
        return cls(visitor, path, hidden_fields(answer.text, path))

    def send(self) -> Answer:
        """Press the button."""
        return self.visitor.post(self.path, self.fields)


def send_until_refused(address: str, share: list[Visit], tag: str, begun: Barrier) -> Unsaved | None:
    """Send a share of visits one after the other; return the form that was refused first."""
    begun.wait()
    for visit in share:
        with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
            answer = send(visitor, tag)
        if answer.status != 303:
            check_told(answer, tag)
            return Unsaved.of(visitor, f"/{tag}/intake/check", answer)
        visit.acknowledged = True
    return None


def been_here_a_while(address: str, database: Database, visits: list[Visit]) -> None:
    """Let the visitors have opened a page some minutes ago: to note that they are here again is a write by itself."""
    for visit in visits:
        open_check_page(address, visit)
    with database.work() as session:
        session.execute(sa.update(HallSession).values(seen_at=datetime.now(UTC) - timedelta(minutes=5)))


def reads(address: str, visit: Visit) -> None:
    """Pages that only read are shown, also to a visitor who was away."""
    for path in READ:
        assert ask(address, path).status == 200, path
    with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
        for path in ("/en/intake/check", "/en/intake/question/story", "/en/"):
            assert visitor.get(path).status == 200, path


def ask(address: str, path: str) -> Answer:
    """Ask for a page as somebody who was never here."""
    with closing(Visitor(address)) as visitor:
        return visitor.get(path)


def open_check_page(address: str, visit: Visit) -> None:
    """Let a visit have opened the check page before: its first page is a write by itself."""
    with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
        assert visitor.get("/en/intake/check").status == 200


def send_until_saved(address: str, share: list[Visit]) -> int:
    """Send each visit of a share as often as it takes; return how many times the answer was “not saved”."""
    told = 0
    for visit in share:
        with closing(Visitor(address, {COOKIE: visit.token})) as visitor:
            answer = send(visitor)
            while answer.status != 303:
                check_told(answer, "en")
                told += 1
                answer = Unsaved.of(visitor, "/en/intake/check", answer).send()
            visit.acknowledged = True
    return told
