"""What compares servers with each other: rank and Trending."""

from collections.abc import Iterable
from dataclasses import dataclass

TRENDING_PLACES = 10
_FEWEST_USERS = 20


@dataclass(frozen=True)
class Standing:
    """A published server, as far as it is compared. `ranked` is false where its 30-day window is suppressed."""

    server_id: str
    ranked: bool
    active_30: int
    active_7: int
    active_previous_7: int


def ranks(standings: Iterable[Standing]) -> dict[str, int]:
    """Places by 30-day active users; equal counts share one (1, 2, 2, 4)."""
    ordered = sorted((s for s in standings if s.ranked), key=lambda s: -s.active_30)
    places: dict[str, int] = {}
    for index, standing in enumerate(ordered):
        tied = index > 0 and ordered[index - 1].active_30 == standing.active_30
        places[standing.server_id] = places[ordered[index - 1].server_id] if tied else index + 1
    return places


def trending(standings: Iterable[Standing]) -> set[str]:
    """The 10 with the greatest (U - P) / max(P, 20), where it is positive and U at least 20."""
    growing = [s for s in standings if s.active_7 >= _FEWEST_USERS and s.active_7 > s.active_previous_7]
    growing.sort(key=lambda s: (-_growth(s), -s.active_7, s.server_id))
    return {s.server_id for s in growing[:TRENDING_PLACES]}


def _growth(standing: Standing) -> float:
    return (standing.active_7 - standing.active_previous_7) / max(standing.active_previous_7, _FEWEST_USERS)
