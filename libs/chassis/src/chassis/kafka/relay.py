"""The outbox relay: events leave the database for Kafka, in order per key, at least once.

A row is unpublished while it bears no topic's id, not while its id is above some last one: ids are given before
commits, and a transaction that commits late would be skipped.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
from kafka import KafkaProducer
from kafka.errors import KafkaError
from prometheus_client import Counter, Gauge
from sqlalchemy import TextClause, text

from chassis.errors import Unavailable
from chassis.kafka.connection import Bootstrap, client_settings
from chassis.kafka.reach import require_broker
from chassis.kafka.topics import Topic, TopicAdmin
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.request_id import METADATA_KEY
from chassis.sql.database import Database, UnitOfWork, connect_arguments

PUBLISHED = Counter("outbox_published_total", "Events that Kafka acknowledged.", ["topic"])
OLDEST = Gauge("outbox_oldest_unpublished_seconds", "Age of the oldest event that has not left yet.")

_LOCK = 0x6F7574  # any number that nothing else in these databases locks
_BATCH = 500
_SECONDS_BETWEEN_LOOKS = 0.5
_SECONDS_BETWEEN_TOPIC_CHECKS = 5.0
_SECONDS_BETWEEN_PURGES = 3600.0
_SECONDS_TO_ACKNOWLEDGE = 15.0
_SECONDS_AFTER_TROUBLE = 1.0
_CONNECTING_MS = 5_000

_UNPUBLISHED = text(
    "SELECT id, topic, key, payload, request_id FROM outbox WHERE topic_id IS NULL ORDER BY id LIMIT :batch"
)
_MARK = text("UPDATE outbox SET topic_id = :topic_id, published_at = now() WHERE id = ANY(:ids)")
# Two ranges instead of "<>", which no index serves; in portions, so that a long outbox keeps the time limit.
_UNMARK = text(
    "UPDATE outbox SET topic_id = NULL, published_at = NULL WHERE id = ANY(ARRAY("
    "SELECT id FROM outbox WHERE topic = :topic AND (topic_id < :topic_id OR topic_id > :topic_id) LIMIT :portion))"
)
# Of the first in line, which its index finds at once, however long the line is: relays that stand by ask each second.
_AGE = text(
    "SELECT coalesce((SELECT extract(epoch FROM now() - created_at) FROM outbox "
    "WHERE topic_id IS NULL ORDER BY id LIMIT 1), 0)"
)
_PORTION = 10_000
# An event can come again for as long as the outbox or its topic keeps it: the inbox remembers for longer than both.
_PURGES = tuple(
    text(f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {old} LIMIT :portion))")  # noqa: S608
    for table, old in (
        ("outbox", "topic_id IS NOT NULL AND created_at < now() - interval '14 days'"),
        ("inbox", "received_at < now() - interval '60 days'"),
        ("idempotency_keys", "created_at < now() - interval '2 days'"),
    )
)


class OutboxRelay:
    """Publishes a database's outbox to `topics`. Any number may run; one works, the others stand by."""

    def __init__(self, database: Database, bootstrap: Bootstrap, topics: Sequence[Topic]) -> None:
        self._database = database
        self._bootstrap = bootstrap
        self._topics = {topic.name: topic for topic in topics}
        self._ids: dict[str, str] = {}  # looked up anew by each relay that takes the work over

    def run(self, stop: Stop) -> None:
        """A loop for `process.run`: goes on through outages of the database and of Kafka."""
        while not stop.is_set():
            try:
                self._stand_by_and_work(stop)
            except (psycopg.OperationalError, Unavailable, KafkaError) as error:
                get_logger().warning("outbox waits", cause=type(error).__name__, detail=str(error)[:200])
                stop.wait(_SECONDS_AFTER_TROUBLE)

    def _stand_by_and_work(self, stop: Stop) -> None:
        # The lock lives as long as this connection: a relay that died or lost it leaves the work to another.
        with psycopg.connect(self._database.url, autocommit=True, **connect_arguments("outbox-relay")) as listener:
            # before Kafka is asked: an outbox that waits for it, or for a relay that hangs, would be told as empty
            self._measure()
            while not _lock(listener):
                if stop.wait(_SECONDS_AFTER_TROUBLE):
                    return
                self._measure()
            listener.execute("LISTEN outbox")
            require_broker(self._bootstrap)
            producer = _producer(self._bootstrap)
            try:
                with TopicAdmin(self._bootstrap, patience_ms=_CONNECTING_MS, request_ms=_CONNECTING_MS) as admin:
                    self._work(stop, listener, producer, admin)
            finally:
                producer.close(timeout=1)

    def _work(self, stop: Stop, listener: psycopg.Connection, producer: Any, admin: TopicAdmin) -> None:
        self._ids = {}
        next_check = next_purge = 0.0
        while not stop.is_set():
            if time.monotonic() >= next_check:
                self._follow_topics(admin)
                self._measure()
                next_check = time.monotonic() + _SECONDS_BETWEEN_TOPIC_CHECKS
            if time.monotonic() >= next_purge:
                self._purge()
                next_purge = time.monotonic() + _SECONDS_BETWEEN_PURGES
            listener.execute("SELECT 1")  # raises when the connection, and with it the lock, is gone
            if not self._publish(producer):
                for _ in listener.notifies(timeout=_SECONDS_BETWEEN_LOOKS, stop_after=1):
                    pass

    def _follow_topics(self, admin: TopicAdmin) -> None:
        """Topics that are gone are made; what a topic of another id had acknowledged is unpublished again."""
        admin.ensure(self._topics.values())
        ids = admin.ids(self._topics)
        if ids != self._ids:
            for topic, topic_id in ids.items():
                self._send_again(topic, topic_id)
        self._ids = ids

    def _measure(self) -> None:
        OLDEST.set(self._database.run_read(lambda connection: float(connection.execute(_AGE).scalar_one())))

    def _send_again(self, topic: str, topic_id: str) -> None:
        events = self._in_portions(_UNMARK, {"topic": topic, "topic_id": topic_id})
        if events:
            get_logger().warning("topic was made anew, its events are sent again", topic=topic, events=events)

    def _purge(self) -> None:
        for statement in _PURGES:
            self._in_portions(statement, {})

    def _in_portions(self, statement: TextClause, parameters: Mapping[str, str]) -> int:
        """Runs a statement with a LIMIT until nothing is left for it; how many rows it changed."""
        changed = 0
        while True:
            rows = self._database.run(lambda uow: uow.execute(statement, {**parameters, "portion": _PORTION}).rowcount)
            changed += rows
            if rows < _PORTION:
                return changed

    def _publish(self, producer: Any) -> int:
        """1. Read a batch in order. 2. Send it in waves with one event a key. 3. Mark what was acknowledged.

        The ids of the topics were looked up before: an event that reached a topic which was made anew since then is
        marked with the old id and sent again.
        """
        rows = self._database.run_read(lambda connection: connection.execute(_UNPUBLISHED, {"batch": _BATCH}).all())
        for wave in _waves(rows):
            self._send(producer, wave)
        return len(rows)

    def _send(self, producer: Any, wave: Sequence[Any]) -> None:
        futures = [(row, self._hand_over(producer, row)) for row in wave]
        producer.flush(timeout=_SECONDS_TO_ACKNOWLEDGE)
        acknowledged: dict[str, list[int]] = {}
        trouble: Exception | None = None
        for row, future in futures:
            try:
                # A future can end without an acknowledgement: only an offset proves one.
                metadata = future.get(timeout=_SECONDS_TO_ACKNOWLEDGE)
                if metadata is None or metadata.offset < 0:
                    raise KafkaError("no acknowledgement")
                acknowledged.setdefault(row.topic, []).append(row.id)
            except KafkaError as error:
                trouble = error
        self._database.run(lambda uow: self._mark(uow, acknowledged))
        for topic, ids in acknowledged.items():
            PUBLISHED.labels(topic).inc(len(ids))
        if trouble is not None:
            raise trouble

    def _hand_over(self, producer: Any, row: Any) -> Any:
        if row.topic not in self._topics:
            raise LookupError(f"the outbox holds an event for {row.topic}, which this relay was not given")
        headers = [(METADATA_KEY, row.request_id.encode())]
        return producer.send(row.topic, key=row.key.encode(), value=bytes(row.payload), headers=headers)

    def _mark(self, uow: UnitOfWork, acknowledged: dict[str, list[int]]) -> None:
        for topic, ids in acknowledged.items():
            uow.execute(_MARK, {"topic_id": self._ids[topic], "ids": ids})


def _waves(rows: Sequence[Any]) -> Iterator[list[Any]]:
    """Rows split so that a key is in a wave once: a failed event is never overtaken by a later one of its key."""
    waves: list[list[Any]] = []
    depth: dict[tuple[str, str], int] = {}
    for row in rows:
        number = depth.get((row.topic, row.key), 0)
        depth[row.topic, row.key] = number + 1
        if number == len(waves):
            waves.append([])
        waves[number].append(row)
    yield from waves


def _producer(bootstrap: Bootstrap) -> Any:
    return KafkaProducer(
        **client_settings(bootstrap),
        bootstrap_timeout_ms=_CONNECTING_MS,
        acks="all",
        enable_idempotence=True,
        compression_type="zstd",
        request_timeout_ms=5_000,
        delivery_timeout_ms=10_000,
        max_block_ms=5_000,
        reconnect_backoff_max_ms=2_000,
        metadata_max_age_ms=5_000,
        allow_auto_create_topics=False,
    )


def _lock(connection: psycopg.Connection) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,)).fetchone()
    return bool(row and row[0])
