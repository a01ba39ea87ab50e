"""How the ingest pipeline stands, as Kafka and the database tell it: partitions, owners, lag, what became of all."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.kafka.connection import Bootstrap, connected
from chassis.kafka.topics import OtherSetting, Topic, TopicAdmin
from chassis.sql.database import Database
from kafka import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError
from sqlalchemy import Connection, Row, text

from metrics.processes.unread import ANSWER_MS, Unread, current_topic_id, unread

_SECONDS_FOR_A_COORDINATOR = 10.0
_SECONDS_BETWEEN_TRIES = 0.2


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
    """The newest snapshot that is visible; `incomplete`: it was computed before all of its day was counted."""

    as_of: str
    computed_at: datetime
    servers: int
    policy: str
    incomplete: bool


@dataclass(frozen=True)
class PipelineState:
    """All of it. `entries` says what became of records and events of this topic since it was made; `settings` are those
    of the topic that are not as this service wants them, None where the broker does not tell them."""

    topic: str
    topic_id: str
    partitions: list[PartitionState]
    entries: Mapping[str, int]
    dead_letters: int
    snapshot: SnapshotState | None
    settings: list[OtherSetting] | None


@dataclass(frozen=True)
class _Stored:
    """What the database says, of all topics that have been there."""

    partitions: Mapping[str, Mapping[int, Row[Any]]]
    entries: Mapping[str, Mapping[str, int]]
    dead_letters: int
    snapshot: SnapshotState | None


def pipeline_state(database: Database, bootstrap: Bootstrap, topic: Topic, group: str) -> PipelineState:
    """Asks the database, then Kafka, which may be slow. Raises KafkaError, LookupError where there is no such topic,
    and what `Database.run_read` does."""
    stored = database.run_read(_stored)
    current = current_topic_id(bootstrap, topic.name)
    owners = _owners(bootstrap, topic.name, group)
    places = stored.partitions.get(current, {})
    found = unread(bootstrap, topic.name, {number: row.next_offset for number, row in places.items()})
    return PipelineState(
        topic.name,
        current,
        [_partition(number, owners.get(number), places.get(number), each) for number, each in sorted(found.items())],
        stored.entries.get(current, {}),
        stored.dead_letters,
        stored.snapshot,
        _other_settings(bootstrap, topic),
    )


def _partition(number: int, owner: str | None, place: Row[Any] | None, found: Unread) -> PartitionState:
    return PartitionState(
        number,
        owner,
        place.worker or None if place else None,
        place.next_offset if place else None,
        found.end,
        found.lag,
        found.oldest_at,
        place.moved_at if place and place.worker else None,
        int(place.events or 0) if place else 0,
        place.stopped_reason if place else None,
    )


def _stored(connection: Connection) -> _Stored:
    partitions: dict[str, dict[int, Row[Any]]] = defaultdict(dict)
    for row in connection.execute(_PLACES):
        partitions[row.topic_id][row.partition] = row
    entries: dict[str, dict[str, int]] = defaultdict(dict)
    for row in connection.execute(_LEDGER):
        entries[row.topic_id][row.entry] = int(row.amount)
    letters = int(connection.execute(text("SELECT count(*) FROM usage_dead_letters")).scalar_one())
    newest = connection.execute(_SNAPSHOT).one_or_none()
    return _Stored(partitions, entries, letters, _shown(newest) if newest else None)


def _shown(row: Row[Any]) -> SnapshotState:
    return SnapshotState(str(row.as_of), row.computed_at, row.servers, row.policy, incomplete=not row.complete)


_PLACES = text(
    "SELECT topic_id::text, partition, worker, next_offset, moved_at, stopped_reason, (SELECT amount FROM usage_ledger"
    " AS l WHERE l.topic_id = o.topic_id AND l.partition = o.partition AND entry = 'events') AS events"
    " FROM usage_offsets AS o"
)
_LEDGER = text(
    "SELECT topic_id::text, entry, sum(amount) AS amount FROM usage_ledger GROUP BY topic_id, entry ORDER BY entry"
)
_SNAPSHOT = text(
    "SELECT snapshots.as_of, computed_at, servers, policy, complete FROM snapshots JOIN generations USING (generation)"
    " ORDER BY snapshots.as_of DESC LIMIT 1"
)


def _members(admin: KafkaAdminClient, group: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + _SECONDS_FOR_A_COORDINATOR
    while True:
        try:
            found: list[dict[str, Any]] = admin.describe_groups([group])[group]["members"]
            return found
        except CoordinatorNotAvailableError:  # Kafka makes its topic of groups when it is first asked for one
            if time.monotonic() > deadline:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)


def _other_settings(bootstrap: Bootstrap, topic: Topic) -> list[OtherSetting] | None:
    with TopicAdmin(bootstrap, patience_ms=ANSWER_MS, request_ms=ANSWER_MS) as admin:
        return admin.other_settings(topic)


def _owners(bootstrap: Bootstrap, topic: str, group: str) -> dict[int, str]:
    """Who has each partition now, as the group's coordinator says; a worker names itself as its client's id."""
    admin = connected(KafkaAdminClient, bootstrap, bootstrap_timeout_ms=ANSWER_MS)
    try:
        members = _members(admin, group)
    finally:
        admin.close()
    return {
        number: member["client_id"]
        for member in members
        for assigned in (member["member_assignment"] or {}).get("assigned_partitions", ())
        if assigned["topic"] == topic
        for number in assigned["partitions"]
    }
