"""An event as one 64-bit number whose order is the order of groups: (server, day), then a name, then what is counted.

Numbers of names and days come from the vocabularies of a flush, which leave room for them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.domain.usage_columns import (
    AUTH_REJECTED,
    CONNECTOR_REMOVED,
    MESSAGE,
    OK,
    REQUEST_ERROR,
    TOOL_CALL,
    TOOL_ERROR,
)

Ints = NDArray[np.int64]
Measures = NDArray[np.uint8]

# Bits of each part; the longest key has (server, day, name, bucket, measure): 63.
NAME, DAY, BUCKET, MEASURE, OUTCOME = 19, 8, 12, 5, 2
NAMES, DAYS = 1 << NAME, 1 << DAY

# A measure is (what, HTTP class): the outcome of a call, counted from 0, or a message or a removal; times 4; plus 1 for
# a status of 4xx, 2 for 5xx.
_MESSAGE, _REMOVAL = 4, 5
NO_MEASURE = np.uint8((1 << MEASURE) - 1)
_WHAT = np.zeros((256, 256), np.uint8)
_WHAT[TOOL_CALL, OK : AUTH_REJECTED + 1] = np.arange(AUTH_REJECTED)
_WHAT[MESSAGE], _WHAT[CONNECTOR_REMOVED] = _MESSAGE, _REMOVAL
_WHAT_TIMES_4 = (_WHAT * 4).ravel()
_HTTP_CLASS = np.zeros(1 << 16, np.uint8)
_HTTP_CLASS[400:500], _HTTP_CLASS[500:600] = 1, 2


def measures(kind: NDArray[np.uint8], outcome: NDArray[np.uint8], http_status: NDArray[np.uint16]) -> Measures:
    """What each event adds to. Only known kinds, and known outcomes of calls, have a meaning."""
    found: Measures = _WHAT_TIMES_4.take((kind.astype(np.uint16) << 8) | outcome)
    found += _HTTP_CLASS.take(http_status)
    return found


def joined(high: Ints, *parts: tuple[int, NDArray[np.integer]]) -> Ints:
    """Puts (bits, numbers) below what is there."""
    key = high
    for bits, numbers in parts:
        key = key << bits
        key |= numbers
    return key


def what(measure: Ints | Measures) -> dict[str, NDArray[np.bool_]]:
    """Which of the measures count under which name."""
    kind, http_class = measure >> 2, measure & 3
    call = kind < _MESSAGE
    return {
        "calls": call,
        "tool_errors": kind == TOOL_ERROR - OK,
        "request_errors": kind == REQUEST_ERROR - OK,
        "auth_rejected": kind == AUTH_REJECTED - OK,
        "http_4xx": call & (http_class == 1),
        "http_5xx": call & (http_class == 2),
        "messages": kind == _MESSAGE,
        "removals": kind == _REMOVAL,
    }


def outcomes(measure: Measures) -> Measures:
    """Of calls: their outcome, counted from 0."""
    return measure >> np.uint8(2)


def is_call(measure: Ints | Measures) -> NDArray[np.bool_]:
    """Whether it is one of a call."""
    return measure < _MESSAGE * 4


def run_starts(ordered: NDArray[Any]) -> Ints:
    """Where each group of equal neighbours begins."""
    fresh = np.ones(len(ordered), np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    return np.flatnonzero(fresh)
