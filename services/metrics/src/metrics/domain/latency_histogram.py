"""Durations as an exponential histogram in OpenTelemetry's data model at scale 6: bucket i holds (b^i, b^(i+1)] with
b = 2^(1/64), so a bucket's middle is within (b-1)/(b+1) = 0.542 % of anything in it, and days merge by addition.
https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram

Buckets have numbers from 0 here: 0 holds durations of 0, and number n > 0 is OpenTelemetry's bucket n - 2 (1 us is in
bucket -1). Packed, a histogram is a run of (bucket, calls) pairs of 10 bytes; two runs one after the other are the
merged histogram, until `compacted` adds up what is there twice."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SCALE = 6
_PER_OCTAVE = 1 << SCALE
PAIR = np.dtype([("bucket", "<u2"), ("calls", "<u8")])


def buckets_of(durations_us: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The number of each duration's bucket."""
    values = durations_us.astype(np.float64)
    with np.errstate(divide="ignore"):
        numbers = np.ceil(np.log2(values) * _PER_OCTAVE) + 1
    result: NDArray[np.uint64] = np.where(values > 0, numbers, 0).astype(np.uint64)
    return result


def packed(buckets: NDArray[np.uint64], calls: NDArray[np.int64]) -> bytes:
    """Bytes of a histogram, or of a part of one."""
    pairs = np.empty(len(buckets), PAIR)
    pairs["bucket"], pairs["calls"] = buckets, calls
    return pairs.tobytes()


def compacted(histogram: bytes) -> bytes:
    """The same histogram with each bucket once, in order."""
    buckets, calls = _summed(histogram)
    return packed(buckets, calls)


def quantiles_us(histogram: bytes, percents: Sequence[int]) -> list[float]:
    """Quantiles by nearest rank, within 0.55 % of the true ones; the histogram must not be empty."""
    buckets, calls = _summed(histogram)
    reached = np.cumsum(calls)
    total = int(reached[-1])
    places = [int(np.searchsorted(reached, -(-total * percent // 100))) for percent in percents]
    return [_middle_us(int(buckets[place])) for place in places]


def _summed(histogram: bytes) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    pairs = np.frombuffer(histogram, PAIR)
    totals = np.zeros(int(pairs["bucket"].max(initial=0)) + 1, np.int64)
    np.add.at(totals, pairs["bucket"], pairs["calls"].astype(np.int64))
    buckets = np.flatnonzero(totals)
    return buckets.astype(np.uint64), totals[buckets]


def _middle_us(bucket: int) -> float:
    if bucket == 0:
        return 0.0
    low, high = 2.0 ** ((bucket - 2) / _PER_OCTAVE), 2.0 ** ((bucket - 1) / _PER_OCTAVE)
    # the harmonic middle has the same relative distance to both ends
    return float(2 * low * high / (low + high))
