"""Merging deltas into the rollups: COPY into temporary tables, then one INSERT .. ON CONFLICT a table in key order.

Rows of `usage_server_days` are locked first and in key order, and everything beneath a (server, day) changes only
under that lock; so workers on different partitions may touch the same servers without a deadlock, and the limits on
names hold exactly."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from psycopg import Cursor
from sqlalchemy import Connection, text

from metrics.domain.latency_histogram import compacted
from metrics.domain.rollup_deltas import MEASURES, Counts, Deltas
from metrics.domain.screening import OTHER
from metrics.domain.windows import date_of

MOST_PRODUCTS, MOST_TOOLS, MOST_ERROR_TYPES = 50, 500, 100
_LONGEST_HISTOGRAM = 4096
_CALLS = ("calls", "tool_errors", "request_errors")

_TEMPORARY = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS new_usage_server_days
        (LIKE usage_server_days) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_usage_product_days
        (LIKE usage_product_days INCLUDING DEFAULTS) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_usage_tool_days
        (LIKE usage_tool_days) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_usage_error_type_days
        (LIKE usage_error_type_days) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_server_accounts
        (LIKE server_accounts) ON COMMIT DELETE ROWS;
    """
)


def merge(connection: Connection, deltas: Deltas) -> int:
    """Adds deltas to the rollups and account maps; the caller commits. Returns how many rows it touched.

    1. Copy everything into temporary tables.
    2. Lock and merge the server days, in key order.
    3. Under those locks: fold names beyond the limits into `other`, merge products, tools and error types.
    4. Merge the accounts, in key order.
    """
    if not deltas.events:
        return 0
    connection.execute(_TEMPORARY)
    cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
    _copy(cursor, "usage_server_days", MEASURES, _rows(deltas, deltas.by_server, None, MEASURES))
    _copy(cursor, "usage_product_days", ("product", *_CALLS, "durations"), _product_rows(deltas))
    _copy(cursor, "usage_tool_days", ("tool", *_CALLS), _rows(deltas, deltas.by_tool, deltas.tools, _CALLS))
    error_types = _rows(deltas, deltas.by_error_type, deltas.error_types, ("calls",))
    _copy(cursor, "usage_error_type_days", ("error_type", "calls"), error_types)
    _copy(cursor, "server_accounts", (), _account_rows(deltas))
    touched = _merge_table(connection, "usage_server_days", "", MEASURES)
    for table, name, most, measures in (
        ("usage_product_days", "product", MOST_PRODUCTS, (*_CALLS, "durations")),
        ("usage_tool_days", "tool", MOST_TOOLS, _CALLS),
        ("usage_error_type_days", "error_type", MOST_ERROR_TYPES, ("calls",)),
    ):
        connection.execute(text(_LIMIT.format(table=table, name=name)), {"most": most, "other": OTHER})
        touched += _merge_table(connection, table, name, measures)
    _compact_histograms(connection)
    return touched + connection.execute(_MERGE_ACCOUNTS).rowcount


def _copy(cursor: Cursor[Any], table: str, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    keys = ("server_id", "day", *columns) if columns else ("server_id", "account", *_MAPS)
    kinds = {"server_id": "uuid", "day": "date", "durations": "bytea", "last_day": "date"}
    named = ("product", "tool", "error_type")
    with cursor.copy(f"COPY new_{table} ({', '.join(keys)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["text" if key in named else kinds.get(key, "int8") for key in keys])
        for row in rows:
            copy.write_row(row)


_MAPS = ("last_day", "called", "active", "removed")


def _rows(
    deltas: Deltas, counts: Counts, names: list[str] | None, measures: tuple[str, ...]
) -> Iterator[tuple[object, ...]]:
    servers, days = _keys(deltas, counts)
    columns = [counts.measures[measure].tolist() for measure in measures]
    if names is None:
        return zip(servers, days, *columns, strict=True)
    return zip(servers, days, (names[code] for code in counts.name.tolist()), *columns, strict=True)


def _product_rows(deltas: Deltas) -> Iterator[tuple[object, ...]]:
    counts = deltas.by_product
    keys = zip(counts.server.tolist(), counts.day.tolist(), counts.name.tolist(), strict=True)
    for row, key in zip(_rows(deltas, counts, deltas.products, _CALLS), keys, strict=True):
        yield (*row, deltas.durations[key])


def _account_rows(deltas: Deltas) -> Iterator[tuple[object, ...]]:
    accounts = deltas.accounts
    signed = [column.view("int64").tolist() for column in (accounts.called, accounts.active, accounts.removed)]
    dates = {day: date_of(day) for day in set(accounts.last_day.tolist())}
    ids = _uuids(deltas)
    servers = (ids[code] for code in accounts.server.tolist())
    last_days = (dates[day] for day in accounts.last_day.tolist())
    return zip(servers, accounts.account.view("int64").tolist(), last_days, *signed, strict=True)


def _uuids(deltas: Deltas) -> list[UUID]:
    return [UUID(server) for server in deltas.servers]


def _keys(deltas: Deltas, counts: Counts) -> tuple[list[UUID], list[date]]:
    ids = _uuids(deltas)
    dates = {day: date_of(day) for day in set(counts.day.tolist())}
    return [ids[code] for code in counts.server.tolist()], [dates[day] for day in counts.day.tolist()]


def _merge_table(connection: Connection, table: str, name: str, measures: tuple[str, ...]) -> int:
    key = f"server_id, day, {name}" if name else "server_id, day"
    sums = [f"string_agg({m}, ''::bytea)" if m == "durations" else f"sum({m})" for m in measures]
    added = [f"{m} = old.{m} {'||' if m == 'durations' else '+'} excluded.{m}" for m in measures]
    statement = f"""
        INSERT INTO {table} AS old ({key}, {", ".join(measures)})
        SELECT {key}, {", ".join(sums)} FROM new_{table} GROUP BY {key} ORDER BY {key}
        ON CONFLICT ({key}) DO UPDATE SET {", ".join(added)}
    """  # noqa: S608  # only names of our own tables
    return connection.execute(text(statement)).rowcount


# New names of a server and day have places after those that are stored, most calls first; beyond the limit: `other`.
_LIMIT = """
    WITH fresh AS (
        SELECT server_id, day, {name}, calls FROM new_{table} AS new
        WHERE {name} <> :other AND NOT EXISTS (
            SELECT FROM {table} AS old
            WHERE old.server_id = new.server_id AND old.day = new.day AND old.{name} = new.{name})
    ), stored AS (
        SELECT server_id, day, count(*) AS names FROM {table} AS old
        WHERE {name} <> :other AND (server_id, day) IN (SELECT server_id, day FROM fresh)
        GROUP BY server_id, day
    ), placed AS (
        SELECT server_id, day, {name}, coalesce(names, 0) + row_number() OVER (
            PARTITION BY server_id, day ORDER BY calls DESC, {name}) AS place
        FROM fresh LEFT JOIN stored USING (server_id, day)
    )
    UPDATE new_{table} AS new SET {name} = :other FROM placed
    WHERE place > :most AND new.server_id = placed.server_id AND new.day = placed.day AND new.{name} = placed.{name}
"""


def _merged_map(name: str) -> str:
    """Both maps turned to the later of the two last days: one of the two shifts is by 0."""
    sides = (("old", "excluded.last_day - old.last_day"), ("excluded", "old.last_day - excluded.last_day"))
    turned = [f"CASE WHEN {ahead} > 63 THEN 0 ELSE {side}.{name} << greatest({ahead}, 0) END" for side, ahead in sides]
    return f"{name} = ({turned[0]}) | ({turned[1]})"


_MERGE_ACCOUNTS = text(
    f"""
    INSERT INTO server_accounts AS old (server_id, account, last_day, called, active, removed)
    SELECT server_id, account, last_day, called, active, removed FROM new_server_accounts ORDER BY server_id, account
    ON CONFLICT (server_id, account) DO UPDATE SET last_day = greatest(old.last_day, excluded.last_day),
        {", ".join(map(_merged_map, ("called", "active", "removed")))}
    """  # noqa: S608  # only names of our own columns
)


def _compact_histograms(connection: Connection) -> None:
    """Of those that have doubled: one that is long when compacted would else be compacted at every flush."""
    rows = connection.execute(_LONG_HISTOGRAMS, {"longest": _LONGEST_HISTOGRAM}).all()
    if rows:
        values = [{"s": r.server_id, "d": r.day, "p": r.product, "h": compacted(bytes(r.durations))} for r in rows]
        connection.execute(_REPLACE_HISTOGRAM, values)


_LONG_HISTOGRAMS = text(
    """
    SELECT server_id, day, product, durations FROM usage_product_days
    WHERE (server_id, day, product) IN (SELECT server_id, day, product FROM new_usage_product_days)
      AND octet_length(durations) > 2 * compacted_bytes + :longest
    """
)
_REPLACE_HISTOGRAM = text(
    "UPDATE usage_product_days SET durations = :h, compacted_bytes = octet_length(:h)"
    " WHERE server_id = :s AND day = :d AND product = :p"
)
