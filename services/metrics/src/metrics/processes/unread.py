"""What Kafka has of a topic that the database does not say is counted."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chassis.kafka.connection import Bootstrap, connected
from chassis.kafka.reach import require_broker
from chassis.kafka.topics import TopicAdmin
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError

# Who asks looks again soon, or is a person.
ANSWER_MS = 5_000
_SECONDS_TO_LOOK = 5.0


@dataclass(frozen=True)
class Unread:
    """What there is of a partition beyond the place of the database.

    `oldest_at` is when the first of it reached the broker, None where Kafka did not say in time; `removed`: records
    were removed before they were counted, and ingest has not gone past them yet.
    """

    end: int
    lag: int
    oldest_at: datetime | None = None
    removed: bool = False


def current_topic_id(bootstrap: Bootstrap, topic: str) -> str:
    """The id of a topic. Raises KafkaError, and LookupError where there is no such topic."""
    require_broker(bootstrap)
    with TopicAdmin(bootstrap, patience_ms=ANSWER_MS, request_ms=ANSWER_MS) as admin:
        ids = admin.ids([topic])
    if topic not in ids:
        raise LookupError(f"there is no topic {topic}")
    return ids[topic]


def unread(bootstrap: Bootstrap, topic: str, places: Mapping[int, int]) -> dict[int, Unread]:
    """By partition; `places` are the offsets up to which each is counted. Raises KafkaError.

    Reads the first unread record of each partition that has one, for its age.
    """
    consumer = connected(
        KafkaConsumer,
        bootstrap,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=ANSWER_MS,
        request_timeout_ms=ANSWER_MS,
    )
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        firsts = consumer.beginning_offsets(partitions, timeout_ms=ANSWER_MS)
        ends = consumer.end_offsets(partitions, timeout_ms=ANSWER_MS)
        starts = {each: max(places.get(each.partition, 0), firsts[each]) for each in partitions}
        found = {
            each: Unread(ends[each], max(0, ends[each] - start), removed=places.get(each.partition, 0) < firsts[each])
            for each, start in starts.items()
        }
        found |= _with_ages(consumer, {each: found[each] for each in partitions if found[each].lag}, starts)
        return {each.partition: state for each, state in found.items()}
    finally:
        consumer.close()


def _with_ages(
    consumer: KafkaConsumer, behind: Mapping[TopicPartition, Unread], starts: Mapping[TopicPartition, int]
) -> dict[TopicPartition, Unread]:
    """Those of which something could be read in time."""
    consumer.assign(list(behind))
    for each in behind:
        consumer.seek(each, starts[each])
    seen: dict[TopicPartition, Unread] = {}
    deadline = time.monotonic() + _SECONDS_TO_LOOK
    while len(seen) < len(behind) and time.monotonic() < deadline:
        try:
            polled = consumer.poll(timeout_ms=200, max_records=1)
        except CorruptRecordError:
            break  # the client hangs when it is asked again (consumers/unreadable_batches.py)
        for each, records in polled.items():
            seen.setdefault(
                each, replace(behind[each], oldest_at=datetime.fromtimestamp(records[0].timestamp / 1000, UTC))
            )
            consumer.pause(each)
        for each in behind.keys() - seen.keys():
            if (consumer.position(each, timeout_ms=200) or 0) >= behind[each].end:
                seen[each] = replace(behind[each], lag=0)  # nothing but ends of transactions is left
    return seen
