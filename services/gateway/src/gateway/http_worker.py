"""gunicorn's threaded worker, but a thread is given a whole request and gives a whole answer back.

Its own would lend a thread to a connection from the first byte to the last: as many clients as there are threads, that
send a byte and go silent or do not read their answers, would stop the gateway. Here the loop of the process reads and
writes, many connections at once, each wait has an end, and who has waited longest makes room.
"""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from gunicorn.http import RequestParser
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, ThreadWorker

from gateway.whole_requests import WholeRequests

_AT_ONCE: Final = 64 * 1024
_MOST_HELD: Final = 64 * 1024 * 1024  # bytes of requests and answers in all
_SECONDS_TO_LINGER: Final = 2.0
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_TIMED_OUT: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_NOT_NOW: Final = (BlockingIOError, InterruptedError)


class _Answer:
    """What a thread takes for the socket: it keeps what is written."""

    def __init__(self) -> None:
        self.data = bytearray()

    def sendall(self, data: bytes) -> None:
        self.data += data

    def send(self, data: bytes) -> int:
        return len(data)  # gunicorn's 100 Continue alone, which the loop has sent

    def gettimeout(self) -> float | None:
        return None

    def setblocking(self, _: bool) -> None:
        pass

    def shutdown(self, _: int) -> None:
        raise OSError(errno.ENOTCONN, "the loop ends the connection")

    def close(self) -> None:
        pass


class _Connection:
    """A client: the real socket is `peer`; the rest has the names by which ThreadWorker.handle knows a connection."""

    initialized = data_ready = True
    is_http2 = False

    def __init__(self, cfg: Any, peer: socket.socket, client: Any, server: Any) -> None:
        self.cfg, self.peer, self.client, self.server = cfg, peer, client, server
        self.peer.setblocking(False)
        self.requests = WholeRequests(cfg, client)
        self.sock = _Answer()
        self.parser: Any = None
        self.is_kept = False
        self.size = 0  # of the request in hand
        self.ends = 0.0  # of the wait, as time.monotonic() tells it
        self.is_arriving = False

    @property
    def held(self) -> int:
        return len(self.requests) + self.size + len(self.sock.data)

    def init(self) -> None:
        pass

    def begin(self, request: bytes) -> None:
        self.size = len(request)
        self.parser = RequestParser(self.cfg, [request], self.client)

    def send(self) -> bool:
        """Send what the client takes now; whether that is all. Raises OSError where the client is gone."""
        with suppress(*_NOT_NOW):
            while self.sock.data:
                del self.sock.data[: self.peer.send(memoryview(self.sock.data)[:_AT_ONCE])]
        return not self.sock.data


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A connection is in the hands of a thread, or it waits: to read, to write or to end, until a given time."""

    seconds_to_arrive = 60.0  # a request as a whole, however small the steps that it comes in
    seconds_to_leave = 60.0  # an answer

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._all: set[_Connection] = set()
        self._waiting: dict[_Connection, None] = {}  # who has waited longest comes first

    def accept(self, listener: socket.socket) -> None:
        """Take a new client; where there is no room, in the place of who has waited longest."""
        try:
            peer, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._close_oldest()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._close_oldest()
        conn = _Connection(self.cfg, peer, client, listener.getsockname())
        self._all.add(conn)
        self._next(conn)
        self._read(conn)

    def handle(self, conn: _Connection) -> bool:
        """In a thread: answer the request. What the client takes at once leaves from here."""
        is_kept = bool(super().handle(conn))
        with suppress(OSError):  # the loop meets it again
            conn.send()
        return is_kept

    def finish_request(self, conn: _Connection, done: Any) -> None:
        """In the loop, after the thread."""
        conn.size = 0
        has_answer = not done.cancelled() and not done.exception()
        conn.is_kept = has_answer and done.result() and not conn.requests.is_cut_short
        self._write_all(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """End the waits that are over."""
        now = time.monotonic()
        for conn in [conn for conn in self._waiting if force or conn.ends <= now]:
            if conn.is_arriving and not force:
                self._refuse(conn)
            else:
                self._close(conn)

    def murder_pending(self) -> None:
        """There are none: who has sent nothing waits with the others."""

    def _cap_keepalive(self, deadline: float) -> None:
        for conn in self._waiting:
            if not conn.held:
                conn.ends = min(conn.ends, deadline)

    def _wait(self, conn: _Connection, event: int, then: Callable[[_Connection], None], seconds: float) -> None:
        self._rest(conn)
        conn.ends = time.monotonic() + seconds
        self._waiting[conn] = None
        self.poller.register(conn.peer, event, lambda _: self._is_ready(conn, then))

    def _is_ready(self, conn: _Connection, then: Callable[[_Connection], None]) -> None:
        if conn in self._waiting:  # the one before, of several at once, may have closed it to make room
            then(conn)

    def _rest(self, conn: _Connection) -> None:
        conn.is_arriving = False
        if conn in self._waiting:
            del self._waiting[conn]
            self.poller.unregister(conn.peer)

    def _next(self, conn: _Connection) -> None:
        self._wait(conn, selectors.EVENT_READ, self._read, self.cfg.keepalive if self.alive else STOP_KEEPALIVE_LINGER)
        self._go_on(conn)  # it may have come behind the one before

    def _read(self, conn: _Connection) -> None:
        data = _received(conn)
        if data:
            conn.requests.add(data)
            self._go_on(conn)
        elif data is not None:
            self._close(conn)

    def _go_on(self, conn: _Connection) -> None:
        request = conn.requests.take()
        if request is not None:
            self._rest(conn)
            conn.begin(request)
            self.enqueue_req(conn)
        elif conn.requests:
            if not conn.is_arriving:
                conn.is_arriving, conn.ends = True, time.monotonic() + self.seconds_to_arrive
            if conn.requests.wants_continue:
                conn.requests.wants_continue = False
                with suppress(OSError):  # clients that wait for it do so for a second or so
                    conn.peer.send(_CONTINUE)
            self._keep_within_bounds(conn)

    def _refuse(self, conn: _Connection) -> None:
        conn.requests = WholeRequests(self.cfg, conn.client)
        conn.sock.sendall(_TIMED_OUT)
        conn.is_kept = False
        self._write_all(conn)

    def _write_all(self, conn: _Connection) -> None:
        self._wait(conn, selectors.EVENT_WRITE, self._write, self.seconds_to_leave)
        self._keep_within_bounds(conn)
        self._write(conn)

    def _write(self, conn: _Connection) -> None:
        try:
            is_all = conn.send()
        except OSError:
            self._close(conn)
            return
        if is_all and conn.is_kept:
            self._next(conn)
        elif is_all:
            self._linger(conn)

    def _linger(self, conn: _Connection) -> None:
        """Closed over bytes that nobody has read, the connection is reset and the answer lost."""
        with suppress(OSError):  # gone: reading says so
            conn.peer.shutdown(socket.SHUT_WR)
        self._wait(conn, selectors.EVENT_READ, self._drain, _SECONDS_TO_LINGER)
        self._drain(conn)

    def _drain(self, conn: _Connection) -> None:
        if _received(conn) == b"":
            self._close(conn)

    def _keep_within_bounds(self, conn: _Connection) -> None:
        if conn.held <= _AT_ONCE:
            return  # so much each may hold
        while sum(one.held for one in self._all) > _MOST_HELD and self._close_oldest(_AT_ONCE):
            pass

    def _close_oldest(self, holding: int = -1) -> bool:
        """Closes who has waited longest and holds more than so many bytes; whether there was one."""
        oldest = next((conn for conn in self._waiting if conn.held > holding), None)
        if oldest is not None:
            self._close(oldest)
        return oldest is not None

    def _close(self, conn: _Connection) -> None:
        self._rest(conn)
        if conn in self._all:
            self._all.remove(conn)
            self.nr_conns -= 1
            conn.peer.close()


def _received(conn: _Connection) -> bytes | None:
    """What has come; None where nothing has, empty at the end of the connection."""
    try:
        return conn.peer.recv(_AT_ONCE)
    except _NOT_NOW:
        return None
    except OSError:
        return b""
