"""Saying that something goes wrong: loudly, but not at every batch."""

import logging
import threading
import time
from typing import Final

_LOG: Final = logging.getLogger("usage_client")
_SECONDS_BETWEEN: Final = 10.0

_lock = threading.Lock()
_said: dict[str, float] = {}


def forget() -> None:
    """In a forked process: a thread that is not there may have held the lock."""
    global _lock
    _lock = threading.Lock()


def warn(what: str, producer_id: str, detail: object, *, level: int = logging.WARNING) -> None:
    """Logs the same trouble at most every ten seconds."""
    now = time.monotonic()
    with _lock:
        if now - _said.get(what, -_SECONDS_BETWEEN) < _SECONDS_BETWEEN:
            return
        _said[what] = now
    _LOG.log(level, "%s (producer id %s): %s", what, producer_id, detail)


def over(what: str, producer_id: str) -> None:
    """Logs that things are well again, and lets the next trouble be said at once."""
    with _lock:
        _said.clear()
    _LOG.info("%s (producer id %s)", what, producer_id)
