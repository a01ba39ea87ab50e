"""Faust, Arrow batches: it acknowledges some records at once, after they are written."""

import asyncio

import faust

from benchmarks.contenders import stored_rollups
from benchmarks.contenders.arrow_rollup import ArrowRollup, columns_of
from benchmarks.contenders.faust_application import application, run
from benchmarks.contenders.job import Job


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    stored_rollups.empty(job.url)
    rollup, app, done, seen = ArrowRollup(job.url), application(job), asyncio.Event(), 0
    a_flush = max(1, job.records * job.flush_events // job.events)

    @app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))
    async def count(records: faust.Stream) -> None:
        nonlocal seen  # the agent may be started anew when partitions are handed out
        async for values in records.take(a_flush, within=job.flush_seconds):
            for value in values:
                rollup.gather(columns_of(value))
            rollup.write()
            seen += len(values)
            if seen >= job.records:
                done.set()

    run(job, app, done)
    job.finish(stored_rollups.lines(job.url), guarantee="at least once, in PostgreSQL")


if __name__ == "__main__":
    main()
