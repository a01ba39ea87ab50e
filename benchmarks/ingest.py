"""Usage from Kafka to committed rollups, beside two limits measured in the same run on the same records:
reading the topic with kafka-python and doing nothing, and aggregating in memory without Kafka and database.

`ours` is events for each second of processor time of the worker's process, since that is what a core does; the time of
the clock is in the table. PostgreSQL and Kafka have processors of their own, or share this machine's."""

import json
import os
import platform
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import click
import numpy as np
import psycopg
from chassis.kafka.topics import Topic, ensure_topics
from chassis.process import Stop
from chassis.sql import migrations
from chassis.sql.database import Database
from embedded import ports
from embedded.kafka import KafkaServer
from embedded.postgres import PostgresServer
from embedded.running import running
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.screening import screen
from metrics.domain.usage_columns import Names, UsageColumns, decode_arrow, encode_arrow
from metrics.wiring import USAGE
from sqlalchemy import text

PARTITIONS = 2
SERVERS, TOOLS, ACCOUNTS = 2_000, 40, 50_000
PRODUCTS = ["claude_ai", "claude_desktop", "claude_code", "cowork", "other_a", "other_b"]
HEADERS = [("content-type", b"application/vnd.apache.arrow.stream")]


@dataclass(frozen=True)
class Run:
    """One measurement."""

    wall: float
    cpu: float


@contextmanager
def measured(into: list[Run]) -> Iterator[None]:
    """Adds the time of the block: the clock's, and this process's processor time."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Run(time.perf_counter() - wall, time.process_time() - cpu))


def batches(events: int, size: int, seed: int) -> list[bytes]:
    """Records of skewed traffic of two days."""
    chance = np.random.default_rng(seed)
    servers = [str(UUID(int=int.from_bytes(chance.bytes(16), "big"))) for _ in range(SERVERS)]
    tools = [f"tool_{n}" for n in range(TOOLS)]
    errors = ["", "tool_error", "timeout", "-32602", "429", "500"]
    hashes = chance.integers(1, 2**63, ACCOUNTS, dtype=np.uint64)
    now = int(time.time() * 1e6)
    return [encode_arrow(_columns(chance, size, servers, tools, errors, hashes, now)) for _ in range(events // size)]


def _columns(
    chance: np.random.Generator,
    size: int,
    servers: list[str],
    tools: list[str],
    errors: list[str],
    hashes: np.ndarray,
    now: int,
) -> UsageColumns:
    outcome = chance.choice(np.array([1, 2, 3, 4], np.uint8), size, p=[0.93, 0.03, 0.03, 0.01])
    failed = (outcome == 2) | (outcome == 3)
    skewed = np.minimum(chance.zipf(1.3, size) - 1, SERVERS - 1).astype(np.int32)
    return UsageColumns(
        kind=np.where(chance.random(size) < 0.8, 1, 2).astype(np.uint8),
        time=np.sort(now - chance.integers(0, 86_400_000_000, size)),
        server=Names(skewed, servers),
        product=Names(chance.integers(0, len(PRODUCTS), size).astype(np.int32), PRODUCTS),
        tool=Names(np.minimum(chance.geometric(0.15, size), TOOLS - 1).astype(np.int32), tools),
        account=hashes[np.minimum(chance.geometric(0.0004, size), ACCOUNTS - 1)],
        outcome=outcome,
        error_type=Names(np.where(failed, chance.integers(1, len(errors), size), 0).astype(np.int32), errors),
        http_status=np.where(failed, 500, 200).astype(np.uint16),
        duration_us=chance.lognormal(11, 1, size).astype(np.uint64),
        synthetic=np.zeros(size, np.bool_),
    )


def produce(bootstrap: str, topic: str, records: list[bytes]) -> None:
    """Writes the records, waiting for each to be acknowledged."""
    ensure_topics(bootstrap, [Topic(topic, PARTITIONS, USAGE.config)])
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all", max_request_size=5 * 1024 * 1024)
    sent = [
        producer.send(topic, value=value, partition=number % PARTITIONS, headers=HEADERS)
        for number, value in enumerate(records)
    ]
    if any(each.get(timeout=60).offset < 0 for each in sent):
        raise SystemExit("the broker did not take a record")
    producer.close()


def raw_read(bootstrap: str, topic: str, records: int) -> None:
    """Reads everything and does nothing with it."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        max_partition_fetch_bytes=8 * 1024 * 1024,
        fetch_max_bytes=32 * 1024 * 1024,
        max_poll_records=5_000,
    )
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    seen = 0
    while seen < records:
        seen += sum(map(len, consumer.poll(timeout_ms=1_000).values()))
    consumer.close()


def in_memory(records: list[bytes], flush_events: int) -> int:
    """Decodes, screens and aggregates without Kafka and database."""
    now, counted, deltas = int(time.time() * 1e6), 0, UsageDeltas()
    for value in records:
        deltas.add(screen(decode_arrow(value, RecordLimits()), now).columns)
        if deltas.events >= flush_events:
            counted += deltas.reduce().events
            deltas = UsageDeltas()
    return counted + deltas.reduce().events


def to_rollups(url: str, bootstrap: str, topic: str, events: int, flush_events: int) -> None:
    """A worker, until the rollups hold everything."""
    database = Database(url, "benchmark", pool_size=3)
    with database.transaction() as uow:
        uow.execute(text("TRUNCATE usage_server_days, usage_product_days, usage_tool_days, usage_error_type_days"))
        uow.execute(text("TRUNCATE server_accounts, usage_offsets, usage_ledger"))
        uow.commit()
    plan = WorkerPlan(bootstrap, topic, f"benchmark-{secrets.token_hex(4)}", "benchmark", 1.0, flush_events)
    worker, stop = UsageWorker(database, plan, lambda: time.time_ns() // 1000), Stop()
    watcher = threading.Thread(target=_stop_when, args=(database, events, stop))
    watcher.start()
    worker.run(stop)
    watcher.join()
    with database.read() as connection:
        sums = connection.execute(text("SELECT sum(calls), sum(messages) FROM usage_server_days")).one()
    if sum(map(int, sums)) != events:
        raise SystemExit(f"{sums} is not {events}")
    database.dispose()


def _stop_when(database: Database, events: int, stop: Stop) -> None:
    counted = text("SELECT coalesce(sum(amount), 0) FROM usage_ledger WHERE entry = 'events_counted'")
    while not stop.wait(0.1):
        with database.read() as connection:
            if connection.execute(counted).scalar_one() >= events:
                stop.set()


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """PostgreSQL and Kafka: own ones, or those named by DATABASE_URL_ADMIN and KAFKA_BOOTSTRAP_SERVERS."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        folder.chmod(0o711)
        admin, bootstrap = os.environ.get("DATABASE_URL_ADMIN"), os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if not admin:
            postgres = PostgresServer(folder / "postgres", ports.any_free(), durable=True)
            stack.enter_context(running(postgres, folder / "postgres.out"))
            admin = postgres.admin_url()
        if not bootstrap:
            kafka = KafkaServer(folder / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=512)
            stack.enter_context(running(kafka, folder / "kafka.out"))
            bootstrap = kafka.bootstrap
        name = f"benchmark_{secrets.token_hex(4)}"
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        try:
            url = f"{admin.rpartition('/')[0]}/{name}"
            migrations.upgrade("metrics", url)
            yield url, bootstrap
        finally:
            with psycopg.connect(admin, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True, help="Events in a record.")
@click.option("--flush-events", default=1_000_000, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, batch: int, flush_events: int, rounds: int, seed: int) -> None:
    """Measure ingest beside its limits."""
    records = batches(events, batch, seed)
    events = len(records) * batch
    with servers() as (url, bootstrap):
        topic = f"benchmark-{secrets.token_hex(4)}"
        produce(bootstrap, topic, records)
        works: dict[str, Callable[[], object]] = {
            "raw_read": lambda: raw_read(bootstrap, topic, len(records)),
            "in_memory": lambda: in_memory(records, flush_events),
            "ours": lambda: to_rollups(url, bootstrap, topic, events, flush_events),
        }
        runs: dict[str, list[Run]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                with measured(runs[name]):
                    work()
    report(events, batch, sum(map(len, records)) / events, runs)


def report(events: int, batch: int, bytes_an_event: float, runs: dict[str, list[Run]]) -> None:
    """A table for people, and one line of JSON for programs."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("kafka-python", "numpy", "pyarrow", "psycopg"))
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"Python {platform.python_version()}, {packages}")
    print(f"{events:,} events, {batch:,} a record, {bytes_an_event:.1f} bytes each; medians of {len(runs['ours'])}\n")
    print(f"{'work':<12}{'events/s':>14}{'events/s of processor':>24}")
    rates = {}
    for name, measurements in runs.items():
        wall = statistics.median(run.wall for run in measurements)
        rates[name] = events / statistics.median(run.cpu for run in measurements)
        print(f"{name:<12}{events / wall:>14,.0f}{rates[name]:>24,.0f}")
    ours = rates.pop("ours")
    ratios = {name: round(ours / rate, 3) for name, rate in rates.items()}
    print(
        json.dumps(
            {
                "figure": "ingest_events_per_processor_second",
                "ours": round(ours),
                "unit": "events/s",
                "ratios": ratios,
                "bytes_an_event": round(bytes_an_event, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
