"""Rows of snapshots as messages. What left the directory, and what was never computed, has no figures."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import ranking_service_pb2, server_metrics_pb2
from directory.metrics.v1.server_metrics_pb2 import DailyFigures, ServerMetrics, ShownFigures
from sqlalchemy import Row

from metrics.domain.freshness import days_behind
from metrics.domain.health import Health
from metrics.domain.windows import LONGEST
from metrics.store.message_enums import health_message

Dated = TypeVar(
    "Dated",
    ServerMetrics,
    pb.ServerSummary,
    pb.GetServerHistoryResponse,
    ranking_service_pb2.ListServersByRankResponse,
    ranking_service_pb2.ListTrendingServersResponse,
    ranking_service_pb2.GetServerBadgeResponse,
)
# Between a snapshot's day and the oldest one of its lines.
LINE = timedelta(days=LONGEST - 1)


def fresh(message: Dated, row: Row[Any], now: datetime) -> Dated:
    """The message with the day of its figures, when they were computed, how far they are behind, and whether all of
    the day was counted."""
    message.as_of = row.as_of.isoformat()
    message.computed_at.FromDatetime(row.computed_at)
    message.days_behind = days_behind(row.as_of, now)
    message.incomplete = not row.complete
    return message


def server_metrics(server_id: str, row: Row[Any] | None, now: datetime) -> ServerMetrics:
    """Everything about a server, from its row of `snapshots.current`."""
    if row is None or row.figures is None or not row.published:
        return ServerMetrics(server_id=server_id, health=_without_figures(row))
    metrics = fresh(ServerMetrics.FromString(bytes(row.figures)), row, now)
    metrics.health = health_message(Health(row.health))
    metrics.health_policy = row.policy
    metrics.ranked_servers = row.ranked_servers
    metrics.trending = row.trending
    if row.rank is not None:
        metrics.rank = row.rank
        metrics.daily[-1].rank = row.rank
    return metrics


def server_summary(server_id: str, row: Row[Any] | None, now: datetime) -> pb.ServerSummary:
    """A line of the dashboard, from a row of `snapshots.toplines`."""
    if row is None or row.health is None or not row.published:
        return pb.ServerSummary(server_id=server_id, health=_without_figures(row))
    summary = pb.ServerSummary(
        server_id=server_id,
        health=health_message(Health(row.health)),
        trending=row.trending,
        rank=row.rank,
        active_users=_active_users(row),
        calls=row.calls_30,
        error_rate=row.error_rate_30,
    )
    return fresh(summary, row, now)


def shown_figures(row: Row[Any]) -> ShownFigures:
    """What a snapshot shows of a server, from a row of `snapshots.history`."""
    shown = ShownFigures(
        as_of=row.as_of.isoformat(),
        health=health_message(Health(row.health)),
        health_policy=row.policy,
        rank=row.rank,
        ranked_servers=row.ranked_servers,
        trending=row.trending,
        active_users=_active_users(row),
        calls=row.calls_30,
        disconnect_rate=row.disconnect_rate_30,
        error_rate=row.error_rate_30,
        incomplete=not row.complete,
    )
    shown.computed_at.FromDatetime(row.computed_at)
    return shown


def lines(newest: Sequence[DailyFigures], rows: Mapping[date, Row[Any]], days: Sequence[date]) -> list[DailyFigures]:
    """The lines over some days.

    Args:
        newest: the lines of the newest snapshot.
        rows: what snapshots say of the server, by their day: those of `days`, and of the 29 days after.
        days: oldest first.
    """
    present = {day.day: day for day in newest}
    return [present.get(day.isoformat()) or _settled(day, rows.get(day), rows.get(day + LINE)) for day in days]


def _settled(day: date, own: Row[Any] | None, last: Row[Any] | None) -> DailyFigures:
    """A day that left the lines: rank and disconnect rate as its own snapshot said them, the rest as the last did."""
    return DailyFigures(
        day=day.isoformat(),
        calls=last.oldest_calls if last else None,
        active_users=last.oldest_active_users if last else None,
        error_rate=last.oldest_error_rate if last else None,
        rank=own.rank if own else None,
        disconnect_rate=own.disconnect_rate_30 if own else None,
    )


def _active_users(row: Row[Any]) -> int | None:
    return None if row.calls_30 is None else row.active_30


def _without_figures(row: Row[Any] | None) -> server_metrics_pb2.Health:
    published = row is not None and row.published
    return server_metrics_pb2.HEALTH_COLLECTING if published else server_metrics_pb2.HEALTH_NOT_LIVE
