"""How large a record says that it is. Arrow allocates what a compressed buffer declares, so a few bytes could ask for
gigabytes: the declared sizes are added up from the metadata first. The metadata are flatbuffers of
https://github.com/apache/arrow/blob/main/format/Message.fbs; only the fields needed here are read."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2
_VERSION_5 = 4  # https://github.com/apache/arrow/blob/main/format/Schema.fbs, MetadataVersion


REASONS = (
    "empty",
    "bad_headers",
    "unknown_content_type",
    "arrow_unreadable",
    "protobuf_unreadable",
    "column_missing",
    "column_type",
    "name_too_long",
    "record_too_large",
    "too_many_messages",
    "unexpected",
)
"""Why a record cannot be read, as docs/usage-events.md tells producers."""


class UnreadableRecord(Exception):  # noqa: N818  # a fact about the record
    """A record that is of no use as a whole; it becomes a dead letter.

    Attributes:
        reason: stable, for counting.
        detail: for people.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class RecordLimits:
    """How large a record may be."""

    record_bytes: int = 4 * 1024 * 1024
    decoded_bytes: int = 64 * 1024 * 1024
    rows: int = 200_000
    messages: int = 1_000


def check_declared_sizes(value: bytes, limits: RecordLimits) -> None:
    """Raises UnreadableRecord where a record is, or says that it will become, larger than the limits."""
    if len(value) > limits.record_bytes:
        raise UnreadableRecord("record_too_large", f"{len(value)} bytes")
    rows = size = 0
    try:
        for number, message in enumerate(_messages(value)):
            if number >= limits.messages:
                raise UnreadableRecord("too_many_messages")
            batch_rows, batch_bytes = _declared(message.metadata.to_pybytes(), message.body)
            rows += max(0, batch_rows)
            size += batch_bytes
            if rows > limits.rows or size > limits.decoded_bytes:
                raise UnreadableRecord("record_too_large", f"{rows} rows, {size} bytes decoded")
    except (pa.ArrowException, struct.error, IndexError, ValueError, OSError) as error:
        raise UnreadableRecord("arrow_unreadable", str(error)) from error


def _messages(value: bytes) -> Iterator[pa.ipc.Message]:
    reader = pa.ipc.MessageReader.open_stream(value)
    while True:
        try:
            yield reader.read_next_message()
        except StopIteration:
            return


def _declared(metadata: bytes, body: pa.Buffer | None) -> tuple[int, int]:
    message = _Table.root(metadata)
    if message.scalar(0, "h") < _VERSION_5:
        # of older ones the compression may be told in metadata of any form
        raise UnreadableRecord("arrow_unreadable", "metadata of a version before 5")
    kind = message.scalar(1, "B")
    if kind not in (_RECORD_BATCH, _DICTIONARY_BATCH):
        return 0, 0
    header = message.table(2)
    if kind == _DICTIONARY_BATCH and header.scalar(2, "B"):
        # each batch after a delta has a dictionary of its own in memory
        raise UnreadableRecord("arrow_unreadable", "a dictionary comes in parts")
    batch = header if kind == _RECORD_BATCH else header.table(1)
    size = _decoded_size(batch.buffers(2), body, compressed=batch.place(3) is not None)
    return (batch.scalar(0, "q") if kind == _RECORD_BATCH else 0), size


def _decoded_size(buffers: Iterable[tuple[int, int]], body: pa.Buffer | None, *, compressed: bool) -> int:
    there = memoryview(body) if body else memoryview(b"")
    size = 0
    for offset, length in buffers:
        if offset < 0 or length < 0 or offset + length > len(there):
            raise UnreadableRecord("arrow_unreadable", "a buffer lies outside the record")
        declared = length
        if compressed and length >= 8:
            declared = int.from_bytes(there[offset : offset + 8], "little", signed=True)
        # -1: Arrow's mark for a buffer that was left uncompressed
        size += length if declared == -1 else max(declared, 0)
    return size


class _Table(NamedTuple):
    data: bytes
    at: int

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def place(self, number: int) -> int | None:
        vtable = self.at - struct.unpack_from("<i", self.data, self.at)[0]
        if vtable < 0 or 4 + 2 * number >= struct.unpack_from("<H", self.data, vtable)[0]:
            return None
        offset = struct.unpack_from("<H", self.data, vtable + 4 + 2 * number)[0]
        return self.at + offset if offset else None

    def scalar(self, number: int, form: str) -> int:
        place = self.place(number)
        return 0 if place is None else int(struct.unpack_from("<" + form, self.data, place)[0])

    def table(self, number: int) -> "_Table":
        place = self.place(number)
        if place is None:
            raise ValueError("a part of the metadata is missing")
        return _Table(self.data, place + struct.unpack_from("<I", self.data, place)[0])

    def buffers(self, number: int) -> Iterable[tuple[int, int]]:
        """Offset and length of each entry of a vector of Buffer structs."""
        place = self.place(number)
        if place is None:
            return ()
        start = place + struct.unpack_from("<I", self.data, place)[0]
        count = struct.unpack_from("<I", self.data, start)[0]
        entries: Iterator[tuple[int, int]] = struct.iter_unpack("<qq", self.data[start + 4 : start + 4 + 16 * count])
        return entries
