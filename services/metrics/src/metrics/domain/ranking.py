"""What compares servers with each other: rank and Trending."""

from collections.abc import Iterable
from dataclasses import dataclass

TRENDING_PLACES = 10
_FEWEST_USERS = 20


@dataclass(frozen=True)
class Standing:
    """A published server, as far as it is compared. `shown` is false where its 30-day window is suppressed."""

    server_id: str
    shown: bool
    active_30: int
    active_7: int
    active_previous_7: int


def ranks(standings: Iterable[Standing]) -> dict[str, int]:
    """Places by 30-day active users; equal counts share one (1, 2, 2, 4). A suppressed server takes its place as every
    other, but is not in the answer."""
    ordered = sorted(standings, key=lambda s: -s.active_30)
    first_of: dict[int, int] = {}
    for place, standing in enumerate(ordered, 1):
        first_of.setdefault(standing.active_30, place)
    return {standing.server_id: first_of[standing.active_30] for standing in ordered if standing.shown}


def trending(standings: Iterable[Standing]) -> set[str]:
    """The 10 with the greatest (U - P) / max(P, 20), where it is positive and U at least 20."""
    growing = [s for s in standings if s.active_7 >= _FEWEST_USERS and s.active_7 > s.active_previous_7]
    growing.sort(key=lambda s: (-_growth(s), -s.active_7, s.server_id))
    return {s.server_id for s in growing[:TRENDING_PLACES]}


def _growth(standing: Standing) -> float:
    return (standing.active_7 - standing.active_previous_7) / max(standing.active_previous_7, _FEWEST_USERS)
