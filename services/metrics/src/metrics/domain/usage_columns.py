"""Usage events as columns: the form in which both record forms of the topic meet (docs/usage-events.md)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord, check_declared_sizes

TOOL_CALL, MESSAGE, CONNECTOR_REMOVED = 1, 2, 3
OK, TOOL_ERROR, REQUEST_ERROR, AUTH_REJECTED = 1, 2, 3, 4

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

    codes: NDArray[np.int32]
    values: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Names":
        """Encodes plain texts."""
        places: dict[str, int] = {}
        codes = np.fromiter((places.setdefault(t, len(places)) for t in texts), np.int32, len(texts))
        return cls(codes, list(places))

    def taken(self, rows: NDArray[np.bool_]) -> "Names":
        """The same dictionary with fewer rows."""
        return Names(self.codes[rows], self.values)


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

    def taken(self, rows: NDArray[np.bool_]) -> "UsageColumns":
        """The rows whose mask is true."""
        if rows.all():
            return self
        columns: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self)}
        kept: dict[str, Any] = {n: c.taken(rows) if isinstance(c, Names) else c[rows] for n, c in columns.items()}
        return replace(self, **kept)


def encode_arrow(columns: UsageColumns) -> bytes:
    """One record's value: an Arrow IPC stream of one batch, buffers compressed with zstd."""
    arrays = []
    for entry in SCHEMA:
        column = getattr(columns, entry.name)
        if isinstance(column, Names):
            values = pa.array(column.values, pa.utf8())
            arrays.append(pa.DictionaryArray.from_arrays(pa.array(column.codes, pa.int32()), values))
        else:
            arrays.append(pa.array(column, entry.type))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))
    return bytes(sink.getvalue())


def decode_arrow(value: bytes, limits: RecordLimits) -> UsageColumns:
    """Reads one record's value. Sizes are checked as declared, before anything is allocated.

    Raises:
        UnreadableRecord: the whole record is of no use; its reason is stable.
    """
    check_declared_sizes(value, limits)
    try:
        with pa.ipc.open_stream(value) as reader:
            table = reader.read_all()
        table.validate()
        columns: dict[str, Any] = {entry.name: _column(table, entry.name) for entry in SCHEMA}
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise UnreadableRecord("arrow_unreadable", str(error)) from error
    return UsageColumns(**columns)


def _column(table: pa.Table, name: str) -> object:
    wanted = SCHEMA.field(name).type
    places = table.schema.get_all_field_indices(name)
    if not places and name in _OPTIONAL:
        return np.zeros(table.num_rows, np.bool_)
    if not places:
        raise UnreadableRecord("column_missing", name)
    if len(places) > 1:
        raise UnreadableRecord("column_type", f"{name} is there {len(places)} times")
    column = table.column(name)
    if pa.types.is_dictionary(wanted):
        return _names(name, column)
    if column.type != wanted and not (pa.types.is_integer(column.type) and pa.types.is_integer(wanted)):
        raise UnreadableRecord("column_type", f"{name} is {column.type}")
    column = column.cast(wanted).fill_null(False if name in _OPTIONAL else 0)
    return column.combine_chunks().to_numpy(zero_copy_only=False)


def _names(name: str, column: pa.ChunkedArray) -> Names:
    if pa.types.is_dictionary(column.type):
        for chunk in column.chunks:
            _check_dictionary(name, chunk)
        column = column.unify_dictionaries()
    elif pa.types.is_string(column.type):
        column.validate(full=True)
        column = column.dictionary_encode()
    else:
        raise UnreadableRecord("column_type", f"{name} is {column.type}")
    if not column.num_chunks:
        return Names(np.zeros(0, np.int32), [])
    values = column.chunk(0).dictionary.to_pylist()
    codes = np.concatenate([_codes(chunk, len(values)) for chunk in column.chunks])
    return Names(codes, [value or "" for value in values] + [""])


def _check_dictionary(name: str, chunk: pa.DictionaryArray) -> None:
    if not pa.types.is_string(chunk.dictionary.type):
        raise UnreadableRecord("column_type", f"{name} is {chunk.type}")
    chunk.dictionary.validate(full=True)
    indices = chunk.indices.drop_null().to_numpy(zero_copy_only=False)
    if len(indices) and (int(indices.min()) < 0 or int(indices.max()) >= len(chunk.dictionary)):
        raise UnreadableRecord("dictionary_index", name)
    if len(chunk.dictionary) and max(map(len, chunk.dictionary.to_pylist()), default=0) > _LONGEST_NAME_BYTES:
        raise UnreadableRecord("name_too_long", name)


def _codes(chunk: pa.DictionaryArray, nothing: int) -> NDArray[np.int32]:
    indices = chunk.indices.cast(pa.int32()).fill_null(nothing)
    codes: NDArray[np.int32] = indices.to_numpy(zero_copy_only=False)
    return codes
