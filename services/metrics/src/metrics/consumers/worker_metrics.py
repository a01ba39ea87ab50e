"""What an ingest worker tells Prometheus, and its progress in the log."""

import time
from collections.abc import Iterable, Mapping

from chassis.logs import get_logger
from prometheus_client import Counter, Gauge, Histogram

from metrics.domain.screening import REASONS
from metrics.store.flush import Flush

# What a worker writes down of records and events.
KNOWN_ENTRIES = (
    *("records", "records_counted", "records_duplicate", "records_out_of_window", "records_dead"),
    *("events", "events_counted", "events_synthetic"),
    *(f"events_rejected_{reason}" for reason in REASONS),
)

PARTITIONS = Gauge("usage_partitions", "Partitions that this worker has.")
STOPPED = Gauge("usage_partitions_stopped", "Partitions that a flood of unreadable records stopped.")
LAG = Gauge("usage_lag_records", "Records of the partition that were not read yet.", ["partition"])
AGE = Gauge("usage_lag_seconds", "How long the partition's oldest unread record waits, at most.", ["partition"])
READ_RECORDS = Counter("usage_read_records_total", "Records that were read, counted or not.")
READ_BYTES = Counter("usage_read_bytes_total", "Bytes of the values of these records.")
ENTRIES = Counter("usage_entries_total", "Records and events, by what became of them; written ones only.", ["entry"])
# There from the start: what appears when it is first counted has not increased.
for _entry in KNOWN_ENTRIES:
    ENTRIES.labels(_entry)
WAITING_EVENTS = Gauge("usage_waiting_events", "Events in memory that the next flush writes.")
WAITING_BYTES = Gauge("usage_waiting_bytes", "Memory that everything takes that the next flush writes.")
PAUSED_SECONDS = Counter(
    "usage_paused_seconds_total", "Pauses after a failure or while memory was full; a slow database makes none."
)
FLUSH_SECONDS = Histogram(
    "usage_flush_seconds",
    "Time of a flush that was written, failed attempts included; nothing is fetched meanwhile.",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
FLUSH_FAILURES = Counter("usage_flush_failures_total", "Attempts at a flush that failed and were made again.")
ROWS = Counter("usage_rollup_rows_total", "Rollup rows that flushes touched.")
FENCED = Counter("usage_fenced_total", "Flushes thrown away because another worker counted the same records.")
GAPS = Counter("usage_gaps_total", "Times that records were missing at a partition's next offset.")

_PROGRESS_SECONDS = 10.0
_QUIET_ROUNDS = 6


def flushed(flush: Flush, rows: int, seconds: float) -> None:
    """Counts one flush that is written."""
    FLUSH_SECONDS.observe(seconds)
    ROWS.inc(rows)
    for amounts in flush.ledger.values():
        for entry, amount in amounts.items():
            ENTRIES.labels(entry).inc(amount)


def lags(records: Mapping[int, int], seconds: Mapping[int, float], stopped: Iterable[int]) -> None:
    """Shows how far behind the partitions of this worker are, and no others."""
    PARTITIONS.set(len(records))
    STOPPED.set(len(list(stopped)))
    for gauge, values in ((LAG, records), (AGE, seconds)):
        for gone in _shown - records.keys():
            gauge.remove(gone)
        for number, value in values.items():
            gauge.labels(number).set(value)
    _shown.clear()
    _shown.update(records)


_shown: set[int] = set()


class Progress:
    """A line in the log every 10 seconds while there is much to catch up with, else every minute when anything came."""

    def __init__(self) -> None:
        self._begin(None)

    def _begin(self, lag: int | None) -> None:
        self._began, self._lag_before = time.monotonic(), lag
        self._rounds = self._records = self._events = 0

    def read(self, records: int) -> None:
        """Records were read."""
        self._records += records

    def written(self, events: int) -> None:
        """Events were written."""
        self._events += events

    def tell(self, lag: int) -> None:
        """Called often; writes the line when it is due."""
        seconds = time.monotonic() - self._began
        if seconds < _PROGRESS_SECONDS * (self._rounds + 1):
            return
        self._rounds += 1
        figures = {"events": self._events, "events_per_second": round(self._events / seconds), "lag_records": lag}
        if lag > self._records and self._records:  # more than what was read since the last line
            gained = self._records if self._lag_before is None else self._lag_before - lag
            if gained > 0:
                get_logger().info("catching up", **figures, seconds_left=round(lag * seconds / gained))
            else:
                get_logger().warning("falling behind", **figures)
        elif self._rounds < _QUIET_ROUNDS:
            return
        elif self._events:
            get_logger().info("progress", **figures)
        self._begin(lag)
