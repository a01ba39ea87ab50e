"""How far behind each partition is, and whether it still moves.

A client that stops fetching a partition says nothing (kafka-python 3.0 did so after rebalances and after changes of the
leader), so what the broker has is asked of the broker, not taken from the last fetch."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One look at a partition: the next offset to read, the end that readers may see, the arrival of the last record
    that was read, and of the first that was not where that is known."""

    position: int
    end: int
    last_arrived_us: int = 0
    may_move: bool = True
    first_unread_us: int = 0

    @property
    def lag(self) -> int:
        """Records that were not read yet."""
        return max(0, self.end - self.position)


@dataclass
class _Watched:
    position: int | None = None
    still_for: float = 0.0
    caught_up_us: int = 0


class PartitionWatch:
    """Compares each look with the one before. `patience` is how many seconds a partition may stand still in spite of
    records that wait."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._watched: dict[int, _Watched] = {}
        self.lags: dict[int, int] = {}
        self.ages: dict[int, float] = {}

    @property
    def stalled(self) -> list[int]:
        """Partitions whose patience has run out."""
        return sorted(n for n, watched in self._watched.items() if watched.still_for >= self._patience)

    @property
    def standing(self) -> bool:
        """Whether a partition is halfway there."""
        return any(watched.still_for >= self._patience / 2 for watched in list(self._watched.values()))

    def look(self, readings: Mapping[int, Reading], now_us: int, seconds: float) -> None:
        """Takes a look at all partitions of this worker.

        Args:
            readings: by partition; those that are missing are forgotten.
            now_us: the wall clock, for ages.
            seconds: how long the loop was reading since the last look. Time in which it wrote, waited or was suspended
                is not the partition's.
        """
        self._watched = {n: self._watched.get(n) or _Watched() for n in readings}
        self.lags = {number: reading.lag for number, reading in readings.items()}
        self.ages = {number: self._age(self._watched[number], reading, now_us) for number, reading in readings.items()}
        for number, reading in readings.items():
            watched = self._watched[number]
            moves = reading.position != watched.position or not reading.lag or not reading.may_move
            watched.still_for = 0.0 if moves else watched.still_for + seconds
            watched.position = reading.position

    def _age(self, watched: _Watched, reading: Reading, now_us: int) -> float:
        """How long the oldest unread record waits, at most: it came after the last one that was read, and after the
        moment when there was none."""
        if not reading.lag:
            watched.caught_up_us = now_us
            return 0.0
        since = reading.first_unread_us or max(reading.last_arrived_us, watched.caught_up_us)
        return max(0.0, (now_us - since) / 1_000_000) if since else 0.0
