"""Batches on disk: one folder a producer id, one file a batch.

A file is complete as soon as it has its name. Whoever holds the lock of a producer's folder sends what is in it: the
process that made it, and when that has ended, one of those that use the same spill folder.
"""

import contextlib
import errno
import fcntl
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from usage_client.trouble import warn

_PRODUCER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_FILE: Final = re.compile(r"(\d{19})-(\d{1,9})\.arrow")
_UNFINISHED: Final = ".unfinished"
_BLOCK: Final = 4096


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """What a file's name says: which batch it holds, and how many events."""

    sequence: int
    events: int

    @property
    def file(self) -> str:
        """The file's name; names are in order of the sequences."""
        return f"{self.sequence:019d}-{self.events}.arrow"


class Room:
    """How much may lie on disk, counted in whole blocks, so that it bounds the number of files too.

    Safe for threads.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self.taken = 0

    def take(self, size: int) -> bool:
        """Whether there was room for so many bytes; it is taken then."""
        with self._lock:
            fits = self.taken + _blocks(size) <= self._limit
            if fits:
                self.taken += _blocks(size)
            return fits

    def occupy(self, size: int) -> None:
        """Notes bytes that are there already, fitting or not."""
        with self._lock:
            self.taken += _blocks(size)

    def free(self, size: int) -> None:
        """So many bytes are gone."""
        with self._lock:
            self.taken -= _blocks(size)


class ProducerFolder:
    """The batches of one producer id. It is made, and locked, when the first one is stored."""

    def __init__(self, spill_folder: Path, producer_id: str, locked: int | None = None) -> None:
        self.producer_id = producer_id
        self._path = spill_folder / producer_id
        self._locked = locked

    @classmethod
    def adopt(cls, spill_folder: Path, producer_id: str) -> "ProducerFolder | None":
        """The folder of a process that has ended; None while that lives, or when another has adopted it."""
        if not _PRODUCER_ID.fullmatch(producer_id):
            return None
        try:
            return cls(spill_folder, producer_id, _lock(spill_folder / producer_id))
        except PermissionError as error:
            warn("what an ended run left belongs to another user and stays there", producer_id, error)
            return None
        except OSError:
            return None

    def store(self, batch: StoredBatch, value: bytes) -> None:
        """Writes a batch so that it outlives this process and the machine. Raises OSError."""
        locked = self._locked if self._locked is not None and self._path.is_dir() else self._make()
        unfinished = self._path / (batch.file + _UNFINISHED)
        try:
            with unfinished.open("wb") as file:
                file.write(value)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._path / batch.file)
            os.fsync(locked)
        except OSError:
            for left in (unfinished, self._path / batch.file):  # the number may be given to another batch
                with contextlib.suppress(OSError):
                    left.unlink()
            raise

    def read(self, batch: StoredBatch) -> bytes:
        """A batch's bytes. Raises FileNotFoundError where they are lost, another OSError where they cannot be read now.

        What the disk cannot read is lost, and removed: a later run would send it too late. A disk that is broken
        altogether does not take that either, so nothing is lost by it yet.
        """
        path = self._path / batch.file
        try:
            return path.read_bytes()
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            path.unlink(missing_ok=True)
            _synchronise(self._path)
            raise FileNotFoundError(f"{error}; it is removed") from error

    def remove(self, batch: StoredBatch) -> None:
        """A batch is no longer needed. Raises OSError."""
        (self._path / batch.file).unlink(missing_ok=True)

    def stored(self) -> Iterator[tuple[StoredBatch, int]]:
        """What is there, with sizes, in order of the sequences. What was never finished is removed. Raises OSError."""
        for name in sorted(os.listdir(self._path)):
            found = _FILE.fullmatch(name)
            if found:
                yield StoredBatch(int(found[1]), int(found[2])), (self._path / name).stat().st_size
            elif name.endswith(_UNFINISHED):
                (self._path / name).unlink(missing_ok=True)

    def close(self) -> None:
        """Gives the folder up: to nobody where it is empty, else to whoever adopts it."""
        if self._locked is None:
            return
        with contextlib.suppress(OSError):  # not empty
            self._path.rmdir()
        self.leave()

    def leave(self) -> None:
        """Lets go of the lock's copy in this process; after a fork the parent goes on holding it."""
        if self._locked is not None:
            os.close(self._locked)
            self._locked = None

    def _make(self) -> int:
        # Locked before it has a name that others look at: they would take it for one whose process has ended.
        self.leave()
        hidden = self._path.with_name("." + self.producer_id)
        hidden.mkdir(mode=0o700, parents=True, exist_ok=True)
        locked = _lock(hidden)
        try:
            hidden.rename(self._path)
            _synchronise(self._path.parent)
        except OSError:
            os.close(locked)
            raise
        self._locked = locked
        return locked


def producer_ids(spill_folder: Path) -> list[str]:
    """Whose folders there are: those of living processes, this one's too, and of ended ones."""
    try:
        return sorted(name for name in os.listdir(spill_folder) if _PRODUCER_ID.fullmatch(name))
    except OSError:
        return []


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(folder: Path) -> int:
    """A descriptor that holds the folder's lock; raises OSError where another has it. The system gives locks of ended
    processes back."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _blocks(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK
