"""Which organizations are trusted: given and taken by staff, each change kept with who, when and why."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, insert, select, text

from listings.store.tables import listings, trust_changes

_CHANGES = 0x74727573  # an advisory lock that nothing else of this database takes


def is_trusted(connection: Connection, organization_id: str) -> bool:
    """Whether the latest change of the organization gave trust."""
    query = select(trust_changes.c.trusted).where(trust_changes.c.organization_id == organization_id)
    latest = connection.execute(query.order_by(trust_changes.c.change_id.desc()).limit(1)).scalar_one_or_none()
    return bool(latest)


def set_trusted(
    uow: UnitOfWork, organization_id: str, *, trusted: bool, by_name: str, reason: str, now: datetime
) -> bool:
    """Gives or takes trust; False when it stands so already, and nothing is written."""
    uow.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHANGES})
    if is_trusted(uow.connection, organization_id) is trusted:
        return False
    values = {"organization_id": organization_id, "trusted": trusted, "by_name": by_name, "reason": reason, "at": now}
    uow.execute(insert(trust_changes).values(values))
    return True


def has_listing(connection: Connection, organization_id: str) -> bool:
    """Whether a listing belongs to the organization."""
    query = select(listings.c.listing_id).where(listings.c.organization_id == organization_id).limit(1)
    return connection.execute(query).one_or_none() is not None


def changes(connection: Connection) -> Sequence[Row[Any]]:
    """Every change that was ever made, oldest first."""
    return connection.execute(select(trust_changes).order_by(trust_changes.c.change_id)).all()
