"""Where Kafka's client cannot read on: a batch with a wrong checksum, or a record that breaks the format (whose header
has a key that is not UTF-8, say).

The client gives out neither such a record nor those behind it in its batch, does not say which partition that was, and
hangs when it is asked again. So each question here has a client of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.kafka.connection import Bootstrap
from kafka import TopicPartition
from kafka.errors import CorruptRecordError, KafkaTimeoutError, for_code
from kafka.protocol.consumer import FetchRequest
from kafka.record import MemoryRecords

from metrics.consumers.usage_partitions import beginnings, usage_consumer

_ANSWER_MS = 5_000
_POLL_MS = 500
_SECONDS_FOR_A_RECORD = 10.0
_FETCH_VERSION = 12  # the last one that names topics


@contextmanager
def _client(bootstrap: Bootstrap) -> Iterator[Any]:
    consumer = usage_consumer(bootstrap, None, "metrics-look")
    try:
        yield consumer
    finally:
        consumer.close(autocommit=False, timeout_ms=_ANSWER_MS)


def first_there(bootstrap: Bootstrap, partition: TopicPartition) -> int:
    """The first offset of a partition that is still there. Raises KafkaError."""
    with _client(bootstrap) as consumer:
        return beginnings(consumer, [partition])[partition.partition]


def is_readable(bootstrap: Bootstrap, partition: TopicPartition, offset: int) -> bool:
    """Whether the client can read on from an offset, or from the first one there where that was removed; so it can
    where there is nothing yet. Raises KafkaError."""
    try:
        with _client(bootstrap) as consumer:
            consumer.assign([partition])
            consumer.seek(partition, max(offset, beginnings(consumer, [partition])[partition.partition]))
            end = consumer.end_offsets([partition], timeout_ms=_ANSWER_MS)[partition]
            deadline = time.monotonic() + _SECONDS_FOR_A_RECORD
            while consumer.position(partition, timeout_ms=_ANSWER_MS) < end:
                if consumer.poll(timeout_ms=_POLL_MS, max_records=1):
                    break
                if time.monotonic() > deadline:
                    raise KafkaTimeoutError(f"partition {partition.partition} gives no record")
    except CorruptRecordError:
        return False
    return True


def readable_again(bootstrap: Bootstrap, partition: TopicPartition, offset: int) -> int:
    """The first offset behind an unreadable one from which the client can read on. Raises KafkaError."""
    end = max(offset, first_there(bootstrap, partition))
    while not is_readable(bootstrap, partition, end):
        end = _behind_batch(bootstrap, partition, end)
    return end


def arrived_us(bootstrap: Bootstrap, partition: TopicPartition, offset: int) -> int:
    """When the first record from an offset on reached the broker, in microseconds since 1970, from its batch's head; 0
    where there is none. Raises KafkaError."""
    batch = _batch(bootstrap, partition, max(offset, first_there(bootstrap, partition)))
    return 1000 * batch.max_timestamp if batch is not None and batch.max_timestamp > 0 else 0


def _behind_batch(bootstrap: Bootstrap, partition: TopicPartition, offset: int) -> int:
    """The first offset behind the batch that holds an offset, from the batch's head: as the broker finds batches."""
    return int(_batch(bootstrap, partition, offset).next_offset)


def _batch(bootstrap: Bootstrap, partition: TopicPartition, offset: int) -> Any:
    """The batch that holds an offset, None behind the last one."""
    with _client(bootstrap) as consumer:
        consumer.partitions_for_topic(partition.topic)  # and who leads them
        leader = consumer._client.cluster.leader_for_partition(partition)
        answer = consumer._net.run(consumer._manager.send, _one_batch(partition, offset), leader)
        found = answer.responses[0].partitions[0]
        if found.error_code:
            raise for_code(found.error_code)
        return MemoryRecords(found.records).next_batch()


def _one_batch(partition: TopicPartition, offset: int) -> FetchRequest:
    # A broker gives the first batch whole, however few bytes were asked for.
    wanted = FetchRequest.FetchTopic.FetchPartition(
        partition=partition.partition, fetch_offset=offset, partition_max_bytes=1
    )
    topic = FetchRequest.FetchTopic(topic=partition.topic, partitions=[wanted])
    return FetchRequest(max_wait_ms=_POLL_MS, min_bytes=1, max_bytes=1, topics=[topic], max_version=_FETCH_VERSION)
