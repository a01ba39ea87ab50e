"""Reading what a computation needs to know of some servers: their rollups, and what earlier snapshots said."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from metrics.domain.distinct_accounts import AccountMaps, Users, distinct_accounts
from metrics.domain.server_figures import EarlierDays, ErrorTypeUsage, ProductUsage, ToolUsage, Usage
from metrics.domain.windows import LONGEST, CallSums, date_of
from metrics.store.bulk_rows import columns

Span = Mapping[str, object]
Row = TypeVar("Row")

# Read at once: a message of PostgreSQL's holds 1 GB, which is 18 million of them. More than a portion has servers, so
# that one account of all of them is not too many.
MOST_ACCOUNTS = 2_000_000


def usage_of(connection: Connection, server_ids: Sequence[str], as_of: int) -> Usage:
    """What the figures at the end of day number `as_of` need of servers, given in order of their ids; `connection`
    should see one moment, in a transaction that does nothing else."""
    # the rows of a stretch lie all over the tables: they are read in the order of the tables' pages
    connection.exec_driver_sql("SET LOCAL enable_indexscan = off")
    dates = {"as_of": date_of(as_of), "month": date_of(as_of - LONGEST + 1), "week": date_of(as_of - 6)}
    span = {"ids": f"{{{','.join(server_ids)}}}", "first": server_ids[0], "last": server_ids[-1], **dates}
    servers = len(server_ids)
    return Usage(
        server_ids,
        _days(connection, span, servers),
        _users(connection, span, servers, as_of),
        _error_types(connection, span, servers),
        _products(connection, span, servers),
        _tools(connection, span, servers),
        _earlier_days(connection, span, servers),
    )


# Rows name a server by its place among the chosen ones. These lie side by side: to say so lets the database read the
# stretch of its index between them. Grouped, they are known to be distinct, and so the side of a join to be hashed.
# What stands in brackets after JOIN is planned by itself (OFFSET 0 sees to that): the database knows how many rows a
# stretch has, but not how many of them a join leaves. Sums of float8, exact up to 2^53, cost a fifth of bigint's.
_CHOSEN = """
    (SELECT server_id, min(place) - 1 AS place
    FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS given (server_id, place) GROUP BY server_id) AS chosen
"""
_STRETCH = "stored.server_id BETWEEN %(first)s AND %(last)s"


def _days(connection: Connection, span: Span, servers: int) -> NDArray[np.int64]:
    place, day, *sums = columns(connection, _SERVER_DAYS, span, ("place", "day", *CallSums._fields))
    days = np.zeros((servers, LONGEST, len(sums)), np.int64)
    days[place, day] = np.stack(sums, axis=1)
    return days


_SERVER_DAYS = f"""
    SELECT place, (day - %(month)s)::int8 AS day, {", ".join(CallSums._fields)} FROM {_CHOSEN} JOIN (
        SELECT * FROM usage_server_days AS stored
        WHERE {_STRETCH} AND day BETWEEN %(month)s AND %(as_of)s OFFSET 0) AS days USING (server_id)
"""  # noqa: S608  # only constants, here and below


def _users(
    connection: Connection, span: Span, servers: int, as_of: int, low: int = -(2**63), high: int = 2**63 - 1
) -> Users:
    """Reads the accounts from `low` to `high`; when they are too many, it reads either half."""
    piece = {**span, "low": low, "high": high, "most": MOST_ACCOUNTS}
    place, *maps = columns(connection, _ACCOUNTS, piece, ("place", "last_day", "called", "active", "removed"))
    if len(place) < MOST_ACCOUNTS:
        return distinct_accounts(AccountMaps(place, *maps), as_of, servers)
    del place, maps
    middle = (low + high) // 2
    lower = _users(connection, span, servers, as_of, low, middle)
    return lower + _users(connection, span, servers, as_of, middle + 1, high)


_ACCOUNTS = f"""
    SELECT place, (last_day - DATE '1970-01-01')::int8 AS last_day, called, active, removed FROM {_CHOSEN} JOIN (
        SELECT * FROM server_accounts AS stored
        WHERE {_STRETCH} AND last_day >= %(month)s AND account BETWEEN %(low)s AND %(high)s OFFSET 0
    ) AS accounts USING (server_id) LIMIT %(most)s
"""  # noqa: S608


def _error_types(connection: Connection, span: Span, servers: int) -> list[list[ErrorTypeUsage]]:
    place, name, *calls = columns(connection, _ERROR_TYPES, span, ("place", "error_type", "day", "week", "month"))
    windows = zip(*_lists(calls), strict=True)
    return _by_server(place, map(ErrorTypeUsage, name, windows), servers)


_ERROR_TYPES = f"""
    SELECT place, error_type, day, week, month FROM {_CHOSEN} JOIN (
        SELECT server_id, error_type, coalesce(sum(calls::float8) FILTER (WHERE day = %(as_of)s), 0)::int8 AS day,
            coalesce(sum(calls::float8) FILTER (WHERE day >= %(week)s), 0)::int8 AS week,
            sum(calls::float8)::int8 AS month
        FROM usage_error_type_days AS stored WHERE {_STRETCH} AND day BETWEEN %(month)s AND %(as_of)s
        GROUP BY server_id, error_type) AS summed USING (server_id)
"""  # noqa: S608

_SUMS = ", ".join(f"sum({name}::float8)::int8 AS {name}" for name in ("calls", "tool_errors", "request_errors"))


def _products(connection: Connection, span: Span, servers: int) -> list[list[ProductUsage]]:
    names = ("place", "calls", "tool_errors", "request_errors", "product", "durations")
    place, *sums, product, durations = columns(connection, _PRODUCTS, span, names)
    return _by_server(place, map(ProductUsage, product, *_lists(sums), durations), servers)


_PRODUCTS = f"""
    SELECT place, product, calls, tool_errors, request_errors, durations FROM {_CHOSEN} JOIN (
        SELECT server_id, product, {_SUMS}, string_agg(durations, ''::bytea) AS durations
        FROM usage_product_days AS stored WHERE {_STRETCH} AND day BETWEEN %(week)s AND %(as_of)s
        GROUP BY server_id, product) AS summed USING (server_id)
"""  # noqa: S608


def _tools(connection: Connection, span: Span, servers: int) -> list[list[ToolUsage]]:
    place, tool, *sums = columns(connection, _TOOLS, span, ("place", "tool", "calls", "tool_errors", "request_errors"))
    return _by_server(place, map(ToolUsage, tool, *_lists(sums)), servers)


_TOOLS = f"""
    SELECT place, tool, calls, tool_errors, request_errors FROM {_CHOSEN} JOIN (
        SELECT server_id, tool, {_SUMS}
        FROM usage_tool_days AS stored WHERE {_STRETCH} AND day BETWEEN %(week)s AND %(as_of)s
        GROUP BY server_id, tool) AS summed USING (server_id)
"""  # noqa: S608


def _earlier_days(connection: Connection, span: Span, servers: int) -> EarlierDays:
    place, day, rank, rate = columns(connection, _EARLIER, span, ("place", "day", "rank", "disconnect_rate"))
    ranks, rates = np.zeros((servers, LONGEST), np.int64), np.full((servers, LONGEST), np.nan)
    ranks[place, day], rates[place, day] = rank, rate
    return EarlierDays(ranks, rates)


_EARLIER = f"""
    SELECT place, (as_of - %(month)s)::int8 AS day, coalesce(rank, 0)::int8 AS rank,
        coalesce(disconnect_rate_30, 'NaN') AS disconnect_rate
    FROM {_CHOSEN} JOIN (
        SELECT * FROM snapshots JOIN server_snapshots AS stored USING (generation)
        WHERE {_STRETCH} AND as_of >= %(month)s AND as_of < %(as_of)s OFFSET 0) AS earlier USING (server_id)
"""  # noqa: S608


def _lists(arrays: Iterable[NDArray[np.int64]]) -> list[list[int]]:
    return [array.tolist() for array in arrays]


def _by_server(places: NDArray[np.int64], rows: Iterable[Row], servers: int) -> list[list[Row]]:
    groups: list[list[Row]] = [[] for _ in range(servers)]
    for place, row in zip(places.tolist(), rows, strict=True):
        groups[place].append(row)
    return groups
