"""What operators ask of a running pipeline, as text."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from chassis.kafka.connection import Bootstrap, client_settings
from chassis.kafka.topics import topic_id
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Connection, text

from metrics.store import dead_letters

_SHOWN_BYTES = 256


def status(connection: Connection, bootstrap: Bootstrap, topic: str) -> str:
    """Partitions with worker, lag and last flush; what became of everything; the visible snapshot."""
    current = topic_id(bootstrap, topic)
    ends = _ends(bootstrap, topic)
    rows = connection.execute(_PLACES, {"topic_id": current})
    places = {row.partition: row for row in rows}
    lines = []
    for partition, end in sorted(ends.items()):
        row = places.get(partition)
        if row is None:
            lines.append((str(partition), "-", str(end), "never", "", ""))
            continue
        moved = _ago(row.moved_at)
        lag = str(end - row.next_offset)
        lines.append((str(partition), row.worker, lag, moved, str(row.events or 0), row.stopped_reason or ""))
    table = _table(("partition", "worker", "lag", "last flush", "events", "stopped"), lines)
    ledger = connection.execute(_LEDGER, {"topic_id": current})
    totals = _table(("entry", "amount"), [(row.entry, str(row.amount)) for row in ledger])
    snapshot = connection.execute(_SNAPSHOT).one_or_none()
    shown = (
        f"snapshot of {snapshot.as_of}, computed {_ago(snapshot.computed_at)}, {snapshot.servers} servers,"
        f" {snapshot.policy}"
        if snapshot
        else "no snapshot yet"
    )
    return f"{table}\n\n{totals}\n\n{shown}"


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


def letters(connection: Connection, limit: int) -> str:
    """The newest dead letters."""
    rows = [
        (str(r.id), str(r.partition), str(r.position), _ago(r.received_at), str(r.bytes), r.reason, r.detail[:60])
        for r in dead_letters.newest(connection, limit)
    ]
    return _table(("id", "partition", "offset", "received", "bytes", "reason", "detail"), rows)


def letter(connection: Connection, letter_id: int) -> str:
    """One dead letter, with the beginning of its bytes."""
    found = dead_letters.locked(connection, letter_id)
    if found is None:
        return "There is no such dead letter."
    arrived = datetime.fromtimestamp(found.arrived_us / 1_000_000, UTC)
    return (
        f"partition {found.partition}, offset {found.position}, topic {found.topic_id}\n"
        f"arrived {arrived.isoformat()}, content-type {found.content_type!r}, {len(found.value)} bytes\n"
        f"{found.reason}: {found.detail}\n{found.value[:_SHOWN_BYTES].hex(' ')}"
    )


def _ends(bootstrap: Bootstrap, topic: str) -> dict[int, int]:
    consumer = KafkaConsumer(**client_settings(bootstrap), group_id=None, enable_auto_commit=False)
    try:
        partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
        return {partition.partition: end for partition, end in consumer.end_offsets(partitions).items()}
    finally:
        consumer.close()


def _ago(moment: datetime) -> str:
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    return f"{seconds} s ago" if seconds < 120 else f"{seconds // 60} min ago"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)
