"""Words that stand ready for reviewers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import Conflict, NotFound, Violation
from chassis.formats import is_uuid
from chassis.ids import new_id
from chassis.sql.database import constraint_name
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from submissions.domain.refusals import version_mismatch
from submissions.domain.review import Reviewer
from submissions.store.tables import CANNED_TITLE_TAKEN
from submissions.store.tables import canned_responses as table


@dataclass(frozen=True, slots=True)
class CannedResponse:
    """One of them."""

    canned_response_id: str
    title: str
    body: str
    version: int
    changed_by_name: str
    changed_at: datetime


def every(connection: Connection) -> list[CannedResponse]:
    """All of them by title."""
    query = select(table).order_by(func.lower(table.c.title), table.c.canned_response_id)
    return [_read(row) for row in connection.execute(query)]


def add(connection: Connection, *, title: str, body: str, by: Reviewer, now: datetime) -> CannedResponse:
    """A new one. Raises Conflict TITLE_TAKEN."""
    values = {"canned_response_id": new_id(), "version": 1, **_words(title, body, by, now)}
    with _unique(title):
        return _read(connection.execute(insert(table).values(values).returning(*table.c)).one())


def change(
    connection: Connection,
    canned_response_id: str,
    *,
    version: int,
    title: str,
    body: str,
    by: Reviewer,
    now: datetime,
) -> CannedResponse:
    """The next version. Raises NotFound, VersionMismatch, Conflict TITLE_TAKEN."""
    require(connection, canned_response_id, version)
    query = update(table).where(table.c.canned_response_id == canned_response_id)
    with _unique(title):
        changed = query.values(version=version + 1, **_words(title, body, by, now)).returning(*table.c)
        return _read(connection.execute(changed).one())


def remove(connection: Connection, canned_response_id: str, *, version: int) -> None:
    """Raises NotFound, VersionMismatch."""
    require(connection, canned_response_id, version)
    connection.execute(delete(table).where(table.c.canned_response_id == canned_response_id))


def require(connection: Connection, canned_response_id: str, version: int) -> None:
    """Locks it. Raises NotFound CANNED_RESPONSE_NOT_FOUND, VersionMismatch where it has another version."""
    present: int | None = None
    if is_uuid(canned_response_id):  # the database refuses to compare others
        query = select(table.c.version).where(table.c.canned_response_id == canned_response_id)
        present = connection.execute(query.with_for_update()).scalar_one_or_none()
    if present is None:
        message = "There is no such canned response."
        raise NotFound("CANNED_RESPONSE_NOT_FOUND", message, canned_response_id=canned_response_id)
    if present != version:
        raise version_mismatch(present)


def _words(title: str, body: str, by: Reviewer, now: datetime) -> dict[str, Any]:
    return {
        "title": title,
        "body": body,
        "changed_by": by.person_id,
        "changed_by_name": by.name,
        "changed_at": now,
    }


def _read(row: Row[Any]) -> CannedResponse:
    return CannedResponse(row.canned_response_id, row.title, row.body, row.version, row.changed_by_name, row.changed_at)


@contextmanager
def _unique(title: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if constraint_name(error) != CANNED_TITLE_TAKEN:
            raise
        message = "Another canned response has this title. Choose another one."
        violation = Violation("/title", "TITLE_TAKEN", message)
        raise Conflict("TITLE_TAKEN", message, violations=[violation], title=title) from error
