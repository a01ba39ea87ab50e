"""What became of the events, for whoever watches."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class UsageStats:
    """A snapshot, in events since the client began. recorded + adopted = sent + waiting + dropped.

    Attributes:
        recorded: handed in by this process.
        adopted: found in the spill folder, left by a run that ended.
        sent: acknowledged by the broker.
        dropped: lost, for want of room in memory or on disk, or with a file.
        waiting: neither of these yet.
        spilled: written to disk at some time.
        spilled_bytes: on disk now.
    """

    recorded: int
    adopted: int
    sent: int
    dropped: int
    waiting: int
    spilled: int
    spilled_bytes: int


class Counts:
    """The same, while it changes. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.adopted = self.sent = self.dropped = self.spilled = 0

    def add(self, *, adopted: int = 0, sent: int = 0, dropped: int = 0, spilled: int = 0) -> None:
        """More events of some kinds."""
        with self._lock:
            self.adopted += adopted
            self.sent += sent
            self.dropped += dropped
            self.spilled += spilled

    def snapshot(self, recorded: Callable[[], int], spilled_bytes: int) -> UsageStats:
        """All of them as of one moment, with what others count. `recorded` is asked last, so that nothing is sent that
        is not recorded."""
        with self._lock:
            adopted, sent, dropped, spilled = self.adopted, self.sent, self.dropped, self.spilled
        handed_in = recorded()
        waiting = handed_in + adopted - sent - dropped
        return UsageStats(handed_in, adopted, sent, dropped, waiting, spilled, spilled_bytes)
