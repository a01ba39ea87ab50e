"""The staff, as the grants say that they showed at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.errors import NotFound
from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.dialects.postgresql import insert

from submissions.domain.review import Reviewer
from submissions.store.tables import reviewers as table

KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class SeenReviewer:
    """A reviewer, and when they last were at the desk."""

    reviewer: Reviewer
    seen_at: datetime


def note(connection: Connection, reviewer: Reviewer, *, now: datetime) -> None:
    """Remembers what is known of `reviewer` now."""
    values = {
        "name": reviewer.name,
        "lead": reviewer.lead,
        "organizations": sorted(reviewer.organizations),
        "seen_at": now,
    }
    query = insert(table).values(person_id=reviewer.person_id, **values)
    connection.execute(query.on_conflict_do_update(index_elements=[table.c.person_id], set_=values))


def known(connection: Connection, *, now: datetime) -> list[SeenReviewer]:
    """Those who were at the desk lately, by name."""
    query = _lately(now).order_by(table.c.name, table.c.person_id)
    return [SeenReviewer(_read(row), row.seen_at) for row in connection.execute(query)]


def get(connection: Connection, person_id: str, *, now: datetime) -> Reviewer:
    """One of those. Raises NotFound REVIEWER_NOT_FOUND."""
    row = connection.execute(_lately(now).where(table.c.person_id == person_id)).one_or_none()
    if row is None:
        message = "No reviewer of this id has been at the desk lately."
        raise NotFound("REVIEWER_NOT_FOUND", message, person_id=person_id)
    return _read(row)


def _lately(now: datetime) -> Select[Any]:
    return select(table).where(table.c.seen_at > now - KNOWN_FOR)


def _read(row: Row[Any]) -> Reviewer:
    return Reviewer(row.person_id, row.name, frozenset(row.organizations), lead=row.lead)
