"""Merging: limits on names, late days, and two workers at once."""

import threading
from datetime import timedelta

import pytest
from metrics.domain import latency_histogram
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.usage_events import columns_of
from metrics.store import rollups
from sqlalchemy import text

from .records import message
from .test_oracle_on_the_database import NOW
from .traffic import DAY_US, Shape, Traffic

NOW_US = int(NOW.timestamp() * 10**6)


pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def traffic():
    return Traffic(Shape(5, 3, 1), NOW)


def merge(database, events, *, arrived_ago=0):
    deltas = UsageDeltas()
    arrived_us = NOW_US - arrived_ago * DAY_US
    deltas.add(columns_of([message(event) for event in events]), arrived_us)
    with database.transaction() as uow:
        rollups.merge(uow.connection, deltas.reduce())
        uow.commit()


def call(traffic, age=1, server=0, **given):
    return traffic.event(traffic.servers[server], age, kind=1, synthetic=False, **given)


def rows(database, statement):
    with database.read() as connection:
        return connection.execute(text(statement)).all()


def test_500_tools_keep_their_names(database, traffic):
    for start in range(0, 600, 200):
        names = [f"t{n:03}" for n in range(start, start + 200)]
        merge(database, [call(traffic, tool=name, outcome=2, error_type=f"e{name}") for name in names])
    merge(database, [call(traffic, age, tool=tool, outcome=1) for age, tool in ((1, "t000"), (1, "t599"), (2, "t599"))])
    found = {(row.day.day, row.tool): row.calls for row in rows(database, "SELECT * FROM usage_tool_days")}
    assert len(found) == 502
    assert found[9, "other"] == 101
    assert found[9, "t000"] == 2
    assert found[8, "t599"] == 1  # another day has room
    errors = {row.error_type: row.calls for row in rows(database, "SELECT * FROM usage_error_type_days")}
    assert len(errors) == 101
    assert errors["other"] == 500


def test_limits_hold_when_workers_merge_at_once(database, traffic):
    parts = [[call(traffic, tool=f"w{n}t{m}") for m in range(300)] for n in range(3)]
    threads = [threading.Thread(target=merge, args=(database, part)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    found = {row.tool: row.calls for row in rows(database, "SELECT * FROM usage_tool_days")}
    assert len(found) == 501
    assert sum(found.values()) == 900


def test_account_maps_meet_in_any_order(database, traffic):
    ages = [34, 2, 20, 1, 33, 0, 2]
    for age in ages:
        merge(database, [call(traffic, age, account=2**64 - 1)])
    (row,) = rows(database, "SELECT * FROM server_accounts")
    assert row.account == -1
    assert row.last_day == NOW.date()
    assert row.called == row.active == sum(1 << age for age in set(ages))
    assert row.removed == 0


def test_what_falls_off_a_map_is_gone_and_nothing_wraps_around(database, traffic):
    merge(database, [call(traffic, 34, account=7)])
    with database.transaction() as uow:
        uow.execute(text("UPDATE server_accounts SET called = -1, active = -1"))
        uow.commit()
    merge(database, [call(traffic, 0, account=7)])
    (row,) = rows(database, "SELECT * FROM server_accounts")
    assert row.called % 2**64 == ((2**64 - 1) << 34) % 2**64 | 1
    with database.transaction() as uow:
        uow.execute(text("UPDATE server_accounts SET last_day = :day"), {"day": NOW.date() - timedelta(days=64)})
        uow.commit()
    merge(database, [call(traffic, 0, account=7)])
    (row,) = rows(database, "SELECT * FROM server_accounts")
    assert row.called == 1


def test_histograms_stay_small(database, traffic):
    for _ in range(30):
        merge(database, [call(traffic, product="claude_ai", duration_us=1000 + 50 * n) for n in range(100)])
    (row,) = rows(database, "SELECT calls, octet_length(durations) AS size FROM usage_product_days")
    assert row.calls == 3000
    assert row.size <= rollups._LONGEST_HISTOGRAM + 1000


def test_a_long_histogram_is_not_compacted_at_every_flush(database, traffic, monkeypatch):
    compacted = []
    monkeypatch.setattr(rollups, "compacted", lambda data: compacted.append(data) or latency_histogram.compacted(data))
    wide = [int(1.02**n) for n in range(1200)]
    merge(database, [call(traffic, product="claude_ai", duration_us=duration) for duration in wide])
    for _ in range(40):
        merge(database, [call(traffic, product="claude_ai", duration_us=duration) for duration in wide[:100]])
    (row,) = rows(database, "SELECT calls, durations, octet_length(durations) AS size FROM usage_product_days")
    assert 1 <= len(compacted) <= 5
    assert row.calls == 5200
    once = latency_histogram.compacted(bytes(row.durations))
    assert row.size <= 2 * len(once) + rollups._LONGEST_HISTOGRAM + 1000
