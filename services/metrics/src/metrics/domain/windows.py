"""Days and the windows of a snapshot. Days are UTC and have numbers: days since 1970-01-01."""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


class CallSums(NamedTuple):
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


def window_sums(days: NDArray[np.int64], length: int) -> list[CallSums]:
    """The sums of each server's last `length` days, of an array of servers x days x CallSums' fields."""
    return [CallSums(*sums) for sums in days[:, -length:].sum(axis=1).tolist()]
