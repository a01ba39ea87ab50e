"""The directory's order, as metrics computes it once a day. What is public does without where it is not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chassis import logs
from chassis.errors import DirectoryError
from directory.listings.v1.listings_service_pb2 import ListPublicListingsRequest
from directory.metrics.v1.ranking_service_pb2 import ListServersByRankRequest, ListTrendingServersRequest

from gateway.backends import Backends
from gateway.refreshed import Refreshed

# The listings service takes as many in an order of ours.
MOST = 1000
# As many as metrics tags.
MOST_TRENDING = 10
KEPT_SECONDS = 30.0
# While metrics is away, one page in so many seconds asks for it, and waits no longer than this.
PAUSE_SECONDS = 5.0
PATIENCE_SECONDS = 2.0


@dataclass(frozen=True)
class Places:
    """Servers by rank, the first place first, and those that are tagged Trending; all empty before the first
    computation."""

    ranks: Mapping[str, int]
    trending: tuple[str, ...]
    as_of: str
    days_behind: int = 0
    incomplete: bool = False

    @property
    def order(self) -> tuple[str, ...]:
        """Ids of the servers, first place first."""
        return tuple(self.ranks)

    @property
    def trending_row(self) -> ListPublicListingsRequest:
        """Asks for the listings that are tagged Trending, greatest growth first."""
        return ListPublicListingsRequest(first=self.trending, first_only=True, page_size=MOST_TRENDING)


class Ranking:
    """Asks metrics now and then; no page waits for it twice."""

    def __init__(self, backends: Backends, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._backends = backends
        self._places = Refreshed(
            self._fetch, kept=KEPT_SECONDS, pause=PAUSE_SECONDS, patience=PATIENCE_SECONDS, clock=clock
        )

    def places(self) -> Places | None:
        """What metrics said last, None where it never answered."""
        try:
            return self._places.get()
        except DirectoryError as error:
            logs.get_logger().warning("no ranks", reason=error.reason)
            return None

    def _fetch(self) -> Places:
        service = self._backends.ranking
        ranked = service.ListServersByRank(ListServersByRankRequest(page_size=MOST), timeout=PATIENCE_SECONDS)
        trending = service.ListTrendingServers(ListTrendingServersRequest(), timeout=PATIENCE_SECONDS)
        return Places(
            ranks={server.server_id: server.rank for server in ranked.servers},
            trending=tuple(server.server_id for server in trending.servers),
            as_of=ranked.as_of,
            days_behind=ranked.days_behind,
            incomplete=ranked.incomplete,
        )
