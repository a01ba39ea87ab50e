"""The batches of one producer id on their way to the broker, in the order of their sequences."""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from logging import ERROR
from typing import Any, Final

from usage_client.counts import Counts
from usage_client.spill import ProducerFolder, Room, StoredBatch
from usage_client.trouble import warn

# One that is further behind the highest than this is taken as counted by the ingest, whether it was or not.
MOST_IN_FLIGHT: Final = 62
MOST_BYTES_IN_FLIGHT: Final = 32 * 1024 * 1024
MOST_BYTES_IN_MEMORY: Final = 32 * 1024 * 1024
SECONDS_UNTIL_SPILLED: Final = 1.0
MOST_SECONDS_IN_FLIGHT: Final = 60.0


@dataclass(slots=True)
class _Batch:
    name: StoredBatch
    size: int
    since: float
    value: bytes | None
    gone: bool = False

    @property
    def is_stored(self) -> bool:
        return self.value is None


class Line:
    """A queue of batches, in memory while the broker takes them, on disk as soon as it does not.

    One thread at a time adds and spills, one sends. A batch leaves the line when it is acknowledged, always the
    foremost first, and none is sent while one that is `MOST_IN_FLIGHT` numbers before it is not acknowledged: sent
    again, that would be mistaken for one that was counted.
    """

    def __init__(self, folder: ProducerFolder, room: Room, counts: Counts) -> None:
        self.folder = folder
        self._room, self._counts = room, counts
        self._lock = threading.Lock()
        self._emptied = threading.Condition(self._lock)
        self._last = 0
        self._waiting: deque[_Batch] = deque()
        self._in_flight: deque[tuple[_Batch, Any, float]] = deque()
        self._bytes_in_memory = self._bytes_in_flight = self._stored = 0

    @classmethod
    def of_ended_run(cls, folder: ProducerFolder, room: Room, counts: Counts) -> "Line":
        """What a process that has ended left behind. Raises OSError."""
        line = cls(folder, room, counts)
        for name, size in list(folder.stored()):
            line._waiting.append(_Batch(name, size, time.monotonic(), None))
            line._stored += 1
            room.occupy(size)
            counts.add(adopted=name.events)
        return line

    @property
    def is_empty(self) -> bool:
        """Whether everything is acknowledged."""
        with self._lock:
            return not self._waiting and not self._in_flight

    def wait_until_empty(self, timeout: float) -> bool:
        """Whether everything is acknowledged within so many seconds."""
        with self._emptied:
            return self._emptied.wait_for(lambda: not self._waiting and not self._in_flight, timeout)

    def add(self, events: int, value: bytes, *, durable: bool) -> bool:
        """The next batch. False when there is no room for it: then it is lost.

        Once a batch lies on disk, later ones go there too until all are sent, so that what is in memory is always new.
        """
        name = StoredBatch(self._last + 1, events)
        batch = _Batch(name, len(value), time.monotonic(), value)
        with self._lock:
            self._bytes_in_memory += batch.size
            fits = self._bytes_in_memory <= MOST_BYTES_IN_MEMORY
            behind = self._stored > 0
        stored = (durable or behind or not fits) and self._store(batch)
        with self._lock:
            if not fits and not stored:
                self._bytes_in_memory -= batch.size
                return False
            self._last += 1  # here, so that a lost batch leaves no gap
            self._waiting.append(batch)
        return True

    def spill(self, older_than: float = 0.0) -> None:
        """Writes every batch to disk, once one has waited so many seconds."""
        with self._lock:
            # asked first: after hours without a broker there are hundreds of thousands, all on disk
            held = [batch for batch in self._all() if not batch.is_stored] if self._bytes_in_memory else []
        if held and time.monotonic() - held[0].since >= older_than:
            for batch in held:
                if not self._store(batch):
                    return

    def leave(self) -> None:
        """Nobody will send any more: every batch goes to disk, and what does not is lost."""
        with self._lock:
            held = [batch for batch in self._all() if not batch.is_stored]
        lost = [batch for batch in held if not self._store(batch)]
        for batch in lost:
            batch.gone = True
        with self._lock:
            self._waiting = deque(batch for batch in self._waiting if not batch.gone)
        self._counts.add(dropped=sum(batch.name.events for batch in lost))

    def send(self, send: Callable[[StoredBatch, bytes], Any]) -> None:
        """Hands over what may be sent now. `send` returns a future. Raises what `send` raises.

        A batch that cannot be read now keeps those behind it back: it would be taken as counted, once they are.
        """
        while (batch := self._next()) is not None:
            try:
                value = batch.value or self.folder.read(batch.name)
            except FileNotFoundError as error:
                self._give_up(batch, error)
                continue
            except OSError as error:
                warn("a spilled batch cannot be read; it waits, and all behind it", self.folder.producer_id, error)
                return
            future = send(batch.name, value)
            with self._lock:
                self._waiting.popleft()
                self._in_flight.append((batch, future, time.monotonic()))
                self._bytes_in_flight += batch.size

    def settle(self) -> int:
        """Takes the foremost batches out that are acknowledged; how many they were. Raises what kept one from it."""
        settled = 0
        while self._in_flight:
            batch, future, since = self._in_flight[0]
            if not future.is_done:
                if time.monotonic() - since > MOST_SECONDS_IN_FLIGHT:
                    raise TimeoutError("the Kafka client forgot a record")
                break
            if future.exception is not None:
                raise future.exception
            if future.value is None or future.value.offset < 0:
                raise OSError("the broker did not say that it has a record")
            self._acknowledged(batch)
            settled += 1
        return settled

    def rewind(self) -> None:
        """What is in flight is to be sent again."""
        with self._lock:
            while self._in_flight:
                self._waiting.appendleft(self._in_flight.pop()[0])
            self._bytes_in_flight = 0

    def _all(self) -> Iterator[_Batch]:
        yield from (batch for batch, *_ in self._in_flight)
        yield from self._waiting

    def _next(self) -> _Batch | None:
        with self._lock:
            if not self._waiting:
                return None
            batch = self._waiting[0]
            if not self._in_flight:
                return batch
            ahead = batch.name.sequence - self._in_flight[0][0].name.sequence
            fits = self._bytes_in_flight + batch.size <= MOST_BYTES_IN_FLIGHT
            return batch if ahead < MOST_IN_FLIGHT and fits else None

    def _give_up(self, batch: _Batch, error: OSError) -> None:
        """The foremost batch is lost, and the line goes on."""
        with self._lock:
            self._waiting.popleft()
            self._stored -= 1
            self._counts.add(dropped=batch.name.events)
            self._emptied.notify_all()
        self._room.free(batch.size)
        warn("a spilled batch is lost", self.folder.producer_id, error, level=ERROR)

    def _store(self, batch: _Batch) -> bool:
        value = batch.value
        if value is None:
            return True
        if not self._room.take(batch.size):
            return False
        try:
            self.folder.store(batch.name, value)
        except OSError as error:
            self._room.free(batch.size)
            warn("usage events cannot be written to disk", self.folder.producer_id, error)
            return False
        self._counts.add(spilled=batch.name.events)
        with self._lock:
            if not batch.gone:
                self._stored += 1
                self._bytes_in_memory -= batch.size
                batch.value = None
                return True
        self._remove(batch)  # acknowledged while it was written
        return True

    def _acknowledged(self, batch: _Batch) -> None:
        with self._lock:
            self._in_flight.popleft()
            self._bytes_in_flight -= batch.size
            batch.gone = True
            stored = batch.is_stored
            if stored:
                self._stored -= 1
            else:
                self._bytes_in_memory -= batch.size
            self._counts.add(sent=batch.name.events)
            self._emptied.notify_all()
        if stored:
            self._remove(batch)

    def _remove(self, batch: _Batch) -> None:
        self._room.free(batch.size)
        try:
            self.folder.remove(batch.name)
        except OSError as error:
            warn("a sent batch cannot be removed from disk", self.folder.producer_id, error)
