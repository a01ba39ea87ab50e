"""Bytewax, Arrow batches: a sink with a partition of its own, which writes before each of its snapshots."""

from datetime import timedelta

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import FixedPartitionedSink, StatefulSinkPartition
from bytewax.recovery import RecoveryConfig, init_db_dir
from bytewax.testing import run_main

from benchmarks.contenders import stored_rollups
from benchmarks.contenders.arrow_rollup import ArrowRollup, columns_of
from benchmarks.contenders.job import Job


class RollupPartition(StatefulSinkPartition):
    """Gathers between snapshots."""

    def __init__(self, job: Job) -> None:
        self._rollup, self._most = ArrowRollup(job.url), job.flush_events

    def write_batch(self, values) -> None:
        """Columns of some records."""
        for columns in values:
            self._rollup.gather(columns)
            if self._rollup.events >= self._most:
                self._rollup.write()

    def snapshot(self) -> None:
        """The end of an epoch."""
        self._rollup.write()

    def close(self) -> None:
        """The end."""
        self._rollup.write()


class RollupSink(FixedPartitionedSink):
    """One partition."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def list_parts(self) -> list[str]:
        """Its name."""
        return ["all"]

    def build_part(self, step_id, for_part, resume_state) -> RollupPartition:
        """It has no state: what is in the database stays there."""
        return RollupPartition(self._job)


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    stored_rollups.empty(job.url)
    flow = Dataflow("rollups")
    records = op.input("kafka", flow, KafkaSource([job.bootstrap], [job.topic], tail=False, batch_size=10))
    columns = op.map("columns", records, lambda record: ("all", columns_of(record.value)))
    op.output("out", columns, RollupSink(job))
    init_db_dir(job.folder, 1)
    with job.measured():
        run_main(
            flow,
            epoch_interval=timedelta(seconds=job.flush_seconds),
            recovery_config=RecoveryConfig(str(job.folder)),
        )
    job.finish(stored_rollups.lines(job.url), guarantee="at least once, in PostgreSQL")


if __name__ == "__main__":
    main()
