"""What is visible: one generation a day, one row a server."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from metrics.domain.windows import LONGEST, date_of, day_number

# The newest visible generation beside each server; figures are NULL where it does not have the server.
_CURRENT = """
    SELECT servers.server_id, servers.organization_id, servers.published, newest.as_of, newest.computed_at,
        newest.policy, newest.ranked_servers, row.health, row.rank, row.trending, server_figures.figures
    FROM servers
    LEFT JOIN (
        SELECT generation, generations.as_of, computed_at, policy, ranked_servers
        FROM snapshots JOIN generations USING (generation) ORDER BY snapshots.as_of DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN server_snapshots AS row ON row.generation = newest.generation AND row.server_id = servers.server_id
    LEFT JOIN server_figures ON server_figures.generation = newest.generation
        AND server_figures.server_id = servers.server_id
    WHERE servers.server_id = ANY(CAST(:ids AS uuid[]))
"""


def current(connection: Connection, server_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """What is shown of servers now, in one query."""
    rows = connection.execute(text(_CURRENT), {"ids": list(server_ids)})
    return {str(row.server_id): row for row in rows}


def newest_day(connection: Connection) -> date | None:
    """The last day that has a visible snapshot."""
    return connection.execute(text("SELECT max(as_of) FROM snapshots")).scalar_one_or_none()


def days(connection: Connection) -> set[date]:
    """The days that have a visible snapshot."""
    return set(connection.execute(text("SELECT as_of FROM snapshots")).scalars())


def earlier_ranks(connection: Connection, server_ids: Sequence[str], as_of: int) -> Mapping[str, dict[int, int]]:
    """What the snapshots of the days before said, by server and day."""
    statement = text(
        "SELECT snapshots.as_of, server_id, rank FROM snapshots JOIN server_snapshots USING (generation)"
        " WHERE snapshots.as_of >= :first AND snapshots.as_of < :as_of"
        " AND server_id = ANY(CAST(:ids AS uuid[])) AND rank IS NOT NULL"
    )
    span = {"first": date_of(as_of - LONGEST + 1), "as_of": date_of(as_of), "ids": list(server_ids)}
    ranks: dict[str, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(statement, span):
        ranks[str(row.server_id)][day_number(row.as_of)] = row.rank
    return ranks


def shown_health(connection: Connection) -> dict[str, int]:
    """The badge of each server in the newest visible snapshot."""
    statement = text(
        "SELECT server_id, health FROM server_snapshots WHERE generation ="
        " (SELECT generation FROM snapshots ORDER BY as_of DESC LIMIT 1)"
    )
    return {str(row.server_id): row.health for row in connection.execute(statement)}


def owned_health(connection: Connection, generation: int) -> Sequence[Row[Any]]:
    """Server, owner and badge of a generation."""
    statement = text(
        "SELECT server_id, organization_id, health FROM server_snapshots JOIN servers USING (server_id)"
        " WHERE generation = :generation ORDER BY server_id"
    )
    return connection.execute(statement, {"generation": generation}).all()
