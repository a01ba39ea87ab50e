"""Reading figures of one's own servers: one query, no computation."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from chassis import clock
from chassis.clock import Clock
from chassis.errors import InvalidInput, NotFound, Violation
from chassis.grants import Grant
from chassis.rpc.caller import publisher
from chassis.rpc.methods import lookup, read
from chassis.sql.database import Database
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1.metrics_service_pb2_grpc import MetricsServiceServicer
from sqlalchemy import Connection, Row

from metrics.api.figures_messages import LINE, fresh, lines, server_metrics, server_summary, shown_figures
from metrics.domain.vocabulary import server_id_or_none
from metrics.store import snapshots

MOST_SERVERS = 200
MOST_DAYS = 400


class MetricsApi(MetricsServiceServicer):
    """directory.metrics.v1.MetricsService."""

    def __init__(self, database: Database, products: Sequence[tuple[str, str]], *, clock: Clock = clock.now) -> None:
        self.database = database
        self._products = [pb.Product(key=key, name=name) for key, name in products]
        self._now = clock

    @lookup
    def GetServerMetrics(
        self, request: pb.GetServerMetricsRequest, connection: Connection
    ) -> pb.GetServerMetricsResponse:
        """Everything about one server of the caller's organization."""
        server_id, row = _own(connection, request.server_id)
        return pb.GetServerMetricsResponse(metrics=server_metrics(server_id, row, self._now()), products=self._products)

    @lookup
    def BatchGetServerSummaries(
        self, request: pb.BatchGetServerSummariesRequest, connection: Connection
    ) -> pb.BatchGetServerSummariesResponse:
        """A line for each of the servers that belong to the caller's organization."""
        grant = publisher()
        if len(request.server_ids) > MOST_SERVERS:
            raise InvalidInput("TOO_MANY", f"Ask for at most {MOST_SERVERS} servers.", limit=str(MOST_SERVERS))
        ids = _ids(request.server_ids, "/server_ids")
        rows = snapshots.toplines(connection, ids)
        mine = [i for i in ids if i not in rows or _owns(grant, rows[i])]
        now = self._now()
        return pb.BatchGetServerSummariesResponse(summaries=[server_summary(i, rows.get(i), now) for i in mine])

    @read
    def GetServerHistory(
        self, request: pb.GetServerHistoryRequest, connection: Connection
    ) -> pb.GetServerHistoryResponse:
        """What was shown of a server of the caller's organization on each day of a range, and its lines."""
        asked = _day(request, "from"), _day(request, "to")
        server_id, row = _own(connection, request.server_id)
        now = self._now()
        answer = pb.GetServerHistoryResponse(server_id=server_id)
        newest = row.as_of if row and row.published else None
        first, last = _range(*asked, newest or now.date())
        if row is None or newest is None:
            return answer
        whole = server_metrics(server_id, row, now)
        rows = {each.as_of: each for each in snapshots.history(connection, server_id, first, last + LINE)}
        days = [first + timedelta(days=n) for n in range((min(last, newest) - first).days + 1)]
        answer.shown.extend(shown_figures(rows[day]) for day in days if day in rows)
        answer.daily.extend(lines(whole.daily, rows, days))
        return fresh(answer, row, now)


def _own(connection: Connection, text: str) -> tuple[str, Row[Any] | None]:
    """A server's id and row; no row for one that nobody owns. Raises NotFound for another organization's."""
    grant = publisher()
    [server_id] = _ids([text], "/server_id")
    row = snapshots.current(connection, server_id)
    if row is not None and not _owns(grant, row):
        raise NotFound("SERVER_NOT_FOUND", "There is no such server.", server_id=text)
    return server_id, row


def _owns(grant: Grant, row: Row[Any]) -> bool:
    return str(row.organization_id) == grant.organization_id


def _ids(texts: Sequence[str], field: str) -> list[str]:
    ids = [server_id_or_none(text) for text in texts]
    if None in ids:
        place = field if field == "/server_id" else f"{field}/{ids.index(None)}"
        raise _invalid(place, "NOT_UUID", "Give a server's id.")
    return [i for i in ids if i is not None]


def _day(request: pb.GetServerHistoryRequest, name: str) -> date | None:
    text = getattr(request, name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = None
    if text and (day is None or day.isoformat() != text):
        raise _invalid(f"/{name}", "WRONG_TYPE", "Give a day as YYYY-MM-DD.")
    return day


def _range(first: date | None, last: date | None, newest: date) -> tuple[date, date]:
    last = last or newest
    if last < date.min + LINE or last > date.max - LINE:
        raise _invalid("/to", "OUT_OF_RANGE", "Give a day of this time.")
    first = first or last - LINE
    if not timedelta(0) <= last - first < timedelta(days=MOST_DAYS):
        raise _invalid("/from", "OUT_OF_RANGE", f"Ask for 1 to {MOST_DAYS} days, the first one first.")
    return first, last


def _invalid(field: str, code: str, message: str) -> InvalidInput:
    return InvalidInput("FIELDS_INVALID", message, violations=[Violation(field, code, message)])
