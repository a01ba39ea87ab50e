"""One partition of a worker: how far it got since the last flush, and what became of the records."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chassis.logs import get_logger

from metrics.consumers.usage_records import OWN_HEADERS, Headers
from metrics.domain.arrow_limits import UnreadableRecord
from metrics.domain.poison import FloodGuard
from metrics.domain.screening import Screened
from metrics.domain.sequence_window import SequenceWindow
from metrics.store.offsets import DeadLetter, Move, Place

# About what each takes in memory at the worst moment, while it is written.
_LETTER_BYTES, _WINDOW_BYTES, _CHARACTER_BYTES = 2_048, 1_024, 8
_LONGEST_DETAIL = 500
_LONGEST_HEADER, _MOST_HEADERS = 200, 16
_MOST_NAMED = 10

# What becomes of records that can be read: entries of the ledger.
COUNTED, DUPLICATE, OUT_OF_WINDOW = "records_counted", "records_duplicate", "records_out_of_window"


class PartitionIntake:
    """Records are handed to it in order: each is counted, left out, or dead. Not safe for threads."""

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
        self._behind: set[str] = set()
        self.kept_bytes = 0

    def written(self) -> None:
        """Everything so far is in the database."""
        if self._behind:
            named = sorted(self._behind)[:_MOST_NAMED]
            get_logger().warning("records out of their producers' windows", partition=self._number, producers=named)
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

    def sift(self, headers: Iterable[Headers]) -> tuple[list[str], dict[str, SequenceWindow]]:
        """What becomes of some records, and the windows to `remember` when they have been read."""
        windows: dict[str, SequenceWindow] = {}
        entries = []
        for _, producer, sequence in headers:
            if not producer:
                entries.append(COUNTED)
                continue
            window = windows.get(producer) or self.windows[producer]
            if window.is_behind(sequence):
                entries.append(OUT_OF_WINDOW)
                self._behind.add(producer)
            elif window.has(sequence):
                entries.append(DUPLICATE)
            else:
                entries.append(COUNTED)
                windows[producer] = window.with_sequence(sequence)
        return entries, windows

    def remember(self, windows: Mapping[str, SequenceWindow]) -> None:
        """Their records were read. Those of dead letters too: sent again they are duplicates, and replayed they count
        once. Not that of the record in front of which the partition stopped."""
        self.windows.update(windows)
        self.kept_bytes += _WINDOW_BYTES * len(windows.keys() - self._changed)
        self._changed |= windows.keys()

    def read(self, last: Any, entries: Sequence[str]) -> None:
        """Records up to `last` were readable, and this became of them."""
        self._guard.good(len(entries))
        self._pass(last, len(entries))
        self.ledger.update(entries)

    def unreadable(self, record: Any, arrived_us: int, error: UnreadableRecord, most: int) -> None:
        """A record is of no use: a dead letter of at most so many bytes; or the partition stops in front of it."""
        if self._guard.dead():
            self.stop(f"flood of unreadable records, the last at offset {record.offset}: {error}")
            return
        headers = _kept(record.headers)
        letter = DeadLetter(
            self._topic_id,
            self._number,
            record.offset,
            arrived_us,
            headers.get("content-type", ""),
            (record.value or b"")[:most],
            error.reason,
            _storable(error.detail, _LONGEST_DETAIL),
            None if record.key is None else _text(record.key),
            headers,
        )
        self.dead.append(letter)
        characters = sum(len(name) + len(value) for name, value in headers.items())
        self.kept_bytes += _LETTER_BYTES + 2 * len(letter.value) + _CHARACTER_BYTES * characters
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


def _kept(headers: Iterable[tuple[str, bytes | None]] | None) -> dict[str, str]:
    """What a letter keeps of its record's headers: of one that comes twice the last, as the reader takes it; those that
    the reader knows, and some others."""
    found = dict(headers or ())
    names = sorted(found, key=lambda name: name not in OWN_HEADERS)[:_MOST_HEADERS]
    return {_storable(name, _LONGEST_HEADER): _text(found[name] or b"") for name in names}


def _text(said: bytes) -> str:
    return _storable(said[:_LONGEST_HEADER].decode("utf-8", "backslashreplace"), _LONGEST_HEADER)


def _storable(words: str, longest: int) -> str:
    """Text of unknown origin, for a column of text and for a terminal: PostgreSQL takes no NUL."""
    return "".join(character if character.isprintable() else "?" for character in words[:longest])
