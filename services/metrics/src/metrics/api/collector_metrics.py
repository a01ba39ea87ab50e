"""What the collector tells Prometheus.

`way` is report, stream, otlp_grpc or otlp_http; `reason` that of the error, or a status of HTTP that no kind of error
stands for.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chassis.errors import DirectoryError
from prometheus_client import Counter, Gauge, Histogram

REPORTED = Counter("usage_reported_total", "Events handed in, by way and by what became of them.", ["way", "outcome"])
REFUSED = Counter("usage_refused_batches_total", "Batches not taken, by way and reason.", ["way", "reason"])
REPEATED = Counter("usage_repeated_exports_total", "OTLP exports that came again and count once.", ["way"])
UNDER_WAY_BYTES = Gauge("usage_under_way_bytes", "Bytes of batches that are being read or written to the broker.")
UNDER_WAY_BATCHES = Gauge("usage_under_way_batches", "Batches that are being read or written to the broker.")
BROKER_SECONDS = Histogram(
    "usage_broker_seconds",
    "How long the broker took to acknowledge a batch.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


def count_events(way: str, accepted: int, rejected: Mapping[str, int]) -> None:
    """Adds what became of a batch's events."""
    REPORTED.labels(way, "accepted").inc(accepted)
    for reason, count in rejected.items():
        REPORTED.labels(way, reason).inc(count)


@contextmanager
def refusals_counted(way: str) -> Iterator[None]:
    """Around all that a call does, or as its decorator: counts what is refused, by reason."""
    try:
        yield
    except DirectoryError as error:
        REFUSED.labels(way, error.reason).inc()
        raise
