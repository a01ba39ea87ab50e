"""Time. Domain functions take it as an argument; only the outer layers read the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The present moment, UTC-aware."""
    return datetime.now(UTC)
