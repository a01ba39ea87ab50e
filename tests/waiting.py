"""Waiting for something that happens elsewhere, with a deadline instead of a sleep."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T], timeout: float = 60.0, interval: float = 0.05) -> T:
    """Calls `check` until its answer counts as true, and returns that answer.

    An exception of `check` counts as "not yet". At the deadline an AssertionError tells the last answer or exception.
    """
    deadline = time.monotonic() + timeout
    while True:
        seen: object
        try:
            answer = check()
            if answer:
                return answer
            seen, error = answer, None
        except Exception as caught:
            seen, error = caught, caught
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s; at last: {seen!r}") from error
        time.sleep(interval)
