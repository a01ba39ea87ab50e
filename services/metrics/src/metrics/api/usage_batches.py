"""Writing batches to the usage topic, in the record form of docs/usage-events.md, never more than there is room for."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.errors import DirectoryError, InvalidInput, LimitExceeded, Unavailable
from chassis.kafka.connection import Bootstrap, client_settings
from chassis.kafka.reach import require_broker
from chassis.logs import get_logger
from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError

from metrics.api.collector_metrics import BROKER_SECONDS, UNDER_WAY_BATCHES, UNDER_WAY_BYTES
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.usage_columns import UsageColumns, encode_arrow

MOST_BYTES = 64 * 1024 * 1024
MOST_BATCHES = 32
SECONDS_TO_ACKNOWLEDGE = 3.5
SECONDS_FOR_ROOM = 0.5
SECONDS_TO_CONNECT = 0.3
RETRY_SECONDS = 2
_CONTENT_TYPE = b"application/vnd.apache.arrow.stream"
_LIMITS = RecordLimits()


class Room:
    """How many bytes and batches may be under way at once: what comes beyond waits a moment and is refused."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_batches: int = MOST_BATCHES) -> None:
        self._most_bytes, self._most_batches = most_bytes, most_batches
        self._bytes = self._batches = 0
        self._freed = threading.Condition()

    def enter(self, size: int) -> None:
        """Takes place for a batch of that many bytes. Raises LimitExceeded BROKER_SLOW."""
        with self._freed:
            if not self._freed.wait_for(lambda: self._fits(size), SECONDS_FOR_ROOM):
                raise _slow("Too much is on its way to the broker. Send the same batch again later.")
            self._move(size, 1)

    def leave(self, size: int) -> None:
        """Gives the place back."""
        with self._freed:
            self._move(-size, -1)
            self._freed.notify_all()

    def _fits(self, size: int) -> bool:
        # One alone always fits, whatever its size.
        enough = self._bytes + size <= self._most_bytes or not self._batches
        return enough and self._batches < self._most_batches

    def _move(self, size: int, batches: int) -> None:
        self._bytes += size
        self._batches += batches
        UNDER_WAY_BYTES.set(self._bytes)
        UNDER_WAY_BATCHES.set(self._batches)


class Place:
    """A batch's place in the room, from its arrival to the broker's answer."""

    def __init__(self, room: Room, size: int) -> None:
        self._room, self._size, self._left = room, size, False
        self.is_handed_on = False
        room.enter(size)

    def leave(self, *_: object) -> None:
        """Gives it back, once."""
        if not self._left:
            self._left = True
            self._room.leave(self._size)


class Written:
    """A batch on its way to the broker."""

    def __init__(self, sent: Any, began: float, bootstrap: Bootstrap) -> None:
        self._sent, self._began, self._bootstrap = sent, began, bootstrap

    def wait(self) -> None:
        """Returns when the broker has the batch. Raises LimitExceeded BROKER_SLOW, Unavailable BROKER_AWAY, and
        InvalidInput TOO_MANY where the topic takes smaller records than it should."""
        left = self._began + SECONDS_TO_ACKNOWLEDGE + 0.5 - time.monotonic()
        try:
            metadata = self._sent.get(timeout=max(0.0, left))
        except KafkaError as error:
            raise _not_taken(error, self._bootstrap) from error
        if metadata is None or metadata.offset < 0:
            raise _slow("The broker has not acknowledged the batch. Send the same batch again later.")
        BROKER_SECONDS.observe(time.monotonic() - self._began)


class UsageBatches:
    """A producer for the collector's threads."""

    def __init__(self, bootstrap: Bootstrap, topic: str, room: Room | None = None) -> None:
        self._bootstrap, self._topic = bootstrap, topic
        self._room = room or Room()
        self._producer = KafkaProducer(
            **client_settings(bootstrap),
            acks="all",
            # kafka-python 3.0.12 never writes again after a batch expired under way (a frozen broker) if this is on;
            # what its retries double is known by its number
            enable_idempotence=False,
            linger_ms=0,
            max_request_size=_LIMITS.record_bytes + 64 * 1024,
            max_block_ms=int(SECONDS_TO_ACKNOWLEDGE * 1000),
            delivery_timeout_ms=int(SECONDS_TO_ACKNOWLEDGE * 1000),
            request_timeout_ms=int(SECONDS_TO_ACKNOWLEDGE * 1000) - 500,
            allow_auto_create_topics=False,
        )

    @contextmanager
    def place(self, size: int) -> Iterator[Place]:
        """A place for a batch that came in that many bytes. Raises LimitExceeded BROKER_SLOW."""
        place = Place(self._room, size)
        try:
            yield place
        finally:
            if not place.is_handed_on:
                place.leave()

    def begin(self, place: Place, value: bytes, producer_id: str, sequence: int) -> Written:
        """Hands a batch to the producer; the place is given back when the broker has answered.

        The key is the producer, so that a batch that is sent again, through whichever collector, meets the same
        partition and is known there. Raises as Written.wait.
        """
        headers = [
            ("content-type", _CONTENT_TYPE),
            ("producer-id", producer_id.encode()),
            ("sequence", str(sequence).encode()),
        ]
        began = time.monotonic()
        try:
            sent = self._producer.send(self._topic, value=value, key=producer_id.encode(), headers=headers)
        except KafkaError as error:
            raise _not_taken(error, self._bootstrap) from error
        place.is_handed_on = True
        sent.add_both(place.leave)
        return Written(sent, began, self._bootstrap)

    def is_connected(self) -> bool:
        """Whether the broker has told where the topic is: asked again as soon as it changes."""
        try:
            return bool(self._producer.partitions_for(self._topic))
        except KafkaError:
            return False

    def close(self) -> None:
        """Ends the connection at once: what the broker has not acknowledged, nobody was promised."""
        # close() alone waits for records first, and gives up with its thread still running
        self._producer._sender.force_close()
        self._producer.close(timeout=1)


def record_of(columns: UsageColumns) -> bytes:
    """The record of these events. Raises InvalidInput TOO_MANY where ingest would not read it."""
    if len(columns) > _LIMITS.rows:
        raise _too_many(f"{_LIMITS.rows} events")
    value = encode_arrow(columns)
    if len(value) > _LIMITS.record_bytes:
        raise _too_many(f"{_LIMITS.record_bytes} bytes as a record")
    return value


def _too_many(limit: str) -> InvalidInput:
    return InvalidInput("TOO_MANY", "Hand in fewer events at once.", limit=limit)


def _not_taken(error: KafkaError, bootstrap: Bootstrap) -> DirectoryError:
    get_logger().warning("the broker did not take a batch", detail=str(error) or type(error).__name__)
    if isinstance(error, MessageSizeTooLargeError):
        return _too_many("max.message.bytes of the topic")
    try:
        require_broker(bootstrap, SECONDS_TO_CONNECT)
    except KafkaError:
        words = "The broker is away. Send the same batch again later."
        return Unavailable("BROKER_AWAY", words, retry_after_seconds=RETRY_SECONDS)
    return _slow("The broker is slow. Send the same batch again later.")


def _slow(words: str) -> LimitExceeded:
    return LimitExceeded("BROKER_SLOW", words, retry_after_seconds=RETRY_SECONDS)
