"""The order of the directory's servers: places, and nothing of the figures behind them."""

from datetime import timedelta

from chassis import clock, paging
from chassis.clock import Clock
from chassis.errors import InvalidInput
from chassis.rpc.methods import lookup, read
from chassis.sql.database import Database
from directory.metrics.v1 import ranking_service_pb2 as pb
from directory.metrics.v1.ranking_service_pb2_grpc import RankingServiceServicer
from sqlalchemy import Connection

from metrics.api.figures_messages import fresh, server_summary
from metrics.domain.vocabulary import server_id_or_none
from metrics.store import snapshots

PAGE, LARGEST_PAGE = 100, 1_000
# Who turns pages of a snapshot that is no longer the newest has time to end; to read old ones is not offered.
TOKEN_AGE = timedelta(days=1)


class RankingApi(RankingServiceServicer):
    """directory.metrics.v1.RankingService."""

    def __init__(self, database: Database, *, clock: Clock = clock.now) -> None:
        self.database = database
        self._now = clock

    @read
    def ListServersByRank(
        self, request: pb.ListServersByRankRequest, connection: Connection
    ) -> pb.ListServersByRankResponse:
        """A page of the servers by rank. The token names the snapshot: one that becomes visible meanwhile does not
        mix with it."""
        asked, after = _place(request)
        now = self._now()
        if after is None:
            shown = snapshots.newest(connection)
        else:
            shown = snapshots.shown_generation(connection, asked, now - TOKEN_AGE)
        if shown is None:
            if after is not None:
                raise _no_token()
            return pb.ListServersByRankResponse()
        size = paging.page_size(request.page_size, PAGE, LARGEST_PAGE)
        rows = snapshots.by_rank(connection, shown.generation, after=after, limit=size + 1)
        page = [pb.RankedServer(server_id=str(r.server_id), rank=r.rank, trending=r.trending) for r in rows[:size]]
        following = (
            paging.encode(request, shown.generation, page[-1].rank, page[-1].server_id) if len(rows) > size else ""
        )
        return fresh(pb.ListServersByRankResponse(servers=page, next_page_token=following), shown, now)

    @read
    def ListTrendingServers(
        self, _request: pb.ListTrendingServersRequest, connection: Connection
    ) -> pb.ListTrendingServersResponse:
        """The servers tagged Trending."""
        shown = snapshots.newest(connection)
        if shown is None:
            return pb.ListTrendingServersResponse()
        rows = snapshots.trending(connection, shown.generation)
        servers = [pb.RankedServer(server_id=str(row.server_id), rank=row.rank, trending=True) for row in rows]
        return fresh(pb.ListTrendingServersResponse(servers=servers), shown, self._now())

    @lookup
    def GetServerBadge(self, request: pb.GetServerBadgeRequest, connection: Connection) -> pb.GetServerBadgeResponse:
        """Health and place of a published server, as its publisher sees them."""
        server_id = server_id_or_none(request.server_id)
        row = snapshots.toplines(connection, [server_id]).get(server_id) if server_id else None
        summary = server_summary(server_id or "", row, self._now())
        rank = summary.rank if summary.HasField("rank") else None
        badge = pb.GetServerBadgeResponse(health=summary.health, rank=rank)
        return fresh(badge, row, self._now()) if row and summary.as_of else badge


def _place(request: pb.ListServersByRankRequest) -> tuple[int, tuple[int, str] | None]:
    values = paging.decode(request, 3)
    if not values:
        return 0, None
    generation, rank, server_id = values
    if not paging.is_number(generation) or not paging.is_number(rank, most=2**31 - 1):
        raise _no_token()
    if not isinstance(server_id, str) or server_id_or_none(server_id) is None:
        raise _no_token()
    return generation, (rank, server_id)


def _no_token() -> InvalidInput:
    return InvalidInput("PAGE_TOKEN_INVALID", "The page token is not good any more. Start at page one.")
