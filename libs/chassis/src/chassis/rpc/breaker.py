"""A circuit breaker: a part that does not answer is left alone for a moment instead of waited for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

FAILURES_TO_OPEN = 5
SECONDS_OPEN = 1.5


class Breaker:
    """Opens after failures in a row; then lets one call at a time try, until one succeeds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._now = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._next_try = 0.0

    def admits(self) -> bool:
        """Whether a call may be made now."""
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return True
            if self._now() < self._next_try:
                return False
            # The one that tries; the others wait for its outcome, or for the next turn if it never tells.
            self._next_try = self._now() + SECONDS_OPEN
            return True

    def succeeded(self) -> None:
        """The call was answered, be it by a refusal."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """The call was not answered."""
        with self._lock:
            self._failures += 1
            if self._failures >= FAILURES_TO_OPEN:
                self._next_try = self._now() + SECONDS_OPEN
