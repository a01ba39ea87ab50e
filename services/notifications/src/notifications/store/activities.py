"""What happened: told once, listed latest first, and put in line for those who are to hear of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, insert, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert

from notifications.domain import words
from notifications.domain.happenings import Actor, Happening
from notifications.store import deliveries
from notifications.store.tables import activities, installation, server_names

Place = tuple[datetime, str]


def tell(uow: UnitOfWork, happening: Happening, *, now: datetime) -> None:
    """Writes a happening, and puts its e-mails and webhook messages in line in the same transaction."""
    is_news = happening.occurred_at >= uow.execute(select(installation.c.since)).scalar_one()
    uow.execute(
        insert(activities).values(
            activity_id=happening.event_id,
            occurred_at=happening.occurred_at,
            organization_id=happening.organization_id,
            type=happening.type,
            variant=happening.variant,
            submission_id=happening.submission_id,
            server_name=happening.server_name,
            actor=happening.actor.value,
            actor_id=happening.actor_id,
            actor_name=happening.actor_name,
            details=dict(happening.details),
            is_unaddressed=is_news and words.row(happening).mailed,
        )
    )
    if is_news:
        deliveries.put_in_line(uow, happening, now=now)


def latest(
    connection: Connection, organization_id: str, *, submission_id: str, after: Place | None, limit: int
) -> list[Happening]:
    """An organization's activities, latest first."""
    query = select(activities).where(activities.c.organization_id == organization_id)
    if submission_id:
        query = query.where(activities.c.submission_id == submission_id)
    place = tuple_(activities.c.occurred_at, activities.c.activity_id)
    if after is not None:
        query = query.where(place < tuple_(*after))
    query = query.order_by(activities.c.occurred_at.desc(), activities.c.activity_id.desc()).limit(limit)
    return [from_row(row) for row in connection.execute(query)]


def next_unaddressed(uow: UnitOfWork) -> Happening | None:
    """The oldest whose e-mails are not addressed, locked until the transaction ends."""
    query = select(activities).where(activities.c.is_unaddressed).order_by(activities.c.occurred_at).limit(1)
    row = uow.execute(query.with_for_update(skip_locked=True)).one_or_none()
    return from_row(row) if row else None


def mark_addressed(uow: UnitOfWork, activity_id: str) -> None:
    """Its e-mails are in line."""
    uow.execute(update(activities).where(activities.c.activity_id == activity_id).values(is_unaddressed=False))


def remember_name(uow: UnitOfWork, submission_id: str, display_name: str) -> None:
    """What a server is called now."""
    statement = upsert(server_names).values(submission_id=submission_id, display_name=display_name)
    changed = server_names.c.display_name != statement.excluded.display_name
    uow.execute(
        statement.on_conflict_do_update(
            index_elements=["submission_id"], set_={"display_name": statement.excluded.display_name}, where=changed
        )
    )


def name_of(connection: Connection, submission_id: str) -> str:
    """What a server is called; empty where nobody said yet."""
    query = select(server_names.c.display_name).where(server_names.c.submission_id == submission_id)
    return connection.execute(query).scalar_one_or_none() or ""


def from_row(row: Row[Any]) -> Happening:
    """The happening of a row of activities."""
    return Happening(
        event_id=row.activity_id,
        occurred_at=row.occurred_at,
        organization_id=row.organization_id,
        type=row.type,
        variant=row.variant,
        submission_id=row.submission_id,
        server_name=row.server_name,
        actor=Actor(row.actor),
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        details=row.details,
    )
