"""The shapes of the example traffic, whatever the date."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from directory.usage.v1.usage_event_pb2 import (
    OUTCOME_REQUEST_ERROR,
    OUTCOME_TOOL_ERROR,
    USAGE_KIND_CONNECTOR_REMOVED,
    USAGE_KIND_TOOL_CALL,
    UsageEvent,
)
from embedded import demo_servers
from embedded.demo_figures import lag
from embedded.demo_servers import DemoServer
from embedded.demo_traffic import OLDEST, PRODUCTS, ServerTraffic, days_until

ID = "01900000-0000-7000-8000-000000000001"
NOWS = [datetime(2025, 3, 1, 13, 20, tzinfo=UTC) + timedelta(days=41 * n) for n in range(4)]
SERVERS = {s.slug: s for s in demo_servers.load(registry=Path("/nonexistent")) if s.traffic}
TINY, SOCKET, GROWING = "harbor-ocean-data", "harbor-news-wire", {"northwind-ci-insights", "maple-sleep-coach"}


def events(server: DemoServer, now: datetime, ago: Iterable[int]) -> list[UsageEvent]:
    traffic = ServerTraffic(server, ID, now)
    return [event for days in ago for event in traffic.events_of(now.date() - timedelta(days=days))]


def calls(found: Iterable[UsageEvent]) -> list[UsageEvent]:
    return [event for event in found if event.kind == USAGE_KIND_TOOL_CALL]


def users(found: Iterable[UsageEvent]) -> set[str]:
    return {event.account_id for event in calls(found)}


def test_the_same_day_is_the_same_again() -> None:
    server, now = SERVERS["maple-literature"], NOWS[0]
    first, again = (ServerTraffic(server, ID, now).events_of(date(2025, 2, 20)) for _ in range(2))
    assert first
    assert first == again


@pytest.mark.parametrize("now", NOWS)
def test_nothing_is_too_old_or_to_come(now: datetime) -> None:
    days = days_until(now.date())
    assert len(days) == 36
    traffic = ServerTraffic(SERVERS["maple-literature"], ID, now)
    times = [event.time_us / 1e6 for day in days for event in traffic.events_of(day)]
    assert min(times) >= (now - OLDEST).timestamp()
    assert max(times) <= now.timestamp()
    assert traffic.events_of(now.date())


@pytest.mark.parametrize("now", NOWS)
def test_the_tiny_one_is_shown_for_30_days_only(now: datetime) -> None:
    assert 5 <= len(calls(events(SERVERS[TINY], now, range(1, 31)))) < 50
    assert 0 < len(calls(events(SERVERS[TINY], now, range(1, 8)))) < 5


@pytest.mark.parametrize("now", NOWS[:2])
def test_only_the_growing_ones_trend(now: datetime) -> None:
    for slug, server in SERVERS.items():
        last, before = (len(users(events(server, now, ago))) for ago in (range(1, 8), range(8, 15)))
        assert (last >= 20 and last > before) == (slug in GROWING), (slug, last, before)


def test_the_websocket_one_has_messages_alone() -> None:
    found = events(SERVERS[SOCKET], NOWS[0], range(1, 31))
    assert len(found) > 1000
    assert not calls(found)


def test_disconnects_decide_on_health() -> None:
    for slug, server in SERVERS.items():
        if server.steps[-1].do != "publish":
            continue
        found = events(server, NOWS[0], range(1, 31))
        sent = {event.account_id for event in found if event.kind != USAGE_KIND_CONNECTOR_REMOVED}
        removed = {event.account_id for event in found if event.kind == USAGE_KIND_CONNECTOR_REMOVED}
        assert removed <= sent
        assert (len(removed) / len(sent) > 0.06) == (slug == "northwind-flags"), slug
        assert len(removed) / len(sent) < 0.045 or slug == "northwind-flags", slug


def test_failures_and_products_differ() -> None:
    found = calls(events(SERVERS["northwind-flags"], NOWS[0], range(1, 31)))
    types = Counter(event.error_type for event in found if event.error_type)
    assert set(types) == {"tool_error", "timeout", "-32602", "429", "401", "403", "500", "503"}
    rates, middles = {}, {}
    for product in (one.key for one in PRODUCTS):
        own = [event for event in found if event.product == product]
        failed = sum(event.outcome in (OUTCOME_TOOL_ERROR, OUTCOME_REQUEST_ERROR) for event in own)
        rates[product] = failed / len(own)
        middles[product] = sorted(event.duration_us for event in own)[len(own) // 2]
    assert rates["claude_code"] < rates["claude_ai"] < rates["cowork"]
    assert middles["claude_code"] < middles["claude_ai"] < middles["cowork"]


def test_one_server_has_more_tools_than_the_page_shows() -> None:
    assert len({event.tool for event in calls(events(SERVERS["harbor-warehouse"], NOWS[0], range(1, 8)))}) > 15


def test_those_who_left_call_no_more() -> None:
    gone: set[str] = set()
    for event in sorted(events(SERVERS["northwind-flags"], NOWS[0], range(1, 31)), key=lambda each: each.time_us):
        assert event.account_id not in gone
        if event.kind == USAGE_KIND_CONNECTOR_REMOVED:
            gone.add(event.account_id)


def test_lag_is_read_from_the_status() -> None:
    assert lag('{"topic": "directory.usage.v1", "partitions": [], "lag_records": 35}') == 35
