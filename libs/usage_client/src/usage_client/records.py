"""Events as records of the topic (docs/usage-events.md)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

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
_INDICES: Final = ((2**7, pa.int8()), (2**15, pa.int16()), (2**31, pa.int32()))
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
    batch = pa.record_batch(columns, SCHEMA.names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=_OPTIONS) as writer:
        writer.write_batch(batch)
    value: bytes = sink.getvalue().to_pybytes()
    return value


def _column(wanted: pa.DataType, values: Sequence[Any]) -> pa.Array:
    """In the narrowest type that holds the numbers: that is shorter, and much quicker to read."""
    if pa.types.is_dictionary(wanted):
        texts = pa.array(values, pa.utf8()).dictionary_encode()
        narrowest = next(kind for most, kind in _INDICES if len(texts.dictionary) <= most)
        return pa.DictionaryArray.from_arrays(texts.indices.cast(narrowest), texts.dictionary)
    if wanted == pa.uint64() and max(values) < 2**32:
        return pa.array(values, pa.uint32())
    return pa.array(values, wanted)
