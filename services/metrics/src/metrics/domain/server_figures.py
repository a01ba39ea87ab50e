"""All figures of one server at one day, from its rollups. Suppression is applied here and nowhere else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from metrics.domain.health import Health, HealthInputs, HealthPolicy
from metrics.domain.latency_histogram import quantiles_us
from metrics.domain.windows import FEWEST_PRODUCT_CALLS, LONGEST, WINDOWS, CallSums, window_sums

TOP_ERROR_TYPES = 5
TOP_TOOLS = 15
PERCENTS = (50, 95, 99)


@dataclass(frozen=True)
class Users:
    """Distinct accounts."""

    active_30: int = 0
    active_7: int = 0
    active_previous_7: int = 0
    any_message_30: int = 0
    disconnected_30: int = 0
    active_by_day: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerUsage:
    """A server's rollups: days of the last 30, products and tools of the last 7."""

    server_id: str
    days: Mapping[int, CallSums] = field(default_factory=dict)
    error_types: Sequence[tuple[int, str, int]] = ()
    products: Sequence[tuple[str, CallSums, bytes]] = ()
    tools: Sequence[tuple[str, CallSums]] = ()
    users: Users = field(default_factory=Users)


@dataclass(frozen=True)
class WindowFigures:
    """Errors over a window that is not suppressed."""

    days: int
    sums: CallSums
    top_error_types: list[tuple[str, int]]


@dataclass(frozen=True)
class ProductFigures:
    """7 days of a product that is not suppressed; quantiles in microseconds."""

    product: str
    sums: CallSums
    quantiles_us: list[float]


@dataclass(frozen=True)
class DayFigures:
    """A day of the lines: sums and users are None where it is suppressed."""

    day: int
    sums: CallSums | None
    active_users: int | None
    rank: int | None


@dataclass(frozen=True)
class ServerFigures:
    """What a snapshot says of a server, but for what compares it with others."""

    server_id: str
    health: Health
    windows: list[WindowFigures]
    products: list[ProductFigures]
    tools: list[tuple[str, CallSums]]
    daily: list[DayFigures]
    topline: CallSums | None
    users: Users
    messages_without_calls: bool

    @property
    def disconnect_rate(self) -> float | None:
        """None where the 30-day window is suppressed, or no account is known."""
        if self.topline is None or not self.users.any_message_30:
            return None
        return self.users.disconnected_30 / self.users.any_message_30


def server_figures(
    usage: ServerUsage, as_of: int, policy: HealthPolicy, earlier_ranks: Mapping[int, int]
) -> ServerFigures:
    """The figures at the end of day `as_of`.

    Args:
        usage: the server's rollups.
        as_of: number of the last day of every window.
        policy: decides on the badge.
        earlier_ranks: what the snapshots of earlier days said, by day.
    """
    month = window_sums(usage.days, as_of, LONGEST)
    week = window_sums(usage.days, as_of, 7)
    users = usage.users
    return ServerFigures(
        usage.server_id,
        policy.health(HealthInputs(month, users.any_message_30, users.disconnected_30)),
        [w for w in (_window(usage, as_of, length) for length in WINDOWS) if not w.sums.suppressed],
        _products(usage.products),
        [] if week.suppressed else _top_tools(usage.tools),
        [_day(usage, day, earlier_ranks.get(day)) for day in range(as_of - LONGEST + 1, as_of + 1)],
        None if month.suppressed else month,
        users,
        month.messages > 0 and month.calls == 0,
    )


def _window(usage: ServerUsage, as_of: int, length: int) -> WindowFigures:
    counts: dict[str, int] = {}
    for day, error_type, calls in usage.error_types:
        if as_of - length < day <= as_of:
            counts[error_type] = counts.get(error_type, 0) + calls
    top = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:TOP_ERROR_TYPES]
    return WindowFigures(length, window_sums(usage.days, as_of, length), top)


def _products(products: Iterable[tuple[str, CallSums, bytes]]) -> list[ProductFigures]:
    shown = [(name, sums, durations) for name, sums, durations in products if sums.calls >= FEWEST_PRODUCT_CALLS]
    shown.sort(key=lambda row: (-row[1].calls, row[0]))
    return [ProductFigures(name, sums, quantiles_us(durations, PERCENTS)) for name, sums, durations in shown]


def _top_tools(tools: Iterable[tuple[str, CallSums]]) -> list[tuple[str, CallSums]]:
    return sorted(tools, key=lambda row: (-row[1].calls, row[0]))[:TOP_TOOLS]


def _day(usage: ServerUsage, day: int, rank: int | None) -> DayFigures:
    sums = usage.days.get(day, CallSums())
    if sums.suppressed:
        return DayFigures(day, None, None, rank)
    return DayFigures(day, sums, usage.users.active_by_day.get(day, 0), rank)
