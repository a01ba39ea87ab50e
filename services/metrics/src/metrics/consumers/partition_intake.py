"""One partition of a worker: how far it got since the last flush, and what became of the records."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from metrics.consumers.usage_records import Headers
from metrics.domain.arrow_limits import UnreadableRecord
from metrics.domain.poison import FloodGuard
from metrics.domain.screening import Screened
from metrics.domain.sequence_window import SequenceWindow
from metrics.store.offsets import DeadLetter, Move, Place

# About what each takes in memory at the worst moment, while it is written.
_LETTER_BYTES, _WINDOW_BYTES = 2_048, 1_024
_LONGEST_DETAIL = 500
_LONGEST_CONTENT_TYPE = 200


class PartitionIntake:
    """Records are handed to it in order: each is `counted`, a duplicate, or dead. Not safe for threads."""

    def __init__(self, topic_id: str, number: int, place: Place) -> None:
        self._topic_id, self._number = topic_id, number
        self.windows: dict[str, SequenceWindow] = {}
        self._guard = FloodGuard(place.dead_in_a_row)
        self._begin(place)

    def _begin(self, place: Place) -> None:
        self._place, self.next_offset, self.stopped_reason = place, place.next_offset, place.stopped_reason
        self.ledger: Counter[str] = Counter()
        self.dead: list[DeadLetter] = []
        self._changed: set[str] = set()
        self.kept_bytes = 0

    def written(self) -> None:
        """Everything so far is in the database."""
        self._begin(Place(self.next_offset, self._guard.dead_in_a_row, self.stopped_reason))

    @property
    def touched(self) -> bool:
        """Whether there is anything to write."""
        return self.next_offset != self._place.next_offset or self.stopped_reason != self._place.stopped_reason

    @property
    def move(self) -> Move:
        """From where the database is to where this is."""
        return Move(
            self._topic_id,
            self._number,
            self._place.next_offset,
            self.next_offset,
            self._guard.dead_in_a_row,
            self.stopped_reason,
        )

    @property
    def changed_windows(self) -> Mapping[str, SequenceWindow]:
        """Of producers that sent something since the last flush."""
        return {producer: self.windows[producer] for producer in self._changed}

    def forget_windows(self) -> None:
        """Keeps those that are not written; the database knows the others."""
        self.windows = dict(self.changed_windows)

    def sift(self, headers: Iterable[Headers]) -> tuple[list[bool], dict[str, SequenceWindow]]:
        """Which of some records were not read before, and the windows to `remember` when they have been."""
        windows: dict[str, SequenceWindow] = {}
        new = []
        for _, producer, sequence in headers:
            if not producer:
                new.append(True)
                continue
            window = windows.get(producer) or self.windows[producer]
            new.append(not window.has(sequence))
            if new[-1]:
                windows[producer] = window.with_sequence(sequence)
        return new, windows

    def remember(self, windows: Mapping[str, SequenceWindow]) -> None:
        """Their records were read. Those of dead letters too: sent again they are duplicates, and replayed they count
        once. Not that of the record in front of which the partition stopped."""
        self.windows.update(windows)
        self.kept_bytes += _WINDOW_BYTES * len(windows.keys() - self._changed)
        self._changed |= windows.keys()

    def read(self, last: Any, *, counted: int = 0, duplicate: int = 0) -> None:
        """Records up to `last` were readable."""
        self._guard.good(counted + duplicate)
        self._pass(last, counted + duplicate)
        self.ledger["records_counted"] += counted
        self.ledger["records_duplicate"] += duplicate

    def unreadable(self, record: Any, content_type: str, arrived_us: int, error: UnreadableRecord, most: int) -> None:
        """A record is of no use: a dead letter of at most so many bytes; or the partition stops in front of it."""
        if self._guard.dead():
            self.stop(f"flood of unreadable records, the last at offset {record.offset}: {error}")
            return
        letter = DeadLetter(
            self._topic_id,
            self._number,
            record.offset,
            arrived_us,
            _storable(content_type, _LONGEST_CONTENT_TYPE),
            (record.value or b"")[:most],
            error.reason,
            _storable(error.detail, _LONGEST_DETAIL),
        )
        self.dead.append(letter)
        self.kept_bytes += _LETTER_BYTES + 2 * len(letter.value)
        self._pass(record, 1)
        self.ledger["records_dead"] += 1

    def stop(self, reason: str) -> None:
        """The partition stops in front of the next record."""
        self.stopped_reason = _storable(reason, _LONGEST_DETAIL)

    def _pass(self, last: Any, records: int) -> None:
        self.ledger["records"] += records
        self.next_offset = last.offset + 1

    def note(self, events: int, screened: Screened) -> None:
        """What became of the events of a record."""
        self.ledger["events"] += events
        self.ledger["events_counted"] += len(screened)
        self.ledger["events_synthetic"] += screened.synthetic
        for reason, count in screened.rejected.items():
            self.ledger[f"events_rejected_{reason}"] += count


def _storable(words: str, longest: int) -> str:
    """Text of unknown origin, for a column of text and for a terminal: PostgreSQL takes no NUL."""
    return "".join(character if character.isprintable() else "?" for character in words[:longest])
