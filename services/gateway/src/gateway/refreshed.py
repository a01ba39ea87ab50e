"""An answer of somebody else that is fetched now and then, and that nobody waits for twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from chassis.errors import Unavailable

V = TypeVar("V")


class Refreshed(Generic[V]):
    """Thread-safe. One thread at a time fetches, without holding up those that can do with the value at hand.

    A value older than `kept` seconds is fetched anew, and stays good where that fails. Two attempts are at least
    `pause` seconds apart, whatever became of the first.
    """

    def __init__(
        self, fetch: Callable[[], V], *, kept: float, pause: float, patience: float, clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._kept = kept
        self._pause = pause
        self._patience = patience
        self._clock = clock
        self._changed = threading.Condition()
        self._value: V | None = None
        self._until = float("-inf")
        self._attempted = float("-inf")
        self._fetching = False
        self._failure: Unavailable | None = None

    def get(self, *, newer: bool = False) -> V:
        """The value; with `newer` one that was just fetched, as far as the pause allows and the fetch succeeds.

        Who needs what another thread is fetching waits for it, `patience` seconds at most, and not at all if the
        fetch before failed. Raises Unavailable where there is no value.
        """
        with self._changed:
            if self._fetching and self._failure is None and (newer or self._value is None):
                self._changed.wait_for(lambda: not self._fetching, timeout=self._patience)
            now = self._clock()
            wanted = newer or self._value is None or now >= self._until
            if not wanted or self._fetching or now - self._attempted < self._pause:
                return self._at_hand()
            self._attempted, self._fetching = now, True
        try:
            self._refresh()
        finally:
            with self._changed:
                self._fetching = False
                self._changed.notify_all()
        with self._changed:
            return self._at_hand()

    def _refresh(self) -> None:
        try:
            value = self._fetch()
        except Unavailable as error:
            with self._changed:
                self._failure = error
            return
        with self._changed:
            self._value, self._until, self._failure = value, self._clock() + self._kept, None

    def _at_hand(self) -> V:
        if self._value is None:
            raise self._failure or Unavailable("UNAVAILABLE", "The directory is just starting. Try again.")
        return self._value
