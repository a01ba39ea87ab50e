"""Usage events as columns: the form in which both record forms of the topic meet (docs/usage-events.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord, check_declared_sizes

TOOL_CALL, MESSAGE, CONNECTOR_REMOVED = 1, 2, 3
OK, TOOL_ERROR, REQUEST_ERROR, AUTH_REJECTED = 1, 2, 3, 4
LARGEST_STATUS = 65_535  # the most that its column holds

_NAME = pa.dictionary(pa.int32(), pa.utf8())
SCHEMA = pa.schema(
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
_OPTIONAL = frozenset({"synthetic"})
_LONGEST_NAME_BYTES = 1024


@dataclass(frozen=True)
class Names:
    """A dictionary column: `codes[i]` is the place of row i's text in `values`."""

    codes: NDArray[Any]  # integers of any width
    values: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Names":
        """Encodes plain texts."""
        places: dict[str, int] = {}
        codes = np.fromiter((places.setdefault(t, len(places)) for t in texts), np.int32, len(texts))
        return cls(codes, list(places))

    def taken(self, rows: NDArray[np.intp]) -> "Names":
        """The same dictionary with fewer rows."""
        return Names(self.codes.take(rows), self.values)


@dataclass(frozen=True)
class UsageColumns:
    """Events, column by column; all of one length. `time` is in microseconds since 1970, `account` 0 is nobody."""

    kind: NDArray[np.uint8]
    time: NDArray[np.int64]
    server: Names
    product: Names
    tool: Names
    account: NDArray[np.uint64]
    outcome: NDArray[np.uint8]
    error_type: Names
    http_status: NDArray[np.uint16]
    duration_us: NDArray[np.uint64]
    synthetic: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.kind)

    def taken(self, rows: NDArray[np.intp]) -> "UsageColumns":
        """The rows of those numbers."""
        columns: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        kept: dict[str, Any] = {n: c.taken(rows) if isinstance(c, Names) else c.take(rows) for n, c in columns.items()}
        return UsageColumns(**kept)


def encode_arrow(columns: UsageColumns) -> bytes:
    """One record's value: an Arrow IPC stream of one batch, buffers compressed with zstd.

    Numbers are written in the narrowest type that holds them: that makes them half as long, and much quicker to read.
    """
    arrays = [_encoded(getattr(columns, entry.name), entry.type) for entry in SCHEMA]
    batch = pa.record_batch(arrays, SCHEMA.names)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def _encoded(column: Any, wanted: pa.DataType) -> pa.Array:
    if isinstance(column, Names):
        kind = next(kind for kind in (np.int8, np.int16, np.int32) if len(column.values) <= np.iinfo(kind).max)
        return pa.DictionaryArray.from_arrays(column.codes.astype(kind), pa.array(column.values, pa.utf8()))
    if wanted == pa.uint64() and column.max(initial=0) <= np.iinfo(np.uint32).max:
        return pa.array(column, pa.uint32())
    return pa.array(column, wanted)


def decode_arrow(value: bytes, limits: RecordLimits) -> UsageColumns:
    """Reads one record's value. Sizes are checked as declared, before anything is allocated.

    Raises:
        UnreadableRecord: the whole record is of no use; its reason is stable.
    """
    check_declared_sizes(value, limits)
    try:
        batch = _one_batch(value)
        columns: dict[str, Any] = {entry.name: _column(batch, entry) for entry in SCHEMA}
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise UnreadableRecord("arrow_unreadable", str(error)) from error
    return UsageColumns(**columns)


# the worker has one core; starting threads for a batch costs more than they take off it
_READ = pa.ipc.IpcReadOptions(use_threads=False)


def _one_batch(value: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(value, options=_READ) as reader:
        batches = list(reader)
        for batch in batches:
            # all of it, texts and places in dictionaries too: what is read after this cannot lead out of a buffer
            batch.validate(full=True)
        if len(batches) == 1:
            return batches[0]
        table = pa.Table.from_batches(batches, reader.schema).unify_dictionaries().combine_chunks()
    joined = table.to_batches()
    return joined[0] if joined else pa.RecordBatch.from_pylist([], table.schema)


def _column(batch: pa.RecordBatch, wanted: pa.Field) -> object:
    places = batch.schema.get_all_field_indices(wanted.name)
    if not places and wanted.name in _OPTIONAL:
        return np.zeros(batch.num_rows, np.bool_)
    if not places:
        raise UnreadableRecord("column_missing", wanted.name)
    if len(places) > 1:
        raise UnreadableRecord("column_type", f"{wanted.name} is there {len(places)} times")
    column = batch.column(places[0])
    if pa.types.is_dictionary(wanted.type):
        return _names(wanted.name, column)
    if column.type != wanted.type:
        if not (pa.types.is_integer(column.type) and pa.types.is_integer(wanted.type)):
            raise UnreadableRecord("column_type", f"{wanted.name} is {column.type}")
        column = column.cast(wanted.type)
    if column.null_count:
        column = column.fill_null(False if wanted.name in _OPTIONAL else 0)
    return column.to_numpy(zero_copy_only=False)


def _names(name: str, column: pa.Array) -> Names:
    if pa.types.is_string(column.type):
        column = column.dictionary_encode()
    if not (pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type)):
        raise UnreadableRecord("column_type", f"{name} is {column.type}")
    texts, indices = column.dictionary, column.indices
    if indices.null_count:
        texts = pa.concat_arrays([texts, pa.array([""])])
        indices = indices.cast(pa.int32()).fill_null(len(texts) - 1)
    codes = indices.to_numpy(zero_copy_only=False)
    if len(texts) > len(codes):
        # a dictionary may be larger than what the batch has of it
        used, codes = np.unique(codes, return_inverse=True)
        texts = texts.take(pa.array(used))
    if texts.nbytes > _LONGEST_NAME_BYTES and pc.max(pc.binary_length(texts)).as_py() > _LONGEST_NAME_BYTES:
        raise UnreadableRecord("name_too_long", name)
    values = texts.to_pylist()
    return Names(codes, [text or "" for text in values] if texts.null_count else values)
