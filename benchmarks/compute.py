"""A day's snapshot of many servers from 30 days of rollups, beside what PostgreSQL alone needs to add up the same rows.

`ours` is processor time, of Python and of PostgreSQL together, for 100,000 servers. The same is done for a quarter of
the servers: the time for each server should be the same. Figures are read all the while, to see that nobody waits."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe

import click
import psycopg
from chassis.process import Stop
from chassis.sql.database import Database
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from metrics.store import snapshots

from benchmarks.measuring import Run, measured, report
from benchmarks.rollups import fill
from benchmarks.servers import Servers, fresh_database, servers

AS_OF = date(2026, 3, 9)
NOW = datetime(2026, 3, 10, 0, 15, tzinfo=UTC)
STAGES = ("open", "portions", "publish")
PER = 100_000
# As the database of so many servers is set: a quarter of the memory of a machine of 24 GB (docs/operations.md).
POSTGRES = {"shared_buffers": "6GB", "max_wal_size": "4GB"}

_SUMS = """
    SELECT sum(calls) FROM (
        SELECT server_id, sum(calls) FILTER (WHERE day > %(as_of)s::date - 7) AS week, sum(calls) AS calls
        FROM usage_server_days WHERE day > %(as_of)s::date - 30 AND day <= %(as_of)s GROUP BY server_id) AS each
"""
_USERS = """
    SELECT sum(month), sum(week) FROM (
        SELECT server_id, count(*) FILTER (WHERE called & 1073741823 <> 0) AS month,
            count(*) FILTER (WHERE called & 127 <> 0) AS week
        FROM (SELECT server_id, called << (%(as_of)s::date - last_day) AS called FROM server_accounts) AS turned
        GROUP BY server_id) AS each
"""
_NAMES = (
    """SELECT count(*), sum(calls) FROM (SELECT server_id, error_type, sum(calls) AS calls
    FROM usage_error_type_days WHERE day > %(as_of)s::date - 30 GROUP BY 1, 2) AS each""",
    """SELECT count(*), sum(calls) FROM (SELECT server_id, tool, sum(calls) AS calls
    FROM usage_tool_days WHERE day > %(as_of)s::date - 7 GROUP BY 1, 2) AS each""",
    """SELECT count(*), sum(octet_length(durations)) FROM (
    SELECT server_id, product, sum(calls) AS calls, string_agg(durations, ''::bytea) AS durations
    FROM usage_product_days WHERE day > %(as_of)s::date - 7 GROUP BY 1, 2) AS each""",
)


@dataclass
class Runs:
    """Measurements of one size."""

    servers: int
    stages: dict[str, list[Run]] = field(default_factory=lambda: {stage: [] for stage in STAGES})
    sql: list[Run] = field(default_factory=list)
    reads: dict[str, list[float]] = field(default_factory=dict)

    def python(self, stage: str) -> float:
        """Processor seconds of all processes of Python."""
        return statistics.median(run.others["all"] - run.others["postgres"] for run in self.stages[stage])

    def postgres(self, stage: str) -> float:
        """Processor seconds of PostgreSQL."""
        return statistics.median(run.others["postgres"] for run in self.stages[stage])

    def wall(self, stage: str) -> float:
        """Seconds of the clock."""
        return statistics.median(run.wall for run in self.stages[stage])

    def per_server_us(self) -> float:
        """Processor time of a server, everything included."""
        return sum(self.python(stage) + self.postgres(stage) for stage in STAGES) / self.servers * 1e6


def run(where: Servers, count: int, rounds: int, workers: int) -> Runs:
    """Fills a database and computes it some times."""
    processes = {"postgres": where.processes["postgres"], "all": os.getpid()}
    runs = Runs(count)
    with fresh_database(where) as url:
        fill(url, count, AS_OF)
        database = Database(url, "benchmark")
        compute = Compute(database, POLICIES["disconnect_rate"], lambda: NOW, workers=workers)
        for _ in range(rounds):
            with measured(runs.sql, others=processes):
                expected = added_up(url)
            compute_once(compute, runs.stages, processes)
        if (found := shown(url)) != expected:
            raise SystemExit(f"{found} is not {expected}")
        with reader(url) as latencies:
            moments = compute_once(compute, {stage: [] for stage in STAGES}, processes)
            time.sleep(0.2)  # so that reads that began in the last stage are over
        for (stage, start), (_, end) in pairwise(moments):
            runs.reads[stage] = [spent for at, spent in latencies if start <= at < end]
        database.dispose()
    return runs


def compute_once(compute: Compute, runs: dict[str, list[Run]], processes: dict[str, int]) -> list[tuple[str, float]]:
    """One generation, stage by stage; when each stage began."""
    began = [("open", time.time())]
    with measured(runs["open"], others=processes):
        generation = compute.open(AS_OF)
    began.append(("portions", time.time()))
    with measured(runs["portions"], others=processes):
        compute.portions(generation, AS_OF, Stop())
    began.append(("publish", time.time()))
    with measured(runs["publish"], others=processes):
        if not compute.publish(generation, AS_OF):
            raise SystemExit("the generation was given up")
    return [*began, ("", time.time())]


def added_up(url: str) -> tuple[int, int]:
    """The sums that PostgreSQL alone can tell, of all servers at once: calls and users of 30 days."""
    with psycopg.connect(url) as connection:
        for statement in _NAMES:
            connection.execute(statement, {"as_of": AS_OF})
        (calls,) = connection.execute(_SUMS, {"as_of": AS_OF}).fetchone() or (0,)
        users, _ = connection.execute(_USERS, {"as_of": AS_OF}).fetchone() or (0, 0)
        return int(calls), int(users)


def shown(url: str) -> tuple[int, int]:
    """What the visible snapshot says of the same."""
    statement = (
        "SELECT sum(calls_30), sum(active_30) FROM server_snapshots JOIN snapshots USING (generation) WHERE as_of = %s"
    )
    with psycopg.connect(url) as connection:
        calls, users = connection.execute(statement, [AS_OF]).fetchone() or (0, 0)
        return int(calls), int(users)


@contextmanager
def reader(url: str) -> Iterator[list[tuple[float, float]]]:
    """Reads a server's figures 100 times a second in a process of its own: (moment, milliseconds) each, at the end."""
    here, there = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=_read, args=(url, there))
    process.start()
    here.recv()
    latencies: list[tuple[float, float]] = []
    yield latencies
    here.send("stop")
    latencies += here.recv()
    process.join()


def _read(url: str, pipe: Pipe) -> None:
    database, latencies = Database(url, "reader", pool_size=1), []
    with database.read() as connection:
        server_id = str(next(iter(connection.exec_driver_sql("SELECT server_id FROM servers LIMIT 1").scalars())))
    pipe.send("ready")
    while not pipe.poll(0.01):
        moment, begin = time.time(), time.perf_counter()
        with database.read() as connection:
            snapshots.current(connection, server_id)
        latencies.append((moment, (time.perf_counter() - begin) * 1000))
    pipe.send(latencies)


@click.command()
@click.option("--servers", "count", default=10_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes, as COMPUTE_WORKERS.")
def main(count: int, rounds: int, workers: int) -> None:
    """Measure the daily computation."""
    with servers(kafka=False, settings=POSTGRES) as where:
        if "postgres" not in where.processes:
            raise SystemExit("The processor time of PostgreSQL is measured: DATABASE_URL_ADMIN must not be set.")
        quarter = run(where, count // 4, rounds, workers)
        whole = run(where, count, rounds, workers)
    head = ("servers", "stage", "clock s", "Python s", "PostgreSQL s", "us a server", "slowest read ms")
    rows: list[tuple[object, ...]] = [head]
    for runs in (quarter, whole):
        for stage in STAGES:
            python, postgres = runs.python(stage), runs.postgres(stage)
            used = (python + postgres) / runs.servers * 1e6
            slowest = max(runs.reads[stage], default=0.0)
            rows.append((runs.servers, stage, runs.wall(stage), python, postgres, used, slowest))
    sql = statistics.median(each.others["postgres"] for each in whole.sql)
    rows.append(
        (count, "SQL sums alone", statistics.median(r.wall for r in whole.sql), 0.0, sql, sql / count * 1e6, "")
    )
    ours = whole.per_server_us() * PER / 1e6
    linear = whole.per_server_us() / quarter.per_server_us()
    ratios = {"sql_sums_alone": whole.per_server_us() / (sql / count * 1e6), "quarter_per_server": linear}
    report("compute_processor_seconds_per_100000_servers", ours, "s", ratios, rows, servers=count, workers=workers)


if __name__ == "__main__":
    main()
