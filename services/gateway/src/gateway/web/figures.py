"""Numbers and times as people read them."""

from datetime import UTC, date, datetime
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

_STEPS: Final = (
    (60, 1, "second"),
    (3_600, 60, "minute"),
    (86_400, 3_600, "hour"),
    (30 * 86_400, 86_400, "day"),
    (365 * 86_400, 30 * 86_400, "month"),
)
NOTHING: Final = "–"


def count(value: int | float | None) -> str:
    """A whole number with thousands separated, `–` for none."""
    return NOTHING if value is None else f"{int(value):,}"


def plural(number: int, name: str) -> str:
    """`1 server`, `2,000 servers`."""
    return f"{number:,} {name}" if number == 1 else f"{number:,} {name}s"


def rate(fraction: float | None) -> str:
    """A fraction as a percentage with two decimals: 0.0123 is `1.23%`; a tiny one is not called none."""
    if fraction is None:
        return NOTHING
    percent = fraction * 100
    return "<0.01%" if 0 < percent < 0.005 else f"{percent:.2f}%"


def short_rate(fraction: float) -> str:
    """A fraction as a percentage with no more digits than it has: 0.04 is `4%`, 0.005 is `0.5%`."""
    return f"{fraction * 100:.4g}%"


def milliseconds(value: float | None) -> str:
    """A duration: whole milliseconds, from ten seconds on seconds with one decimal."""
    if value is None:
        return NOTHING
    return f"{value / 1000:,.1f} s" if value >= 10_000 else f"{value:,.0f} ms"


def moment(timestamp: Timestamp) -> datetime | None:
    """The time of a message's field, None where it is not set."""
    if not timestamp.seconds and not timestamp.nanos:
        return None
    return timestamp.ToDatetime(UTC)


def absolute(at: datetime) -> str:
    """`22 Nov 2026, 16:40 UTC`."""
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(iso: str) -> str:
    """`22 Nov 2026` for `2026-11-22`; anything else stands for itself."""
    try:
        parsed = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{parsed.day} {parsed:%b %Y}"


def short_day(iso: str) -> str:
    """`22 Nov` for `2026-11-22`."""
    return day(iso).rsplit(" ", 1)[0]


def duration(seconds: float) -> str:
    """The largest whole unit of a span: `3 hours`, `1 day`; below a minute `less than a minute`."""
    seconds = abs(seconds)
    if seconds < 60:
        return "less than a minute"
    for limit, unit, name in _STEPS:
        if seconds < limit:
            return plural(int(seconds // unit), name)
    return plural(int(seconds // (365 * 86_400)), "year")


def by_the_hour(earliest: datetime, now: datetime) -> str:
    """What is kept by the hour, as coarse as that: `within the last hour`, `about 3 hours ago`. `earliest` is when it
    can have been at the earliest; it was within an hour from then."""
    seconds = (now - earliest).total_seconds()
    return "within the last hour" if seconds < 3_600 else f"about {duration(seconds)} ago"


def relative(at: datetime, now: datetime) -> str:
    """`3 hours ago`, `in 25 minutes`, `just now`."""
    seconds = (now - at).total_seconds()
    if abs(seconds) < 60:
        return "just now"
    return f"{duration(seconds)} ago" if seconds > 0 else f"in {duration(seconds)}"
