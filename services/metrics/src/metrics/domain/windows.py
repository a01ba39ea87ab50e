"""Days and the windows of a snapshot. Days are UTC and have numbers: days since 1970-01-01."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WINDOWS = (1, 7, 30)
LONGEST = 30
FEWEST_CALLS = 5
FEWEST_PRODUCT_CALLS = 50

_EPOCH = date(1970, 1, 1)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """The day of a number."""
    return _EPOCH + timedelta(days=number)


@dataclass(frozen=True)
class CallSums:
    """Counts of tool calls by how they ended, and of other messages."""

    calls: int = 0
    tool_errors: int = 0
    request_errors: int = 0
    auth_rejected: int = 0
    http_4xx: int = 0
    http_5xx: int = 0
    messages: int = 0

    @property
    def errors(self) -> int:
        """Authentication rejections are no errors, but count as calls."""
        return self.tool_errors + self.request_errors

    @property
    def suppressed(self) -> bool:
        """Whether a window with these calls is left out."""
        return self.calls < FEWEST_CALLS


def window_sums(days: Mapping[int, CallSums], as_of: int, length: int) -> CallSums:
    """The sums of the days as_of - length + 1 .. as_of."""
    chosen = [days[day] for day in range(as_of - length + 1, as_of + 1) if day in days]
    return CallSums(
        sum(d.calls for d in chosen),
        sum(d.tool_errors for d in chosen),
        sum(d.request_errors for d in chosen),
        sum(d.auth_rejected for d in chosen),
        sum(d.http_4xx for d in chosen),
        sum(d.http_5xx for d in chosen),
        sum(d.messages for d in chosen),
    )
