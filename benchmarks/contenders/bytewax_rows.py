"""Bytewax, one protobuf event a record: a tally a server, with its recovery store or without."""

from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import TestingSink, run_main
from directory.usage.v1.usage_event_pb2 import UsageEvent

from benchmarks.contenders.counting import Tally, lines_of_counters
from benchmarks.contenders.job import Job


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    tallies: list[tuple[str, Tally]] = []
    flow = Dataflow("rollups")
    records = op.input("kafka", flow, KafkaSource([job.bootstrap], [job.topic], tail=False))
    events = op.map("parse", records, lambda record: UsageEvent.FromString(record.value))
    by_server = op.key_on("server", events, lambda event: event.server_id)
    op.output("out", op.fold_final("count", by_server, Tally, Tally.add), TestingSink(tallies))
    recovery = None
    if job.durable:
        init_db_dir(job.folder, 1)
        recovery = RecoveryConfig(str(job.folder))
    with job.measured():
        run_main(flow, epoch_interval=timedelta(seconds=job.flush_seconds), recovery_config=recovery)
    lines = lines_of_counters(store for _, tally in tallies for store in (tally.counters, tally.accounts))
    guarantee = "exactly once within it, in SQLite" if job.durable else "none: sums are lost with the process"
    job.finish(lines, guarantee=guarantee)


if __name__ == "__main__":
    main()
