"""The fields of an event, checked. A row has them in the order of `records.SCHEMA`."""

import re
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal

Outcome = Literal["ok", "tool_error", "request_error", "auth_rejected"]
Row = tuple[int, int, str, str, str, int, int, str, int, int, bool]

TOOL_CALL, MESSAGE, CONNECTOR_REMOVED = 1, 2, 3
OTHER: Final = "other"
LONGEST_NAME: Final = 64

_OUTCOMES: Final = {"ok": 1, "tool_error": 2, "request_error": 3, "auth_rejected": 4}
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_LENGTH: Final = 36
_LARGEST_STATUS: Final = 999
_LONGEST_SECONDS: Final = 10**9
_REMEMBERED: Final = 65_536
_NUMBER: Final = (float, int)  # a tuple: a union would be made anew at each call
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class InvalidEvent(ValueError):  # noqa: N818  # a fact about the event
    """A field of an event that no proxy should ever send: a fault of the calling program.

    Attributes:
        field: the argument's name.
    """

    def __init__(self, field: str, expected: str, found: object) -> None:
        super().__init__(f"{field}: {expected}, not {found!r:.80}")
        self.field = field


def server(server_id: str) -> str:
    """A server's UUID in lower case. Raises InvalidEvent."""
    if not isinstance(server_id, str) or len(server_id) != _UUID_LENGTH:
        raise InvalidEvent("server_id", "a UUID of 36 characters is needed", server_id)
    return _canonical(server_id)


@lru_cache(_REMEMBERED)
def _canonical(server_id: str) -> str:
    lowered = server_id.lower()
    if not _UUID.fullmatch(lowered):
        raise InvalidEvent("server_id", "a UUID of 36 characters is needed", server_id)
    return lowered


def product(key: str) -> str:
    """A product's key, which the proxy's own program chooses. Raises InvalidEvent."""
    if not isinstance(key, str) or not 0 < len(key) <= LONGEST_NAME or not key.isprintable():
        raise InvalidEvent("product", f"1 to {LONGEST_NAME} printable characters are needed", key)
    return key


def name(field: str, text: str) -> str:
    """A name out of the traffic: what nobody could show becomes `other`, since a request must not fail for it.

    Raises InvalidEvent where it is no text.
    """
    if not isinstance(text, str):
        raise InvalidEvent(field, "text is needed", text)
    return text if len(text) <= LONGEST_NAME and text.isprintable() else OTHER


def outcome(word: Outcome) -> int:
    """The number of an outcome. Raises InvalidEvent."""
    number = _OUTCOMES.get(word) if isinstance(word, str) else None
    if number is None:
        raise InvalidEvent("outcome", f"one of {', '.join(_OUTCOMES)} is needed", word)
    return number


def status(http_status: int) -> int:
    """An HTTP status; 0 where there was no answer. Raises InvalidEvent."""
    if not isinstance(http_status, int) or not 0 <= http_status <= _LARGEST_STATUS:
        raise InvalidEvent("http_status", f"0 (no answer) to {_LARGEST_STATUS} is needed", http_status)
    return int(http_status)


def microseconds(duration: float | timedelta) -> int:
    """A duration, given in seconds or as a timedelta. Raises InvalidEvent."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not isinstance(seconds, _NUMBER) or not 0 <= seconds <= _LONGEST_SECONDS:
        raise InvalidEvent("duration", "seconds from 0 are needed, of a clock that never goes back", duration)
    return round(seconds * 1_000_000)


def moment(at: datetime | None) -> int:
    """Microseconds since 1970; the present ones for None. Raises InvalidEvent."""
    if at is None:
        return time.time_ns() // 1_000
    if not isinstance(at, datetime) or at.tzinfo is None:
        raise InvalidEvent("at", "a datetime with a time zone is needed", at)
    return (at - _EPOCH) // _MICROSECOND
