"""Ingest workers as processes of their own, for benchmarks that watch, kill and compare them."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from chassis.process import run
from chassis.sql.database import Database
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from sqlalchemy import Connection, text


@contextmanager
def worker(url: str, bootstrap: str, topic: str, name: str, **plan: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker until the block ends; `plan` are further fields of WorkerPlan."""
    job = {"url": url, "plan": {"bootstrap": bootstrap, "topic": topic, "group": f"{topic}-group", "name": name} | plan}
    command = [sys.executable, "-m", "benchmarks.worker_process", json.dumps(job)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as child:
        try:
            yield child
        finally:
            child.terminate()


class Counted:
    """What workers have written, as the database tells it."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, "benchmark", pool_size=2)

    def events(self) -> int:
        """Events of all partitions that were read and written."""
        return int(self._database.run_read(lambda c: c.execute(_EVENTS).scalar_one()))

    def entries(self) -> Mapping[str, int]:
        """What became of all records and events."""
        return self._database.run_read(lambda c: {row.entry: int(row.amount) for row in c.execute(_ENTRIES)})

    def database_bytes(self) -> int:
        """What the database needs on the disk."""
        return int(self._database.run_read(lambda c: c.execute(_SIZE).scalar_one()))

    def places(self) -> dict[int, tuple[str, int]]:
        """Who wrote each partition last, and up to where."""

        def read(connection: Connection) -> dict[int, tuple[str, int]]:
            return {row.partition: (row.worker or "", row.next_offset) for row in connection.execute(_PLACES)}

        return self._database.run_read(read)

    def wait_for(self, events: int, *, seconds: float) -> None:
        """Returns when so many are written; ends the program when that takes too long."""
        deadline = time.monotonic() + seconds
        while (found := self.events()) < events:
            if time.monotonic() > deadline:
                raise SystemExit(f"after {seconds:.0f} s, {found:,} of {events:,} events are written")
            time.sleep(0.1)

    def close(self) -> None:
        """Ends the connections."""
        self._database.dispose()


_EVENTS = text("SELECT coalesce(sum(amount), 0) FROM usage_ledger WHERE entry = 'events'")
_ENTRIES = text("SELECT entry, sum(amount) AS amount FROM usage_ledger GROUP BY entry")
_SIZE = text("SELECT pg_database_size(current_database())")
_PLACES = text("SELECT partition, worker, next_offset FROM usage_offsets")


def main() -> None:
    """The process."""
    job = json.loads(sys.argv[1])
    plan = WorkerPlan(**job["plan"])
    ingest = UsageWorker(Database(job["url"], plan.name, pool_size=2), plan, lambda: time.time_ns() // 1000)
    sys.exit(run({"ingest": ingest.run, "watch": ingest.health.watch}))


if __name__ == "__main__":
    main()
