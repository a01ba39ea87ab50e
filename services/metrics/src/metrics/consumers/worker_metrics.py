"""What an ingest worker tells Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

from metrics.store.flush import Flush

LAG = Gauge("usage_lag_records", "Records between the last one read and the end of the partition.", ["partition"])
ENTRIES = Counter("usage_entries_total", "Records and events, by what became of them.", ["entry"])
FLUSH_SECONDS = Histogram("usage_flush_seconds", "Time of a flush.", buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100))
ROWS = Counter("usage_rollup_rows_total", "Rollup rows that flushes touched.")
FENCED = Counter("usage_fenced_total", "Flushes thrown away because another worker counted the same records.")
GAPS = Counter("usage_gaps_total", "Times that records were missing at a partition's next offset.")
STOPPED = Gauge("usage_partitions_stopped", "Partitions that a flood of unreadable records stopped.")


def flushed(flush: Flush, rows: int, seconds: float) -> None:
    """Counts one flush that is written."""
    FLUSH_SECONDS.observe(seconds)
    ROWS.inc(rows)
    for amounts in flush.ledger.values():
        for entry, amount in amounts.items():
            ENTRIES.labels(entry).inc(amount)
