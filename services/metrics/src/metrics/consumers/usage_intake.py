"""What a worker has read and not yet written: deltas, and for each partition how far it got and what happened."""

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from typing import Any

import numpy as np

from metrics.consumers.partition_intake import COUNTED, PartitionIntake
from metrics.consumers.usage_records import (
    foreseen,
    is_event,
    read_batch,
    read_events,
    read_headers,
)
from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.screening import Screened
from metrics.domain.sequence_window import SequenceWindow
from metrics.store.flush import Flush
from metrics.store.offsets import Place

_MOST_PRODUCERS = 50_000  # of all partitions
# What an event, and an account that it is the first of, take in memory at the worst moment: while they are summed up.
_EVENT_BYTES, _SIGHT_BYTES = 144, 160

# Asks the database about producers of a partition that are not known here yet.
Windows = Callable[[str, int, list[str]], Mapping[str, SequenceWindow]]


class UsageIntake:
    """Takes records of the partitions it was given, in order of their offsets. Not safe for threads."""

    def __init__(self, windows: Windows, limits: RecordLimits | None = None) -> None:
        self._load_windows = windows
        self._limits = limits or RecordLimits()
        self.begin("", {})

    def begin(self, topic_id: str, places: Mapping[int, Place]) -> None:
        """Forgets everything and starts at the places that the database names."""
        self.topic_id = topic_id
        self._partitions = {number: PartitionIntake(topic_id, number, place) for number, place in places.items()}
        # with it what it knows to be written: after a fence, or a flush that was lost, that may not be so
        self._deltas = UsageDeltas()

    @property
    def events(self) -> int:
        """Events that wait to be written."""
        return self._deltas.events

    @property
    def full(self) -> bool:
        """Whether no further record may be taken before what waits is written."""
        return self._deltas.full

    @property
    def waiting_bytes(self) -> int:
        """About how much memory everything takes that waits to be written."""
        deltas = _EVENT_BYTES * self._deltas.events + _SIGHT_BYTES * self._deltas.sights
        return deltas + sum(each.kept_bytes for each in self._partitions.values())

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
        """Partitions that stopped, and why."""
        return {n: p.stopped_reason for n, p in self._partitions.items() if p.stopped_reason}

    def stop(self, partition: int, reason: str) -> None:
        """Takes nothing more of a partition, until an operator lets it go on."""
        self._partitions[partition].stop(reason)

    def prepare(self, partition: int, records: Sequence[Any]) -> None:
        """Asks the database once about all producers of some records; not needed for plain ones, which have none."""
        state = self._partitions[partition]
        if len(state.windows) > _MOST_PRODUCERS // len(self._partitions):
            # here and nowhere else: records that were prepared need theirs until they are taken
            state.forget_windows()
        known = state.windows
        wanted = {_producer_id(record) for record in records} - known.keys() - {""}
        if wanted:
            found = self._load_windows(self.topic_id, partition, sorted(wanted))
            known.update({producer: found.get(producer, SequenceWindow()) for producer in wanted})

    def take(self, partition: int, records: Sequence[Any], arrived_us: Sequence[int], *, plain: bool = False) -> None:
        """Reads records that go `together`, for which `prepare` was called; the intake must not be `full`. Those that
        were read already, or come after a stop, are left."""
        state = self._partitions[partition]
        if records[0].offset < state.next_offset:
            unread = [record.offset >= state.next_offset for record in records]
            records, arrived_us = list(compress(records, unread)), list(compress(arrived_us, unread))
        if records:
            self._take_some(state, records, arrived_us, plain)

    def _take_some(
        self, state: PartitionIntake, records: Sequence[Any], arrived_us: Sequence[int], plain: bool
    ) -> None:
        """Halves until what cannot be read stands alone."""
        if state.stopped_reason:
            return
        if len(records) == 1:
            self._take_one(state, records[0], arrived_us[0])
        elif not self._take_all(state, records, arrived_us, plain):
            half = len(records) // 2
            self._take_some(state, records[:half], arrived_us[:half], plain)
            self._take_some(state, records[half:], arrived_us[half:], plain)

    def _take_all(self, state: PartitionIntake, records: Sequence[Any], arrived_us: Sequence[int], plain: bool) -> bool:
        """Takes single events at once; false when one of them is not as it should be, and none was taken."""
        values, entries = [record.value for record in records], [COUNTED] * len(records)
        windows: dict[str, SequenceWindow] = {}
        try:
            if not plain:
                entries, windows = state.sift(read_headers(record.headers) for record in records)
                new = [entry == COUNTED for entry in entries]
                values, arrived_us = list(compress(values, new)), list(compress(arrived_us, new))
            with foreseen():
                screened = self._add_events(values, arrived_us)
        except UnreadableRecord:
            return False
        state.remember(windows)
        state.note(len(values), screened)
        state.read(records[-1], entries)
        return True

    def _take_one(self, state: PartitionIntake, record: Any, arrived_us: int) -> None:
        windows: dict[str, SequenceWindow] = {}
        try:
            headers = read_headers(record.headers)
            entries, windows = state.sift([headers])
            if entries == [COUNTED]:
                with foreseen():
                    state.note(*self._add(headers.content_type, record.value, arrived_us))
        except UnreadableRecord as error:
            state.unreadable(record, arrived_us, error, self._limits.record_bytes)
        else:
            state.read(record, entries)
        if not state.stopped_reason:
            state.remember(windows)

    def _add(self, content_type: str, value: bytes | None, arrived_us: int) -> tuple[int, Screened]:
        if is_event(content_type):
            return 1, self._add_events([value], [arrived_us])
        columns = read_batch(content_type, value, self._limits)
        return len(columns), self._deltas.add(columns, arrived_us)

    def _add_events(self, values: Sequence[bytes | None], arrived_us: Sequence[int]) -> Screened:
        columns, raw_account = read_events(values, self._limits)
        return self._deltas.add(columns, np.array(arrived_us, np.int64), raw_account)

    def drain(self) -> Flush:
        """Everything that waits, as one flush. It stays here until `written`."""
        touched = {number: state for number, state in self._partitions.items() if state.touched}
        return Flush(
            self.topic_id,
            [state.move for state in touched.values()],
            self._deltas.reduce(),
            {number: +state.ledger for number, state in touched.items()},
            {number: state.changed_windows for number, state in touched.items()},
            [letter for state in touched.values() for letter in state.dead],
        )

    def written(self) -> None:
        """The last flush is in the database."""
        for state in self._partitions.values():
            state.written()
        self._deltas.written()


def _producer_id(record: Any) -> str:
    try:
        return read_headers(record.headers).producer_id
    except UnreadableRecord:
        return ""
