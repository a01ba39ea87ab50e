"""Time. Domain functions take it as an argument; only the outer layers read the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, UTC-aware."""
    return datetime.now(UTC)


def after(seconds: int) -> str:
    """When something is possible again, never too early: `in 40 seconds`, `in 12 minutes`, `in 5 hours`."""
    for unit, name in ((3600, "hour"), (60, "minute")):
        if seconds > unit:
            return f"in {-(-seconds // unit):,} {name}s"
    return f"in {seconds} second{'' if seconds == 1 else 's'}"


def seconds_to_room(times: Sequence[datetime], limit: int, within: timedelta, now: datetime) -> int:
    """Seconds until fewer than `limit` of `times`, latest first, are younger than `within`; 0 where they are that now.

    For limits such as so many a day: `times` are those younger than `within`.
    """
    if len(times) < limit:
        return 0
    return max(1, int((times[limit - 1] + within - now).total_seconds()) + 1)
