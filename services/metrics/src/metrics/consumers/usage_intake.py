"""What a worker has read and not yet written: deltas, and for each partition how far it got and what happened."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.usage.v1.usage_event_pb2 import UsageEvent

from metrics.consumers.usage_records import (
    Headers,
    add_events,
    foreseen,
    is_event,
    read_batch,
    read_event,
    read_headers,
)
from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.poison import FloodGuard
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.screening import Screened
from metrics.domain.sequence_window import SequenceWindow
from metrics.store.flush import Flush
from metrics.store.offsets import DeadLetter, Move, Place

_MOST_SINGLE_EVENTS = 10_000
_MOST_PRODUCERS = 50_000  # of all partitions
# What waits, in memory: numbers of an event until they are summed up, and in between twice; the rest with its keys.
_EVENT_BYTES, _SINGLE_BYTES, _LETTER_BYTES, _WINDOW_BYTES = 48, 512, 2_048, 512
_LONGEST_DETAIL = 500
_LONGEST_CONTENT_TYPE = 200

# Asks the database about producers of a partition that are not known here yet.
Windows = Callable[[str, int, list[str]], Mapping[str, SequenceWindow]]


@dataclass
class _Partition:
    place: Place
    next_offset: int
    guard: FloodGuard
    stopped_reason: str | None = None
    ledger: Counter[str] = field(default_factory=Counter)
    dead: list[DeadLetter] = field(default_factory=list)
    windows: dict[str, SequenceWindow] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    @property
    def touched(self) -> bool:
        return self.next_offset != self.place.next_offset or self.stopped_reason != self.place.stopped_reason


class UsageIntake:
    """Takes records of the partitions it was given, in order of their offsets. Not safe for threads."""

    def __init__(self, windows: Windows, limits: RecordLimits | None = None) -> None:
        self._load_windows = windows
        self._limits = limits or RecordLimits()
        self.begin("", {})

    def begin(self, topic_id: str, places: Mapping[int, Place]) -> None:
        """Forgets everything and starts at the places that the database names."""
        self.topic_id = topic_id
        self._partitions = {
            number: _Partition(place, place.next_offset, FloodGuard(place.dead_in_a_row), place.stopped_reason)
            for number, place in places.items()
        }
        # with it what it knows to be written: after a fence, or a flush that was lost, that may not be so
        self._deltas = UsageDeltas()
        self._singles: list[tuple[int, UsageEvent, int]] = []
        self._kept_bytes = self._singles_bytes = 0

    @property
    def events(self) -> int:
        """Events that wait to be written."""
        return self._deltas.events + len(self._singles)

    @property
    def full(self) -> bool:
        """Whether no further record may be taken before what waits is written."""
        return self._deltas.full

    @property
    def waiting_bytes(self) -> int:
        """About how much memory everything takes that waits to be written."""
        return self._kept_bytes + self._singles_bytes

    @property
    def touched(self) -> bool:
        """Whether there is anything to write."""
        return any(partition.touched for partition in self._partitions.values())

    @property
    def positions(self) -> dict[int, int]:
        """The next offset of each partition, written or not."""
        return {number: partition.next_offset for number, partition in self._partitions.items()}

    @property
    def stopped(self) -> dict[int, str]:
        """Partitions that a flood of unreadable records stopped, and why."""
        return {n: p.stopped_reason for n, p in self._partitions.items() if p.stopped_reason}

    def prepare(self, partition: int, records: Iterable[Any]) -> None:
        """Asks the database once about all producers of some records."""
        state = self._partitions[partition]
        if len(state.windows) > _MOST_PRODUCERS // len(self._partitions):
            # here and nowhere else: records that were prepared need theirs until they are taken
            state.windows = {producer: state.windows[producer] for producer in state.changed}
        known = state.windows
        wanted = {_producer_id(record) for record in records} - known.keys() - {""}
        if wanted:
            found = self._load_windows(self.topic_id, partition, sorted(wanted))
            known.update({producer: found.get(producer, SequenceWindow()) for producer in wanted})

    def take(self, partition: int, record: Any, arrived_us: int) -> None:
        """Reads one record; `prepare` was called for it, and it is not `full`. One that was read already, or comes
        after a stop, is left."""
        state = self._partitions[partition]
        if record.offset < state.next_offset or state.stopped_reason:
            return
        headers = Headers("")
        try:
            headers = read_headers(record.headers)
            if self._is_duplicate(state, headers):
                state.ledger["records_duplicate"] += 1
            else:
                self._count(partition, state, headers, record, arrived_us)
                state.ledger["records_counted"] += 1
            state.guard.good()
        except UnreadableRecord as error:
            if state.guard.dead():
                state.stopped_reason = _storable(
                    f"flood of unreadable records, the last at offset {record.offset}: {error}", _LONGEST_DETAIL
                )
                return
            state.dead.append(self._letter(partition, headers, record, arrived_us, error))
            self._kept_bytes += _LETTER_BYTES + len(state.dead[-1].value)
            state.ledger["records_dead"] += 1
        self._remember(state, headers)
        state.ledger["records"] += 1
        state.next_offset = record.offset + 1

    def drain(self) -> Flush:
        """Everything that waits, as one flush. It stays here until `written`."""
        self._close_singles()
        touched = {n: p for n, p in self._partitions.items() if p.touched}
        return Flush(
            self.topic_id,
            [
                Move(self.topic_id, n, p.place.next_offset, p.next_offset, p.guard.dead_in_a_row, p.stopped_reason)
                for n, p in touched.items()
            ],
            self._deltas.reduce(),
            {n: dict(p.ledger) for n, p in touched.items()},
            {n: {each: p.windows[each] for each in p.changed} for n, p in touched.items()},
            [letter for p in touched.values() for letter in p.dead],
        )

    def written(self) -> None:
        """The last flush is in the database."""
        for state in self._partitions.values():
            state.place = Place(state.next_offset, state.guard.dead_in_a_row, state.stopped_reason)
            state.ledger, state.dead, state.changed = Counter(), [], set()
        self._deltas.written()
        self._kept_bytes = self._singles_bytes = 0

    def _count(self, partition: int, state: _Partition, headers: Headers, record: Any, arrived_us: int) -> None:
        if is_event(headers.content_type):
            event = read_event(record.value, self._limits)
            self._singles.append((partition, event, arrived_us))
            self._singles_bytes += _SINGLE_BYTES + len(record.value)
            if len(self._singles) >= _MOST_SINGLE_EVENTS:
                self._close_singles()
            return
        with foreseen():
            columns = read_batch(headers.content_type, record.value, self._limits)
            screened = self._deltas.add(columns, arrived_us)
        self._note(state, len(columns), screened)

    def _close_singles(self) -> None:
        by_partition: dict[int, list[tuple[UsageEvent, int]]] = {}
        for partition, event, arrived_us in self._singles:
            by_partition.setdefault(partition, []).append((event, arrived_us))
        self._singles, self._singles_bytes = [], 0
        for partition, rows in by_partition.items():
            screened = add_events(self._deltas, [event for event, _ in rows], [arrived for _, arrived in rows])
            self._note(self._partitions[partition], len(rows), screened)

    def _note(self, state: _Partition, events: int, screened: Screened) -> None:
        self._kept_bytes += _EVENT_BYTES * len(screened.columns)
        state.ledger["events"] += events
        state.ledger["events_counted"] += len(screened.columns)
        state.ledger["events_synthetic"] += screened.synthetic
        for reason, count in screened.rejected.items():
            state.ledger[f"events_rejected_{reason}"] += count

    def _is_duplicate(self, state: _Partition, headers: Headers) -> bool:
        return bool(headers.producer_id) and state.windows[headers.producer_id].has(headers.sequence)

    def _remember(self, state: _Partition, headers: Headers) -> None:
        # also for dead letters: sent again, they are duplicates, and a replay counts them once
        if headers.producer_id:
            window = state.windows[headers.producer_id]
            if not window.has(headers.sequence):
                state.windows[headers.producer_id] = window.with_sequence(headers.sequence)
                if headers.producer_id not in state.changed:
                    state.changed.add(headers.producer_id)
                    self._kept_bytes += _WINDOW_BYTES

    def _letter(
        self, partition: int, headers: Headers, record: Any, arrived_us: int, error: UnreadableRecord
    ) -> DeadLetter:
        return DeadLetter(
            self.topic_id,
            partition,
            record.offset,
            arrived_us,
            _storable(headers.content_type, _LONGEST_CONTENT_TYPE),
            (record.value or b"")[: self._limits.record_bytes],
            error.reason,
            _storable(error.detail, _LONGEST_DETAIL),
        )


def _storable(words: str, longest: int) -> str:
    """Text of unknown origin, for a column of text and for a terminal: PostgreSQL takes no NUL."""
    return "".join(character if character.isprintable() else "?" for character in words[:longest])


def _producer_id(record: Any) -> str:
    try:
        return read_headers(record.headers).producer_id
    except UnreadableRecord:
        return ""
