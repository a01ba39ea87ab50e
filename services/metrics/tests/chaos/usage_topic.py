"""The usage topic as the harness handles it: made anew, written to until acknowledged, read back."""

import contextlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError
from metrics.wiring import INGEST_GROUP, USAGE

PARTITIONS = 6
PATIENCE = 60.0


@dataclass(frozen=True)
class Sent:
    """A record to send; the same one may be sent again."""

    partition: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True)
class Acknowledged:
    """A record that the broker says it has."""

    record: Sent
    offset: int
    arrived_us: int


@dataclass(frozen=True)
class Found:
    """A record as the topic has it."""

    offset: int
    arrived_us: int
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def patiently(work: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """`work`, again and again while the broker is away."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return work()
        except (KafkaError, OSError):
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


class UsageTopic:
    """Not safe for threads, but `send` may run beside everything else."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._producer: KafkaProducer | None = None
        self.topic_id = ""

    def make_anew(self) -> None:
        """Deletes the topic, if there is one, and makes it."""
        patiently(self._make_anew)

    def _make_anew(self) -> None:
        with self._admin() as admin:
            if USAGE.name in admin.list_topics():
                admin.delete_topics([USAGE.name], raise_errors=False)
            deadline = time.monotonic() + PATIENCE
            while USAGE.name in admin.list_topics():
                if time.monotonic() > deadline:
                    raise TimeoutError("the topic does not go away")
                time.sleep(0.02)
            wanted = {"num_partitions": PARTITIONS, "replication_factor": 1, "configs": dict(USAGE.config)}
            admin.create_topics({USAGE.name: wanted}, wait_for_metadata=True)
            self.topic_id = str(admin.describe_topics([USAGE.name])[0]["topic_id"])

    def send(self, records: Iterable[Sent]) -> list[Acknowledged]:
        """Sends until each record is acknowledged; those whose fate is unknown are sent again."""
        waiting, acknowledged = list(records), list[Acknowledged]()
        deadline = time.monotonic() + PATIENCE
        while waiting:
            producer = self._connected()
            sent = []
            with contextlib.suppress(KafkaError):
                for record in waiting:
                    future = producer.send(
                        USAGE.name, partition=record.partition, value=record.value, headers=list(record.headers)
                    )
                    sent.append((record, future))
            again = []
            for record, future in sent:
                try:
                    metadata = future.get(timeout=10)
                    acknowledged.append(Acknowledged(record, metadata.offset, metadata.timestamp * 1000))
                except KafkaError:
                    again.append(record)
            waiting = again + waiting[len(sent) :]
            if waiting:  # what became of them is not known, nor whether this producer can be trusted
                self.close()
            if waiting and time.monotonic() > deadline:
                raise TimeoutError(f"{len(waiting)} records are not acknowledged")
        return acknowledged

    def read(self, starts: Mapping[int, int]) -> dict[int, list[Found]]:
        """Everything from some offsets to the present ends."""
        return patiently(lambda: self._read(starts))

    def _read(self, starts: Mapping[int, int]) -> dict[int, list[Found]]:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap, group_id=None, enable_auto_commit=False)
        found: dict[int, list[Found]] = {number: [] for number in starts}
        try:
            partitions = [TopicPartition(USAGE.name, number) for number in starts]
            consumer.assign(partitions)
            ends = {p.partition: end for p, end in consumer.end_offsets(partitions).items()}
            for partition in partitions:
                consumer.seek(partition, starts[partition.partition])
            deadline = time.monotonic() + PATIENCE
            while any(consumer.position(p) < ends[p.partition] for p in partitions):
                for partition, records in consumer.poll(timeout_ms=200).items():
                    found[partition.partition] += [
                        Found(r.offset, r.timestamp * 1000, r.value or b"", tuple(r.headers)) for r in records
                    ]
                if time.monotonic() > deadline:
                    raise TimeoutError("the topic cannot be read to its ends")
        finally:
            consumer.close()
        return found

    def evict(self, pids: Sequence[int]) -> None:
        """Ends the membership of processes now, as the end of their session would some seconds later."""
        with contextlib.suppress(KafkaError, OSError), self._admin() as admin:
            group = admin.describe_groups([INGEST_GROUP])[INGEST_GROUP]
            gone = [m["member_id"] for m in group["members"] if m["client_id"].endswith(tuple(f"-{p}" for p in pids))]
            if gone:
                admin.remove_group_members(INGEST_GROUP, [MemberToRemove(member_id=each) for each in gone])

    def members(self) -> list[str]:
        """The client ids of the group's members, once it has settled; else none."""
        with contextlib.suppress(KafkaError, OSError), self._admin() as admin:
            group = admin.describe_groups([INGEST_GROUP])[INGEST_GROUP]
            return [m["client_id"] for m in group["members"]] if group["group_state"] == "Stable" else []
        return []

    def close(self) -> None:
        """Ends the producer's connection."""
        producer, self._producer = self._producer, None
        if producer:
            with contextlib.suppress(KafkaError, OSError):
                producer.close(timeout=1)

    def _connected(self) -> KafkaProducer:
        if self._producer is None:
            self._producer = patiently(
                lambda: KafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    acks="all",
                    enable_idempotence=False,
                    linger_ms=1,
                    delivery_timeout_ms=8_000,
                    request_timeout_ms=5_000,
                    max_block_ms=8_000,
                    max_request_size=5 * 1024 * 1024,
                    reconnect_backoff_max_ms=500,
                )
            )
        return self._producer

    def _admin(self) -> Any:
        return contextlib.closing(
            KafkaAdminClient(
                bootstrap_servers=self._bootstrap, bootstrap_timeout_ms=20_000, reconnect_backoff_max_ms=500
            )
        )
