"""The thread that brings batches to the broker: this run's, and those that ended runs left in the spill folder."""

import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, Final

from usage_client.broker import Broker
from usage_client.counts import Counts
from usage_client.line import Line
from usage_client.spill import ProducerFolder, Room, StoredBatch, producer_ids
from usage_client.trouble import over, warn

_SECONDS_BETWEEN_LOOKS: Final = 0.1
_SECONDS_BETWEEN_ADOPTIONS: Final = 30.0
_FIRST_BACK_OFF: Final = 0.25
_LONGEST_BACK_OFF: Final = 5.0


class Sender:
    """Sends this run's line and, one after the other, lines of ended runs."""

    def __init__(self, broker: Broker, line: Line, spill_folder: Path, room: Room, counts: Counts) -> None:
        self._broker, self._line = broker, line
        self._spill_folder, self._room, self._counts = spill_folder, room, counts
        self._left: Line | None = None
        self._next_adoption = 0.0
        self.is_troubled = False  # the broker cannot be reached now
        self._is_trouble_told = False
        self._wake, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="usage-client-sender", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def wake(self, *_: object) -> None:
        """There is something to do."""
        self._wake.set()

    def stop(self, timeout: float) -> None:
        """Ends the thread, and the connection; what is not acknowledged stays in its line."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout)
        if self._left is not None:
            self._left.folder.close()

    def forget(self) -> None:
        """In a forked process: connection and locks are the parent's."""
        self._broker.forget()
        if self._left is not None:
            self._left.folder.leave()

    def _run(self) -> None:
        back_off = _FIRST_BACK_OFF
        while not self._stop.is_set():
            try:
                self._broker.connect()
                self.is_troubled = False
                if not self._stop.is_set() and self._work():
                    back_off = _FIRST_BACK_OFF
                self._wake.wait(_SECONDS_BETWEEN_LOOKS)
                self._wake.clear()
            except Exception as error:  # whatever it is: events wait on disk meanwhile, and are not lost by it
                self._trouble(error)
                self._stop.wait(back_off)
                back_off = min(2 * back_off, _LONGEST_BACK_OFF)
        self._end_connection()

    def _work(self) -> bool:
        """One round; whether the broker took something."""
        settled = 0
        self._adopt()
        for line in filter(None, (self._line, self._left)):
            settled += line.settle()
            line.send(partial(self._hand_over, line.folder.producer_id))
        if settled and self._is_trouble_told:
            self._is_trouble_told = False
            over("the broker takes usage events again", self._line.folder.producer_id)
        return settled > 0

    def _hand_over(self, producer_id: str, batch: StoredBatch, value: bytes) -> Any:
        return self._broker.send(producer_id, batch, value, self.wake)

    def _trouble(self, error: Exception) -> None:
        self.is_troubled = self._is_trouble_told = True
        words = f"{type(error).__name__}: {error}"
        warn("the broker does not take usage events, they wait", self._line.folder.producer_id, words)
        self._end_connection()

    def _end_connection(self) -> None:
        try:
            self._broker.disconnect()
        except Exception as error:
            warn("the connection to the broker does not end well", self._line.folder.producer_id, error)
        for line in filter(None, (self._line, self._left)):
            line.rewind()

    def _adopt(self) -> None:
        """Looks for a run that has ended and left batches, unless one is being sent."""
        if self._left is not None and self._left.is_empty:
            self._left.folder.close()
            self._left, self._next_adoption = None, 0.0
        if self._left is not None or time.monotonic() < self._next_adoption:
            return
        self._next_adoption = time.monotonic() + _SECONDS_BETWEEN_ADOPTIONS
        for producer_id in producer_ids(self._spill_folder):
            self._left = self._adopted(producer_id)
            if self._left is not None:
                return

    def _adopted(self, producer_id: str) -> Line | None:
        folder = ProducerFolder.adopt(self._spill_folder, producer_id)
        if folder is None:
            return None
        try:
            line = Line.of_ended_run(folder, self._room, self._counts)
        except OSError as error:
            folder.leave()
            warn("batches of an ended run cannot be read", producer_id, error)
            return None
        if not line.is_empty:
            return line
        folder.close()
        return None
