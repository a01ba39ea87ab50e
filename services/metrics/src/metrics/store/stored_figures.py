"""Figures as a snapshot keeps them: whole, as a ServerMetrics but for what other columns or the moment of reading
decide; and the few that are kept longest, as columns."""

from functools import lru_cache

from directory.metrics.v1 import server_metrics_pb2 as pb

from metrics.domain.server_figures import ProductFigures, ServerFigures, ToolUsage, WindowFigures
from metrics.domain.windows import LONGEST, CallSums, date_of


def to_bytes(figures: ServerFigures) -> bytes:
    """The stored form."""
    message = pb.ServerMetrics(
        server_id=figures.server_id,
        windows=map(_window, figures.windows),
        products=map(_product, figures.products),
        tools=map(_tool, figures.tools),
        disconnect_rate=figures.disconnect_rate,
        messages_without_calls=figures.messages_without_calls,
    )
    if figures.topline is not None:
        message.active_users = figures.active_30
        message.calls = figures.topline.calls
        message.error_rate = _rate(figures.topline.errors, figures.topline)
    for day, calls, active_users, error_rate, rank, disconnect_rate in zip(*figures.lines, strict=True):
        message.daily.add(
            day=_name_of(day),
            calls=calls,
            active_users=active_users,
            error_rate=error_rate,
            rank=rank,
            disconnect_rate=disconnect_rate,
        )
    return message.SerializeToString()


@lru_cache(maxsize=2 * LONGEST)
def _name_of(day: int) -> str:
    return date_of(day).isoformat()


# Columns of the topline and their types.
TOPLINE = {
    "active_30": "int8",
    "active_7": "int8",
    "active_previous_7": "int8",
    "calls_30": "int8",
    "error_rate_30": "float8",
    "disconnect_rate_30": "float8",
    "oldest_calls": "int8",
    "oldest_active_users": "int8",
    "oldest_error_rate": "float8",
    "health": "int2",
    "ranked": "bool",
}


def to_columns(figures: ServerFigures) -> tuple[object, ...]:
    """The topline, and the oldest day of the lines: by tomorrow no snapshot says anything of that one."""
    topline, lines = figures.topline, figures.lines
    return (
        figures.active_30,
        figures.active_7,
        figures.active_previous_7,
        topline.calls if topline else None,
        _rate(topline.errors, topline) if topline else None,
        figures.disconnect_rate,
        lines.calls[0],
        lines.active_users[0],
        lines.error_rates[0],
        figures.health.value,
        topline is not None,
    )


def _rate(part: int, sums: CallSums) -> float:
    return part / sums.calls


def _window(window: WindowFigures) -> pb.WindowFigures:
    sums = window.sums
    return pb.WindowFigures(
        days=window.days,
        calls=sums.calls,
        error_rate=_rate(sums.errors, sums),
        tool_error_rate=_rate(sums.tool_errors, sums),
        request_error_rate=_rate(sums.request_errors, sums),
        http_4xx_rate=_rate(sums.http_4xx, sums),
        http_5xx_rate=_rate(sums.http_5xx, sums),
        top_error_types=[pb.ErrorTypeCount(error_type=name, count=count) for name, count in window.top_error_types],
    )


def _product(product: ProductFigures) -> pb.ProductFigures:
    p50, p95, p99 = (quantile / 1000 for quantile in product.quantiles_us)
    return pb.ProductFigures(
        product=product.product,
        calls=product.calls,
        error_rate=product.errors / product.calls,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _tool(usage: ToolUsage) -> pb.ToolFigures:
    tool, calls, tool_errors, request_errors = usage
    return pb.ToolFigures(
        tool=tool,
        calls=calls,
        error_rate=(tool_errors + request_errors) / calls,
        tool_error_rate=tool_errors / calls,
    )
