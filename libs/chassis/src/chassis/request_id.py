"""The id under which one request is found in every log, handed on in gRPC metadata and Kafka headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chassis.ids import new_id

METADATA_KEY = "request-id"

_current: ContextVar[str] = ContextVar("request_id", default="")
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{1,64}")


def current() -> str:
    """The id of the request in hand, or an empty text outside of one."""
    return _current.get()


@contextmanager
def bind(request_id: str = "") -> Iterator[str]:
    """Bear this id inside the block; a new one where it is empty or not safe to write into logs."""
    accepted = request_id if _ACCEPTED.fullmatch(request_id) else new_id()
    token = _current.set(accepted)
    try:
        yield accepted
    finally:
        _current.reset(token)
