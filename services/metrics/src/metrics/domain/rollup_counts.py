"""Sorted keys to sums by group (packing.py says what a key holds)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from metrics.domain import packing
from metrics.domain.latency_histogram import PAIR
from metrics.domain.packing import Ints, run_starts

# Measures of a group, in the order of the rollup tables' columns.
CALLS = ("calls", "tool_errors", "request_errors")
MEASURES = (*CALLS, "auth_rejected", "http_4xx", "http_5xx", "messages", "removals")


@dataclass(frozen=True)
class Counts:
    """Groups of (server code, day, name code), each once, and their measures; `name` is all 0 where there is none."""

    server: Ints
    day: Ints
    name: Ints
    measures: Mapping[str, Ints]

    def __len__(self) -> int:
        return len(self.server)


@dataclass(frozen=True)
class Histograms:
    """One a group, one after the other: that of group i ends where group i + 1 `starts`."""

    pairs: NDArray[np.void]
    starts: Ints

    def packed(self) -> list[bytes]:
        """Each as it is stored."""
        together = self.pairs.tobytes()
        starts = (self.starts * PAIR.itemsize).tolist()
        return [together[start:end] for start, end in pairwise([*starts, len(together)])]


class Runs:
    """Distinct keys in order, and how often each occurred."""

    def __init__(self, keys: Ints, counts: Ints, days: Ints) -> None:
        self._keys, self._counts, self._days = keys, counts, days

    @classmethod
    def of(cls, parts: Sequence[Ints], days: Ints) -> "Runs":
        """Sorts and counts; `days` are those that the keys have the numbers of."""
        keys = np.concatenate(parts) if parts else np.zeros(0, np.int64)
        keys.sort()
        starts = run_starts(keys)
        return cls(keys[starts], np.diff(starts, append=len(keys)), days)

    def by_server(self) -> Counts:
        """All measures of keys (place, name, bucket, measure)."""
        below = packing.NAME + packing.BUCKET + packing.MEASURE
        return self._grouped(self._keys >> below << packing.NAME, self._keys & _MEASURE, MEASURES)

    def by_product(self) -> tuple[Counts, Histograms]:
        """Calls of the same keys, and how long they took."""
        calls = packing.is_call(self._keys & _MEASURE)
        keys, counts = self._keys[calls], self._counts[calls]
        names = keys >> packing.BUCKET + packing.MEASURE
        buckets = keys >> packing.MEASURE
        starts = run_starts(buckets)
        pairs = np.empty(len(starts), PAIR)
        pairs["bucket"] = buckets[starts] & ((1 << packing.BUCKET) - 1)
        pairs["calls"] = _sums(counts, starts)
        of_calls = Runs(keys, counts, self._days)
        return of_calls._grouped(names, keys & _MEASURE, CALLS), Histograms(pairs, run_starts(names[starts]))

    def by_tool(self) -> Counts:
        """Of keys (place, name, outcome)."""
        outcome = self._keys & ((1 << packing.OUTCOME) - 1)
        return self._grouped(self._keys >> packing.OUTCOME, outcome << 2, CALLS)

    def by_error_type(self) -> Counts:
        """Of keys (place, name)."""
        return self._grouped(self._keys, np.zeros_like(self._keys), CALLS[:1])

    def _grouped(self, names: Ints, measure: Ints, wanted: Iterable[str]) -> Counts:
        starts = run_starts(names)
        masks = packing.what(measure)
        sums = {each: _sums(np.where(masks[each], self._counts, 0), starts) for each in wanted}
        names = names[starts]
        place = names >> packing.NAME
        day = self._days[place & (packing.DAYS - 1)]
        return Counts(place >> packing.DAY, day, names & (packing.NAMES - 1), sums)


_MEASURE = (1 << packing.MEASURE) - 1


def _sums(values: Ints, starts: Ints) -> Ints:
    sums: Ints = np.add.reduceat(values, starts) if len(starts) else np.zeros(0, np.int64)
    return sums
