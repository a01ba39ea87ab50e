"""Answers that are good for a while and can be dropped before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ExpiringCache(Generic[K, V]):
    """Thread-safe. An answer that was asked for before a `drop` is never kept after it."""

    def __init__(self, *, limit: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[K, tuple[V, float]] = {}
        self._drops = 0

    def get(self, key: K, make: Callable[[], tuple[V, float]]) -> V:
        """The kept value, or a new one; `make` gives a value and the seconds for which it is good."""
        with self._lock:
            drops = self._drops
            kept = self._kept.get(key)
            if kept is not None and kept[1] > self._clock():
                return kept[0]
        value, seconds = make()
        with self._lock:
            # A drop in between may have meant this very answer.
            if seconds > 0 and drops == self._drops:
                self._make_room()
                self._kept[key] = (value, self._clock() + seconds)
        return value

    def drop(self, concerns: Callable[[K, V], bool]) -> None:
        """Forget every answer that `concerns` says yes to."""
        with self._lock:
            self._drops += 1
            for key in [key for key, (value, _) in self._kept.items() if concerns(key, value)]:
                del self._kept[key]

    def _make_room(self) -> None:
        if len(self._kept) < self._limit:
            return
        now = self._clock()
        self._kept = {key: kept for key, kept in self._kept.items() if kept[1] > now}
        if len(self._kept) >= self._limit:
            self._kept.clear()
