"""Moments inside a transaction, seen in what passes between a process and PostgreSQL, and what happens there.

So a process dies after it moved the offset, in the middle of a COPY, with its COMMIT on the way or executed but not
answered, without one line in the product that would make that possible."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .tcp_proxy import Cut, Forward

FENCE, FENCED, COPY, ROLLUPS, ACCOUNTS, LETTERS, LEDGER, PRODUCERS = (
    *("fence", "fenced", "copy", "rollups", "accounts"),
    *("letters", "ledger", "producers"),
)
OPEN, CLAIM, KEEP, RANK, FLIP = "open", "claim", "keep", "rank", "flip"
COMMIT, ANSWER = "commit", "answer"
OF_A_FLUSH = (FENCE, FENCED, COPY, ROLLUPS, ACCOUNTS, LETTERS, LEDGER, PRODUCERS, COMMIT, ANSWER)
OF_A_COMPUTATION = (OPEN, CLAIM, KEEP, RANK, FLIP, COMMIT, ANSWER)

_STATEMENTS = {
    FENCE: rb"UPDATE usage_offsets SET next_offset",
    ROLLUPS: rb"INSERT INTO usage_server_days",
    ACCOUNTS: rb"INSERT INTO server_accounts",
    LETTERS: rb"INSERT INTO usage_dead_letters",
    LEDGER: rb"INSERT INTO usage_ledger",
    PRODUCERS: rb"INSERT INTO usage_producers",
    OPEN: rb"INSERT INTO generations",
    CLAIM: rb"generation_portions\b.*\bSKIP LOCKED",
    KEEP: rb"(INSERT INTO|COPY) server_snapshots",
    RANK: rb"UPDATE server_snapshots",
    FLIP: rb"INSERT INTO snapshots",
}
_BY_STATEMENT = {moment: re.compile(pattern, re.DOTALL) for moment, pattern in _STATEMENTS.items()}
_ENCRYPTION_REQUESTS = (80877103, 80877104)


@dataclass
class Trap:
    """Springs when a moment is reached for the `nth` time."""

    moment: str
    nth: int
    spring: Callable[[], None]
    """Runs while the bytes of the moment wait. May raise Cut."""
    sprung: threading.Event = field(default_factory=threading.Event)


class Traps:
    """At most one trap at a time, on everything that passes one proxy."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._trap: Trap | None = None

    def set(self, trap: Trap | None) -> None:
        """Replaces the one there was."""
        with self._lock:
            self._trap = trap

    def reached(self, moment: str) -> Trap | None:
        """The trap that springs now; it is taken away."""
        with self._lock:
            trap = self._trap
            if trap is None or trap.moment != moment:
                return None
            trap.nth -= 1
            if trap.nth > 0:
                return None
            self._trap = None
            return trap


class PostgresTap:
    """Follows one connection in PostgreSQL's protocol (version 3), far enough to know the moments."""

    def __init__(self, traps: Traps) -> None:
        self._traps = traps
        self._rest = b""
        self._started = False
        self._statements: dict[bytes, bytes] = {}
        self._in_flush = self._writes = self._answering = False

    def from_client(self, data: bytes, forward: Forward) -> None:
        """Forwards whole messages, those before a moment first."""
        ready = bytearray()
        self._rest += data
        for kind, message in self._messages():
            for moment in self._moments(kind, message):
                if trap := self._traps.reached(moment):
                    forward(bytes(ready))
                    ready.clear()
                    _spring(trap)
            ready += message
        forward(bytes(ready))

    def from_server(self, data: bytes, forward: Forward) -> None:
        """Forwards; the first bytes after a COMMIT are its answer."""
        if self._answering:
            self._answering = False
            if trap := self._traps.reached(ANSWER):
                _spring(trap)
        forward(data)

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while len(self._rest) >= 5:
            head = 1 if self._started else 0
            length = head + int.from_bytes(self._rest[head : head + 4], "big")
            if len(self._rest) < length:
                return
            message, self._rest = self._rest[:length], self._rest[length:]
            if not self._started:
                self._started = int.from_bytes(message[4:8], "big") not in _ENCRYPTION_REQUESTS
                yield b"", message
                continue
            yield message[:1], message

    def _moments(self, kind: bytes, message: bytes) -> Iterator[str]:
        if kind == b"d" and self._in_flush:
            yield COPY
        if kind == b"P":
            name, _, rest = message[5:].partition(b"\0")
            self._statements[name] = rest.partition(b"\0")[0]
        sql = self._sql(kind, message)
        if sql is None:
            return
        if sql.startswith(b"BEGIN"):
            self._in_flush = self._writes = False
            return
        if sql.startswith(b"COMMIT"):
            if self._writes:
                yield COMMIT
                self._answering = True
            return
        yield from self._of_statement(sql)

    def _sql(self, kind: bytes, message: bytes) -> bytes | None:
        if kind == b"Q":
            return message[5:].rstrip(b"\0").lstrip()
        if kind == b"B":  # binds a statement that was parsed before: here its execution begins
            return self._statements.get(message[5:].split(b"\0", 2)[1], b"").lstrip()
        return None

    def _of_statement(self, sql: bytes) -> Iterator[str]:
        moment = next((moment for moment, pattern in _BY_STATEMENT.items() if pattern.search(sql)), None)
        if self._in_flush and moment != FENCE:
            yield FENCED
        if moment in (FENCE, KEEP, RANK, FLIP, OPEN):
            self._writes = True
            self._in_flush = self._in_flush or moment == FENCE
        if moment:
            yield moment


def _spring(trap: Trap) -> None:
    trap.sprung.set()
    trap.spring()


def cut() -> None:
    """What a trap may do: end the connection."""
    raise Cut
