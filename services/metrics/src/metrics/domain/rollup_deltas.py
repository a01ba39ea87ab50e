"""What a batch of events adds to the rollups, without a Python loop over events.

Every measure is a count, so a group and its measures are packed into one integer, sorted, and the lengths of the runs
are the counts; `numpy.unique` would hash, which is slower."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.domain.day_maps import AccountDays, account_days
from metrics.domain.latency_histogram import buckets_of, packed
from metrics.domain.usage_columns import (
    AUTH_REJECTED,
    CONNECTOR_REMOVED,
    MESSAGE,
    REQUEST_ERROR,
    TOOL_CALL,
    TOOL_ERROR,
    Names,
    UsageColumns,
)

DAY_US = 86_400 * 1_000_000
Ints = NDArray[np.int64]

# Measures of a group, in the order of the rollup tables' columns.
MEASURES = ("calls", "tool_errors", "request_errors", "auth_rejected", "http_4xx", "http_5xx", "messages", "removals")


@dataclass(frozen=True)
class Counts:
    """Groups of (server code, day, name code) and their measures; `name` is all 0 for groups without a name."""

    server: Ints
    day: Ints
    name: Ints
    measures: dict[str, Ints]


@dataclass(frozen=True)
class Deltas:
    """What to add to the rollups. Codes are places in the lists of names."""

    events: int
    servers: list[str]
    products: list[str]
    tools: list[str]
    error_types: list[str]
    by_server: Counts
    by_product: Counts
    by_tool: Counts
    by_error_type: Counts
    durations: dict[tuple[int, int, int], bytes]
    accounts: AccountDays


_NAMED = ("server", "product", "tool", "error_type")
_COLUMNS = (*_NAMED, "kind", "account", "outcome", "http_status", "day", "bucket")


@dataclass
class _Interned:
    places: dict[str, int] = field(default_factory=dict)

    def codes(self, names: Names) -> Ints:
        places = self.places
        used = np.bincount(names.codes, minlength=len(names.values)) > 0
        pairs = zip(names.values, used.tolist(), strict=True)
        known = (places.setdefault(value, len(places)) if is_used else 0 for value, is_used in pairs)
        return np.fromiter(known, np.int64, len(used))[names.codes]


class UsageDeltas:
    """Gathers screened columns until a flush. Not safe for threads."""

    def __init__(self) -> None:
        self.events = 0
        self._names = {name: _Interned() for name in _NAMED}
        self._parts: list[dict[str, NDArray[Any]]] = []

    def add(self, columns: UsageColumns) -> None:
        """Takes a batch; its dictionaries are not kept."""
        if not len(columns):
            return
        part: dict[str, NDArray[Any]] = {n: i.codes(getattr(columns, n)) for n, i in self._names.items()}
        for name in ("kind", "account", "outcome", "http_status"):
            part[name] = getattr(columns, name)
        part["day"] = columns.time // DAY_US
        part["bucket"] = buckets_of(columns.duration_us)
        self._parts.append(part)
        self.events += len(columns)

    def reduce(self) -> Deltas:
        """The sums of everything gathered."""
        parts = self._parts or [dict.fromkeys(_COLUMNS, np.zeros(0, np.uint64))]
        columns = {name: np.concatenate([part[name] for part in parts]) for name in _COLUMNS}
        return _reduced(columns, {name: list(interned.places) for name, interned in self._names.items()}, self.events)


def _reduced(columns: dict[str, NDArray[Any]], names: dict[str, list[str]], events: int) -> Deltas:
    kind = columns["kind"].astype(np.int64)
    call = kind == TOOL_CALL
    outcome = np.where(call, columns["outcome"], 0)
    http_class = np.where(call, columns["http_status"].astype(np.int64) // 100, 0)
    server, day = columns["server"].astype(np.int64), columns["day"].astype(np.int64)
    measures = (kind, outcome, np.where((http_class == 4) | (http_class == 5), http_class, 0))
    error = (outcome == TOOL_ERROR) | (outcome == REQUEST_ERROR)

    def by(rows: NDArray[np.bool_], name: Ints) -> Counts:
        return _counted(server[rows], day[rows], name[rows], [measure[rows] for measure in measures])

    product = columns["product"].astype(np.int64)
    return Deltas(
        events,
        names["server"],
        names["product"],
        names["tool"],
        names["error_type"],
        by(np.ones(len(kind), np.bool_), np.zeros(len(kind), np.int64)),
        by(call, product),
        by(call, columns["tool"].astype(np.int64)),
        by(error, columns["error_type"].astype(np.int64)),
        _durations(server[call], day[call], product[call], columns["bucket"][call].astype(np.int64)),
        account_days(
            server.astype(np.int32), columns["account"].astype(np.uint64), day, columns["kind"].astype(np.uint8)
        ),
    )


def _counted(server: Ints, day: Ints, name: Ints, measures: list[Ints]) -> Counts:
    groups, calls = _runs([server, day, name, *measures])
    server, day, name, kind, outcome, http_class = groups
    fresh = np.ones(len(server), np.bool_)
    fresh[1:] = (server[1:] != server[:-1]) | (day[1:] != day[:-1]) | (name[1:] != name[:-1])
    starts = np.flatnonzero(fresh)

    def summed(rows: NDArray[np.bool_]) -> Ints:
        sums: Ints = np.add.reduceat(np.where(rows, calls, 0), starts) if len(starts) else np.zeros(0, np.int64)
        return sums

    masks = (
        kind == TOOL_CALL,
        outcome == TOOL_ERROR,
        outcome == REQUEST_ERROR,
        outcome == AUTH_REJECTED,
        http_class == 4,
        http_class == 5,
        kind == MESSAGE,
        kind == CONNECTOR_REMOVED,
    )
    sums = {measure: summed(mask) for measure, mask in zip(MEASURES, masks, strict=True)}
    return Counts(server[starts], day[starts], name[starts], sums)


def _durations(server: Ints, day: Ints, product: Ints, bucket: Ints) -> dict[tuple[int, int, int], bytes]:
    (server, day, product, bucket), calls = _runs([server, day, product, bucket])
    fresh = np.ones(len(server), np.bool_)
    fresh[1:] = (server[1:] != server[:-1]) | (day[1:] != day[:-1]) | (product[1:] != product[:-1])
    starts = np.flatnonzero(fresh)
    ends = np.append(starts, len(server))[1:]
    keys = zip(server[starts].tolist(), day[starts].tolist(), product[starts].tolist(), strict=True)
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    numbers = bucket.astype(np.uint64)
    return {key: packed(numbers[a:b], calls[a:b]) for key, (a, b) in zip(keys, spans, strict=True)}


def _runs(columns: list[Ints]) -> tuple[list[Ints], Ints]:
    """Distinct rows in order, and how often each occurs."""
    if not len(columns[0]):
        return columns, np.zeros(0, np.int64)
    lowest = [int(column.min()) for column in columns]
    bits = [int(column.max() - low).bit_length() for column, low in zip(columns, lowest, strict=True)]
    if sum(bits) > 63:
        raise OverflowError("too many different names for one flush")
    key = np.zeros(len(columns[0]), np.int64)
    for column, low, width in zip(columns, lowest, bits, strict=True):
        key <<= width
        key |= column - low
    key.sort()
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = key[1:] != key[:-1]
    starts = np.flatnonzero(fresh)
    counts = np.diff(np.append(starts, len(key)))
    return _unpacked(key[starts], lowest, bits), counts


def _unpacked(key: Ints, lowest: list[int], bits: list[int]) -> list[Ints]:
    columns: list[Ints] = []
    for low, width in zip(reversed(lowest), reversed(bits), strict=True):
        columns.append((key & ((1 << width) - 1)) + low)
        key = key >> width
    return columns[::-1]
