"""Two ingest workers against one: the same topic, from its beginning, each a process of its own.

The clock runs from the first events that are written to the last; how long joining the group takes is a figure of
benchmarks.takeover. Kafka and PostgreSQL work on the same machine, so beside the speed-up stands what the machine
allows: two workers cannot be quicker than the sum of all processor time divided by the number of processors."""

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import click

from benchmarks.measuring import processor_time, report
from benchmarks.servers import Servers, fresh_database, servers, written_topic
from benchmarks.traffic import ARROW, Traffic, arrow_records
from benchmarks.worker_process import Counted, worker

PARTITIONS = 4
_FLUSH_SECONDS = 2.0
_SECONDS = 600.0


@dataclass(frozen=True)
class Measurement:
    """Events a second of the clock; processor seconds for each million events, of workers and of servers."""

    rate: float
    workers: float
    servers: float

    @property
    def all(self) -> float:
        """Processor seconds of everything for a million events."""
        return self.workers + self.servers


@click.command()
@click.option("--events", default=20_000_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True, help="Events in a record.")
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, batch: int, rounds: int, seed: int) -> None:
    """Measure how ingest scales with workers."""
    values = arrow_records(Traffic(min(events, 4_000_000), time.time_ns() // 1000, seed), batch)
    found: dict[int, list[Measurement]] = {1: [], 2: []}
    with servers() as where:
        records = values * -(-events // (len(values) * batch))
        topic = written_topic(where, records, content_type=ARROW, partitions=PARTITIONS)
        for _ in range(rounds):
            for number, measurements in found.items():
                measurements.append(_measure(where, topic, len(records) * batch, number))
    _tell(found, len(records) * batch)


def _measure(where: Servers, topic: str, events: int, number: int) -> Measurement:
    with fresh_database(where) as url, _workers(where, url, topic, number) as processes:
        counted, began, first = Counted(url), 0.0, 0
        before = _processor_times(where, processes)
        deadline = time.monotonic() + _SECONDS
        while (done := counted.events()) < events:
            if done and not began:
                began, first = time.perf_counter(), done
                before = _processor_times(where, processes)
            if time.monotonic() > deadline:
                raise SystemExit(f"{done:,} of {events:,} events are counted after {_SECONDS:.0f} s")
            time.sleep(0.05)  # between two looks, until the deadline
        wall, millions = time.perf_counter() - began, (done - first) / 1e6
        after = _processor_times(where, processes)
        if done != events:
            raise SystemExit(f"{done:,} events were counted, not {events:,}")
        counted.close()
    used = [(now - then) / millions for now, then in zip(after, before, strict=True)]
    return Measurement((done - first) / wall, used[0], used[1])


@contextmanager
def _workers(where: Servers, url: str, topic: str, number: int) -> Iterator[list[int]]:
    group = f"{topic}-{url.rpartition('/')[2]}"
    with ExitStack() as stack:
        yield [
            stack.enter_context(
                worker(url, where.bootstrap, topic, f"worker-{each}", group=group, flush_seconds=_FLUSH_SECONDS)
            ).pid
            for each in range(number)
        ]


def _processor_times(where: Servers, workers: list[int]) -> tuple[float, float]:
    return sum(map(processor_time, workers)), sum(map(processor_time, where.processes.values()))


def _tell(found: dict[int, list[Measurement]], events: int) -> None:
    one, two = (_median(found[number]) for number in (1, 2))
    speed_up, cores = two.rate / one.rate, os.cpu_count() or 1
    most = cores * 1e6 / two.all if two.servers else 0.0
    rows: list[tuple[object, ...]] = [("", "events/s", "workers' s a million", "servers' s a million", "busy cores")]
    rows += [
        (f"{number} worker{'s'[: number - 1]}", each.rate, each.workers, each.servers, each.rate * each.all / 1e6)
        for number, each in ((1, one), (2, two))
    ]
    rows.append((f"most on {cores} cores", most, two.workers, two.servers, float(cores)))
    report(
        "two_workers_over_one",
        speed_up,
        "times",
        {"one_worker": speed_up, "allowed_by_machine": two.rate / most if most else 0.0},
        rows,
        events=events,
        allowed_by_machine=round(most / one.rate, 2),
    )


def _median(measurements: list[Measurement]) -> Measurement:
    middles = (
        statistics.median(getattr(each, name) for each in measurements) for name in ("rate", "workers", "servers")
    )
    return Measurement(*middles)


if __name__ == "__main__":
    main()
