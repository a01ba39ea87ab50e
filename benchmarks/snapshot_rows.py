"""A database of snapshots as a directory has them: servers of many organisations, one generation a day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import psycopg
from directory.metrics.v1.server_metrics_pb2 import (
    DailyFigures,
    ErrorTypeCount,
    ProductFigures,
    ServerMetrics,
    ToolFigures,
    WindowFigures,
)

HEALTHY = 3
_ERROR_TYPES = ("tool_error", "timeout", "-32602", "429", "500")
_PRODUCTS = ("claude_ai", "claude_code", "claude_desktop", "cowork")


@dataclass(frozen=True)
class Directory:
    """Servers by organisation."""

    organizations: dict[str, list[str]]

    @property
    def owned(self) -> list[tuple[str, str]]:
        """Organisation and server."""
        return [(organization, server) for organization, servers in self.organizations.items() for server in servers]


def directory(servers: int, servers_each: int) -> Directory:
    """The same ids for the same numbers."""
    chance = random.Random(servers)
    ids = [str(UUID(int=chance.getrandbits(128))) for _ in range(servers)]
    return Directory(
        {str(UUID(int=n + 1)): ids[n * servers_each :][:servers_each] for n in range(-(-servers // servers_each))}
    )


def fill(url: str, found: Directory, *, days: int = 1, with_history: int = 0) -> None:
    """Yesterday's snapshot of all servers; those of the days before, `days` in all, of the first `with_history`."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    servers = sorted(server for _, server in found.owned)
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY servers (server_id, organization_id, published, changed_at) FROM STDIN") as copy:
            for organization, server in found.owned:
                copy.write_row((server, organization, True, datetime.now(UTC)))
        [generation] = cursor.execute(_GENERATION, (yesterday, 0, 0, len(servers))).fetchone() or (0,)
        with cursor.copy(_COPY_TOPLINES) as copy:
            for row in _toplines(generation, servers):
                copy.write_row(row)
        with cursor.copy("COPY server_figures (generation, server_id, figures) FROM STDIN") as copy:
            for number, server in enumerate(servers):
                copy.write_row((generation, server, figures(server, yesterday, number).SerializeToString()))
        cursor.execute(_GENERATION, (yesterday, 1, days - 1, len(servers)))
        cursor.execute(_EARLIER, (generation, generation, [server for _, server in found.owned[:with_history]]))
        cursor.execute("INSERT INTO snapshots SELECT as_of, generation FROM generations")
        cursor.execute("VACUUM ANALYZE")


_GENERATION = """
    INSERT INTO generations (as_of, policy, started_at, computed_at, servers, ranked_servers)
    SELECT CAST(%s AS date) - age, 'disconnect_rate/1', now(), now(), n, n
    FROM generate_series(CAST(%s AS int), %s) AS age, CAST(%s AS int) AS n RETURNING generation
"""
_TOPLINE = (
    "server_id, active_30, active_7, active_previous_7, calls_30, error_rate_30, disconnect_rate_30, oldest_calls,"
    " oldest_active_users, oldest_error_rate, rank, health, ranked, trending"
)
_EARLIER = f"""
    INSERT INTO server_snapshots (generation, {_TOPLINE})
    SELECT generations.generation, {_TOPLINE} FROM generations, server_snapshots AS newest
    WHERE newest.generation = %s AND generations.generation <> %s AND server_id = ANY(CAST(%s AS uuid[]))
    ORDER BY 1, 2
"""
_COPY_TOPLINES = f"COPY server_snapshots (generation, {_TOPLINE}) FROM STDIN"


def _toplines(generation: int, servers: list[str]) -> Iterator[tuple[object, ...]]:
    for number, server in enumerate(servers):
        users = 10_000_000 // (number + 1)
        yield (
            *(generation, server, users, users // 3, users // 4, users * 9, 0.0123, 0.021, users // 3, users // 20),
            *(0.0119, number + 1, HEALTHY, True, number < 10),
        )


def figures(server: str, as_of: date, number: int) -> ServerMetrics:
    """Everything that a busy server has: 30 days, 3 windows, 4 products, 15 tools."""
    calls = 90_000_000 // (number + 1) + 1_500
    return ServerMetrics(
        server_id=server,
        active_users=calls // 9,
        calls=calls,
        disconnect_rate=0.021,
        error_rate=0.0123,
        windows=[_window(days, calls * days // 30) for days in (1, 7, 30)],
        products=[
            ProductFigures(product=name, calls=calls // 20, error_rate=0.011, p50_ms=141.2, p95_ms=610.7, p99_ms=1730.3)
            for name in _PRODUCTS
        ],
        tools=[
            ToolFigures(tool=f"search_documents_{n}", calls=calls // (n + 5), error_rate=0.0121, tool_error_rate=0.0083)
            for n in range(15)
        ],
        daily=[_day(as_of - timedelta(days=29 - n), calls // 30, number) for n in range(30)],
    )


def _window(days: int, calls: int) -> WindowFigures:
    types = [ErrorTypeCount(error_type=name, count=calls // (200 * (n + 1))) for n, name in enumerate(_ERROR_TYPES)]
    return WindowFigures(
        days=days,
        calls=calls,
        error_rate=0.0123,
        tool_error_rate=0.0083,
        request_error_rate=0.004,
        http_4xx_rate=0.0061,
        http_5xx_rate=0.0011,
        top_error_types=types,
    )


def _day(day: date, calls: int, number: int) -> DailyFigures:
    return DailyFigures(
        day=day.isoformat(),
        calls=calls,
        active_users=calls // 5,
        error_rate=0.0117,
        rank=number + 1,
        disconnect_rate=0.0209,
    )
