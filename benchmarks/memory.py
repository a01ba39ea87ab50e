"""Memory of an ingest worker that counts more and more events: it has to stay flat, and below its limit.

A producer writes the same Arrow records again and again, a little ahead of the worker; without a producer's id each
counts anew. The worker is a process of its own, and writes when it is full rather than by the clock, which needs the
most memory; what it has resident is read twice a second. So is the database's size: the same rows are written again and
again, and the room of what they were before has to be found again."""

import secrets
import time
from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import NamedTuple

import click
from chassis.kafka.topics import Topic, ensure_topics
from kafka import KafkaProducer
from metrics.wiring import USAGE

from benchmarks.measuring import report, resident_bytes
from benchmarks.servers import fresh_database, servers
from benchmarks.traffic import ARROW, Traffic, arrow_records
from benchmarks.worker_process import Counted, worker

PARTITIONS = 12
MIB = 1024 * 1024
_AHEAD = 400  # records
_TOPIC = f"benchmark-memory-{secrets.token_hex(4)}"
_SECONDS_WITHOUT_PROGRESS = 120.0
_FLUSH_SECONDS = 60.0


@click.command()
@click.option("--events", default=100_000_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True, help="Events in a record.")
@click.option("--distinct", default=500, show_default=True, help="Different records, which come again and again.")
@click.option("--accounts", default=50_000, show_default=True)
@click.option("--limit", default=512, show_default=True, help="MiB that the worker may use.")
@click.option("--seed", default=1, show_default=True)
def main(events: int, batch: int, distinct: int, accounts: int, limit: int, seed: int) -> None:
    """Measure the memory of a worker."""
    traffic = Traffic(distinct * batch, time.time_ns() // 1000, seed, accounts=accounts)
    values = arrow_records(traffic, batch)
    records = -(-events // batch)
    with servers() as where, fresh_database(where) as url:
        # the broker's disk need not hold them all: what is read may go
        limits = {"retention.bytes": str(64 * MIB), "segment.bytes": str(16 * MIB)}
        ensure_topics(where.bootstrap, [Topic(_TOPIC, PARTITIONS, {**USAGE.config, **limits})])
        with worker(url, where.bootstrap, _TOPIC, "worker", flush_seconds=_FLUSH_SECONDS) as process:
            seen = list(_watched(where.bootstrap, url, values, records, batch, process.pid))
    _tell(seen, records * batch, limit)


def _watched(bootstrap: str, url: str, values: Sequence[bytes], records: int, batch: int, pid: int) -> Iterator["Seen"]:
    """Feeds the worker, and looks twice a second."""
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks=1, linger_ms=5, max_request_size=5 * MIB)
    counted = Counted(url)
    more, sent, done, moved = cycle(values), 0, 0, time.monotonic()
    while done < records:
        while sent < min(records, done + _AHEAD):
            producer.send(_TOPIC, next(more), partition=sent % PARTITIONS, headers=[("content-type", ARROW.encode())])
            sent += 1
        producer.flush()
        time.sleep(0.5)  # between two looks, until there is no progress for too long
        before, done = done, counted.events() // batch
        moved = time.monotonic() if done > before else moved
        if time.monotonic() - moved > _SECONDS_WITHOUT_PROGRESS:
            raise SystemExit(f"the worker stands still at {done * batch:,} events")
        if done:
            yield Seen(done * batch, resident_bytes(pid), counted.database_bytes())
    entries = counted.entries()
    if entries["events"] != records * batch or entries["records_counted"] != records:
        raise SystemExit(f"not every event was counted once: {entries}")
    producer.close()
    counted.close()


class Seen(NamedTuple):
    """Events written, bytes that the worker has resident, bytes of the database."""

    events: int
    resident: int
    database: int


def _tell(seen: Sequence[Seen], events: int, limit: int) -> None:
    peak = max(each.resident for each in seen)
    points = {"start": seen[0]}
    for name, share in (("quarter", 0.25), ("half", 0.5), ("three quarters", 0.75), ("end", 1.0)):
        points[name] = next(each for each in seen if each.events >= events * share)
    rows: list[tuple[object, ...]] = [("", "events", "MiB", "MiB of database")]
    rows += [(name, each.events, each.resident / MIB, each.database / MIB) for name, each in points.items()]
    rows.append(("peak", events, peak / MIB, max(each.database for each in seen) / MIB))
    # flat: the second half needs no more than the first
    first = max(each.resident for each in seen if each.events <= max(events / 2, seen[0].events))
    second = max(each.resident for each in seen if each.events >= events / 2)
    report(
        "worker_memory_peak",
        peak / MIB,
        "MiB",
        {"limit": peak / MIB / limit, "second_half_over_first": second / first},
        rows,
        events=events,
    )
    if peak > limit * MIB:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
