"""How a published server answers, look after look; when its publisher is told; and when it is looked at."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from submissions.domain.endpoint_health import EndpointHealth, Standing, after_look, found, is_news, remark
from submissions.domain.probe_report import Authorization, Cause, Gate, Reach, Report
from submissions.domain.probe_schedule import first_look, next_look

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ALIVE, GATED, NOT_MCP, AWAY = (
    EndpointHealth.ALIVE,
    EndpointHealth.GATED,
    EndpointHealth.NOT_MCP,
    EndpointHealth.UNREACHABLE,
)
moments = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=3_000)).map(lambda later: NOW + later)
ids = st.uuids().map(str)
intervals = st.timedeltas(min_value=timedelta(seconds=2), max_value=timedelta(days=7))


def gated(gate, **known):
    return Report(Reach.ALIVE_GATED, authorization=Authorization(gate, registers_clients=True, **known))


@pytest.mark.parametrize(
    ("report", "mode", "health"),
    [
        (Report(Reach.ALIVE_OPEN), "none", ALIVE),
        (Report(Reach.ALIVE_OPEN, tools_unreadable=True), "none", NOT_MCP),
        (gated(Gate.GOOD), "oauth_dcr", GATED),
        (gated(Gate.GOOD, only_well_known=True), "oauth_dcr", GATED),
        (gated(Gate.GOOD, wider_resource=True), "oauth_dcr", GATED),
        (gated(Gate.NO_RESOURCE_METADATA), "oauth_dcr", NOT_MCP),
        (gated(Gate.NO_RESOURCE_METADATA), "custom_connection", GATED),
        (Report(Reach.WRONG_TRANSPORT, spoken_transport="sse"), "none", NOT_MCP),
        (Report(Reach.NOT_MCP), "none", NOT_MCP),
        (Report(Reach.UNREACHABLE, Cause.TLS, "expired"), "none", AWAY),
        (Report(Reach.UNREACHABLE, Cause.UNFINISHED), "none", None),
        (Report(Reach.LEFT_OUT, Cause.RESERVED_NAME), "none", None),
    ],
)
def test_what_a_look_says_of_the_endpoint(report, mode, health):
    assert found(report, authentication=mode) is health
    said = remark(report, transport="streamable_http", authentication=mode)
    assert bool(said) is (health not in (ALIVE, GATED))


def test_a_gate_that_the_listing_does_not_speak_of_is_remarked():
    assert "asks for authentication" in remark(gated(Gate.GOOD), transport="streamable_http", authentication="none")


def walk(*looks, told_after=3):
    """What the publisher is told: the health, or nothing, after each look (health, daily)."""
    standing, said = Standing(), []
    for number, (health, daily) in enumerate(looks):
        after = after_look(standing, health, now=NOW + number * DAY, daily=daily, failures_told=told_after)
        said.append(after.told if is_news(standing, after) else None)
        standing = after
    return said, standing


def daily(*healths):
    return [(health, True) for health in healths]


def test_failures_are_told_once_and_so_is_the_return():
    said, standing = walk(*daily(ALIVE, AWAY, AWAY, AWAY, AWAY, NOT_MCP, ALIVE, ALIVE))
    assert said == [None, None, None, AWAY, None, None, ALIVE, None]
    assert (standing.failures, standing.since) == (0, NOW + 6 * DAY)


def test_a_failure_that_passes_is_not_told():
    assert walk(*daily(ALIVE, AWAY, AWAY, ALIVE, AWAY, AWAY))[0] == [None] * 6


def test_a_first_look_that_finds_it_well_is_no_news():
    assert walk(*daily(GATED, GATED, ALIVE, GATED))[0] == [None, None, ALIVE, GATED]


def test_looks_by_hand_do_not_hurry_the_count():
    said, standing = walk((ALIVE, True), *[(AWAY, False)] * 5, (AWAY, True), (AWAY, True), (AWAY, True))
    assert said == [None] * 8 + [AWAY]
    assert (standing.health, standing.failures, standing.since) == (AWAY, 3, NOW + DAY)


@given(st.lists(st.tuples(st.sampled_from(EndpointHealth), st.booleans()), max_size=20), st.integers(1, 4))
def test_nobody_is_told_of_failures_before_their_number_or_twice(looks, told_after):
    said, standing = walk(*looks, told_after=told_after)
    news = [each for each in said if each is not None]
    assert all(one is not other and not (one.fails and other.fails) for one, other in pairwise(news))
    for number, each in enumerate(said):
        if each is not None and each.fails:
            failing = [is_daily for health, is_daily in looks[: number + 1] if health.fails]
            assert sum(failing) >= told_after
    assert standing.health is (looks[-1][0] if looks else None)


@given(ids, moments, intervals)
def test_a_servers_times_are_an_interval_apart_and_its_own(submission_id, now, interval):
    at = next_look(submission_id, now, interval)
    assert interval / 2 <= at - now <= interval * 3 / 2
    assert next_look(submission_id, at, interval) == at + interval
    assert first_look(submission_id, at - timedelta(microseconds=2), interval) == at
    assert now <= first_look(submission_id, now, interval) <= now + interval


def test_the_looks_are_spread_over_the_day():
    times = [first_look(str(UUID(int=number)), NOW, DAY) for number in range(2_400)]
    in_each_hour = Counter((at - NOW) // timedelta(hours=1) for at in times)
    assert set(in_each_hour) == set(range(24))
    assert max(in_each_hour.values()) < 150
