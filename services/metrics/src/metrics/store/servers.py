"""Which servers there are, whose they are, and whether they are published."""

from datetime import datetime

from sqlalchemy import Connection, text


def record(
    connection: Connection, server_id: str, *, organization_id: str, published: bool, changed_at: datetime
) -> None:
    """Keeps the newest word about a server."""
    connection.execute(
        _RECORD,
        {"server_id": server_id, "organization_id": organization_id, "published": published, "changed_at": changed_at},
    )


_RECORD = text(
    "INSERT INTO servers AS old (server_id, organization_id, published, changed_at)"
    " VALUES (:server_id, :organization_id, :published, :changed_at)"
    " ON CONFLICT (server_id) DO UPDATE SET organization_id = excluded.organization_id,"
    " published = excluded.published, changed_at = excluded.changed_at WHERE excluded.changed_at >= old.changed_at"
)


def forget(connection: Connection, server_id: str) -> None:
    """After a draft was deleted."""
    connection.execute(text("DELETE FROM servers WHERE server_id = :server_id"), {"server_id": server_id})


def published(connection: Connection) -> list[str]:
    """Ids of the published servers, in order."""
    rows = connection.execute(text("SELECT server_id FROM servers WHERE published ORDER BY server_id"))
    return [str(row.server_id) for row in rows]
