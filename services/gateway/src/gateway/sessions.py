"""Sessions: an opaque id in a cookie, its hash and everything else in PostgreSQL, so that a session can be ended.

A session is stored when something is put into it, ends after 8 idle hours or 7 days in all, and gets a new id when
somebody signs in or out.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from chassis import logs
from chassis.clock import Clock
from chassis.errors import Unavailable
from chassis.sql.database import Database, UnitOfWork
from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import Column, Connection, DateTime, Index, LargeBinary, MetaData, Table, delete, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

IDLE = timedelta(hours=8)
ABSOLUTE = timedelta(days=7)
# How exactly `last_seen_at` is kept: a write a minute and session, not one a request.
SEEN_EVERY = timedelta(minutes=1)

metadata = MetaData()
sessions = Table(
    "sessions",
    metadata,
    Column("id_hash", LargeBinary, primary_key=True),
    Column("data", JSONB, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Index("sessions_last_seen_at", "last_seen_at"),
)


class ServerSession(dict[str, Any], SessionMixin):
    """What a session holds: JSON values. Notices changes of its own keys, not inside values."""

    def __init__(self, data: dict[str, Any], *, session_id: str, created_at: datetime, last_seen_at: datetime) -> None:
        super().__init__(data)
        self.session_id = session_id
        self.created_at = created_at
        self.last_seen_at = last_seen_at
        self.ended_id = ""
        # Why the session could not be read or stored; it is then left as it is, in the database and in the cookie.
        self.failure: Unavailable | None = None
        self.new = not session_id
        self.modified = False

    def __setitem__(self, key: str, value: Any) -> None:
        self.modified = True
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self.modified = True
        super().__delitem__(key)

    def pop(self, key: str, *default: Any) -> Any:
        self.modified = self.modified or key in self
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        if key not in self:
            self[key] = default
        return self[key]

    def clear(self) -> None:
        self.modified = True
        super().clear()


class StoredSessions(SessionInterface):
    """Flask's sessions in the gateway's database."""

    def __init__(self, database: Database, *, secure: bool, clock: Clock) -> None:
        self._database = database
        self._secure = secure
        self._clock = clock
        # The prefix makes browsers refuse the cookie from another host or without https.
        self.cookie_name = "__Host-directory" if secure else "directory_session"

    def open_session(self, app: Flask, request: Request) -> ServerSession:
        """The session of the cookie, or a new one that is not stored yet. Without database it is an empty one that
        says so: a page that needs no session works, and the others tell what is wrong (`check_readable`)."""
        now = self._clock()
        session_id = request.cookies.get(self.cookie_name, "")
        if not session_id or request.headers.get("Authorization"):
            return _empty(now)
        try:
            return self._database.run_read(lambda connection: _load(connection, session_id, now)) or _empty(now)
        except Unavailable as error:
            logs.get_logger().warning("session not read", error=str(error))
            unread = _empty(now)
            unread.failure = error
            return unread

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store what changed and set or clear the cookie. Raises Unavailable where a change can't be stored."""
        if not isinstance(session, ServerSession):
            return
        response.vary.add("Cookie")
        if session.failure:
            return
        now = self._clock()
        seen = now - session.last_seen_at >= SEEN_EVERY and not session.new
        if not (session.modified or session.ended_id or seen):
            return
        was_stored = bool(session.session_id)
        # Chosen here: a transaction that is repeated stores the same session.
        session.session_id = session.session_id or (secrets.token_urlsafe(32) if session else "")
        try:
            self._database.run(lambda uow: _store(uow, session, now, was_stored=was_stored))
        except Unavailable as error:
            # The page that tells of it is saved too, and must come through.
            session.failure = error
            if session.modified or session.ended_id:
                raise
            return
        self._set_cookie(session, response)

    def purge(self) -> int:
        """Delete what has ended; gives how many."""
        now = self._clock()
        ended = delete(sessions).where(
            (sessions.c.last_seen_at < now - IDLE) | (sessions.c.created_at < now - ABSOLUTE)
        )
        return self._database.run(lambda uow: uow.execute(ended).rowcount)

    def _set_cookie(self, session: ServerSession, response: Response) -> None:
        if not session:
            response.delete_cookie(self.cookie_name, path="/", secure=self._secure, httponly=True, samesite="Lax")
            return
        response.set_cookie(
            self.cookie_name,
            session.session_id,
            max_age=ABSOLUTE,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )


def check_readable(session: SessionMixin) -> None:
    """Before anything is concluded from what a session does not hold. Raises Unavailable where it is not known."""
    failure: Unavailable | None = getattr(session, "failure", None)
    if failure is not None:
        raise failure


def renew(session: SessionMixin) -> None:
    """Empty the session and give it a new id; the old id is worth nothing from now on."""
    if not isinstance(session, ServerSession):
        raise TypeError("not a stored session")
    session.ended_id = session.ended_id or session.session_id
    session.session_id = ""
    session.clear()


def _empty(now: datetime) -> ServerSession:
    return ServerSession({}, session_id="", created_at=now, last_seen_at=now)


def _load(connection: Connection, session_id: str, now: datetime) -> ServerSession | None:
    row = connection.execute(select(sessions).where(sessions.c.id_hash == _hash(session_id))).one_or_none()
    if row is None or row.last_seen_at < now - IDLE or row.created_at < now - ABSOLUTE:
        return None
    return ServerSession(row.data, session_id=session_id, created_at=row.created_at, last_seen_at=row.last_seen_at)


def _store(uow: UnitOfWork, session: ServerSession, now: datetime, *, was_stored: bool) -> None:
    if session.ended_id:
        uow.execute(delete(sessions).where(sessions.c.id_hash == _hash(session.ended_id)))
    mine = sessions.c.id_hash == _hash(session.session_id)
    if was_stored and not session:
        uow.execute(delete(sessions).where(mine))
    elif was_stored:
        # Never an upsert: a session that was ended in the meantime stays ended. What this request did not change may
        # have been changed by another one since it was read.
        changed = {"data": dict(session)} if session.modified else {}
        uow.execute(update(sessions).where(mine).values(last_seen_at=now, **changed))
    elif session:
        row = {"id_hash": _hash(session.session_id), "data": dict(session), "created_at": now, "last_seen_at": now}
        uow.execute(insert(sessions).values(row))


def _hash(session_id: str) -> bytes:
    return hashlib.sha256(session_id.encode("utf-8", "surrogateescape")).digest()
