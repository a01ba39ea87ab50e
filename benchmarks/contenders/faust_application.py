"""A Faust application that runs until an event is set."""

import asyncio
import secrets

import faust

from benchmarks.contenders.job import Job


def application(job: Job) -> faust.App:
    """One for a job; what it commits lies in a new group."""
    return faust.App(
        f"faust-{secrets.token_hex(4)}",
        broker=f"kafka://{job.bootstrap}",
        store="memory://",
        topic_replication_factor=1,
        consumer_max_fetch_size=8 * 1024 * 1024,
        broker_commit_interval=job.flush_seconds,
        web_enabled=False,
        datadir=str(job.folder),
    )


def run(job: Job, app: faust.App, done: asyncio.Event) -> None:
    """Start, then measured: wait, stop, which commits. Starting takes it a second of processor time."""

    async def session() -> None:
        await app.start()
        with job.measured():
            await done.wait()
            await app.stop()

    asyncio.get_event_loop().run_until_complete(session())
