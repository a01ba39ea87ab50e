"""Endpoints of organizations."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.errors import NotFound, VersionMismatch
from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, delete, insert, select, text, update

from notifications.domain.webhooks import FORMER_SECRET_LIFE, DisabledReason
from notifications.store.secrets import SealingKeys
from notifications.store.tables import webhooks


def add(uow: UnitOfWork, values: dict[str, Any]) -> None:
    """A new endpoint."""
    uow.execute(insert(webhooks).values(version=1, **values))


def of_organization(connection: Connection, organization_id: str) -> Sequence[Row[Any]]:
    """Every endpoint of an organization, oldest first."""
    query = select(webhooks).where(webhooks.c.organization_id == organization_id)
    return connection.execute(query.order_by(webhooks.c.created_at, webhooks.c.webhook_id)).all()


def lock_organization(uow: UnitOfWork, organization_id: str) -> None:
    """Endpoints of one organization are made one after the other, so that their number can be limited."""
    uow.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:organization_id, 0))").bindparams(
            organization_id=organization_id
        )
    )


def own(
    connection: Connection, webhook_id: str, organization_id: str, *, version: int | None = None, lock: bool = False
) -> Row[Any]:
    """An organization's endpoint. Raises NotFound, or VersionMismatch where `version` is not the present one."""
    query = select(webhooks).where(webhooks.c.webhook_id == webhook_id, webhooks.c.organization_id == organization_id)
    query = query.with_for_update() if lock else query
    row = connection.execute(query).one_or_none() if is_uuid(webhook_id) else None
    if row is None:
        raise NotFound("WEBHOOK_NOT_FOUND", "There is no such webhook endpoint.", webhook_id=webhook_id)
    if version is not None and row.version != version:
        raise VersionMismatch(
            "VERSION_MISMATCH",
            "Somebody else changed the endpoint in between. Look at it again.",
            current_version=row.version,
        )
    return row


def change(uow: UnitOfWork, row: Row[Any], values: dict[str, Any]) -> Row[Any]:
    """A change by a person; the endpoint afterwards."""
    statement = update(webhooks).where(webhooks.c.webhook_id == row.webhook_id)
    return uow.execute(statement.values(version=row.version + 1, **values).returning(webhooks)).one()


def rotate(uow: UnitOfWork, row: Row[Any], sealed_secret: bytes, *, now: datetime) -> Row[Any]:
    """A new secret; the one before signs beside it for a while."""
    return change(
        uow,
        row,
        {
            "sealed_secret": sealed_secret,
            "sealed_former_secret": row.sealed_secret,
            "former_secret_until": now + FORMER_SECRET_LIFE,
        },
    )


def remove(uow: UnitOfWork, row: Row[Any]) -> None:
    """The endpoint with everything that was or is to be sent to it."""
    uow.execute(delete(webhooks).where(webhooks.c.webhook_id == row.webhook_id))


def disable(uow: UnitOfWork, webhook_id: str, url: str, reason: DisabledReason) -> bool:
    """Sends nothing to the URL any more; False where it is disabled already, or has another URL by now."""
    statement = update(webhooks).where(
        webhooks.c.webhook_id == webhook_id, webhooks.c.url == url, webhooks.c.disabled_reason == ""
    )
    return bool(uow.execute(statement.values(disabled_reason=reason.value, version=webhooks.c.version + 1)).rowcount)


def reseal(uow: UnitOfWork, keys: SealingKeys) -> int:
    """Every secret sealed anew under the first key of the ring; how many endpoints there are."""
    rows = uow.execute(select(webhooks).with_for_update()).all()
    for row in rows:
        former = row.sealed_former_secret
        uow.execute(
            update(webhooks)
            .where(webhooks.c.webhook_id == row.webhook_id)
            .values(
                sealed_secret=keys.reseal(bytes(row.sealed_secret)),
                sealed_former_secret=keys.reseal(bytes(former)) if former else None,
            )
        )
    return len(rows)
