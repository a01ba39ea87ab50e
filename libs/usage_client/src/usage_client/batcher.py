"""From recorded events to batches: after 100 ms, or 10,000 events."""

import threading
from collections.abc import Callable, Sequence
from logging import ERROR
from typing import Final

from usage_client.counts import Counts
from usage_client.events import Row
from usage_client.line import SECONDS_UNTIL_SPILLED, Line
from usage_client.records import encode
from usage_client.trouble import warn

EVENTS_A_BATCH: Final = 10_000
SECONDS_A_BATCH: Final = 0.1
# About 60 MB. More come only where they are recorded faster than this processor encodes them.
MOST_EVENTS_UNSEALED: Final = 200_000


class Batcher:
    """Takes events from any thread and puts them into a line, in a thread of its own."""

    def __init__(self, line: Line, counts: Counts, wake: Callable[[], None], *, durable: bool) -> None:
        self._line, self._counts, self._wake, self._durable = line, counts, wake, durable
        self._lock, self._sealing = threading.Lock(), threading.Lock()
        self._rows: list[Row] = []
        self._is_open = True
        self._due, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="usage-client-batcher", daemon=True)
        self.recorded = 0

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Takes nothing more."""
        with self._lock:
            self._is_open = False

    def stop(self, timeout: float) -> None:
        """Takes nothing more, and puts what there is into the line."""
        self.close()
        self._stop.set()
        self._due.set()
        self._thread.join(timeout)
        self.seal()

    def record(self, row: Row) -> None:
        """Takes an event, or drops it where there is no room or the end has come."""
        with self._lock:
            self.recorded += 1
            waiting = len(self._rows)
            kept = self._is_open and waiting < MOST_EVENTS_UNSEALED
            if kept:
                self._rows.append(row)
        if not kept:
            self._counts.add(dropped=1)
        elif waiting + 1 == EVENTS_A_BATCH:
            self._due.set()

    def seal(self, *, whole_batches_only: bool = False) -> None:
        """Puts what was recorded into the line: all of it, or what fills batches. Safe for threads."""
        with self._sealing:
            with self._lock:
                left = len(self._rows) % EVENTS_A_BATCH if whole_batches_only else 0
                sealed = len(self._rows) - left
                rows, self._rows = self._rows[:sealed], self._rows[sealed:]
            for first in range(0, len(rows), EVENTS_A_BATCH):
                self._put(rows[first : first + EVENTS_A_BATCH])
            if rows:
                self._wake()

    def _put(self, rows: Sequence[Row]) -> None:
        try:
            for count, value in encode(rows):
                if not self._line.add(count, value, durable=self._durable):
                    self._counts.add(dropped=count)
        except Exception as error:  # the other batches are no worse for it
            self._counts.add(dropped=len(rows))
            warn("a batch cannot be made", self._line.folder.producer_id, repr(error), level=ERROR)

    def _run(self) -> None:
        dropped = 0
        while not self._stop.is_set():
            is_full = self._due.wait(SECONDS_A_BATCH)
            self._due.clear()
            try:
                self.seal(whole_batches_only=is_full)
                with self._sealing:
                    self._line.spill(SECONDS_UNTIL_SPILLED)
            except Exception as error:  # nobody else would go on recording after it
                warn("batches go wrong", self._line.folder.producer_id, repr(error), level=ERROR)
            if self._counts.dropped > dropped:
                dropped = self._counts.dropped
                warn("usage events are dropped", self._line.folder.producer_id, f"{dropped} so far", level=ERROR)
