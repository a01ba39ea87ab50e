"""How the ingest pipeline stands, as Kafka and the database tell it: partitions, owners, lag, what became of all."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chassis.kafka.connection import Bootstrap, client_settings
from chassis.kafka.reach import require_broker
from chassis.kafka.topics import topic_id
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from sqlalchemy import Connection, text

_SECONDS_TO_LOOK = 5.0
_ANSWER_MS = 5_000


@dataclass(frozen=True)
class PartitionState:
    """One partition. `owner` has it now, `worker` wrote it last; times are None where nothing happened yet."""

    partition: int
    owner: str | None
    worker: str | None
    next_offset: int | None
    end: int
    lag_records: int
    oldest_unread_at: datetime | None
    flushed_at: datetime | None
    events: int
    stopped_reason: str | None


@dataclass(frozen=True)
class SnapshotState:
    """The newest snapshot that is visible."""

    as_of: str
    computed_at: datetime
    servers: int
    policy: str


@dataclass(frozen=True)
class PipelineState:
    """All of it. `entries` says what became of records and events of this topic since it was made."""

    topic: str
    topic_id: str
    partitions: list[PartitionState]
    entries: Mapping[str, int]
    dead_letters: int
    snapshot: SnapshotState | None


@dataclass(frozen=True)
class _Unread:
    """What Kafka has of a partition beyond the place of the database."""

    end: int
    lag: int
    oldest_ms: int | None = None


def pipeline_state(connection: Connection, bootstrap: Bootstrap, topic: str, group: str) -> PipelineState:
    """Asks Kafka and the database. Raises KafkaError, LookupError where there is no such topic, and SQLAlchemy's."""
    require_broker(bootstrap)
    current = topic_id(bootstrap, topic)
    places = {row.partition: row for row in connection.execute(_PLACES, {"topic_id": current})}
    owners = _owners(bootstrap, topic, group)
    unread = _unread(bootstrap, topic, {number: row.next_offset for number, row in places.items()})
    partitions = []
    for number, found in sorted(unread.items()):
        place = places.get(number)
        oldest = datetime.fromtimestamp(found.oldest_ms / 1000).astimezone() if found.oldest_ms else None
        partitions.append(
            PartitionState(
                number,
                owners.get(number),
                place.worker or None if place else None,
                place.next_offset if place else None,
                found.end,
                found.lag,
                oldest,
                place.moved_at if place and place.worker else None,
                int(place.events or 0) if place else 0,
                place.stopped_reason if place else None,
            )
        )
    ledger = connection.execute(_LEDGER, {"topic_id": current})
    snapshot = connection.execute(_SNAPSHOT).one_or_none()
    return PipelineState(
        topic,
        current,
        partitions,
        {row.entry: int(row.amount) for row in ledger},
        int(connection.execute(text("SELECT count(*) FROM usage_dead_letters")).scalar_one()),
        SnapshotState(str(snapshot.as_of), snapshot.computed_at, snapshot.servers, snapshot.policy)
        if snapshot
        else None,
    )


_PLACES = text(
    "SELECT partition, worker, next_offset, moved_at, stopped_reason, (SELECT amount FROM usage_ledger AS l WHERE"
    " l.topic_id = o.topic_id AND l.partition = o.partition AND entry = 'events') AS events"
    " FROM usage_offsets AS o WHERE topic_id = :topic_id"
)
_LEDGER = text(
    "SELECT entry, sum(amount) AS amount FROM usage_ledger WHERE topic_id = :topic_id GROUP BY entry ORDER BY entry"
)
_SNAPSHOT = text(
    "SELECT snapshots.as_of, computed_at, servers, policy FROM snapshots JOIN generations USING (generation)"
    " ORDER BY snapshots.as_of DESC LIMIT 1"
)


def _owners(bootstrap: Bootstrap, topic: str, group: str) -> dict[int, str]:
    """Who has each partition now, as the group's coordinator says; a worker names itself as its client's id."""
    admin = KafkaAdminClient(**client_settings(bootstrap), bootstrap_timeout_ms=_ANSWER_MS)
    try:
        members = admin.describe_groups([group])[group]["members"]
    finally:
        admin.close()
    return {
        number: member["client_id"]
        for member in members
        for assigned in (member["member_assignment"] or {}).get("assigned_partitions", ())
        if assigned["topic"] == topic
        for number in assigned["partitions"]
    }


def _unread(bootstrap: Bootstrap, topic: str, places: Mapping[int, int]) -> dict[int, _Unread]:
    """Reads the first unread record of each partition that has one, for its age."""
    consumer = KafkaConsumer(
        **client_settings(bootstrap),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        bootstrap_timeout_ms=_ANSWER_MS,
    )
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        firsts = consumer.beginning_offsets(partitions, timeout_ms=_ANSWER_MS)
        ends = consumer.end_offsets(partitions, timeout_ms=_ANSWER_MS)
        starts = {each: max(places.get(each.partition, 0), firsts[each]) for each in partitions}
        found = {each.partition: _Unread(ends[each], max(0, ends[each] - starts[each])) for each in partitions}
        behind = {each: starts[each] for each in partitions if found[each.partition].lag}
        return found | _oldest(consumer, behind, found)
    finally:
        consumer.close()


def _oldest(
    consumer: KafkaConsumer, behind: Mapping[TopicPartition, int], found: Mapping[int, _Unread]
) -> dict[int, _Unread]:
    consumer.assign(list(behind))
    for each, start in behind.items():
        consumer.seek(each, start)
    seen: dict[int, _Unread] = {}
    deadline = time.monotonic() + _SECONDS_TO_LOOK
    while len(seen) < len(behind) and time.monotonic() < deadline:
        for partition, records in consumer.poll(timeout_ms=200, max_records=1).items():
            known = found[partition.partition]
            seen.setdefault(partition.partition, _Unread(known.end, known.lag, records[0].timestamp))
            consumer.pause(partition)
        for each in behind.keys() - {each for each in behind if each.partition in seen}:
            known = found[each.partition]
            if (consumer.position(each, timeout_ms=200) or 0) >= known.end:
                seen[each.partition] = _Unread(known.end, 0)  # nothing but ends of transactions is left
    return seen
