"""Figures as a snapshot keeps them: whole, as a ServerMetrics but for what other columns or the moment of reading
decide; and the few that are kept longest, as columns."""

from typing import Any

from directory.metrics.v1 import server_metrics_pb2 as pb

from metrics.domain.server_figures import DayFigures, ProductFigures, ServerFigures, WindowFigures
from metrics.domain.windows import CallSums, date_of


def to_bytes(figures: ServerFigures) -> bytes:
    """The stored form."""
    message = pb.ServerMetrics(
        server_id=figures.server_id,
        windows=[_window(window) for window in figures.windows],
        products=[_product(product) for product in figures.products],
        tools=[_tool(tool, sums) for tool, sums in figures.tools],
        daily=[_day(day) for day in figures.daily],
        messages_without_calls=figures.messages_without_calls,
    )
    if figures.topline is not None:
        message.active_users = figures.users.active_30
        message.calls = figures.topline.calls
        message.error_rate = _rate(figures.topline.errors, figures.topline)
    if figures.disconnect_rate is not None:
        message.disconnect_rate = figures.disconnect_rate
    return message.SerializeToString()


def to_columns(figures: ServerFigures) -> dict[str, Any]:
    """The topline, and the oldest day of the lines: by tomorrow no snapshot says anything of that one."""
    topline, oldest = figures.topline, _day(figures.daily[0])
    return {
        "calls_30": topline.calls if topline else None,
        "error_rate_30": _rate(topline.errors, topline) if topline else None,
        "disconnect_rate_30": figures.disconnect_rate,
        **{f"oldest_{name}": getattr(oldest, name) if oldest.HasField(name) else None for name in _OF_A_DAY},
    }


_OF_A_DAY = ("calls", "active_users", "error_rate")


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
        calls=product.sums.calls,
        error_rate=_rate(product.sums.errors, product.sums),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
    )


def _tool(tool: str, sums: CallSums) -> pb.ToolFigures:
    return pb.ToolFigures(
        tool=tool,
        calls=sums.calls,
        error_rate=_rate(sums.errors, sums),
        tool_error_rate=_rate(sums.tool_errors, sums),
    )


def _day(day: DayFigures) -> pb.DailyFigures:
    message = pb.DailyFigures(day=date_of(day.day).isoformat(), rank=day.rank)
    if day.sums is not None:
        message.calls = day.sums.calls
        message.error_rate = _rate(day.sums.errors, day.sums)
        message.active_users = day.active_users or 0
    return message
