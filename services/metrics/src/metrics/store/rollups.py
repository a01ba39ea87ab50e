"""Merging deltas into the rollups: COPY into temporary tables, then one INSERT .. ON CONFLICT a table in key order.

Rows of `usage_server_days` are locked first and in key order, and everything beneath a (server, day) changes only
under that lock; so workers on different partitions may touch the same servers without a deadlock, and the limits on
names hold exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, TextClause, text

from metrics.domain.latency_histogram import compacted
from metrics.domain.rollup_counts import CALLS, MEASURES, Counts
from metrics.domain.rollup_deltas import Deltas
from metrics.domain.vocabulary import NOTHING, OTHER
from metrics.store.copied_columns import Column, copy_columns, dates, uuids

MOST_PRODUCTS, MOST_TOOLS, MOST_ERROR_TYPES = 50, 500, 100
_LONGEST_HISTOGRAM, _MOST_COMPACTED = 4096, 1_000


@dataclass(frozen=True)
class _Named:
    """A rollup table that has a name in its key."""

    table: str
    name: str
    most: int
    measures: tuple[str, ...]


_PRODUCTS = _Named("usage_product_days", "product", MOST_PRODUCTS, (*CALLS, "durations"))
_TOOLS = _Named("usage_tool_days", "tool", MOST_TOOLS, CALLS)
_ERROR_TYPES = _Named("usage_error_type_days", "error_type", MOST_ERROR_TYPES, CALLS[:1])


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
    ids = _ids(deltas)
    copy_columns(connection, "new_usage_server_days", _columns(ids, deltas.by_server))
    _copy_named(connection, _PRODUCTS, ids, deltas.by_product, deltas.products, deltas.durations.packed())
    _copy_named(connection, _TOOLS, ids, deltas.by_tool, deltas.tools)
    _copy_named(connection, _ERROR_TYPES, ids, deltas.by_error_type, deltas.error_types)
    _copy_accounts(connection, ids, deltas)
    touched = connection.execute(_MERGE_SERVERS).rowcount
    for named in (_PRODUCTS, _TOOLS, _ERROR_TYPES):
        values = {"most": named.most, "other": OTHER, "other_code": NOTHING}
        connection.execute(text(_LIMIT.format(table=named.table, name=named.name)), values)
        touched += connection.execute(_merge_named(named)).rowcount
    _compact_histograms(connection)
    return touched + connection.execute(_MERGE_ACCOUNTS).rowcount


def _ids(deltas: Deltas) -> Column:
    """The UUIDs of the servers' codes; of those that occur."""
    ids = np.zeros(len(deltas.servers), "V16")
    used = np.unique(deltas.by_server.server)
    ids[used] = uuids([deltas.servers[code] for code in used.tolist()])
    return ids


def _columns(ids: Column, counts: Counts) -> dict[str, Column]:
    return {"server_id": ids[counts.server], "day": dates(counts.day), **counts.measures}


def _copy_named(
    connection: Connection,
    named: _Named,
    ids: Column,
    counts: Counts,
    names: Sequence[str],
    durations: Sequence[bytes] | None = None,
) -> None:
    columns = _columns(ids, counts) | {"code": counts.name.astype(np.int32)}
    last = None if durations is None else ("durations", durations)
    copy_columns(connection, f"new_{named.table}", columns, last)
    # names beyond a limit get the code of nothing
    codes = np.unique(np.append(counts.name, NOTHING)).astype(np.int32)
    used = [(OTHER if code == NOTHING else names[code]).encode() for code in codes.tolist()]
    copy_columns(connection, f"new_{named.name}_names", {"code": codes}, ("name", used))


def _copy_accounts(connection: Connection, ids: Column, deltas: Deltas) -> None:
    accounts = deltas.accounts
    columns: Mapping[str, Column] = {
        "server_id": ids[accounts.server],
        "account": accounts.account.view(np.int64),
        "last_day": dates(accounts.last_day),
        "called": accounts.called.view(np.int64),
        "active": accounts.active.view(np.int64),
        "removed": accounts.removed.view(np.int64),
    }
    copy_columns(connection, "new_server_accounts", columns)


# Names stand apart from the rows that have them, which thereby are all of one length.
_TEMPORARY = text(
    """
    CREATE TEMPORARY TABLE IF NOT EXISTS new_usage_server_days
        (LIKE usage_server_days) ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_server_accounts
        (LIKE server_accounts) ON COMMIT DELETE ROWS;
    """
    + "".join(
        f"""
    CREATE TEMPORARY TABLE IF NOT EXISTS new_{named.table} (server_id uuid, day date, code integer,
        {", ".join(f"{m} {'bytea' if m == 'durations' else 'bigint'}" for m in named.measures)})
        ON COMMIT DELETE ROWS;
    CREATE TEMPORARY TABLE IF NOT EXISTS new_{named.name}_names (code integer PRIMARY KEY, name text)
        ON COMMIT DELETE ROWS;
    """
        for named in (_PRODUCTS, _TOOLS, _ERROR_TYPES)
    )
)

_MERGE_SERVERS = text(
    f"""
    INSERT INTO usage_server_days AS old (server_id, day, {", ".join(MEASURES)})
    SELECT server_id, day, {", ".join(MEASURES)} FROM new_usage_server_days ORDER BY server_id, day
    ON CONFLICT (server_id, day) DO UPDATE SET {", ".join(f"{m} = old.{m} + excluded.{m}" for m in MEASURES)}
    """  # noqa: S608  # only names of our own columns
)


def _merge_named(named: _Named) -> TextClause:
    # several codes may have one name: that of `other`
    key = f"server_id, day, {named.name}"
    sums = [f"string_agg({m}, ''::bytea)" if m == "durations" else f"sum({m})" for m in named.measures]
    added = [f"{m} = old.{m} {'||' if m == 'durations' else '+'} excluded.{m}" for m in named.measures]
    return text(
        f"""
        INSERT INTO {named.table} AS old ({key}, {", ".join(named.measures)})
        SELECT server_id, day, name, {", ".join(sums)}
        FROM new_{named.table} JOIN new_{named.name}_names USING (code)
        GROUP BY server_id, day, name ORDER BY server_id, day, name
        ON CONFLICT ({key}) DO UPDATE SET {", ".join(added)}
        """  # noqa: S608  # only names of our own tables
    )


# New names of a server and day have places after those that are stored, most calls first; beyond the limit: `other`.
# What is stored is asked for row by row, by subqueries that cannot become joins: of what was just copied the planner
# has no statistics, and might read a table of a hundred million rows to join it.
_LIMIT = """
    WITH fresh AS (
        SELECT server_id, day, code, name, calls FROM new_{table} AS new JOIN new_{name}_names USING (code)
        WHERE name <> :other AND (
            SELECT true FROM {table} AS old
            WHERE old.server_id = new.server_id AND old.day = new.day AND old.{name} = name) IS NULL
    ), stored AS (
        SELECT server_id, day, (
            SELECT count(*) FROM {table} AS old
            WHERE old.server_id = touched.server_id AND old.day = touched.day AND old.{name} <> :other) AS names
        FROM (SELECT DISTINCT server_id, day FROM fresh) AS touched
    ), placed AS (
        SELECT server_id, day, code, names + row_number() OVER (
            PARTITION BY server_id, day ORDER BY calls DESC, name) AS place
        FROM fresh JOIN stored USING (server_id, day)
    )
    UPDATE new_{table} AS new SET code = :other_code FROM placed
    WHERE place > :most AND new.server_id = placed.server_id AND new.day = placed.day AND new.code = placed.code
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
    rows = connection.execute(_LONG_HISTOGRAMS, {"longest": _LONGEST_HISTOGRAM, "most": _MOST_COMPACTED}).all()
    if rows:
        values = [{"s": r.server_id, "d": r.day, "p": r.product, "h": compacted(bytes(r.durations))} for r in rows]
        connection.execute(_REPLACE_HISTOGRAM, values)


_LONG_HISTOGRAMS = text(
    """
    SELECT new.server_id, new.day, stored.product, stored.durations
    FROM new_usage_product_days AS new JOIN new_product_names USING (code), LATERAL (
        SELECT product, durations FROM usage_product_days AS old
        WHERE old.server_id = new.server_id AND old.day = new.day AND old.product = name
          AND octet_length(durations) > 2 * compacted_bytes + :longest
        LIMIT 1
    ) AS stored
    LIMIT :most
    """
)
_REPLACE_HISTOGRAM = text(
    "UPDATE usage_product_days SET durations = :h, compacted_bytes = octet_length(:h)"
    " WHERE server_id = :s AND day = :d AND product = :p"
)
