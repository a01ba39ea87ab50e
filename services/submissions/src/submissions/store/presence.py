"""Who has an item open now: forgotten by itself unless said again."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from submissions.domain.review import Reviewer
from submissions.store.tables import review_presence as table

LASTS = timedelta(seconds=60)


def note(connection: Connection, review_item_id: str, reviewer: Reviewer, *, now: datetime) -> None:
    """`reviewer` has the item open. Removes what has ended."""
    connection.execute(
        delete(table).where(table.c.review_item_id == review_item_id, table.c.ends_at <= now),
    )
    values = {"name": reviewer.name, "ends_at": now + LASTS}
    query = insert(table).values(review_item_id=review_item_id, person_id=reviewer.person_id, **values)
    columns = [table.c.review_item_id, table.c.person_id]
    connection.execute(query.on_conflict_do_update(index_elements=columns, set_=values))


def leave(connection: Connection, review_item_id: str, person_id: str, *, now: datetime) -> None:
    """The person has closed the item."""
    ended = or_(table.c.person_id == person_id, table.c.ends_at <= now)
    connection.execute(delete(table).where(table.c.review_item_id == review_item_id, ended))


def others(connection: Connection, review_item_id: str, person_id: str, *, now: datetime) -> list[tuple[str, str]]:
    """Person id and name of everybody else who has the item open, by name."""
    query = select(table.c.person_id, table.c.name).where(
        table.c.review_item_id == review_item_id, table.c.person_id != person_id, table.c.ends_at > now
    )
    return [(row.person_id, row.name) for row in connection.execute(query.order_by(table.c.name, table.c.person_id))]
