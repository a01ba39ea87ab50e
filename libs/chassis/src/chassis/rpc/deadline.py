"""Deadlines: how long the work in hand may still take, handed on to every call made for it, a little shorter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chassis.errors import Unavailable

MARGIN_SECONDS = 0.020
LEAST_SECONDS = 0.005

_ends: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def bind(seconds: float | None) -> Iterator[None]:
    """Work inside the block ends within this time, or within an earlier deadline that holds already."""
    present = _ends.get()
    chosen = present
    if seconds is not None:
        ends = time.monotonic() + seconds
        chosen = ends if present is None else min(ends, present)
    token = _ends.set(chosen)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float | None:
    """Seconds left; None without a deadline."""
    ends = _ends.get()
    return None if ends is None else ends - time.monotonic()


def call_timeout(default: float) -> float:
    """The timeout of a call: `default`, or what is left less a margin for the answer's way back.

    Raises Unavailable DEADLINE_EXCEEDED when that is too short to be worth a call.
    """
    left = remaining()
    timeout = default if left is None else min(default, left - MARGIN_SECONDS)
    if timeout < LEAST_SECONDS:
        raise too_late()
    return timeout


def too_late() -> Unavailable:
    """The error of work that has run out of time."""
    return Unavailable("DEADLINE_EXCEEDED", "There was not enough time left to answer. Try again.")
