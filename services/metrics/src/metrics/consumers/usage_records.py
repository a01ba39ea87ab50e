"""Reading records of `directory.usage.v1` in both forms (docs/usage-events.md)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from chassis.logs import get_logger
from directory.usage.v1.usage_event_pb2 import UsageEvent
from google.protobuf.message import DecodeError

from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.screening import Screened
from metrics.domain.usage_columns import UsageColumns, decode_arrow
from metrics.domain.usage_events import columns_of

ARROW = "application/vnd.apache.arrow.stream"
PROTOBUF = "application/x-protobuf"
PROTOBUF_EVENT = "application/x-protobuf; message=directory.usage.v1.UsageEvent"
_LONGEST_PRODUCER_ID = 64
_LARGEST_SEQUENCE = 2**63 - 1


@dataclass(frozen=True)
class Headers:
    """What a record's headers say. Without a producer id, a record that comes twice counts twice."""

    content_type: str
    producer_id: str = ""
    sequence: int = 0


def read_headers(headers: Sequence[tuple[str, bytes | None]] | None) -> Headers:
    """Raises UnreadableRecord where they make no sense."""
    found = {key: value or b"" for key, value in headers or ()}
    try:
        content_type = found.get("content-type", b"").decode("ascii")
        producer_id = found.get("producer-id", b"").decode("ascii")
        sequence = int(found.get("sequence", b"0").decode("ascii"))
    except ValueError as error:
        raise UnreadableRecord("bad_headers", str(error)) from error
    fits = len(producer_id) <= _LONGEST_PRODUCER_ID and producer_id.isprintable()
    if not fits or not 0 <= sequence <= _LARGEST_SEQUENCE or (producer_id and not sequence):
        raise UnreadableRecord("bad_headers", f"producer-id {producer_id[:80]!r}, sequence {sequence}")
    return Headers(content_type, producer_id, sequence)


def is_event(content_type: str) -> bool:
    """Whether a record holds one protobuf event."""
    form, _, parameters = content_type.partition(";")
    return form.strip() == PROTOBUF and parameters.strip() in ("", "message=directory.usage.v1.UsageEvent")


def read_event(value: bytes | None, limits: RecordLimits) -> UsageEvent:
    """One protobuf event. Raises UnreadableRecord."""
    if not value:
        raise UnreadableRecord("empty")
    if len(value) > limits.record_bytes:
        raise UnreadableRecord("record_too_large", f"{len(value)} bytes")
    try:
        return UsageEvent.FromString(value)
    except DecodeError as error:
        raise UnreadableRecord("protobuf_unreadable", str(error)) from error


def read_batch(content_type: str, value: bytes | None, limits: RecordLimits) -> UsageColumns:
    """The events of an Arrow record. Raises UnreadableRecord."""
    if content_type.partition(";")[0].strip() != ARROW:
        raise UnreadableRecord("unknown_content_type", content_type[:200])
    if not value:
        raise UnreadableRecord("empty")
    return decode_arrow(value, limits)


@contextmanager
def foreseen() -> Iterator[None]:
    """Makes an UnreadableRecord of whatever else a record causes: raised further, it would end this worker, and every
    one that reads the record after it."""
    try:
        yield
    except UnreadableRecord:
        raise
    except Exception as error:
        get_logger().exception("a record does what nobody foresaw")
        raise UnreadableRecord("unexpected", f"{type(error).__name__}: {error}") from error


def add_events(deltas: UsageDeltas, events: Sequence[UsageEvent], arrived_us: Sequence[int]) -> Screened:
    """Takes single events, in the same columns as a batch."""
    raw = np.fromiter((bool(e.account_id) for e in events), np.bool_, len(events))
    return deltas.add(columns_of(events), np.array(arrived_us, np.int64), raw)
