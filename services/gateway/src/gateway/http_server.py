"""The HTTP server: waitress, whose loop reads and writes for all connections and gives threads whole requests alone."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Any, Final

from chassis.setting_types import listening, split_listen
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from gateway.bodies import MAX_BODY, MAX_UPLOAD

THREADS: Final = 16
# Each may hold a request and an answer in memory; who has waited longest makes room for who comes.
CONNECTIONS: Final = 256
_LARGEST_HEAD: Final = 64 * 1024
LARGEST_BODY: Final = MAX_UPLOAD + MAX_BODY  # of what is too large the application says so; of this, nobody
# Of bodies above MAX_BODY so many are held at once, so that all bodies together take no more than 512 MiB.
LARGE_BODIES: Final = 32
_SECONDS_TO_STOP: Final = 20.0


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A client. What counts for its timeout is when a request began to arrive or an answer to leave: a byte of one now
    and then keeps nothing open."""

    last_activity: float

    @property
    def is_busy(self) -> bool:
        return bool(self.requests or self.total_outbufs_len)

    @property
    def has_large_body(self) -> bool:
        held = [self.request, *self.requests]
        return any(each is not None and each.body_bytes_received > MAX_BODY for each in held)

    def handle_read(self) -> None:
        began, is_within, was_large = self.last_activity, self.request is not None, self.has_large_body
        super().handle_read()
        if is_within and self.request is not None:
            self.last_activity = began
        if not was_large and self.has_large_body:
            self.server.make_room_for_a_large_body()

    def _flush_some(self, do_close: bool = True) -> bool:
        began = self.last_activity
        has_sent = bool(super()._flush_some(do_close=do_close))
        if self.total_outbufs_len:
            self.last_activity = began
        return has_sent


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Answers HTTP at `listen` with a WSGI application, in one process, so that limits and caches are counted once.

    A request has `seconds` to arrive, an answer as long to leave, and a connection may be idle for so long.
    """

    channel_class = _Channel

    def __init__(self, listen: str, application: Callable[..., Any], *, seconds: int = 60) -> None:
        host, port = split_listen(listen)
        adjustments = Adjustments(
            listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            threads=THREADS,
            connection_limit=2 * CONNECTIONS,  # never reached
            channel_timeout=seconds,
            cleanup_interval=min(seconds, 5),
            max_request_header_size=_LARGEST_HEAD,
            max_request_body_size=LARGEST_BODY,
            clear_untrusted_proxy_headers=False,  # the application does
            asyncore_use_poll=True,
            ident=None,
        )
        begun: dict[int, Any] = {}
        try:
            with listening("HTTP_LISTEN", listen):
                super().__init__(application, map=begun, adj=adjustments)
        except BaseException:
            self.task_dispatcher.shutdown()
            wasyncore.close_all(begun)
            raise
        self.task_dispatcher.set_thread_count(THREADS)
        self._is_stopping = False

    def run(self) -> None:
        """Until SIGTERM; what is in hand then is answered first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_stopping:
            self._turn()
        wasyncore.dispatcher.close(self)  # nobody new; the loop goes on
        deadline = time.monotonic() + _SECONDS_TO_STOP
        while any(channel.is_busy for channel in self.active_channels.values()) and time.monotonic() < deadline:
            self._turn()
        self.task_dispatcher.shutdown()
        wasyncore.close_all(self._map)

    def handle_accept(self) -> None:
        """A new client; where there is no room, in the place of who has waited longest."""
        idle = [channel for channel in self.active_channels.values() if not channel.requests]
        if idle and len(self.active_channels) >= CONNECTIONS:
            min(idle, key=lambda channel: channel.last_activity).handle_close()
        super().handle_accept()

    def make_room_for_a_large_body(self) -> None:
        """Where there are too many, who has waited longest with one goes."""
        large = [channel for channel in self.active_channels.values() if channel.has_large_body]
        arriving = [channel for channel in large if not channel.requests]
        if arriving and len(large) > LARGE_BODIES:
            min(arriving, key=lambda channel: channel.last_activity).handle_close()

    def maintenance(self, now: float) -> None:
        """Ends the waits that are over, also of who does not read: waitress would wait until it can write once more."""
        for channel in list(self.active_channels.values()):
            if not channel.requests and channel.last_activity < now - self.adj.channel_timeout:
                channel.handle_close()

    def _turn(self) -> None:
        wasyncore.loop(timeout=1.0, use_poll=True, map=self._map, count=1)

    def _stop(self, *_: object) -> None:
        self._is_stopping = True
        self.pull_trigger()
