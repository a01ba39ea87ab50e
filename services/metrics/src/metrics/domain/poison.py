"""When to stop instead of emptying a topic into the table of dead letters."""

from collections import deque

IN_A_ROW = 100
WINDOW = 10_000
SHARE_OF_WINDOW = 0.01


class FloodGuard:
    """Counts the unreadable records of one partition: 100 in a row, or 1 % of the last 10,000, is a flood."""

    def __init__(self, dead_in_a_row: int = 0) -> None:
        self.dead_in_a_row = dead_in_a_row
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._dead = 0

    def good(self) -> None:
        """A record was readable."""
        self.dead_in_a_row = 0
        self._push(False)

    def dead(self) -> bool:
        """A record was not; true when that makes it a flood."""
        self.dead_in_a_row += 1
        self._push(True)
        full = len(self._recent) == WINDOW
        return self.dead_in_a_row >= IN_A_ROW or (full and self._dead >= WINDOW * SHARE_OF_WINDOW)

    def _push(self, dead: bool) -> None:
        if len(self._recent) == WINDOW and self._recent[0]:
            self._dead -= 1
        self._recent.append(dead)
        self._dead += dead
