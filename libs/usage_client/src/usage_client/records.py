"""Events as records of the topic (docs/usage-events.md)."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa

from usage_client.events import Row

_NAME = pa.dictionary(pa.int32(), pa.utf8())
SCHEMA: Final = pa.schema(
    [
        ("kind", pa.uint8()),
        ("time", pa.int64()),
        ("server", _NAME),
        ("product", _NAME),
        ("tool", _NAME),
        ("account", pa.uint64()),
        ("outcome", pa.uint8()),
        ("error_type", _NAME),
        ("http_status", pa.uint16()),
        ("duration_us", pa.uint64()),
        ("synthetic", pa.bool_()),
    ]
)
LARGEST_RECORD: Final = 4 * 1024 * 1024

_CONTENT_TYPE: Final = ("content-type", b"application/vnd.apache.arrow.stream")
_OPTIONS: Final = pa.ipc.IpcWriteOptions(compression="zstd")


def headers(producer_id: str, sequence: int) -> list[tuple[str, bytes]]:
    """What a record's headers say."""
    return [_CONTENT_TYPE, ("producer-id", producer_id.encode()), ("sequence", str(sequence).encode())]


def encode(rows: Sequence[Row]) -> Iterator[tuple[int, bytes]]:
    """Values of records, each with the number of its events: one, or more where one would be larger than allowed."""
    value = _encode(rows)
    if len(value) <= LARGEST_RECORD:
        yield len(rows), value
        return
    half = len(rows) // 2
    yield from encode(rows[:half])
    yield from encode(rows[half:])


def _encode(rows: Sequence[Row]) -> bytes:
    columns = [_column(field.type, values) for field, values in zip(SCHEMA, zip(*rows, strict=True), strict=True)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=_OPTIONS) as writer:
        writer.write_batch(pa.record_batch(columns, schema=SCHEMA))
    value: bytes = sink.getvalue().to_pybytes()
    return value


def _column(wanted: pa.DataType, values: Sequence[object]) -> pa.Array:
    if pa.types.is_dictionary(wanted):
        return pa.array(values, pa.utf8()).dictionary_encode()
    return pa.array(values, wanted)
