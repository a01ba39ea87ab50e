"""The ingest worker, from joining the group until the database holds everything."""

import secrets
import threading
import time

from chassis.process import Stop
from chassis.sql.database import Database
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from sqlalchemy import text

from benchmarks.contenders import stored_rollups
from benchmarks.contenders.job import Job

_READ = text("SELECT coalesce(sum(amount), 0) FROM usage_ledger WHERE entry = 'events'")


def main() -> None:
    """Run the job."""
    job = Job.from_command_line()
    stored_rollups.empty(job.url)
    database = Database(job.url, "benchmark", pool_size=3)
    group = f"benchmark-{secrets.token_hex(4)}"
    plan = WorkerPlan(job.bootstrap, job.topic, group, "benchmark", job.flush_seconds, job.flush_events)
    worker, stop = UsageWorker(database, plan, lambda: time.time_ns() // 1000), Stop()
    watcher = threading.Thread(target=_stop_when_read, args=(database, job.events, stop))
    with job.measured():
        watcher.start()
        worker.run(stop)
        watcher.join()
    database.dispose()
    job.finish(stored_rollups.lines(job.url), guarantee="exactly once, in PostgreSQL")


def _stop_when_read(database: Database, events: int, stop: Stop) -> None:
    while not stop.wait(0.2):
        with database.read() as connection:
            if connection.execute(_READ).scalar_one() >= events:
                stop.set()


if __name__ == "__main__":
    main()
