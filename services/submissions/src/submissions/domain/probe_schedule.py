"""When published servers are looked at: each at a time of its own, so that the looks are spread over the interval."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_FRACTIONS = 1 << 32


def next_look(submission_id: str, now: datetime, interval: timedelta) -> datetime:
    """The first time of `submission_id` that lies at least half an interval ahead.

    Its times are an interval apart and follow from its id alone: they are the same for every process, whatever was
    missed. Half an interval keeps a look by hand or a late one from being repeated at once.
    """
    phase = int.from_bytes(hashlib.sha256(submission_id.encode()).digest()[:4], "big") / _FRACTIONS * interval
    start = now + interval / 2 - _EPOCH - phase
    return _EPOCH + phase + -(-start // interval) * interval


def first_look(submission_id: str, now: datetime, interval: timedelta) -> datetime:
    """The first time of `submission_id` from now on."""
    return next_look(submission_id, now - interval / 2, interval)


def missed_after(interval: timedelta) -> timedelta:
    """How late a look may be made. After down time a later one waits for its next time instead of joining a crowd."""
    return interval / 24
