"""What of (account, server, day) was seen before, so that a day's repeats are not written to the database again.

A table with one place for each hash: whoever comes later takes the place. So it forgets, and then something is written
once more, which changes nothing; but it never takes what is new for known, since it compares all of it."""

import numpy as np
from numpy.typing import NDArray

PLACES_BITS = 22  # 64 MiB
# odd, with bits all over: multiplication spreads what differs low to the high bits
_SPREAD = np.uint64(0x9E3779B97F4A7C15)

Words = NDArray[np.uint64]


class FirstSight:
    """Remembers, for an account and whatever a sight has above its marks, the marks that were seen.

    Args:
        mark_bits: how many low bits of a sight are marks; what has no marks was never seen.
    """

    def __init__(self, mark_bits: int, places_bits: int = PLACES_BITS) -> None:
        self._mark_bits, self._marks = np.uint64(mark_bits), np.uint64((1 << mark_bits) - 1)
        self._shift = np.uint64(64 - places_bits)
        self._known = np.zeros((1 << places_bits, 2), np.uint64)

    def new(self, account: Words, sight: Words) -> NDArray[np.intp]:
        """The rows that bring a mark that is not known; they are known from now on. Several that are equal, or want
        one place, may all be in the answer."""
        thing = sight >> self._mark_bits
        place = (((account ^ (thing * _SPREAD)) * _SPREAD) >> self._shift).view(np.int64)
        there = self._known.take(place, axis=0)
        marks = np.where((there[:, 0] == account) & (there[:, 1] >> self._mark_bits == thing), there[:, 1], 0)
        rows = np.flatnonzero(sight & ~marks & self._marks)
        # one write for both words, so that a place never holds halves of two
        together = sight[rows] | (marks[rows] & self._marks)
        self._known[place[rows]] = np.stack((account[rows], together), axis=1)
        return rows
