"""Events as records of the topic."""

import random

import pyarrow as pa
from directory.usage.v1.usage_event_pb2 import UsageEvent
from metrics.consumers.usage_records import ARROW, PROTOBUF_EVENT
from metrics.domain.usage_columns import encode_arrow
from metrics.domain.usage_events import columns_of

_FIELDS = ("kind", "time_us", "server_id", "product", "tool", "outcome", "error_type", "http_status", "duration_us")


def message(event) -> UsageEvent:
    return UsageEvent(
        **{name: event[name] for name in _FIELDS}, account_hash=event["account"], synthetic=event["synthetic"]
    )


def batch(events, producer_id="", sequence=0):
    """An Arrow record: value and headers."""
    headers = [("content-type", ARROW.encode())]
    if producer_id:
        headers += [("producer-id", producer_id.encode()), ("sequence", str(sequence).encode())]
    return encode_arrow(columns_of([message(event) for event in events])), headers


def batch_by_hand(events, producer_id, sequence):
    """An Arrow record as docs/usage-events.md describes it, written by pyarrow alone."""
    names = ("server", "product", "tool", "error_type")
    types = {"kind": pa.uint8(), "time": pa.int64(), "account": pa.uint64(), "outcome": pa.uint8()}
    types |= {name: pa.dictionary(pa.int32(), pa.utf8()) for name in names}
    types |= {"http_status": pa.uint16(), "duration_us": pa.uint64(), "synthetic": pa.bool_()}
    fields = {"time": "time_us", "server": "server_id"}
    rows = [{name: event[fields.get(name, name)] for name in types} for event in events]
    sink = pa.BufferOutputStream()
    schema = pa.schema(list(types.items()))
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_pylist(rows, schema), max_chunksize=97)
    headers = [("content-type", ARROW.encode()), ("producer-id", producer_id.encode())]
    return bytes(sink.getvalue()), [*headers, ("sequence", str(sequence).encode())]


def single(event):
    """A protobuf record: value and headers."""
    return message(event).SerializeToString(), [("content-type", PROTOBUF_EVENT.encode())]


def as_records(events, chance: random.Random, numbers, partitions=3):
    """Splits events into (partition, value, headers); some batches come twice, some later out of order."""
    rest, found = list(events), []
    while rest:
        size = chance.choice([1, 7, 60, 400, 1000])
        taken, rest = rest[:size], rest[size:]
        partition = chance.randrange(partitions)
        if chance.random() < 0.2:
            found += [(partition, *single(event)) for event in taken[:20]]
            taken = taken[20:]
        if taken:
            form = batch if chance.random() < 0.5 else batch_by_hand
            record = (partition, *form(taken, f"producer-{partition}", next(numbers)))
            found += [record] * (2 if chance.random() < 0.3 else 1)
    doubled = [record for record in found if len(record[2]) > 1]
    for record in chance.sample(doubled, min(3, len(doubled))):
        place = chance.randrange(len(found))
        found.insert(place, record)
    return found
