"""Reports as they come over the wire, read column by column: every step is one NumPy operation over all events.

Messages of Python cost 2 us an event (one attribute of one message after the other), this 0.2 us. What a sender's
protobuf library writes is read: each field at most once, in order of its number. Anything else that the wire format
allows is left to protobuf itself: `read_report` answers None, and api/reports.py does it the slow way.

The numbers are those of directory.usage.v1.UsageEvent and directory.metrics.v1.ReportRequest; the encoding is
https://protobuf.dev/programming-guides/encoding/.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from metrics.domain.usage_columns import LARGEST_STATUS, Names, UsageColumns

_VARINT, _FIXED64, _LENGTH = 0, 1, 2
_PRODUCER_ID, _SEQUENCE, _EVENTS = 1 << 3 | _LENGTH, 2 << 3 | _VARINT, 3 << 3 | _LENGTH
_MORE = 0x80  # the bit of a byte after which its varint goes on
_LONGEST_VARINT = 8  # of ten; longer ones are negative numbers and such
_PADDING = bytes(256)  # a step never looks further than one short field behind the last event

Numbers = NDArray[np.uint64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Accounts:
    """Raw account ids of events: `ids[codes[i]]` is event i's; empty where it has none."""

    codes: NDArray[np.int32]
    ids: Sequence[bytes]


@dataclass(frozen=True)
class Report:
    """A batch: `columns.account` is what senders hashed themselves, `accounts` what is still to hash."""

    producer_id: str
    sequence: int
    columns: UsageColumns
    accounts: Accounts


@dataclass(frozen=True)
class TooManyEvents(Exception):  # noqa: N818  # a fact about the batch, for the API to word
    """The batch holds more events than allowed; nothing of it was read."""


class _Unusual(Exception):  # noqa: N818  # as above: right perhaps, but not for this reader
    pass


def read_report(raw: bytes, most_events: int) -> Report | None:
    """The report, or None for one that only protobuf itself can read, or refuse. Raises TooManyEvents."""
    try:
        producer_id, sequence, starts, ends = _batch(raw, most_events)
        columns, accounts = _events(raw, np.array(starts, np.int64), np.array(ends, np.int64))
        return Report(producer_id.decode(), sequence, columns, accounts)
    except (_Unusual, IndexError, UnicodeDecodeError, pa.ArrowInvalid):
        return None


def read_events(values: Sequence[bytes]) -> tuple[UsageColumns, Accounts] | None:
    """Events that came one by one, each as its own bytes; None where only protobuf itself can read, or refuse, one."""
    lengths = np.fromiter(map(len, values), np.int64, len(values))
    ends = np.cumsum(lengths)
    try:
        return _events(b"".join(values), ends - lengths, ends)
    except (_Unusual, IndexError, pa.ArrowInvalid):
        return None


def _batch(raw: bytes, most_events: int) -> tuple[bytes, int, list[int], list[int]]:
    """The batch's own fields, and where each event begins and ends: the one loop, with little to do."""
    producer_id, sequence, place, size = b"", 0, 0, len(raw)
    starts: list[int] = []
    ends: list[int] = []
    for _ in range(most_events + 3):  # both own fields, and one event too many
        if place >= size:
            break
        tag, length = raw[place], raw[place + 1]
        place += 2
        if length >= _MORE:
            length, place = _varint(raw, place - 1)
        if tag == _EVENTS:
            starts.append(place)
            place += length
            ends.append(place)
        elif tag == _PRODUCER_ID:
            producer_id = raw[place : place + length]
            place += length
        elif tag == _SEQUENCE:
            sequence = length
        else:
            raise _Unusual
    if len(starts) > most_events:
        raise TooManyEvents
    if place != size:
        raise _Unusual
    return producer_id, sequence, starts, ends


def _varint(raw: bytes, place: int) -> tuple[int, int]:
    value = 0
    for position in range(_LONGEST_VARINT):
        byte = raw[place + position]
        value |= (byte & ~_MORE) << 7 * position
        if byte < _MORE:
            return value, place + position + 1
    raise _Unusual


def _events(raw: bytes, starts: Places, ends: Places) -> tuple[UsageColumns, Accounts]:
    fields = _Fields(raw, starts, ends)
    columns: dict[str, Any] = {
        "kind": _small(fields.number(1, most=2**31 - 1)),
        "time": fields.number(2).astype(np.int64),
        "server": fields.names(3),
        "product": fields.names(4),
        "tool": fields.names(5),
        "account": fields.fixed(6),
    }
    accounts = fields.texts(7)
    columns |= {
        "outcome": _small(fields.number(8, most=2**31 - 1)),
        "error_type": fields.names(9),
        "http_status": np.minimum(fields.number(10, most=2**32 - 1), LARGEST_STATUS).astype(np.uint16),
        "duration_us": fields.number(11),
        "synthetic": fields.number(12) != 0,
    }
    fields.end()
    accounts.dictionary.cast(pa.utf8())  # raises where an id is not UTF-8, as protobuf does
    return UsageColumns(**columns), Accounts(_codes(accounts), accounts.dictionary.to_pylist())


def _small(numbers: Numbers) -> NDArray[np.uint8]:
    """Unknown numbers of enumerations become 0."""
    return np.where(numbers < 256, numbers, 0).astype(np.uint8)


class _Fields:
    """All events side by side, a cursor in each; fields are asked for in order of their numbers."""

    def __init__(self, raw: bytes, starts: Places, ends: Places) -> None:
        padded = raw + _PADDING
        self._raw = pa.py_buffer(raw)
        self._bytes = np.frombuffer(padded, np.uint8)
        # eight bytes as a number, at every place whatever its alignment
        self._words = np.ndarray((len(padded) - 7,), "<u8", padded, strides=(1,))
        self._cursors, self._ends = starts, ends
        self._even = pa.array(np.arange(0, 2 * len(starts), 2, dtype=np.int32))

    def number(self, field: int, *, most: int = 2**56 - 1) -> Numbers:
        """A varint, 0 where there is none."""
        there = self._there(field << 3 | _VARINT)
        values, lengths = _varints(self._words[self._cursors + 1])
        if (there & ((lengths == 0) | (values > most))).any():
            raise _Unusual
        self._cursors = self._cursors + np.where(there, 1 + lengths, 0)
        return np.where(there, values, np.uint64(0))

    def fixed(self, field: int) -> Numbers:
        """Eight bytes, 0 where there are none."""
        there = self._there(field << 3 | _FIXED64)
        values = np.where(there, self._words[self._cursors + 1], np.uint64(0))
        self._cursors = self._cursors + np.where(there, 9, 0)
        return values

    def names(self, field: int) -> Names:
        """A text, empty where there is none."""
        encoded = self.texts(field)
        return Names(_codes(encoded), encoded.dictionary.cast(pa.utf8()).to_pylist())

    def texts(self, field: int) -> pa.DictionaryArray:
        """Bytes of a text, dictionary-encoded."""
        there = self._there(field << 3 | _LENGTH)
        lengths = self._bytes[self._cursors + 1]
        if (there & (lengths >= _MORE)).any():
            raise _Unusual
        # Texts and the gaps between them are one array over the bytes as they came; every second one is a text.
        offsets = np.zeros(2 * len(there) + 1, np.int32)
        offsets[:-1:2] = self._cursors + np.where(there, 2, 0)
        self._cursors = self._cursors + np.where(there, 2 + lengths.astype(np.int64), 0)
        if (self._cursors > self._ends).any():
            raise _Unusual
        offsets[1::2] = self._cursors
        offsets[-1] = offsets[-2] if len(there) else 0
        buffers = [None, pa.py_buffer(offsets), self._raw]
        texts_and_gaps = pa.Array.from_buffers(pa.binary(), 2 * len(there), buffers)
        return texts_and_gaps.take(self._even).dictionary_encode()

    def end(self) -> None:
        """Whether every byte was read: not where a field is unknown, out of order or there twice."""
        if (self._cursors != self._ends).any():
            raise _Unusual

    def _there(self, tag: int) -> NDArray[np.bool_]:
        there: NDArray[np.bool_] = (self._bytes[self._cursors] == tag) & (self._cursors < self._ends)
        return there


def _varints(words: Numbers) -> tuple[Numbers, Places]:
    """Values of the varints that words begin with, and their lengths; length 0 where one does not end within it."""
    stops = ~words & np.uint64(0x8080_8080_8080_8080)
    last = stops & (~stops + np.uint64(1))
    used = (last << np.uint64(1)) - np.uint64(1)
    values = words & used & np.uint64(0x7F7F_7F7F_7F7F_7F7F)
    # groups of 7 bits move together: pairs, then fours, then eights
    for keep, move, by in (
        (0x007F_007F_007F_007F, 0x7F00_7F00_7F00_7F00, 1),
        (0x0000_3FFF_0000_3FFF, 0x3FFF_0000_3FFF_0000, 2),
        (0x0000_0000_0FFF_FFFF, 0x0FFF_FFFF_0000_0000, 4),
    ):
        values = (values & np.uint64(keep)) | ((values & np.uint64(move)) >> np.uint64(by))
    lengths = np.where(stops == 0, 0, np.bitwise_count(used) >> 3).astype(np.int64)
    return values, lengths


def _codes(encoded: pa.DictionaryArray) -> NDArray[np.int32]:
    codes: NDArray[np.int32] = encoded.indices.to_numpy()
    return codes
