"""How many distinct accounts did what in which window, from their maps of days (domain/day_maps.py)."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from metrics.domain.windows import LONGEST

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class AccountMaps:
    """A row for each account of a server; `server` is the server's row in the answer."""

    server: NDArray[np.int64]
    last_day: NDArray[np.int64]
    called: NDArray[np.int64]
    active: NDArray[np.int64]
    removed: NDArray[np.int64]


@dataclass(frozen=True)
class Users:
    """Distinct accounts of each server; `active_by_day` has a column for each of the last 30 days, oldest first."""

    active_30: Counts
    active_7: Counts
    active_previous_7: Counts
    any_message_30: Counts
    disconnected_30: Counts
    active_by_day: Counts

    def __add__(self, other: "Users") -> "Users":
        """Both together, where no account of a server is in either of them."""
        return Users(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def distinct_accounts(maps: AccountMaps, as_of: int, servers: int) -> Users:
    """The users of `servers` servers in the windows that end with day number `as_of`."""

    def count(rows: NDArray[np.bool_]) -> Counts:
        return np.bincount(maps.server[rows], minlength=servers)

    ahead = maps.last_day - as_of
    called, active, removed = (_relative(each, ahead) for each in (maps.called, maps.active, maps.removed))
    spoke = _within(active, 0, LONGEST)
    return Users(
        active_30=count(_within(called, 0, LONGEST)),
        active_7=count(_within(called, 0, 7)),
        active_previous_7=count(_within(called, 7, 7)),
        any_message_30=count(spoke),
        disconnected_30=count(spoke & _within(removed, 0, LONGEST)),
        active_by_day=np.stack([count(_within(called, age, 1)) for age in reversed(range(LONGEST))], axis=1),
    )


def _relative(days: NDArray[np.int64], ahead: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Maps turned so that bit k stands for k days before `as_of`; `ahead` is how far after it they begin now."""
    bits, shift = days.view(np.uint64), np.minimum(np.abs(ahead), 63).view(np.uint64)
    turned: NDArray[np.uint64] = np.where(ahead >= 0, bits >> shift, bits << shift)
    return turned


def _within(days: NDArray[np.uint64], age: int, length: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = days & np.uint64(((1 << length) - 1) << age) != 0
    return found
