"""Reading figures: one query, no computation."""

from collections.abc import Sequence
from typing import Any

from chassis.errors import InvalidInput, NotFound, Violation
from chassis.grants import Grant, require_directory_management
from chassis.rpc.caller import caller
from chassis.rpc.methods import read
from chassis.sql.database import Database
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import server_metrics_pb2
from directory.metrics.v1.metrics_service_pb2_grpc import MetricsServiceServicer
from directory.metrics.v1.server_metrics_pb2 import ServerMetrics
from sqlalchemy import Connection, Row

from metrics.domain.health import Health
from metrics.domain.screening import server_id_or_none
from metrics.store import snapshots
from metrics.store.message_enums import health_message

MOST_SERVERS = 200


class MetricsApi(MetricsServiceServicer):
    """directory.metrics.v1.MetricsService."""

    def __init__(self, database: Database, products: Sequence[tuple[str, str]]) -> None:
        self.database = database
        self._products = [pb.Product(key=key, name=name) for key, name in products]

    @read
    def GetServerMetrics(
        self, request: pb.GetServerMetricsRequest, connection: Connection
    ) -> pb.GetServerMetricsResponse:
        """Everything about one server of the caller's organization."""
        grant = _manager()
        row = snapshots.current(connection, _ids([request.server_id], "/server_id")).get(request.server_id.lower())
        if row is not None and str(row.organization_id) != grant.organization_id:
            raise NotFound("SERVER_NOT_FOUND", "There is no such server.", server_id=request.server_id)
        metrics = _metrics(request.server_id.lower(), row)
        return pb.GetServerMetricsResponse(metrics=metrics, products=self._products)

    @read
    def BatchGetServerSummaries(
        self, request: pb.BatchGetServerSummariesRequest, connection: Connection
    ) -> pb.BatchGetServerSummariesResponse:
        """A line for each of the servers that belong to the caller's organization."""
        grant = _manager()
        if len(request.server_ids) > MOST_SERVERS:
            raise InvalidInput("TOO_MANY", f"Ask for at most {MOST_SERVERS} servers.", limit=str(MOST_SERVERS))
        ids = _ids(request.server_ids, "/server_ids")
        rows = snapshots.current(connection, ids)
        mine = [i for i in ids if i not in rows or str(rows[i].organization_id) == grant.organization_id]
        return pb.BatchGetServerSummariesResponse(summaries=[_summary(_metrics(i, rows.get(i))) for i in mine])


def _manager() -> Grant:
    grant = caller()
    require_directory_management(grant)
    return grant


def _ids(texts: Sequence[str], field: str) -> list[str]:
    ids = [server_id_or_none(text) for text in texts]
    if None in ids:
        place = field if len(texts) == 1 and field == "/server_id" else f"{field}/{ids.index(None)}"
        violation = Violation(place, "NOT_UUID", "Give a server's id.")
        raise InvalidInput("FIELDS_INVALID", "That is no id of a server.", violations=[violation])
    return [i for i in ids if i is not None]


def _metrics(server_id: str, row: Row[Any] | None) -> ServerMetrics:
    if row is None or not row.published:
        return ServerMetrics(server_id=server_id, health=server_metrics_pb2.HEALTH_NOT_LIVE)
    if row.figures is None:
        return ServerMetrics(server_id=server_id, health=server_metrics_pb2.HEALTH_COLLECTING)
    metrics = ServerMetrics.FromString(bytes(row.figures))
    metrics.as_of = row.as_of.isoformat()
    metrics.computed_at.FromDatetime(row.computed_at)
    metrics.health = health_message(Health(row.health))
    metrics.health_policy = row.policy
    metrics.ranked_servers = row.ranked_servers
    metrics.trending = row.trending
    if row.rank is not None:
        metrics.rank = row.rank
        metrics.daily[-1].rank = row.rank
    return metrics


def _summary(metrics: ServerMetrics) -> pb.ServerSummary:
    summary = pb.ServerSummary(
        server_id=metrics.server_id, health=metrics.health, trending=metrics.trending, as_of=metrics.as_of
    )
    for name in ("rank", "active_users", "calls", "error_rate"):
        if metrics.HasField(name):
            setattr(summary, name, getattr(metrics, name))
    if metrics.HasField("computed_at"):
        summary.computed_at.CopyFrom(metrics.computed_at)
    return summary
