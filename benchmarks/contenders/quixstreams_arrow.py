"""Quix Streams, Arrow batches: a sink that writes when Quix takes its checkpoint."""

import secrets

from quixstreams import Application
from quixstreams.sinks import BaseSink

from benchmarks.contenders import stored_rollups
from benchmarks.contenders.arrow_rollup import ArrowRollup, columns_of
from benchmarks.contenders.job import Job


class RollupSink(BaseSink):
    """Gathers between checkpoints."""

    def __init__(self, rollup: ArrowRollup) -> None:
        super().__init__()
        self._rollup = rollup

    def add(self, value, *_, **__) -> None:
        """A record's columns."""
        self._rollup.gather(value)

    def flush(self) -> None:
        """A checkpoint."""
        self._rollup.write()


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    stored_rollups.empty(job.url)
    rollup = ArrowRollup(job.url)
    app = Application(
        broker_address=job.bootstrap,
        consumer_group=f"quix-{secrets.token_hex(4)}",
        auto_offset_reset="earliest",
        commit_interval=job.flush_seconds,
        commit_every=max(1, job.records * job.flush_events // job.events),
        state_dir=job.folder / "state",
        loglevel="ERROR",
    )
    app.dataframe(app.topic(job.topic, value_deserializer="bytes")).apply(columns_of).sink(RollupSink(rollup))
    with job.measured():
        app.run(count=job.records, collect=False)
    job.finish(stored_rollups.lines(job.url), guarantee="at least once, in PostgreSQL")


if __name__ == "__main__":
    main()
