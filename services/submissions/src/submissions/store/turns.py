"""Whose turn it is: of organizations that wait for a look at a server, the one that was served longest ago.

Each has one turn in a round, however much of it waits and however slow its servers are.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.dialects.postgresql import insert

from submissions.store.tables import submissions
from submissions.store.tables import turns as table


class Queue(StrEnum):
    """What organizations wait for; the values are stored."""

    SUBMIT = "submit"
    BY_HAND = "by_hand"
    LOOK = "look"


def first(queue: Queue) -> ColumnElement[Any]:
    """What a query of submissions is ordered by, before anything else, to take organizations in turn."""
    mine = (table.c.queue == queue.value, table.c.organization_id == submissions.c.organization_id)
    return select(table.c.served_at).where(*mine).correlate(submissions).scalar_subquery().asc().nulls_first()


def note(connection: Connection, queue: Queue, organization_id: str, *, now: datetime) -> None:
    """The organization has had its turn."""
    query = insert(table).values(queue=queue.value, organization_id=organization_id, served_at=now)
    keys = [table.c.queue, table.c.organization_id]
    connection.execute(query.on_conflict_do_update(index_elements=keys, set_={"served_at": now}))
