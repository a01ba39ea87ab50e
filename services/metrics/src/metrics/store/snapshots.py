"""What is visible: one generation a day, one row a server."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, text

_NEWEST = """
    SELECT generation, generations.as_of, computed_at, complete, policy, ranked_servers
    FROM snapshots JOIN generations USING (generation) ORDER BY snapshots.as_of DESC LIMIT 1
"""


def toplines(connection: Connection, server_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """What is shown of servers now in a line each, in one query."""
    return {str(row.server_id): row for row in connection.execute(_TOPLINES, {"ids": list(server_ids)})}


# The newest visible generation beside each server; what it does not have of a server is NULL.
_TOPLINES = text(f"""
    SELECT servers.server_id, organization_id, published, newest.as_of, computed_at, complete, health, rank, trending,
        active_30, calls_30, error_rate_30
    FROM servers
    LEFT JOIN ({_NEWEST}) AS newest ON true
    LEFT JOIN server_snapshots AS row ON row.generation = newest.generation AND row.server_id = servers.server_id
    WHERE servers.server_id = ANY(CAST(:ids AS uuid[]))
""")  # noqa: S608  # only constants


def current(connection: Connection, server_id: str) -> Row[Any] | None:
    """All that is shown of a server now, in one query."""
    return connection.execute(_WHOLE, {"server_id": server_id}).one_or_none()


_WHOLE = text(f"""
    SELECT organization_id, published, newest.as_of, computed_at, complete, policy, ranked_servers, health, rank,
        trending, figures
    FROM servers
    LEFT JOIN ({_NEWEST}) AS newest ON true
    LEFT JOIN server_snapshots AS row ON row.generation = newest.generation AND row.server_id = servers.server_id
    LEFT JOIN server_figures AS whole
        ON whole.generation = newest.generation AND whole.server_id = servers.server_id
    WHERE servers.server_id = :server_id
""")  # noqa: S608  # only constants


def history(connection: Connection, server_id: str, first: date, last: date) -> Sequence[Row[Any]]:
    """What the snapshots of the days `first` to `last` say of a server, oldest first."""
    return connection.execute(_HISTORY, {"server_id": server_id, "first": first, "last": last}).all()


_HISTORY = text(
    "SELECT generations.as_of, computed_at, complete, policy, ranked_servers, row.*"
    " FROM snapshots JOIN generations USING (generation) JOIN server_snapshots AS row USING (generation)"
    " WHERE snapshots.as_of BETWEEN :first AND :last AND row.server_id = :server_id ORDER BY snapshots.as_of"
)


def newest(connection: Connection) -> Row[Any] | None:
    """The newest visible generation."""
    return connection.execute(text(_NEWEST)).one_or_none()


def shown_generation(connection: Connection, generation: int, since: datetime) -> Row[Any] | None:
    """A generation that is the newest visible one, or became visible after a moment; None for any other."""
    statement = text(
        "SELECT generation, as_of, computed_at, complete FROM generations"
        " WHERE generation = :generation AND computed_at IS NOT NULL AND (computed_at > :since"
        " OR generation = (SELECT generation FROM snapshots ORDER BY as_of DESC LIMIT 1))"
    )
    return connection.execute(statement, {"generation": generation, "since": since}).one_or_none()


def by_rank(
    connection: Connection, generation: int, *, after: tuple[int, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Published servers that a generation ranks, after a rank and server, in order."""
    rank, server_id = after or (0, str(UUID(int=0)))
    values = {"generation": generation, "rank": rank, "server_id": server_id, "limit": limit}
    return connection.execute(_BY_RANK, values).all()


_BY_RANK = text(
    "SELECT server_id, rank, trending FROM server_snapshots JOIN servers USING (server_id)"
    " WHERE generation = :generation AND rank IS NOT NULL AND published"
    " AND (rank, server_id) > (:rank, CAST(:server_id AS uuid))"
    " ORDER BY rank, server_id LIMIT :limit"
)


def trending(connection: Connection, generation: int) -> Sequence[Row[Any]]:
    """Published servers that a generation tags Trending, in the order of domain/ranking.py."""
    return connection.execute(_TRENDING, {"generation": generation}).all()


_TRENDING = text(
    "SELECT server_id, rank FROM server_snapshots JOIN servers USING (server_id)"
    " WHERE generation = :generation AND trending AND published"
    " ORDER BY CAST(active_7 - active_previous_7 AS float8) / greatest(active_previous_7, 20) DESC, active_7 DESC,"
    " server_id"
)


def days(connection: Connection) -> dict[date, bool]:
    """The days that have a visible snapshot, and whether everything of theirs was counted then."""
    statement = text("SELECT snapshots.as_of, complete FROM snapshots JOIN generations USING (generation)")
    return {row.as_of: row.complete for row in connection.execute(statement)}
