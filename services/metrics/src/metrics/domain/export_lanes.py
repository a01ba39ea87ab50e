"""Numbers for exports, which bear none of their own, so that one that is sent again counts once.

An exporter that heard no answer sends the same bytes again. The digest of bytes that the broker has is remembered; of
those that it did not acknowledge, the number that they were written under: written again under it, ingest counts them
once, whether or not the first attempt got through.

A lane is a producer id with numbers that grow by one, one export under way in each: so no number is ever so far behind
that ingest would take it as counted (docs/usage-events.md). What is forgotten (another collector, a restart, more than
MOST_LANES failures or MOST_REMEMBERED exports since) counts again.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chassis.errors import LimitExceeded

MOST_LANES = 128
SECONDS_UNTIL_FREE = 2
MOST_REMEMBERED = 65_536


class UnderWay(LimitExceeded):
    """The same export is being written at this moment, or every lane is."""

    def __init__(self) -> None:
        words = "The broker is slow. Send the same export again later."
        super().__init__("BROKER_SLOW", words, retry_after_seconds=SECONDS_UNTIL_FREE)


@dataclass
class Lane:
    """The number that an export is written under; nothing is to do where the broker has it already."""

    producer_id: str
    sequence: int = 1
    is_written: bool = False


class ExportLanes:
    """The lanes of one collector's run. Threads may share them."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._lock = threading.Lock()
        self._made = 0
        self._free: list[Lane] = []
        self._busy: set[bytes] = set()
        self._failed: OrderedDict[bytes, Lane] = OrderedDict()
        self._written: OrderedDict[bytes, None] = OrderedDict()

    @contextmanager
    def lane(self, digest: bytes) -> Iterator[Lane]:
        """The lane of an export. Say `is_written` when the broker has it: until then, its number stays its own.

        Raises UnderWay.
        """
        with self._lock:
            lane = None if digest in self._written else self._taken(digest)
        if lane is None:
            yield Lane("", is_written=True)
            return
        try:
            yield lane
        finally:
            with self._lock:
                self._put_back(digest, lane)

    def _taken(self, digest: bytes) -> Lane:
        if digest in self._busy:
            raise UnderWay
        lane = self._failed.pop(digest, None) or self._unused()
        self._busy.add(digest)
        return lane

    def _unused(self) -> Lane:
        if self._free:
            return self._free.pop()
        if self._made < MOST_LANES:
            self._made += 1
            return Lane(f"otlp-{self._run_id}-{self._made}")
        if not self._failed:
            raise UnderWay
        _, lane = self._failed.popitem(last=False)
        return _next(lane)

    def _put_back(self, digest: bytes, lane: Lane) -> None:
        self._busy.discard(digest)
        if not lane.is_written:
            self._failed[digest] = lane
            return
        self._written[digest] = None
        if len(self._written) > MOST_REMEMBERED:
            self._written.popitem(last=False)
        self._free.append(_next(lane))


def _next(lane: Lane) -> Lane:
    return Lane(lane.producer_id, lane.sequence + 1)
