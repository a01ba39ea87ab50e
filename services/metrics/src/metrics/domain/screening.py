"""Which rows of a batch count, and under which names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from metrics.domain.usage_columns import (
    AUTH_REJECTED,
    CONNECTOR_REMOVED,
    OK,
    REQUEST_ERROR,
    TOOL_CALL,
    TOOL_ERROR,
    Names,
    UsageColumns,
)

OLDEST_US = 35 * 86_400 * 1_000_000
FUTURE_US = 5 * 60 * 1_000_000
OTHER = "other"
LONGEST_LABEL = 64

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_UUID_LENGTH = 36


@dataclass(frozen=True)
class Screened:
    """The rows that count, and how many did not, by reason. Synthetic rows are no fault and counted apart."""

    columns: UsageColumns
    synthetic: int
    rejected: Mapping[str, int] = field(default_factory=dict)


def server_id_or_none(text: str) -> str | None:
    """The UUID in lower case, or None where it is none."""
    return _canonical(text) if len(text) == _UUID_LENGTH else None


# every batch names the same servers again
@lru_cache(maxsize=65_536)
def _canonical(text: str) -> str | None:
    lowered = text.lower()
    return lowered if _UUID.fullmatch(lowered) else None


def label(text: str) -> str:
    """A name as it is stored: `other` where there is none, it is too long or holds control characters."""
    if not text or len(text) > LONGEST_LABEL or not text.isprintable():
        return OTHER
    return text


def screen(
    columns: UsageColumns, arrived_us: NDArray[np.int64] | int, *, raw_account: NDArray[np.bool_] | None = None
) -> Screened:
    """Drops the rows that may not count.

    Args:
        columns: a batch as it came.
        arrived_us: when it reached the broker, for all or for each row; age is measured against it, so that a worker
            that lags or reads again decides the same.
        raw_account: rows that carried a raw account id, which nobody may send to the topic.
    """
    keep = ~columns.synthetic
    synthetic = len(columns) - int(keep.sum())
    rejected: dict[str, int] = {}
    for reason, bad in _faults(columns, arrived_us, raw_account):
        hit = keep & bad
        if count := int(hit.sum()):
            rejected[reason] = count
            keep &= ~bad
    return Screened(_named(columns.taken(keep)), synthetic, rejected)


def _faults(
    columns: UsageColumns, arrived_us: NDArray[np.int64] | int, raw_account: NDArray[np.bool_] | None
) -> list[tuple[str, NDArray[np.bool_]]]:
    known = np.fromiter((server_id_or_none(s) is not None for s in columns.server.values), np.bool_)
    call = columns.kind == TOOL_CALL
    # compared with bounds, never as a difference: a time near the ends of int64 must not wrap around
    faults = [
        ("unknown_kind", (columns.kind < TOOL_CALL) | (columns.kind > CONNECTOR_REMOVED)),
        ("bad_server_id", ~known[columns.server.codes] if len(known) else np.ones(len(columns), np.bool_)),
        ("unknown_outcome", call & ((columns.outcome < OK) | (columns.outcome > AUTH_REJECTED))),
        ("late", columns.time < arrived_us - OLDEST_US),
        ("future", columns.time > arrived_us + FUTURE_US),
    ]
    if raw_account is not None:
        faults.insert(0, ("raw_account", raw_account))
    return faults


def _named(columns: UsageColumns) -> UsageColumns:
    errors = _with_default_error_types(columns)
    return replace(
        columns,
        server=Names(columns.server.codes, [server_id_or_none(s) or "" for s in columns.server.values]),
        product=_labelled(columns.product),
        tool=_labelled(columns.tool),
        error_type=_labelled(errors),
    )


def _labelled(names: Names) -> Names:
    return Names(names.codes, [label(value) for value in names.values])


def _with_default_error_types(columns: UsageColumns) -> Names:
    """An error without a type is `tool_error`, or its HTTP status from 400, or `unknown`."""
    names = columns.error_type
    empty = np.fromiter((not value for value in names.values), np.bool_, len(names.values))
    unnamed = empty[names.codes] if len(names.values) else np.zeros(len(columns), np.bool_)
    codes, values = names.codes.copy(), list(names.values)

    def assign(rows: NDArray[np.bool_], value: str) -> None:
        if rows.any():
            codes[rows] = len(values)
            values.append(value)

    assign(unnamed & (columns.outcome == TOOL_ERROR), "tool_error")
    request = unnamed & (columns.outcome == REQUEST_ERROR)
    statuses = columns.http_status[request]
    for status in sorted(set(statuses.tolist())):
        assign(request & (columns.http_status == status), str(status) if status >= 400 else "unknown")
    return Names(codes, values)
