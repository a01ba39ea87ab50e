"""One transaction that counts what a worker has read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from chassis.sql.database import Database, UnitOfWork
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from metrics.domain.rollup_deltas import Deltas
from metrics.domain.sequence_window import SequenceWindow
from metrics.store import dead_letters, offsets, rollups
from metrics.store.offsets import DeadLetter, Move

STATEMENT_TIMEOUT, LOCK_TIMEOUT = "120s", "60s"


@dataclass(frozen=True)
class Flush:
    """What to write: everything read from some partitions since the last flush."""

    topic_id: str
    moves: Sequence[Move]
    deltas: Deltas
    ledger: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    windows: Mapping[int, Mapping[str, SequenceWindow]] = field(default_factory=dict)
    dead: Sequence[DeadLetter] = ()


@contextmanager
def counting(database: Database) -> Iterator[UnitOfWork]:
    """A transaction that changes rollups: others hold the same rows until their COMMIT, which may take its time."""
    with database.transaction() as uow:
        limits = {"statement_timeout": STATEMENT_TIMEOUT, "lock_timeout": LOCK_TIMEOUT}
        uow.execute(text("; ".join(f"SET LOCAL {name} = '{limit}'" for name, limit in limits.items())))
        yield uow


def commit(database: Database, flush: Flush, worker: str) -> int:
    """Writes a flush as a whole, or not at all. Returns how many rollup rows it touched.

    1. Move the offsets, by compare-and-set: a worker that lost a partition stops here (Fenced).
    2. Merge the rollups and accounts.
    3. Dead letters, ledger, producers' windows.
    4. COMMIT. Where its answer is lost, `found` tells what became of it.
    """
    with counting(database) as uow:
        offsets.move(uow.connection, flush.moves, worker)
        rows = rollups.merge(uow.connection, flush.deltas)
        dead_letters.add(uow.connection, flush.dead)
        for partition, amounts in sorted(flush.ledger.items()):
            offsets.add_to_ledger(uow.connection, flush.topic_id, partition, amounts)
        for partition, changed in sorted(flush.windows.items()):
            offsets.save_windows(uow.connection, flush.topic_id, partition, changed)
        uow.commit()
    return rows


def found(database: Database, flush: Flush) -> str:
    """What became of a flush whose transaction ended in an error: `written`, `unwritten`, or `overtaken`."""
    with database.transaction() as uow:
        known = offsets.places(uow.connection, flush.topic_id, {move.partition: move.start for move in flush.moves})
    at = [known[move.partition].next_offset for move in flush.moves]
    if at == [move.start for move in flush.moves]:
        return "unwritten"
    return "written" if at == [move.end for move in flush.moves] else "overtaken"


def passes(error: Exception) -> bool:
    """Whether the same flush may succeed later: the database is away, overloaded, or a lock was in the way."""
    if isinstance(error, PoolTimeout):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, psycopg.OperationalError)
