"""Accounts as 64-bit numbers that nobody can turn back without the key, and the ring of keys over time.

A key begins with a UTC day and hashes the events of that day and of all following ones, until the next key's day. Which
key an event takes depends on nothing but its own day: all collectors agree at every moment, late events included.
Two keys give an account two numbers that cannot be linked. So a day is exact always, and a window is exact unless a key
begins within it: then an account that was active on both sides counts twice, until 30 days after the change. A key
may be thrown away 35 days after the next one began.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import blake2b
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

SHORTEST_KEY, LONGEST_KEY = 16, 64
_EVER = np.iinfo(np.int64).min


@dataclass(frozen=True)
class AccountKey:
    """A key, and when it begins in microseconds since 1970."""

    key: bytes
    begins_us: int = _EVER


def parse_keys(text: str) -> tuple[AccountKey, ...]:
    """`HEX,YYYY-MM-DD:HEX,...`: the oldest first, which needs no day. Raises ValueError, without showing a key."""
    keys = tuple(_parsed(each.strip()) for each in text.split(",") if each.strip())
    if any(later.begins_us <= earlier.begins_us for earlier, later in pairwise(keys)):
        raise ValueError("each key but the first needs the day that it begins with, YYYY-MM-DD:HEX, in order")
    return keys


class AccountHashes:
    """Hashes the accounts of batches. Threads may share it; it remembers nobody."""

    def __init__(self, keys: Sequence[AccountKey]) -> None:
        """Raises ValueError without a key."""
        if not keys:
            raise ValueError("accounts cannot be hashed without a key")
        self._begins = np.array([each.begins_us for each in keys[1:]], np.int64)
        self._ready = [blake2b(digest_size=8, key=each.key) for each in keys]

    def of(self, codes: NDArray[np.int32], ids: Sequence[bytes], time_us: NDArray[np.int64]) -> NDArray[np.uint64]:
        """The hash of each event's account `ids[codes[i]]`, with the key of its day; 0 where the id is empty.

        What happened before the first key's day takes that key.
        """
        if not len(codes):
            return np.zeros(0, np.uint64)
        first, last = np.searchsorted(self._begins, [time_us.min(), time_us.max()], "right").tolist()
        hashes = self._hashed(first, ids)[codes]
        for number in range(first + 1, last + 1):
            later = time_us >= self._begins[number - 1]
            hashes[later] = self._hashed(number, ids)[codes[later]]
        return hashes

    def _hashed(self, number: int, ids: Sequence[bytes]) -> NDArray[np.uint64]:
        digests, copy = [], self._ready[number].copy
        for account_id in ids:
            hasher = copy()
            hasher.update(account_id)
            digests.append(hasher.digest())
        hashes: NDArray[np.uint64] = np.maximum(np.frombuffer(b"".join(digests), "<u8"), np.uint64(1))
        hashes[[place for place, account_id in enumerate(ids) if not account_id]] = 0
        return hashes


def _parsed(text: str) -> AccountKey:
    day, _, digits = text.rpartition(":")
    try:
        key = bytes.fromhex(digits)
        begins = date.fromisoformat(day) if day else None
    except ValueError:
        raise ValueError("each key is HEX or YYYY-MM-DD:HEX") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(f"each key has {SHORTEST_KEY} to {LONGEST_KEY} bytes, in hexadecimal digits")
    if begins is None:
        return AccountKey(key)
    midnight = datetime(begins.year, begins.month, begins.day, tzinfo=UTC)
    return AccountKey(key, int(midnight.timestamp()) * 1_000_000)
