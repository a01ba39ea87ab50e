"""What compares servers with each other: rank and Trending."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRENDING_PLACES = 10
_FEWEST_USERS = 20


@dataclass(frozen=True)
class Standings:
    """The published servers in order of their ids, as far as they are compared."""

    active_30: NDArray[np.int64]
    active_7: NDArray[np.int64]
    active_previous_7: NDArray[np.int64]


def ranks(standings: Standings) -> NDArray[np.int64]:
    """Each server's place by 30-day active users; equal counts share one (1, 2, 2, 4)."""
    ordered = np.sort(standings.active_30)
    return len(ordered) + 1 - np.searchsorted(ordered, standings.active_30, side="right")


def trending(standings: Standings) -> NDArray[np.int64]:
    """The 10 servers with the greatest (U - P) / max(P, 20), where it is positive and U at least 20, as places in
    `standings`."""
    users, before = standings.active_7, standings.active_previous_7
    growth = (users - before) / np.maximum(before, _FEWEST_USERS)
    order = np.lexsort((-users, -growth))  # stable: the rest by id
    places: NDArray[np.int64] = order[((growth > 0) & (users >= _FEWEST_USERS))[order]][:TRENDING_PLACES]
    return places
