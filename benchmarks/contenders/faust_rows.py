"""Faust, one protobuf event a record: counters in its table (memory and a changelog topic), or in a dictionary."""

import asyncio

import faust
from directory.usage.v1.usage_event_pb2 import UsageEvent

from benchmarks.contenders.counting import Tally, account_of, keys_of, lines_of_counters
from benchmarks.contenders.faust_application import application, run
from benchmarks.contenders.job import Job


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    app = application(job)
    counters = app.Table("counters", default=int, partitions=2)
    tally, done, seen = Tally(), asyncio.Event(), 0

    @app.agent(app.topic(job.topic, key_type=bytes, value_type=bytes, value_serializer="raw"))
    async def count(records: faust.Stream) -> None:
        nonlocal seen  # the agent may be started anew when partitions are handed out
        async for value in records:
            event = UsageEvent.FromString(value)
            if not job.durable:
                tally.add(event)
            elif not event.synthetic:
                for key in keys_of(event):
                    counters[key] += 1
                key, flags = account_of(event)
                counters[key] |= flags
            seen += 1
            if seen >= job.records:
                done.set()

    run(job, app, done)
    if job.durable:
        stored = {tuple(key): number for key, number in counters.items()}
        job.finish(lines_of_counters([stored]), guarantee="at least once, in memory and a changelog topic")
    else:
        job.finish(tally.lines(), guarantee="none: sums are lost with the process")


if __name__ == "__main__":
    main()
