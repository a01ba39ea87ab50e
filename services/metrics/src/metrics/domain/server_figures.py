"""All figures of some servers at one day, from their rollups. Suppression is applied here and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.domain.distinct_accounts import Users
from metrics.domain.health import Health, HealthInputs, HealthPolicy
from metrics.domain.latency_histogram import quantiles_us
from metrics.domain.windows import FEWEST_CALLS, FEWEST_PRODUCT_CALLS, LONGEST, WINDOWS, CallSums, window_sums

TOP_ERROR_TYPES = 5
TOP_TOOLS = 15
PERCENTS = (50, 95, 99)


class ErrorTypeUsage(NamedTuple):
    """Calls that ended with an error type, in each of the windows."""

    error_type: str
    calls: tuple[int, ...]


class ToolUsage(NamedTuple):
    """Calls of a tool in 7 days."""

    tool: str
    calls: int
    tool_errors: int
    request_errors: int


class ProductUsage(NamedTuple):
    """Calls from a product in 7 days, with the histogram of their durations."""

    product: str
    calls: int
    tool_errors: int
    request_errors: int
    durations: bytes


class EarlierDays(NamedTuple):
    """What the snapshots of the days said: servers x 30 days, oldest first; 0 and NaN where they said nothing."""

    ranks: NDArray[np.int64]
    disconnect_rates: NDArray[np.float64]


@dataclass(frozen=True)
class Usage:
    """Rollups of some servers; each row belongs to the server in the same place."""

    server_ids: Sequence[str]
    days: NDArray[np.int64]
    """servers x 30 days, oldest first, x the fields of CallSums"""
    users: Users
    error_types: Sequence[Sequence[ErrorTypeUsage]]
    products: Sequence[Sequence[ProductUsage]]
    tools: Sequence[Sequence[ToolUsage]]
    earlier: EarlierDays


class WindowFigures(NamedTuple):
    """Errors over a window that is not suppressed."""

    days: int
    sums: CallSums
    top_error_types: list[tuple[str, int]]


class ProductFigures(NamedTuple):
    """7 days of a product that is not suppressed; quantiles in microseconds."""

    product: str
    calls: int
    errors: int
    quantiles_us: Sequence[float]


class Lines(NamedTuple):
    """30 days, oldest first, a list for each figure: counts and rate of calls are None where a day is suppressed."""

    days: Sequence[int]
    calls: list[int | None]
    active_users: list[int | None]
    error_rates: list[float | None]
    ranks: list[int | None]
    disconnect_rates: list[float | None]


@dataclass(frozen=True)
class ServerFigures:
    """What a snapshot says of a server, but for what compares it with others."""

    server_id: str
    health: Health
    windows: list[WindowFigures]
    products: list[ProductFigures]
    tools: list[ToolUsage]
    lines: Lines
    topline: CallSums | None
    active_30: int
    active_7: int
    active_previous_7: int
    disconnect_rate: float | None
    messages_without_calls: bool


def server_figures(usage: Usage, as_of: int, policy: HealthPolicy) -> Iterator[ServerFigures]:
    """The figures of each server at the end of the day with number `as_of`, under a policy for the badge."""
    sums = zip(*(window_sums(usage.days, length) for length in WINDOWS), strict=True)
    spoke_and_left = _rows(usage.users.any_message_30, usage.users.disconnected_30)
    compared = _rows(usage.users.active_30, usage.users.active_7, usage.users.active_previous_7)
    products = _products(usage.products)
    servers = zip(usage.server_ids, sums, _lines(usage, as_of), strict=True)
    for row, (server_id, windows, lines) in enumerate(servers):
        _, week, month = windows
        yield ServerFigures(
            server_id,
            policy.health(HealthInputs(month, *spoke_and_left[row])),
            [_window(*each, usage.error_types[row]) for each in enumerate(windows) if not each[1].suppressed],
            products[row],
            [] if week.suppressed else _top_tools(usage.tools[row]),
            lines,
            None if month.suppressed else month,
            compared[row][0],
            compared[row][1],
            compared[row][2],
            lines.disconnect_rates[-1],
            month.messages > 0 and month.calls == 0,
        )


def _rows(*columns: NDArray[np.int64]) -> list[list[int]]:
    rows: list[list[int]] = np.stack(columns, axis=1).tolist()
    return rows


def _window(number: int, sums: CallSums, error_types: Iterable[ErrorTypeUsage]) -> WindowFigures:
    counts = [(error_type, calls[number]) for error_type, calls in error_types if calls[number]]
    counts.sort(key=lambda row: (-row[1], row[0]))
    return WindowFigures(WINDOWS[number], sums, counts[:TOP_ERROR_TYPES])


def _products(products: Sequence[Sequence[ProductUsage]]) -> list[list[ProductFigures]]:
    """All servers' at once: quantiles cost by the call, hardly by the histogram."""
    shown = [
        sorted((p for p in each if p.calls >= FEWEST_PRODUCT_CALLS), key=lambda p: (-p.calls, p.product))
        for each in products
    ]
    quantiles = iter(quantiles_us([p.durations for each in shown for p in each], PERCENTS).tolist())
    return [
        [ProductFigures(p.product, p.calls, p.tool_errors + p.request_errors, next(quantiles)) for p in each]
        for each in shown
    ]


def _top_tools(tools: Iterable[ToolUsage]) -> list[ToolUsage]:
    return sorted(tools, key=lambda usage: (-usage.calls, usage.tool))[:TOP_TOOLS]


def _lines(usage: Usage, as_of: int) -> Iterator[Lines]:
    """Each server's 30 days."""
    sums = dict(zip(CallSums._fields, np.moveaxis(usage.days, 2, 0), strict=True))
    shown = sums["calls"] >= FEWEST_CALLS
    error_rates = (sums["tool_errors"] + sums["request_errors"]) / np.maximum(sums["calls"], 1)
    disconnect_rates = usage.earlier.disconnect_rates.copy()
    disconnect_rates[:, -1] = _disconnect_rates(usage)
    columns = (
        _or_none(sums["calls"], shown),
        _or_none(usage.users.active_by_day, shown),
        _or_none(error_rates, shown),
        _or_none(usage.earlier.ranks, usage.earlier.ranks > 0),
        _or_none(disconnect_rates, ~np.isnan(disconnect_rates)),
    )
    days = range(as_of - LONGEST + 1, as_of + 1)
    for server in zip(*columns, strict=True):
        yield Lines(days, *server)


def _disconnect_rates(usage: Usage) -> NDArray[np.float64]:
    """Over 30 days; NaN where the window is suppressed or no account is known."""
    spoke = usage.users.any_message_30
    shown = (usage.days[:, :, CallSums._fields.index("calls")].sum(axis=1) >= FEWEST_CALLS) & (spoke > 0)
    return np.where(shown, usage.users.disconnected_30 / np.maximum(spoke, 1), np.nan)


def _or_none(values: NDArray[Any], shown: NDArray[np.bool_]) -> list[list[Any]]:
    cells = values.astype(object)
    cells[~shown] = None
    rows: list[list[Any]] = cells.tolist()
    return rows
