"""Which partitions a worker has, and where reading them starts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from chassis.kafka.connection import Bootstrap, connected
from chassis.kafka.topics import TopicAdmin
from chassis.logs import get_logger
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from metrics.consumers import worker_metrics
from metrics.store.offsets import Place

_ANSWER_MS = 5_000
_SETTINGS = {
    "auto_offset_reset": "none",  # the database says where to start
    "enable_auto_commit": False,
    "isolation_level": "read_committed",
    # A worker that is killed is given up after 6 s. One that stops leaves at once: a member with a fixed name
    # (group.instance.id) would not, and be waited for.
    "session_timeout_ms": 6_000,
    "heartbeat_interval_ms": 1_000,
    "max_poll_interval_ms": 120_000,  # as long as one statement of a flush may last
    "max_poll_records": 5_000,
    # Of each broker, once as it is read and once as records: a part of what `memory_megabytes` leaves.
    "max_partition_fetch_bytes": 4 * 1024 * 1024,
    "fetch_max_bytes": 16 * 1024 * 1024,
    "metadata_max_age_ms": 5_000,
    "reconnect_backoff_max_ms": 2_000,
    "bootstrap_timeout_ms": _ANSWER_MS,
    "allow_auto_create_topics": False,
}


def usage_consumer(bootstrap: Bootstrap, group: str | None, name: str) -> KafkaConsumer:
    """A member of the group, or of none; it reads nothing yet. Raises KafkaError."""
    return connected(KafkaConsumer, bootstrap, group_id=group, client_id=name, **_SETTINGS)


class RebalanceListener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs on the client's I/O thread, which also sends heartbeats: it pauses, sets a flag, and waits for nothing."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self.changed = False

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """The poll loop writes what it holds; the fence decides whether it still may."""
        self.changed = True

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Nothing is fetched before the poll loop has sought the place of the database."""
        self._consumer.pause(*assigned)
        self.changed = True


class UsageTopic:
    """The topic as the broker describes it now."""

    def __init__(self, bootstrap: Bootstrap, name: str) -> None:
        self._admin = TopicAdmin(bootstrap, patience_ms=_ANSWER_MS, request_ms=_ANSWER_MS)
        self._name = name
        self.answers = True  # whether the broker did, the last time that it was asked

    def id(self) -> str | None:
        """Its id, None when there is no such topic. Raises KafkaError."""
        self.answers = False
        found = self._admin.ids([self._name]).get(self._name)
        self.answers = True
        return found

    def is_still(self, topic_id: str) -> bool | None:
        """Whether it is the topic of that id; None when the broker does not say."""
        try:
            return self.id() == topic_id
        except KafkaError:
            return None

    def close(self) -> None:
        """Closes the connection."""
        self._admin.__exit__(None, None, None)


@dataclass
class Starts:
    """Where each partition's next record is expected, so that missing ones are noticed."""

    believed: dict[int, int] = field(default_factory=dict)

    def of(self, place: Place, partition: int, first_there: int) -> int:
        """Where to seek: the stored place, or the first offset there is when the records before it were removed.

        A gap that reaches further is known already: there is a marker or an aborted record at the first offset.
        """
        if place.next_offset >= first_there:
            return place.next_offset
        if self.believed.get(partition, 0) < first_there:
            self._tell(partition, place.next_offset, first_there)
        return first_there

    def is_gap(self, partition: int, expected: int, found: int) -> bool:
        """Whether records before `found` did not come. Said once: read again, the same gap is believed.

        Markers of transactions, and records of aborted ones, take offsets too and never come.
        """
        if found <= expected or self.believed.get(partition) == found:
            return False
        self._tell(partition, expected, found)
        return True

    def passed(self, partition: int) -> None:
        """Records were taken: the next gap is another one."""
        self.believed.pop(partition, None)

    def _tell(self, partition: int, expected: int, found: int) -> None:
        self.believed[partition] = found
        worker_metrics.GAPS.inc()
        get_logger().error("records are missing", partition=partition, expected=expected, found=found)


def beginnings(consumer: KafkaConsumer, assigned: Iterable[TopicPartition]) -> dict[int, int]:
    """The first offset of each partition. Raises KafkaError."""
    found: dict[Any, int] = consumer.beginning_offsets(list(assigned), timeout_ms=_ANSWER_MS) if assigned else {}
    return {partition.partition: offset for partition, offset in found.items()}
