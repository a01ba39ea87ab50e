"""A port of this machine that leads to another one, until it is cut."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Protocol

_AT_ONCE = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)

Forward = Callable[[bytes], None]


class Cut(Exception):  # noqa: N818  # an order, not a fault
    """Raised by a tap: the connection ends here, and what it has not forwarded is lost."""


class Tap(Protocol):
    """Sees what passes through one connection, may wait, forwards it or not."""

    def from_client(self, data: bytes, forward: Forward) -> None: ...
    def from_server(self, data: bytes, forward: Forward) -> None: ...


class Unwatched:
    """Forwards everything."""

    def from_client(self, data: bytes, forward: Forward) -> None:
        forward(data)

    def from_server(self, data: bytes, forward: Forward) -> None:
        forward(data)


class TcpProxy:
    """Forwards connections to `target`; a fresh tap watches each of them."""

    def __init__(self, port: int, target: int, tap: Callable[[], Tap] = Unwatched) -> None:
        self.port, self._target, self._tap = port, target, tap
        self._admits = True
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()
        self._listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Ends every connection."""
        for pair in list(self._pairs):
            _end(*pair)

    def refuse(self) -> None:
        """Ends every connection and takes no new one."""
        self._admits = False
        self.cut()

    def admit(self) -> None:
        """Takes connections again."""
        self._admits = True

    def close(self) -> None:
        """Ends everything."""
        self._listener.close()
        self.refuse()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            try:
                if not self._admits:
                    raise ConnectionRefusedError
                server = socket.create_connection(("127.0.0.1", self._target), timeout=5)
            except OSError:
                _end(client)
                client.close()
                continue
            self._join(client, server)

    def _join(self, client: socket.socket, server: socket.socket) -> None:
        for side in (client, server):
            side.settimeout(None)
            side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        pair, tap, both_ended = (client, server), self._tap(), threading.Barrier(2, action=lambda: self._forget(pair))
        self._pairs.add(pair)

        def pump(source: socket.socket, sink: socket.socket, through: Callable[[bytes, Forward], None]) -> None:
            try:
                with contextlib.suppress(OSError, Cut):
                    while data := source.recv(_AT_ONCE):
                        through(data, sink.sendall)
            finally:
                _end(*pair)
                both_ended.wait()

        threading.Thread(target=pump, args=(client, server, tap.from_client), daemon=True).start()
        threading.Thread(target=pump, args=(server, client, tap.from_server), daemon=True).start()

    def _forget(self, pair: tuple[socket.socket, socket.socket]) -> None:
        self._pairs.discard(pair)
        for side in pair:
            side.close()


def _end(*sides: socket.socket) -> None:
    for side in sides:
        with contextlib.suppress(OSError):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            side.shutdown(socket.SHUT_RDWR)
