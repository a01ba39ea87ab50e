"""The order of public pages: asked for now and then, kept while metrics is away."""

from types import SimpleNamespace
from typing import Any

import pytest
from chassis.errors import PermissionDenied, Unavailable
from directory.metrics.v1.ranking_service_pb2 import (
    ListServersByRankResponse,
    ListTrendingServersResponse,
    RankedServer,
)
from gateway.ranking import KEPT_SECONDS, PAUSE_SECONDS, Places, Ranking


class Metrics:
    """Ranks servers in the order of `servers`, as long as nothing is wrong."""

    def __init__(self) -> None:
        self.servers = ["a", "b"]
        self.asked = 0
        self.error: Exception | None = None

    def ListServersByRank(self, request: Any, timeout: float) -> ListServersByRankResponse:
        self.asked += 1
        if self.error:
            raise self.error
        ranked = [RankedServer(server_id=one, rank=rank) for rank, one in enumerate(self.servers, start=1)]
        return ListServersByRankResponse(
            servers=ranked[: request.page_size], as_of="2026-11-22", days_behind=2, incomplete=True
        )

    def ListTrendingServers(self, _: Any, timeout: float) -> ListTrendingServersResponse:
        return ListTrendingServersResponse(servers=[RankedServer(server_id="b", rank=2)])


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def ranking(metrics: Metrics, clock: list[float]) -> Ranking:
    backends: Any = SimpleNamespace(ranking=metrics)
    return Ranking(backends, clock=lambda: clock[0])


def test_what_metrics_said_is_kept_for_a_while(ranking: Ranking, metrics: Metrics, clock: list[float]) -> None:
    expected = Places(ranks={"a": 1, "b": 2}, trending=("b",), as_of="2026-11-22", days_behind=2, incomplete=True)
    assert [ranking.places(), ranking.places()] == [expected, expected]
    assert (expected.order, metrics.asked) == (("a", "b"), 1)
    metrics.servers = ["b", "a"]
    clock[0] += KEPT_SECONDS
    places = ranking.places()
    assert places is not None
    assert (places.order, metrics.asked) == (("b", "a"), 2)


@pytest.mark.parametrize("error", [Unavailable("SERVICE_UNAVAILABLE", "x"), PermissionDenied("PEER_NOT_ALLOWED", "x")])
def test_without_metrics_there_are_no_ranks_and_nobody_waits_again(
    ranking: Ranking, metrics: Metrics, clock: list[float], error: Exception
) -> None:
    metrics.error = error
    assert [ranking.places(), ranking.places()] == [None, None]
    assert metrics.asked == 1
    metrics.error = None
    clock[0] += PAUSE_SECONDS
    assert ranking.places() is not None


def test_what_was_known_stays_while_metrics_is_away(ranking: Ranking, metrics: Metrics, clock: list[float]) -> None:
    known = ranking.places()
    metrics.error = Unavailable("SERVICE_UNAVAILABLE", "x")
    clock[0] += KEPT_SECONDS
    assert ranking.places() == known
