"""Where reading goes on, and everything else that moves together with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from metrics.domain.sequence_window import SequenceWindow


class Fenced(Exception):  # noqa: N818  # a fact about the partition, not a fault
    """The stored offset is not where this worker began: somebody else counted these records."""


@dataclass(frozen=True)
class Place:
    """Where a partition's reading goes on."""

    next_offset: int
    dead_in_a_row: int
    stopped_reason: str | None


@dataclass(frozen=True)
class Move:
    """A partition's records from `start` to just before `end` are counted."""

    topic_id: str
    partition: int
    start: int
    end: int
    dead_in_a_row: int = 0
    stopped_reason: str | None = None


@dataclass(frozen=True)
class DeadLetter:
    """A record that could not be read. Key, headers and detail are cut, and printable whatever bytes came."""

    topic_id: str
    partition: int
    position: int
    arrived_us: int
    content_type: str
    value: bytes
    reason: str
    detail: str
    key: str | None
    headers: Mapping[str, str]


def places(connection: Connection, topic_id: str, beginnings: Mapping[int, int]) -> dict[int, Place]:
    """The places of partitions; one that was never read begins at its first record.

    A flush that is under way is waited for: who takes a partition over starts after what the former owner writes last,
    and who lost the answer of a flush learns what it came to.
    """
    insert = text(
        "INSERT INTO usage_offsets (topic_id, partition, next_offset) VALUES (:topic_id, :partition, :start)"
        " ON CONFLICT DO NOTHING"
    )
    for partition, start in sorted(beginnings.items()):
        connection.execute(insert, {"topic_id": topic_id, "partition": partition, "start": start})
    select = text(
        "SELECT partition, next_offset, dead_in_a_row, stopped_reason FROM usage_offsets"
        " WHERE topic_id = :topic_id AND partition = ANY(:partitions) ORDER BY partition FOR UPDATE"
    )
    rows = connection.execute(select, {"topic_id": topic_id, "partitions": list(beginnings)})
    return {row.partition: Place(row.next_offset, row.dead_in_a_row, row.stopped_reason) for row in rows}


def next_offsets(connection: Connection) -> dict[str, dict[int, int]]:
    """Up to where partitions are counted, of each topic that has been there, by its id; waits for nothing."""
    found: dict[str, dict[int, int]] = {}
    for row in connection.execute(text("SELECT topic_id::text, partition, next_offset FROM usage_offsets")):
        found.setdefault(row.topic_id, {})[row.partition] = row.next_offset
    return found


def move(connection: Connection, moves: Iterable[Move], worker: str) -> None:
    """Compare-and-set of each partition's offset, in order. Raises Fenced; the caller then rolls back.

    First in its transaction: the row stays locked, so that a second owner waits and then finds the new offset.
    """
    for each in sorted(moves, key=lambda m: (m.topic_id, m.partition)):
        moved = connection.execute(
            _MOVE,
            {
                "topic_id": each.topic_id,
                "partition": each.partition,
                "start": each.start,
                "end": each.end,
                "dead_in_a_row": each.dead_in_a_row,
                "stopped_reason": each.stopped_reason,
                "worker": worker,
            },
        )
        if moved.rowcount != 1:
            raise Fenced(f"partition {each.partition} is no longer at {each.start}")


_MOVE = text(
    "UPDATE usage_offsets SET next_offset = :end, dead_in_a_row = :dead_in_a_row, stopped_reason = :stopped_reason,"
    " worker = :worker, moved_at = now()"
    " WHERE topic_id = :topic_id AND partition = :partition AND next_offset = :start"
)


def resume(connection: Connection, topic_id: str, partition: int) -> bool:
    """Lets a stopped partition go on; true when it was stopped."""
    statement = text(
        "UPDATE usage_offsets SET stopped_reason = NULL, dead_in_a_row = 0"
        " WHERE topic_id = :topic_id AND partition = :partition AND stopped_reason IS NOT NULL"
    )
    return connection.execute(statement, {"topic_id": topic_id, "partition": partition}).rowcount == 1


def skip(connection: Connection, topic_id: str, partition: int, *, start: int, end: int) -> bool:
    """Lets a stopped partition go on at `end`; what lies between is written down as skipped. False when it is not
    stopped at `start`."""
    statement = text(
        "UPDATE usage_offsets SET next_offset = :end, stopped_reason = NULL, dead_in_a_row = 0"
        " WHERE topic_id = :topic_id AND partition = :partition AND next_offset = :start AND stopped_reason IS NOT NULL"
    )
    where = {"topic_id": topic_id, "partition": partition, "start": start, "end": end}
    if connection.execute(statement, where).rowcount != 1:
        return False
    add_to_ledger(connection, topic_id, partition, {"records": end - start, "records_skipped": end - start})
    return True


def add_to_ledger(connection: Connection, topic_id: str, partition: int, amounts: Mapping[str, int]) -> None:
    """Writes down what became of records and events."""
    rows = [
        {"topic_id": topic_id, "partition": partition, "entry": entry, "amount": amount}
        for entry, amount in sorted(amounts.items())
        if amount
    ]
    if rows:
        connection.execute(_LEDGER, rows)


_LEDGER = text(
    "INSERT INTO usage_ledger AS old (topic_id, partition, entry, amount)"
    " VALUES (:topic_id, :partition, :entry, :amount)"
    " ON CONFLICT (topic_id, partition, entry) DO UPDATE SET amount = old.amount + excluded.amount"
)


def windows(
    connection: Connection, topic_id: str, partition: int, producer_ids: Iterable[str]
) -> dict[str, SequenceWindow]:
    """What is known of producers."""
    statement = text(
        "SELECT producer_id, highest, seen FROM usage_producers"
        " WHERE topic_id = :topic_id AND partition = :partition AND producer_id = ANY(:producer_ids)"
    )
    parameters = {"topic_id": topic_id, "partition": partition, "producer_ids": list(producer_ids)}
    return {r.producer_id: SequenceWindow(r.highest, r.seen) for r in connection.execute(statement, parameters)}


def save_windows(connection: Connection, topic_id: str, partition: int, changed: Mapping[str, SequenceWindow]) -> None:
    """Replaces the windows of producers; safe because the partition's offset row is locked."""
    statement = text(
        "INSERT INTO usage_producers (topic_id, partition, producer_id, highest, seen)"
        " VALUES (:topic_id, :partition, :producer_id, :highest, :seen)"
        " ON CONFLICT (topic_id, partition, producer_id)"
        " DO UPDATE SET highest = excluded.highest, seen = excluded.seen, moved_at = now()"
    )
    rows = [
        {"topic_id": topic_id, "partition": partition, "producer_id": p, "highest": w.highest, "seen": w.seen}
        for p, w in sorted(changed.items())
    ]
    if rows:
        connection.execute(statement, rows)


def stopped(connection: Connection, topic_id: str) -> dict[int, str]:
    """Partitions that stopped, and why."""
    statement = text(
        "SELECT partition, stopped_reason FROM usage_offsets WHERE topic_id = :topic_id AND stopped_reason IS NOT NULL"
    )
    return {row.partition: row.stopped_reason for row in connection.execute(statement, {"topic_id": topic_id})}
