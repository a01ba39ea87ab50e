"""Health and usage of a published server as the page shows them: the topline and the four tables, from one snapshot.

What is suppressed is absent from the snapshot already, so the page and the downloads cannot disagree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from directory.metrics.v1.metrics_service_pb2 import GetServerMetricsResponse
from directory.metrics.v1.server_metrics_pb2 import DailyFigures, ServerMetrics, WindowFigures

from gateway.web import figures
from gateway.web.charts import Chart, line_chart

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key, its heading, and how its values are said (text, count, rate or ms)."""

    key: str
    label: str
    kind: str = "text"

    @property
    def numeric(self) -> bool:
        """Whether the page aligns it to the right."""
        return self.kind != "text"

    def say(self, value: Cell) -> str:
        """A value as the page shows it."""
        if value is None or isinstance(value, str):
            return value or figures.NOTHING
        return {"count": figures.count, "rate": figures.rate, "ms": figures.milliseconds}[self.kind](value)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page with everything around it."""

    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    omitted: str = ""


@dataclass(frozen=True, slots=True)
class Topline:
    """One of the four cards: its figure, the words under it, and its lines with the names of their figures."""

    label: str
    value: str
    notes: tuple[str, ...]
    lines: tuple[tuple[str, Chart], ...]


WINDOWS: Final = {1: "1 day", 7: "7 days", 30: "30 days"}

_ERRORS: Final = (
    Column("window", "Window"),
    Column("calls", "Total calls", "count"),
    Column("error_rate", "Error rate", "rate"),
    Column("tool_error_rate", "Tool errors", "rate"),
    Column("request_error_rate", "Request errors", "rate"),
    Column("http_4xx_rate", "HTTP 4xx", "rate"),
    Column("http_5xx_rate", "HTTP 5xx", "rate"),
    Column("top_error_types", "Top error types"),
)
_PRODUCTS: Final = (
    Column("product", "Product"),
    Column("calls", "Calls", "count"),
    Column("error_rate", "Error rate", "rate"),
    Column("p50_ms", "p50", "ms"),
    Column("p95_ms", "p95", "ms"),
    Column("p99_ms", "p99", "ms"),
)
_TOOLS: Final = (
    Column("tool", "Tool"),
    Column("calls", "Calls", "count"),
    Column("error_rate", "Error rate", "rate"),
    Column("tool_error_rate", "Tool-result errors", "rate"),
)
_DAILY: Final = (
    Column("day", "Day (UTC)"),
    Column("rank", "Rank", "count"),
    Column("active_users", "Active users", "count"),
    Column("calls", "Tool calls", "count"),
    Column("disconnect_rate", "Disconnect rate (30d)", "rate"),
    Column("error_rate", "Error rate", "rate"),
)
_RATES: Final = ("disconnect_rate", "error_rate")


def tables(answer: GetServerMetricsResponse) -> Mapping[str, Table]:
    """The four tables by name, in the page's order."""
    built = (_errors(answer.metrics), _products(answer), _tools(answer.metrics), _daily(answer.metrics))
    return {table.name: table for table in built}


def toplines(figures_of: ServerMetrics) -> tuple[Topline, ...]:
    """Rank, active users, tool calls and error rate with their 30-day lines."""
    month = next((window for window in figures_of.windows if window.days == 30), None)
    rank = f"#{figures_of.rank:,}" if figures_of.HasField("rank") else figures.NOTHING
    users = figures_of.active_users if figures_of.HasField("active_users") else None
    calls = figures_of.calls if figures_of.HasField("calls") else None
    errors = figures_of.error_rate if figures_of.HasField("error_rate") else None
    disconnects = figures_of.disconnect_rate if figures_of.HasField("disconnect_rate") else None
    days = figures_of.daily
    return (
        Topline(
            "Directory rank",
            rank,
            (f"of {figures.plural(figures_of.ranked_servers, 'server')}, by 30-day active users",)
            if users is not None
            else (),
            _lines(days, rank="Directory rank"),
        ),
        Topline(
            "Active users (30d)",
            figures.count(users),
            ("distinct accounts that called your server",),
            _lines(days, active_users="Active users"),
        ),
        Topline(
            "Tool calls (30d)",
            figures.count(calls),
            (f"{figures.rate(disconnects)} disconnect rate",) if disconnects is not None else (),
            _lines(days, calls="Tool calls", disconnect_rate="30-day disconnect rate"),
        ),
        Topline(
            "Error rate (30d)",
            figures.rate(errors),
            (f"most common: {_error_types(month)}",) if month and month.top_error_types else (),
            _lines(days, error_rate="Error rate"),
        ),
    )


def _lines(days: Sequence[DailyFigures], **names: str) -> tuple[tuple[str, Chart], ...]:
    """A line for each field, with the name of what it shows."""
    return tuple((name, _chart(f"{name} by day", days, field)) for field, name in names.items())


def _chart(title: str, days: Sequence[DailyFigures], field: str) -> Chart:
    rank, is_rate = field == "rank", field in _RATES
    pairs = [(day.day, getattr(day, field) if day.HasField(field) else None) for day in days]
    return line_chart(
        title,
        pairs,
        say=(lambda value: f"#{int(value)}" if value is not None else figures.NOTHING)
        if rank
        else (figures.rate if is_rate else figures.count),
        say_day=figures.short_day,
        say_tick=figures.short_rate if is_rate else None,
        whole=not is_rate,
        best_first=rank,
    )


def _errors(metrics: ServerMetrics) -> Table:
    shown = {window.days: window for window in metrics.windows}
    missing = [name for days, name in WINDOWS.items() if days not in shown]
    return Table(
        "errors",
        "Error breakdown",
        "Error rate is tool errors plus request errors over all calls. HTTP 401 and 403 count as calls and as 4xx, "
        "not as errors.",
        _ERRORS,
        tuple(
            (
                WINDOWS.get(window.days, f"{window.days} days"),
                window.calls,
                *(round(getattr(window, column.key), 6) for column in _ERRORS if column.kind == "rate"),
                _error_types(window),
            )
            for window in metrics.windows
        ),
        "No window has 5 calls or more.",
        f"Not shown, because there were fewer than 5 calls: {', '.join(missing)}." if missing and shown else "",
    )


def _products(answer: GetServerMetricsResponse) -> Table:
    names = {product.key: product.name for product in answer.products}
    shown = {row.product for row in answer.metrics.products}
    missing = [name for key, name in names.items() if key not in shown]
    return Table(
        "products",
        "Usage by product",
        "Last 7 days, for each surface that your server is used from. A high rate on a single product may come from "
        "that client rather than from your server.",
        _PRODUCTS,
        tuple(
            (
                names.get(row.product, row.product),
                row.calls,
                round(row.error_rate, 6),
                round(row.p50_ms, 1),
                round(row.p95_ms, 1),
                round(row.p99_ms, 1),
            )
            for row in answer.metrics.products
        ),
        "No product has 50 calls or more in the last 7 days.",
        f"Not shown, because there were fewer than 50 calls: {', '.join(missing)}." if missing and shown else "",
    )


def _tools(metrics: ServerMetrics) -> Table:
    return Table(
        "tools",
        "Usage by tool",
        "Last 7 days, your top 15 tools by call volume. Tool-result errors are answers that the tool marked as errors.",
        _TOOLS,
        tuple((row.tool, row.calls, round(row.error_rate, 6), round(row.tool_error_rate, 6)) for row in metrics.tools),
        "There were fewer than 5 calls in the last 7 days.",
    )


def _daily(metrics: ServerMetrics) -> Table:
    def value(day: DailyFigures, field: str) -> Cell:
        if not day.HasField(field):
            return None
        found: int | float = getattr(day, field)
        return round(found, 6)

    return Table(
        "daily",
        "Day by day",
        "The figures behind the lines. Days with fewer than 5 calls show rank and disconnect rate alone.",
        _DAILY,
        tuple((day.day, *(value(day, column.key) for column in _DAILY[1:])) for day in metrics.daily),
        "No day has been computed yet.",
    )


def _error_types(window: WindowFigures | None) -> str:
    if window is None:
        return ""
    return ", ".join(f"{kind.error_type} ({kind.count:,})" for kind in window.top_error_types)
