"""The result of those that end in the service's tables."""

from collections.abc import Iterator

import numpy as np
import psycopg
from metrics.domain.latency_histogram import PAIR

from benchmarks.totals import ACTIVE, CALLED, REMOVED, lines_of

_COUNTS = {
    "server": ("", "calls tool_errors request_errors auth_rejected http_4xx http_5xx messages removals"),
    "product": ("product", "calls tool_errors request_errors"),
    "tool": ("tool", "calls tool_errors request_errors"),
}
_DAY = "day - DATE '1970-01-01'"
_ACCOUNTS = """
    SELECT server_id::text, account, last_day - DATE '1970-01-01' - age,
        (called >> age & 1) * %s + (active >> age & 1) * %s + (removed >> age & 1) * %s
    FROM server_accounts, generate_series(0, 63) AS age
    WHERE (called | active | removed) >> age & 1 = 1
"""


def empty(url: str) -> None:
    """Forgets every rollup, as before the first event."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        ).fetchone()
        connection.execute(f"TRUNCATE {tables[0]}")


def lines(url: str) -> list[str]:
    """The result."""
    with psycopg.connect(url) as connection:
        counts: dict[tuple[str | int, ...], int] = {}
        for what, (name, measures) in _COUNTS.items():
            columns = ", ".join([f"server_id::text, {_DAY}", *([name] if name else []), *measures.split()])
            for (*key,) in connection.execute(f"SELECT {columns} FROM usage_{what}_days"):
                place = 3 if name else 2
                for measure, amount in zip(measures.split(), key[place:], strict=True):
                    counts[(what, *key[:place], measure)] = amount
        for *key, calls in connection.execute(
            f"SELECT server_id::text, {_DAY}, error_type, calls FROM usage_error_type_days"
        ):
            counts[("error_type", *key)] = calls
        accounts = connection.execute(_ACCOUNTS, (CALLED, ACTIVE, REMOVED)).fetchall()
        return lines_of(counts, _durations(connection), ((s, a % 2**64, day, did) for s, a, day, did in accounts))


def _durations(connection: psycopg.Connection) -> Iterator[tuple[str, int, str, int | None, int]]:
    select = f"SELECT server_id::text, {_DAY}, product, durations FROM usage_product_days"
    for server, day, product, histogram in connection.execute(select):
        pairs = np.frombuffer(histogram, PAIR)
        for number, calls in zip(pairs["bucket"].tolist(), pairs["calls"].tolist(), strict=True):
            # bucket n > 0 holds (2^((n-2)/64), 2^((n-1)/64)] us: ceil(log2(us) * 64) is n - 1
            yield server, day, product, number - 1 if number else None, calls
