"""Dead letters for a terminal."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row

from metrics.processes.pipeline_text import ago, table
from metrics.store import dead_letters
from metrics.store.dead_letters import Chosen
from metrics.store.offsets import DeadLetter

_SHOWN_BYTES = 256
_SHOWN_DETAIL = 60


def letters(connection: Connection, chosen: Chosen, limit: int, now: datetime) -> str:
    """How many of each reason, and the newest ones."""
    reasons = [
        (r.reason, f"{r.letters:,}", f"{r.bytes:,}", ago(r.first, now), ago(r.last, now))
        for r in dead_letters.by_reason(connection, chosen)
    ]
    if not reasons:
        return "There are none."
    rows = [
        (
            str(r.id),
            str(r.partition),
            str(r.position),
            ago(r.received_at, now),
            f"{r.bytes:,}",
            _producer(r),
            r.reason,
            _cut(r.detail),
        )
        for r in dead_letters.newest(connection, limit, chosen)
    ]
    newest = table(("id", "partition", "offset", "received", "bytes", "producer", "reason", "detail"), rows)
    return f"{table(('reason', 'letters', 'bytes', 'first', 'last'), reasons)}\n\n{newest}"


def letter(found: DeadLetter) -> str:
    """One, with its key, its headers, and the beginning of its bytes."""
    arrived = datetime.fromtimestamp(found.arrived_us / 1_000_000, UTC)
    return "\n".join(
        (
            f"partition {found.partition}, offset {found.position}, topic {found.topic_id}",
            f"arrived {arrived.isoformat()}, content-type {found.content_type!r}, {len(found.value):,} bytes",
            f"producer {_producer(found)}, key {found.key!r}",
            *(f"header {name}: {value}" for name, value in found.headers.items()),
            f"{found.reason}: {found.detail}",
            found.value[:_SHOWN_BYTES].hex(" "),
        )
    )


def _producer(found: DeadLetter | Row[Any]) -> str:
    """Who wrote it, as its producer id says, else its key."""
    return found.headers.get("producer-id") or found.key or "-"


def _cut(detail: str) -> str:
    return detail if len(detail) <= _SHOWN_DETAIL else f"{detail[: _SHOWN_DETAIL - 1]}…"
