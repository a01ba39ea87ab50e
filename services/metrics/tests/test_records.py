"""What a record may be, and what it may not do."""

import contextlib
import struct

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.usage_columns import SCHEMA, decode_arrow, encode_arrow
from metrics.domain.usage_events import columns_of

from .records import message
from .test_oracle_on_the_database import NOW
from .traffic import Shape, Traffic

LIMITS = RecordLimits()


@pytest.fixture(scope="module")
def events():
    traffic = Traffic(Shape(1, 3, 2), NOW)
    return [message(event) for event in traffic.first()]


def same(found, wanted):
    for name in SCHEMA.names:
        a, b = getattr(found, name), getattr(wanted, name)
        if hasattr(a, "codes"):
            assert [a.values[c] for c in a.codes] == [b.values[c] for c in b.codes]
        else:
            assert a.tolist() == b.tolist()
    return True


def test_a_batch_comes_back_as_it_was(events):
    assert same(decode_arrow(encode_arrow(columns_of(events)), LIMITS), columns_of(events))


def test_a_batch_of_another_writer(events):
    """Several batches and dictionaries, plain strings, other integers, nulls, no compression, another order."""
    wanted = columns_of(events)
    schema = pa.schema(
        [
            ("tool", pa.utf8()),
            ("kind", pa.int32()),
            ("time", pa.int64()),
            ("server", pa.dictionary(pa.int8(), pa.utf8())),
            ("product", pa.utf8()),
            ("account", pa.uint64()),
            ("outcome", pa.uint8()),
            ("error_type", pa.utf8()),
            ("http_status", pa.int32()),
            ("duration_us", pa.uint64()),
            ("synthetic", pa.bool_()),
        ]
    )
    sink = pa.BufferOutputStream()
    half = len(events) // 2
    with pa.ipc.new_stream(sink, schema) as writer:
        for part in (events[:half], events[half:]):
            rows = [
                {
                    "tool": e.tool or None,
                    "kind": e.kind,
                    "time": e.time_us,
                    "server": e.server_id,
                    "product": e.product or None,
                    "account": e.account_hash or None,
                    "outcome": e.outcome or None,
                    "error_type": e.error_type or None,
                    "http_status": e.http_status,
                    "duration_us": e.duration_us,
                    "synthetic": e.synthetic or None,
                }
                for e in part
            ]
            writer.write_table(pa.Table.from_pylist(rows, schema))
    assert same(decode_arrow(bytes(sink.getvalue()), LIMITS), wanted)


def test_a_bomb_is_refused_before_anything_is_allocated():
    rows = 150_000_000
    sink = pa.BufferOutputStream()
    column = pa.array(np.zeros(rows, np.uint8))
    schema = pa.schema([("kind", pa.uint8())])
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_batch(pa.record_batch([column], schema=schema))
    value = bytes(sink.getvalue())
    assert len(value) < 100_000
    del column
    before = pa.total_allocated_bytes()
    with pytest.raises(UnreadableRecord, match="record_too_large"):
        decode_arrow(value, RecordLimits(rows=10**12))
    assert pa.total_allocated_bytes() - before < 10**6


def test_a_declared_size_is_believed_as_declared(events):
    value = bytearray(encode_arrow(columns_of(events)))
    # every compressed buffer starts with its length; make all that look like one enormous
    wanted = struct.pack("<q", 8 * len(events))
    place = value.find(wanted)
    assert place > 0
    value[place : place + 8] = struct.pack("<q", 2**40)
    with pytest.raises(UnreadableRecord):
        decode_arrow(bytes(value), LIMITS)


def with_metadata(table, metadata, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        for batch in table.to_batches():
            writer.write_batch(batch, custom_metadata=metadata)
    return bytes(sink.getvalue())


def test_what_may_hide_its_size_is_refused(events):
    """Old versions say in free metadata that buffers are compressed; deltas make each batch hold a dictionary anew."""
    with pa.ipc.open_stream(encode_arrow(columns_of(events))) as reader:
        table = reader.read_all()
    old = with_metadata(table, {b"ARROW:experimental_compression": b"zstd"}, metadata_version=pa.ipc.MetadataVersion.V4)
    with pytest.raises(UnreadableRecord, match="version before 5"):
        decode_arrow(old, LIMITS)
    parts = [pa.table({"kind": pa.array(names).dictionary_encode()}) for names in (["a"], ["a", "b"])]
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_stream(sink, parts[0].schema, options=options) as writer:
        for part in parts:
            writer.write_table(part)
    with pytest.raises(UnreadableRecord, match="comes in parts"):
        decode_arrow(bytes(sink.getvalue()), LIMITS)


def test_an_index_beyond_its_dictionary_is_refused():
    values = pa.array(["a"])
    broken = pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int32()), values, safe=False)
    arrays = [
        broken if pa.types.is_dictionary(entry.type) else pa.array([1, 1], pa.uint8()).cast(entry.type)
        for entry in SCHEMA
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as writer:
        writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))
    with pytest.raises(UnreadableRecord, match="arrow_unreadable"):
        decode_arrow(bytes(sink.getvalue()), LIMITS)


@pytest.mark.parametrize("missing", [name for name in SCHEMA.names if name != "synthetic"])
def test_columns_are_required(events, missing):
    with pa.ipc.open_stream(encode_arrow(columns_of(events))) as reader:
        table = reader.read_all().drop_columns([missing])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    with pytest.raises(UnreadableRecord, match="column_missing"):
        decode_arrow(bytes(sink.getvalue()), LIMITS)


@settings(max_examples=300)
@given(data=st.data())
def test_broken_bytes_are_unreadable_or_read_but_never_worse(events, data):
    value = bytearray(encode_arrow(columns_of(events)))
    for _ in range(data.draw(st.integers(1, 4))):
        value[data.draw(st.integers(0, len(value) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(value)))
    for broken in (bytes(value), bytes(value[:cut])):
        with contextlib.suppress(UnreadableRecord):
            deltas = UsageDeltas()
            deltas.add(decode_arrow(broken, LIMITS), int(NOW.timestamp() * 10**6))
            deltas.reduce()
