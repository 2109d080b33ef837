"""Sessions kept on the server: the cookie holds a token, the database its hash and the sealed data."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from hall.accounts import actions
from hall.accounts.rules import SessionKind
from hall.database import FAULTS, Database

COOKIE = "hall"
DEVICE_COOKIE = "hall_device"
TOUCH_EVERY = timedelta(seconds=60)


class WebSession(CallbackDict[str, Any], SessionMixin):
    """The data of one session, and whose it is; `enter` and `leave` change the token."""

    def __init__(self, data: dict[str, Any] | None = None) -> None:
        def changed(session: "WebSession") -> None:
            session.modified = True

        super().__init__(data or {}, changed)
        self.modified = False
        self.token: str | None = None
        self.kind = SessionKind.VISIT
        self.person_id: str | None = None
        self.device_id: str | None = None
        self.case_id: str | None = None
        self.seen_at: datetime | None = None
        self.dead_tokens: list[str] = []
        self.sets_cookie = False
        self.fault: Exception | None = None

    def enter(self, kind: SessionKind, *, person_id: str | None = None, case_id: str | None = None) -> None:
        """Begin a new session in place of this one: a new token, nothing carried over."""
        self.leave()
        self.kind, self.person_id, self.case_id = kind, person_id, case_id
        self.modified = True

    def leave(self) -> None:
        """End this session; its cookie is dead at once."""
        if self.token is not None:
            self.dead_tokens.append(self.token)
        self.token, self.person_id, self.case_id = None, None, None
        self.clear()
        self.modified = False

    def write(self, work: Session, now: datetime) -> str | None:
        """Write what changed within a piece of work and return the token; `written` says that it was committed."""
        for token in self.dead_tokens:
            actions.end_session(work, token)
        if self.token is not None:
            actions.save_session(work, self.token, data=self, now=now)
        elif self.modified:
            return actions.begin_session(
                work,
                self.kind,
                now=now,
                data=self,
                person_id=self.person_id,
                device_id=self.device_id,
                case_id=self.case_id,
            )
        return self.token

    def written(self, token: str | None, now: datetime) -> None:
        """Remember that all changes stand, under this token."""
        self.token, self.seen_at, self.modified, self.sets_cookie = token, now, False, True
        self.dead_tokens.clear()

    @property
    def has_ended(self) -> bool:
        """Whether somebody left, and nothing new began."""
        return bool(self.dead_tokens) and self.token is None and not self.modified

    @property
    def has_changed(self) -> bool:
        """Whether there is something to write."""
        return self.modified or bool(self.dead_tokens)


class ServerSessions(SessionInterface):
    """Loads and saves sessions in the hall's database."""

    def __init__(self, database: Database, *, secure: bool) -> None:
        self.database = database
        self.secure = secure

    def open_session(self, app: Flask, request: Request) -> WebSession:
        """Return the session of the request's cookie, or a new empty one that is kept only when written to.

        Where the database cannot be asked, `fault` says why; the guard then shows public pages alone.
        """
        web_session = WebSession()
        token = request.cookies.get(COOKIE)
        if not token or len(token) > 100:
            return web_session
        try:
            with self.database.reading() as session:
                found = actions.find_session(session, token, now=datetime.now(UTC))
        except FAULTS as fault:
            web_session.fault = fault
        else:
            if found is None:
                return web_session
            web_session.update(found.data)
            web_session.modified = False
            web_session.token, web_session.kind = token, found.kind
            web_session.person_id, web_session.device_id = found.person_id, found.device_id
            web_session.case_id, web_session.seen_at = found.case_id, found.seen_at
        return web_session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep what changed, end what was left, and set or take the cookie; raises one of FAULTS when it is not kept.

        Beside an answer that says “not saved” nothing is kept, and the visit stays as it was.
        """
        session = cast(WebSession, session)
        response.vary.add("Cookie")
        if response.status_code != 503:
            self._keep(session, datetime.now(UTC))
        if not session.sets_cookie:
            return
        if session.token is None:
            response.delete_cookie(COOKIE, path="/")
        else:
            response.set_cookie(COOKIE, session.token, path="/", httponly=True, secure=self.secure, samesite="Lax")

    def _keep(self, session: WebSession, now: datetime) -> None:
        if session.fault is not None and session.has_changed:
            raise session.fault  # a new session in place of one that could not be read would end the visit
        # A page that asks again by itself does not keep a session alive: only what a person does.
        by_itself = "HX-Request" in request.headers and request.method == "GET"
        stale = not by_itself and session.seen_at is not None and now - session.seen_at > TOUCH_EVERY
        if session.has_ended:
            # Whoever leaves takes the cookie away even when the hall cannot write that down; the rest ends by its age.
            session.sets_cookie = True
            with suppress(*FAULTS):
                self._write(session, now)
        elif session.has_changed:
            self._write(session, now)
        elif session.token is not None and stale:
            # That somebody was here is worth less than the page that was asked for.
            with suppress(*FAULTS):
                self._write(session, now)

    def _write(self, session: WebSession, now: datetime) -> None:
        with self.database.work() as work:
            token = session.write(work, now)
        session.written(token, now)
