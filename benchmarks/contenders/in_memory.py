"""A limit: the service's own columns and sums, without Kafka and without a database."""

import time

from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.usage_columns import decode_arrow

from benchmarks.contenders.job import Job


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    records = job.values()
    limits, counted, deltas = RecordLimits(), 0, UsageDeltas()
    with job.measured():
        for value in records:
            deltas.add(decode_arrow(value, limits), time.time_ns() // 1000)
            if deltas.events >= job.flush_events:
                counted += deltas.reduce().events
                deltas.written()
        counted += deltas.reduce().events
    job.finish([f"counted {counted}"], guarantee="none: in memory")


if __name__ == "__main__":
    main()
