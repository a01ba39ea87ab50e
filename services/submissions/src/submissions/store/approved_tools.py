"""The approved tools of a server: what later lists are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from submissions.domain.probe_report import Tool, digest, read_tools, snapshot
from submissions.store.server_checks import Purpose
from submissions.store.tables import approved_tools as table
from submissions.store.tables import server_checks


@dataclass(frozen=True, slots=True)
class Approved:
    """The tools, their digest, and since when they are what they are."""

    tools: tuple[Tool, ...]
    digest: str
    since: datetime


def find(connection: Connection, submission_id: str) -> Approved | None:
    """The approved tools; None where nobody has seen any yet, because the server asks for authentication first."""
    row = connection.execute(select(table).where(table.c.submission_id == submission_id)).one_or_none()
    return None if row is None else Approved(read_tools(row.tools), row.tools_digest, row.since)


def approve(connection: Connection, submission_id: str, tools: tuple[Tool, ...], *, now: datetime) -> None:
    """From now on later lists are compared with `tools`."""
    _put(connection, submission_id, tools=snapshot(tools), tools_digest=digest(tools), now=now)


def approve_checked(connection: Connection, submission_id: str, *, now: datetime) -> None:
    """The tools that the automatic checks saw are approved together with their submission.

    Where the checks saw none, those of an earlier approval are no longer what was reviewed.
    """
    query = select(server_checks.c.tools, server_checks.c.tools_digest).where(
        server_checks.c.submission_id == submission_id,
        server_checks.c.purpose == Purpose.SUBMIT.value,
        server_checks.c.finished_at.is_not(None),
        server_checks.c.tools.is_not(None),
    )
    seen = connection.execute(query).one_or_none()
    if seen is None:
        connection.execute(table.delete().where(table.c.submission_id == submission_id))
    else:
        _put(connection, submission_id, tools=seen.tools, tools_digest=seen.tools_digest, now=now)


def _put(connection: Connection, submission_id: str, *, tools: str, tools_digest: str, now: datetime) -> None:
    values = {"tools": tools, "tools_digest": tools_digest, "since": now}
    query = insert(table).values(submission_id=submission_id, **values)
    connection.execute(query.on_conflict_do_update(index_elements=[table.c.submission_id], set_=values))
