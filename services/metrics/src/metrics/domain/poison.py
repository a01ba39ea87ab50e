"""When to stop instead of emptying a topic into the table of dead letters."""

from collections import deque

IN_A_ROW = 100
WINDOW = 10_000
SHARE_OF_WINDOW = 0.01


class FloodGuard:
    """Counts the unreadable records of one partition: 100 in a row, or 1 % of the last 10,000, is a flood."""

    def __init__(self, dead_in_a_row: int = 0) -> None:
        self.dead_in_a_row = dead_in_a_row
        self._read = 0
        self._dead: deque[int] = deque()  # which of those that were read

    def good(self, records: int = 1) -> None:
        """Records were readable."""
        self.dead_in_a_row = 0
        self._read += records

    def dead(self) -> bool:
        """A record was not; true when that makes it a flood."""
        self.dead_in_a_row += 1
        self._read += 1
        self._dead.append(self._read)
        while self._dead[0] <= self._read - WINDOW:
            self._dead.popleft()
        is_many = self._read >= WINDOW and len(self._dead) >= WINDOW * SHARE_OF_WINDOW
        return is_many or self.dead_in_a_row >= IN_A_ROW
