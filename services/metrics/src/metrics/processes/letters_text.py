"""Dead letters for a terminal."""

from datetime import UTC, datetime

from sqlalchemy import Connection

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
            r.reason,
            _cut(r.detail),
        )
        for r in dead_letters.newest(connection, limit, chosen)
    ]
    newest = table(("id", "partition", "offset", "received", "bytes", "reason", "detail"), rows)
    return f"{table(('reason', 'letters', 'bytes', 'first', 'last'), reasons)}\n\n{newest}"


def letter(found: DeadLetter) -> str:
    """One, with the beginning of its bytes."""
    arrived = datetime.fromtimestamp(found.arrived_us / 1_000_000, UTC)
    return (
        f"partition {found.partition}, offset {found.position}, topic {found.topic_id}\n"
        f"arrived {arrived.isoformat()}, content-type {found.content_type!r}, {len(found.value):,} bytes\n"
        f"{found.reason}: {found.detail}\n{found.value[:_SHOWN_BYTES].hex(' ')}"
    )


def _cut(detail: str) -> str:
    return detail if len(detail) <= _SHOWN_DETAIL else f"{detail[: _SHOWN_DETAIL - 1]}…"
