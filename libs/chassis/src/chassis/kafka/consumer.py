"""Consumers of events: exactly-once effect, by an inbox entry in the transaction of the change.

Three outcomes of a message: done; invalid, kept as a dead letter; anything else ends the process, which starts again
at the same message. A part that is away is waited for.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import DecodeError, Message
from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError
from prometheus_client import Counter
from sqlalchemy import text

from chassis import request_id
from chassis.errors import InvalidInput, Unavailable
from chassis.kafka.connection import Bootstrap, connected
from chassis.kafka.reach import require_broker
from chassis.logs import get_logger
from chassis.process import Stop
from chassis.sql.database import Database, UnitOfWork

CONSUMED = Counter("events_consumed_total", "Events that were consumed, by outcome.", ["topic", "outcome"])

_POLL_MS = 500
_MOST_RECORDS = 200
_SECONDS_BETWEEN_COMMITS = 1.0
_COMMIT_MS = 3_000
_CONNECTING_MS = 5_000
_BACK_OFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)
_MOST_DEAD_LETTERS_IN_A_ROW = 100
_LONGEST_EVENT_ID = 200

_ENTER = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING")
_BURY = text(
    "INSERT INTO dead_letters (consumer, topic, partition, position, record_at, key, value, reason)"
    " VALUES (:consumer, :topic, :partition, :position, :record_at, :key, :value, :reason) ON CONFLICT DO NOTHING"
)

Handler = Callable[[Any, UnitOfWork], None]


class EventConsumer:
    """A consumer group that applies events to a database.

    `handlers` maps a topic to its event message and a handler. The handler gets the event and the unit of work that
    holds the inbox entry, and does not commit. It raises InvalidInput for an event that can never be applied,
    Unavailable for one that can be applied later.
    """

    def __init__(
        self,
        bootstrap: Bootstrap,
        group: str,
        handlers: Mapping[str, tuple[type[Message], Handler]],
        database: Database,
    ) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._handlers = handlers
        self._database = database
        self._done: dict[TopicPartition, int] = {}
        self._topic_ids: dict[str, Any] = {}
        self._committed_at = 0.0
        self._troubles_in_a_row = 0
        self._dead_in_a_row = 0

    def run(self, stop: Stop) -> None:
        """A loop for `process.run`."""
        consumer = _consumer(self._bootstrap, stop, group_id=self._group, auto_offset_reset="earliest")
        if consumer is None:
            return
        try:
            self._join(consumer, stop)
            while not stop.is_set():
                batches = consumer.poll(timeout_ms=_POLL_MS, max_records=_MOST_RECORDS)
                anew = self._start_over(consumer)
                self._apply(consumer, {at: batch for at, batch in batches.items() if at.topic not in anew}, stop)
                if time.monotonic() - self._committed_at >= _SECONDS_BETWEEN_COMMITS:
                    self._commit(consumer)
            self._commit(consumer)
        finally:
            consumer.close(autocommit=False, timeout_ms=_COMMIT_MS)

    def _join(self, consumer: Any, stop: Stop) -> None:
        """A group that is joined before its topics are known assigns nothing at first, and may stay so."""
        for topic in self._handlers:
            while not stop.is_set():
                try:
                    consumer.partitions_for_topic(topic)
                    break
                except KafkaError as error:
                    get_logger().warning("Kafka does not answer", cause=type(error).__name__)
                    stop.wait(1.0)
        consumer.subscribe(list(self._handlers))

    def _apply(self, consumer: Any, batches: Mapping[TopicPartition, Sequence[Any]], stop: Stop) -> None:
        """Every record in order; at a part that is away, go back to the first record that was not applied."""
        trouble: Unavailable | None = None
        for partition, records in batches.items():
            for record in records:
                if trouble is None and not stop.is_set():
                    trouble = self._apply_one(record)
                if trouble is not None or stop.is_set():
                    _return_to(consumer, partition, record.offset)
                    break
                self._done[partition] = record.offset + 1
        if trouble is None:
            self._troubles_in_a_row = 0
            return
        pause = _BACK_OFF_SECONDS[min(self._troubles_in_a_row, len(_BACK_OFF_SECONDS) - 1)]
        self._troubles_in_a_row += 1
        get_logger().warning("event waits", reason=trouble.reason, group=self._group)
        stop.wait(pause)

    def _apply_one(self, record: Any) -> Unavailable | None:
        headers = dict(record.headers)
        with request_id.bind(headers.get(request_id.METADATA_KEY, b"").decode("ascii", "replace")):
            try:
                outcome = self._handle_or_bury(record)
            except Unavailable as error:
                return error
        CONSUMED.labels(record.topic, outcome).inc()
        return None

    def _handle_or_bury(self, record: Any) -> str:
        event_class, handler = self._handlers[record.topic]
        try:
            event = _decode(event_class, record.value)
            outcome = self._database.run(lambda uow: self._once(uow, event, handler))
        except InvalidInput as error:
            reason = str(error)
            self._database.run(lambda uow: self._bury(uow, record, reason))
            self._count_dead(record)
            return "dead"
        self._dead_in_a_row = 0
        return outcome

    def _once(self, uow: UnitOfWork, event: Any, handler: Handler) -> str:
        if not uow.execute(_ENTER, {"consumer": self._group, "event_id": event.event_id}).rowcount:
            return "known"
        handler(event, uow)
        return "done"

    def _bury(self, uow: UnitOfWork, record: Any, reason: str) -> None:
        letter = {
            "consumer": self._group,
            "topic": record.topic,
            "partition": record.partition,
            "position": record.offset,
            "record_at": datetime.fromtimestamp(record.timestamp / 1000, UTC),
            "key": record.key,
            "value": record.value,
            "reason": reason[:1000],
        }
        uow.execute(_BURY, letter)

    def _count_dead(self, record: Any) -> None:
        get_logger().error("event is a dead letter", topic=record.topic, partition=record.partition, at=record.offset)
        self._dead_in_a_row += 1
        if self._dead_in_a_row >= _MOST_DEAD_LETTERS_IN_A_ROW:
            raise RuntimeError(f"{self._dead_in_a_row} dead letters in a row: this consumer reads wrongly, not they")

    def _start_over(self, consumer: Any) -> set[str]:
        """Topics that were made anew are read from their beginning: positions in the old ones mean nothing in them."""
        anew = set()
        for topic in self._handlers:
            present, known = _topic_id(consumer, topic), self._topic_ids.get(topic)
            if present is None or present == known:
                continue
            self._topic_ids[topic] = present
            if known is not None:
                partitions = [each for each in consumer.assignment() if each.topic == topic]
                if partitions:  # none means "all" to seek_to_beginning
                    consumer.seek_to_beginning(*partitions)
                self._done = {each: done for each, done in self._done.items() if each.topic != topic}
                anew.add(topic)
        return anew

    def _commit(self, consumer: Any) -> None:
        """Say how far we are. Only saves work after a restart: the inbox knows what took effect."""
        self._committed_at = time.monotonic()
        assigned = consumer.assignment()
        offsets = {each: OffsetAndMetadata(done, "", -1) for each, done in self._done.items() if each in assigned}
        self._done.clear()
        if not offsets:
            return
        try:
            consumer.commit(offsets, timeout_ms=_COMMIT_MS)
        except KafkaError as error:
            get_logger().info("offsets were not stored", group=self._group, cause=type(error).__name__)


def follow(
    bootstrap: Bootstrap, topics: Mapping[str, type[Message]], handler: Callable[[Any], None], stop: Stop
) -> None:
    """Give every event from now on to `handler`, in every process that follows: for caches, nothing is remembered.

    Events that cannot be read are logged and left out.
    """
    consumer = _consumer(bootstrap, stop, group_id=None, auto_offset_reset="latest")
    if consumer is None:
        return
    consumer.subscribe(list(topics))
    try:
        while not stop.is_set():
            for records in consumer.poll(timeout_ms=_POLL_MS, max_records=_MOST_RECORDS).values():
                for record in records:
                    _follow_one(topics[record.topic], record, handler)
    finally:
        consumer.close(autocommit=False, timeout_ms=_COMMIT_MS)


def _follow_one(event_class: type[Message], record: Any, handler: Callable[[Any], None]) -> None:
    try:
        event = _decode(event_class, record.value)
    except InvalidInput:
        get_logger().warning("event is not readable", topic=record.topic, partition=record.partition, at=record.offset)
        return
    with request_id.bind(dict(record.headers).get(request_id.METADATA_KEY, b"").decode("ascii", "replace")):
        handler(event)


def _decode(event_class: type[Message], value: bytes | None) -> Any:
    try:
        event: Any = event_class.FromString(value or b"")
    except DecodeError:
        raise InvalidInput("EVENT_UNREADABLE", f"The record is no {event_class.DESCRIPTOR.full_name}.") from None
    if not 0 < len(event.event_id) <= _LONGEST_EVENT_ID:
        raise InvalidInput("EVENT_UNREADABLE", "The event has no id.")
    return event


def _consumer(bootstrap: Bootstrap, stop: Stop, **settings: Any) -> Any:
    """A consumer, as soon as Kafka answers; None when told to stop before."""
    while not stop.is_set():
        try:
            require_broker(bootstrap)
            return connected(
                KafkaConsumer,
                bootstrap,
                bootstrap_timeout_ms=_CONNECTING_MS,
                enable_auto_commit=False,
                allow_auto_create_topics=False,
                session_timeout_ms=6_000,
                heartbeat_interval_ms=1_000,
                metadata_max_age_ms=5_000,
                reconnect_backoff_max_ms=2_000,
                **settings,
            )
        except KafkaError as error:
            get_logger().warning("Kafka does not answer", cause=type(error).__name__)
            stop.wait(1.0)
    return None


def _return_to(consumer: Any, partition: TopicPartition, offset: int) -> None:
    # A partition that went to another member in the meantime is that member's to go on with.
    if partition in consumer.assignment():
        consumer.seek(partition, offset)


def _topic_id(consumer: Any, topic: str) -> Any:
    # The client learns ids with its metadata and shows them nowhere in its public interface.
    return consumer._client.cluster.topic_id(topic)
