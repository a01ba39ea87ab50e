"""Which servers there are, whose they are, and whether they are published.

Owner and publication have a moment each, so that the order in which news of the two come makes no difference.
"""

from datetime import datetime

from sqlalchemy import Connection, text


def record(
    connection: Connection, server_id: str, *, organization_id: str, published: bool, changed_at: datetime
) -> None:
    """Keeps the newest word on whether a server is published. Whose it is stays, once it passed to somebody."""
    connection.execute(
        _RECORD,
        {"server_id": server_id, "organization_id": organization_id, "published": published, "changed_at": changed_at},
    )


_RECORD = text(
    "INSERT INTO servers AS old (server_id, organization_id, published, changed_at)"
    " VALUES (:server_id, :organization_id, :published, :changed_at)"
    " ON CONFLICT (server_id) DO UPDATE SET published = excluded.published, changed_at = excluded.changed_at,"
    " organization_id = CASE WHEN old.owner_since IS NULL THEN excluded.organization_id ELSE old.organization_id END"
    " WHERE excluded.changed_at >= old.changed_at"
)


def pass_on(connection: Connection, server_id: str, *, organization_id: str, at: datetime) -> None:
    """Makes a server another organization's, with all of its figures; an unknown one waits for news of itself."""
    connection.execute(_PASS_ON, {"server_id": server_id, "organization_id": organization_id, "at": at})


_PASS_ON = text(
    "INSERT INTO servers AS old (server_id, organization_id, published, changed_at, owner_since)"
    " VALUES (:server_id, :organization_id, false, 'epoch', :at)"
    " ON CONFLICT (server_id) DO UPDATE SET organization_id = excluded.organization_id,"
    " owner_since = excluded.owner_since WHERE old.owner_since IS NULL OR excluded.owner_since >= old.owner_since"
)


def forget(connection: Connection, server_id: str) -> None:
    """After a draft was deleted."""
    connection.execute(text("DELETE FROM servers WHERE server_id = :server_id"), {"server_id": server_id})


def published(connection: Connection) -> list[str]:
    """Ids of the published servers, in order."""
    rows = connection.execute(text("SELECT server_id FROM servers WHERE published ORDER BY server_id"))
    return [str(row.server_id) for row in rows]
