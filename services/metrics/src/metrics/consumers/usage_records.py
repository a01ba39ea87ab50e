"""Reading records of `directory.usage.v1` in both forms (docs/usage-events.md)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
from chassis.logs import get_logger
from directory.usage.v1.usage_event_pb2 import UsageEvent
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from metrics.domain import usage_wire
from metrics.domain.arrow_limits import RecordLimits, UnreadableRecord
from metrics.domain.usage_columns import UsageColumns, decode_arrow
from metrics.domain.usage_events import columns_of

ARROW = "application/vnd.apache.arrow.stream"
PROTOBUF = "application/x-protobuf"
PROTOBUF_EVENT = "application/x-protobuf; message=directory.usage.v1.UsageEvent"
# What a proxy that does not batch usually sends.
PLAIN = [("content-type", PROTOBUF_EVENT.encode())]
OWN_HEADERS = ("content-type", "producer-id", "sequence")
_LONGEST_PRODUCER_ID = 64
_LARGEST_SEQUENCE = 2**63 - 1


class Headers(NamedTuple):
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
        sequence = _decimal(found.get("sequence", b"0"))
    except ValueError as error:
        raise UnreadableRecord("bad_headers", str(error)) from error
    fits = len(producer_id) <= _LONGEST_PRODUCER_ID and producer_id.isprintable()
    if not fits or not 0 <= sequence <= _LARGEST_SEQUENCE or (producer_id and not sequence):
        raise UnreadableRecord("bad_headers", f"producer-id {producer_id[:80]!r}, sequence {sequence}")
    return Headers(content_type, producer_id, sequence)


def _decimal(digits: bytes) -> int:
    if not digits.isdigit():
        raise ValueError(f"{digits[:40]!r} is no decimal number")
    return int(digits)


class Together(NamedTuple):
    """Records that are read at once. `plain`: all are single events without a producer id, said in the usual way."""

    records: Sequence[Any]
    plain: bool


def together(records: Sequence[Any]) -> Iterator[Together]:
    """Records that are best read at once: single events that follow each other; each batch by itself."""
    if _all_plain(records):
        yield Together(records, plain=True)
        return
    for single, neighbours in groupby(records, lambda record: _is_single(record.headers)):
        if single:
            events = list(neighbours)
            yield Together(events, _all_plain(events))
        else:
            yield from (Together([record], plain=False) for record in neighbours)


def _all_plain(records: Sequence[Any]) -> bool:
    return [record.headers for record in records].count(PLAIN) == len(records)


def _is_single(headers: Sequence[tuple[str, bytes | None]] | None) -> bool:
    if headers == PLAIN:
        return True
    try:
        return is_event(read_headers(headers).content_type)
    except UnreadableRecord:
        return False


def is_event(content_type: str) -> bool:
    """Whether a record holds one protobuf event."""
    form, _, parameters = content_type.partition(";")
    return form.strip() == PROTOBUF and parameters.strip() in ("", "message=directory.usage.v1.UsageEvent")


def read_events(values: Sequence[bytes | None], limits: RecordLimits) -> tuple[UsageColumns, NDArray[np.bool_]]:
    """Single events in the columns of a batch, and which of them carry a raw account id. Raises UnreadableRecord."""
    present = [value for value in values if value]
    if len(present) < len(values):
        raise UnreadableRecord("empty")
    if (longest := max(map(len, present), default=0)) > limits.record_bytes:
        raise UnreadableRecord("record_too_large", f"{longest} bytes")
    if (found := usage_wire.read_events(present)) is not None:
        columns, accounts = found
        ids = np.fromiter(map(bool, accounts.ids), np.bool_, len(accounts.ids))
        return columns, ids[accounts.codes]
    try:
        events = list(map(UsageEvent.FromString, present))
    except DecodeError as error:
        raise UnreadableRecord("protobuf_unreadable", str(error)) from error
    return columns_of(events), np.fromiter((bool(event.account_id) for event in events), np.bool_, len(events))


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
    except (UnreadableRecord, MemoryError):
        raise
    except Exception as error:
        get_logger().exception("a record does what nobody foresaw")
        raise UnreadableRecord("unexpected", f"{type(error).__name__}: {error}") from error
