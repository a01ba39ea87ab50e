"""Tables of figures as the page shows them: the same rows for the page, CSV and JSON.

What is suppressed is absent from the figures that arrive here, so it is absent from every form of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from directory.metrics.v1.metrics_service_pb2 import GetServerHistoryResponse, GetServerMetricsResponse
from directory.metrics.v1.server_metrics_pb2 import Health
from google.protobuf.message import Message

from gateway.shapes import enum_to_json

Row = dict[str, Any]
# A cell that begins with one of these is a formula to a spreadsheet, also after blanks; and so are control characters.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def errors(figures: GetServerMetricsResponse) -> list[Row]:
    """One row a window that is not suppressed."""
    return [
        {
            "days": window.days,
            "calls": window.calls,
            "error_rate": window.error_rate,
            "tool_error_rate": window.tool_error_rate,
            "request_error_rate": window.request_error_rate,
            "http_4xx_rate": window.http_4xx_rate,
            "http_5xx_rate": window.http_5xx_rate,
            "top_error_types": [{"error_type": top.error_type, "count": top.count} for top in window.top_error_types],
        }
        for window in figures.metrics.windows
    ]


def products(figures: GetServerMetricsResponse) -> list[Row]:
    """One row a product that is not suppressed, most calls first."""
    names = {product.key: product.name for product in figures.products}
    return [
        {
            "product": product.product,
            "name": names.get(product.product, product.product),
            "calls": product.calls,
            "error_rate": product.error_rate,
            "p50_ms": product.p50_ms,
            "p95_ms": product.p95_ms,
            "p99_ms": product.p99_ms,
        }
        for product in figures.metrics.products
    ]


def tools(figures: GetServerMetricsResponse) -> list[Row]:
    """One row a tool, most calls first."""
    return [
        {
            "tool": tool.tool,
            "calls": tool.calls,
            "error_rate": tool.error_rate,
            "tool_error_rate": tool.tool_error_rate,
        }
        for tool in figures.metrics.tools
    ]


def daily(figures: GetServerMetricsResponse) -> list[Row]:
    """One row a day, oldest first; what is suppressed is null."""
    return [{"day": day.day, **_optional(day, COLUMNS["daily"][1:])} for day in figures.metrics.daily]


def history(figures: GetServerHistoryResponse) -> list[Row]:
    """One row a day that has a snapshot, as it was shown then, oldest first; what was suppressed is null."""
    return [
        {
            "day": shown.as_of,
            "health": enum_to_json(Health.DESCRIPTOR, shown.health),
            "health_policy": shown.health_policy,
            "ranked_servers": shown.ranked_servers,
            "trending": shown.trending,
            **_optional(shown, ("rank", "active_users", "calls", "disconnect_rate", "error_rate")),
            "computed_at": shown.computed_at.ToJsonString(),
            "incomplete": shown.incomplete,
        }
        for shown in figures.shown
    ]


def _optional(message: Message, names: Sequence[str]) -> Row:
    return {name: getattr(message, name) if message.HasField(name) else None for name in names}


TABLES: Mapping[str, Callable[[GetServerMetricsResponse], list[Row]]] = MappingProxyType(
    {"errors": errors, "products": products, "tools": tools, "daily": daily}
)
COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "errors": (
            "days",
            "calls",
            "error_rate",
            "tool_error_rate",
            "request_error_rate",
            "http_4xx_rate",
            "http_5xx_rate",
            "top_error_types",
        ),
        "products": ("product", "name", "calls", "error_rate", "p50_ms", "p95_ms", "p99_ms"),
        "tools": ("tool", "calls", "error_rate", "tool_error_rate"),
        "daily": ("day", "calls", "active_users", "error_rate", "rank", "disconnect_rate"),
        "history": (
            "day",
            "health",
            "health_policy",
            "rank",
            "ranked_servers",
            "trending",
            "active_users",
            "calls",
            "disconnect_rate",
            "error_rate",
            "computed_at",
            "incomplete",
        ),
    }
)


def to_csv(table: str, rows: list[Row]) -> str:
    """The rows as CSV (RFC 4180) with a heading. Text that a spreadsheet would run as a formula gets a quote."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS[table])
    for row in rows:
        writer.writerow([_cell(row[column]) for column in COLUMNS[table]])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list):
        return _safe("; ".join(f"{top['error_type']} {top['count']}" for top in value))
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) else text
