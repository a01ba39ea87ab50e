"""Real PostgreSQL and Apache Kafka for a benchmark: own ones, started for it and stopped after it, or those named by
DATABASE_URL_ADMIN and KAFKA_BOOTSTRAP_SERVERS."""

import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psycopg
from chassis.kafka.topics import Topic, ensure_topics
from chassis.sql import migrations
from embedded import ports
from embedded.kafka import KafkaServer
from embedded.postgres import PostgresServer
from embedded.running import running
from kafka import KafkaProducer
from metrics.wiring import USAGE


@dataclass(frozen=True)
class Servers:
    """Where they are. `processes` holds the process ids of those that were started here, by name."""

    admin_url: str = ""
    bootstrap: str = ""
    processes: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def servers(
    *, postgres: bool = True, kafka: bool = True, settings: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Servers]:
    """The servers that are asked for, empty addresses for the others. `settings` are PostgreSQL's, of an own one."""
    admin_url = os.environ.get("DATABASE_URL_ADMIN", "") if postgres else ""
    bootstrap = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "") if kafka else ""
    processes: dict[str, int] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        folder.chmod(0o711)  # PostgreSQL runs under another account
        if postgres and not admin_url:
            database = PostgresServer(folder / "postgres", ports.any_free(), settings=settings)
            processes["postgres"] = stack.enter_context(running(database, folder / "postgres.out")).pid
            admin_url = database.admin_url()
        if kafka and not bootstrap:
            broker = KafkaServer(folder / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=512)
            processes["kafka"] = stack.enter_context(running(broker, folder / "kafka.out")).pid
            bootstrap = broker.bootstrap
        yield Servers(admin_url, bootstrap, processes)


@contextmanager
def fresh_database(where: Servers, service: str = "metrics") -> Iterator[str]:
    """URL of a database of its own that has the tables of a service."""
    name = f"benchmark_{service}_{secrets.token_hex(4)}"
    with psycopg.connect(where.admin_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        url = f"{where.admin_url.rpartition('/')[0]}/{name}"
        migrations.upgrade(service, url)
        yield url
    finally:
        with psycopg.connect(where.admin_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def written_topic(
    where: Servers,
    records: Sequence[bytes],
    *,
    content_type: str,
    partitions: int = 2,
    keys: Sequence[bytes] | None = None,
) -> str:
    """Name of a new topic that holds the records, each acknowledged; in turn over the partitions, or by their keys."""
    topic = f"benchmark-{secrets.token_hex(4)}"
    ensure_topics(where.bootstrap, [Topic(topic, partitions, USAGE.config)])
    producer = KafkaProducer(
        bootstrap_servers=where.bootstrap, acks="all", max_request_size=5 * 1024 * 1024, linger_ms=5, batch_size=262_144
    )
    headers = [("content-type", content_type.encode())]
    sent = [
        producer.send(topic, value=value, headers=headers, key=keys[number])
        if keys
        else producer.send(topic, value=value, headers=headers, partition=number % partitions)
        for number, value in enumerate(records)
    ]
    producer.flush()
    if any(each.get(timeout=60).offset < 0 for each in sent):
        raise SystemExit("the broker did not take a record")
    producer.close()
    return topic
