"""Rollups of many servers, made in the database by SQL: what weeks of ingest would leave behind.

Skewed as traffic is: a server has about 30 accounts (a few have thousands), 3 products, 10 tools and 3 error types.
Rows lie by day, and within a day in no order, since ingest adds a row at its first event. Products and tools are made
for the 10 last days alone, since a computation reads 7 of them, by key."""

from datetime import date

import numpy as np
import psycopg
from metrics.domain.latency_histogram import buckets_of, packed

DAYS, DAYS_OF_NAMES = 30, 10
_READ = ("usage_server_days", "usage_error_type_days", "usage_tool_days", "usage_product_days", "server_accounts")
_HISTOGRAMS = 500

_PROFILES = """
    CREATE TABLE profiles AS
    SELECT n, gen_random_uuid() AS server_id, least(20000, 1 + floor(9.5 * exp(1.5 * gauss)))::int AS accounts,
        least(5, 1 + floor(-2.5 * ln(1 - random())))::int AS products,
        least(60, 1 + floor(-9.5 * ln(1 - random())))::int AS tools, floor(7 * random())::int AS error_types
    FROM (SELECT n, sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random()) AS gauss FROM generate_series(1, %s) AS n)
"""
_STEPS = (
    """INSERT INTO servers (server_id, organization_id, published, changed_at)
    SELECT server_id, gen_random_uuid(), true, now() FROM profiles""",
    """INSERT INTO usage_server_days
        (server_id, day, calls, tool_errors, request_errors, auth_rejected, http_4xx, http_5xx, messages)
    SELECT server_id, %(as_of)s::date - age, accounts * 4, accounts / 9, accounts / 12, accounts / 50, accounts / 20,
        accounts / 30, accounts * 9
    FROM profiles, generate_series(0, %(days)s - 1) AS age ORDER BY age DESC, random()""",
    """INSERT INTO usage_error_type_days (server_id, day, error_type, calls)
    SELECT server_id, %(as_of)s::date - age, 'error_' || e, 1 + accounts / (9 + e)
    FROM profiles, generate_series(0, %(days)s - 1) AS age, generate_series(1, error_types) AS e
    ORDER BY age DESC, random()""",
    """INSERT INTO usage_tool_days (server_id, day, tool, calls, tool_errors, request_errors)
    SELECT server_id, %(as_of)s::date - age, 'tool_' || t, 1 + 4 * accounts / (t + 1), accounts / 20, accounts / 30
    FROM profiles, generate_series(0, %(days_of_names)s - 1) AS age, generate_series(1, tools) AS t
    ORDER BY age DESC, random()""",
    """INSERT INTO usage_product_days (server_id, day, product, calls, durations)
    SELECT server_id, %(as_of)s::date - age, 'product_' || p, h.calls, h.durations
    FROM profiles, generate_series(0, %(days_of_names)s - 1) AS age, generate_series(1, products) AS p,
        LATERAL (SELECT calls, durations FROM histograms WHERE size = least(
            floor(ln(2 + accounts) * 50)::int + (n + age + p) %% 7, %(histograms)s - 1)) AS h
    ORDER BY age DESC, random()""",
    """INSERT INTO server_accounts (server_id, account, last_day, called, active, removed)
    SELECT server_id, a, %(as_of)s::date - (a %% 9)::int, bits & hashint8extended(a, 2), bits,
        CASE WHEN a %% 23 = 0 THEN 1 ELSE 0 END
    FROM profiles, generate_series(1, accounts) AS a, LATERAL (SELECT hashint8extended(a, n) | 1 AS bits)
    ORDER BY random()""",
    """INSERT INTO generations (as_of, policy, started_at, computed_at, servers, ranked_servers)
    SELECT %(as_of)s::date - age, 'disconnect_rate/1', now(), now(), 1, 1 FROM generate_series(1, %(days)s) AS age""",
    "INSERT INTO snapshots (as_of, generation) SELECT as_of, generation FROM generations",
    """INSERT INTO server_snapshots
        (generation, server_id, active_30, active_7, active_previous_7, disconnect_rate_30, rank, health, ranked)
    SELECT generation, server_id, accounts, accounts / 2, accounts / 2, 0.043, n, 3, true
    FROM generations, profiles ORDER BY generation, server_id""",
)


def fill(url: str, servers: int, as_of: date) -> None:
    """Makes the rollups of the 30 days that end with `as_of`."""
    values = {"as_of": as_of, "days": DAYS, "days_of_names": DAYS_OF_NAMES, "histograms": _HISTOGRAMS}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT setseed(0.5)")
        connection.execute("SET work_mem = '256MB'; SET synchronous_commit = off")
        for table in _READ:
            connection.execute(f"ALTER TABLE {table} SET UNLOGGED")  # what is only read may as well be
        connection.execute(_PROFILES, [servers])
        connection.execute("CREATE TABLE histograms (size int PRIMARY KEY, calls bigint, durations bytea)")
        with connection.cursor().copy("COPY histograms FROM STDIN") as copy:
            for row in _histograms():
                copy.write_row(row)
        for step in _STEPS:
            connection.execute(step, values)
        connection.execute("DROP TABLE profiles, histograms")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _histograms() -> list[tuple[int, int, bytes]]:
    """Durations of a day, from a few calls to some thousands."""
    chance, made = np.random.default_rng(1), []
    for size in range(_HISTOGRAMS):
        durations = chance.lognormal(11, 1, int(3 * 1.016**size)).astype(np.uint64)
        buckets, calls = np.unique(buckets_of(durations), return_counts=True)
        made.append((size, len(durations), packed(buckets, calls)))
    return made
