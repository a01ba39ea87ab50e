"""A channel that shows the newest certificate: certificates live for days, processes for months."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import grpc

_SECONDS_BETWEEN_LOOKS = 1.0


class RenewedChannel(grpc.Channel):
    """Opens its channel anew when `stamp` gives another value. Calls in hand end on the old one.

    While the files are being replaced and do not fit together, the old channel stays.
    """

    def __init__(self, open_channel: Callable[[], grpc.Channel], stamp: Callable[[], object]) -> None:
        self._open = open_channel
        self._stamp = stamp
        self._lock = threading.Lock()
        self._stamped = stamp()
        self._channel = open_channel()
        self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS

    def unary_unary(self, *arguments: Any, **named: Any) -> Any:
        """As of a channel."""
        return self._present().unary_unary(*arguments, **named)

    def subscribe(self, callback: Any, try_to_connect: bool = False) -> None:
        """As of a channel; ends with the certificate."""
        self._present().subscribe(callback, try_to_connect)

    def unsubscribe(self, callback: Any) -> None:
        """As of a channel."""
        self._present().unsubscribe(callback)

    def unary_stream(self, *arguments: Any, **named: Any) -> Any:
        """As of a channel."""
        return self._present().unary_stream(*arguments, **named)

    def stream_unary(self, *arguments: Any, **named: Any) -> Any:
        """As of a channel."""
        return self._present().stream_unary(*arguments, **named)

    def stream_stream(self, *arguments: Any, **named: Any) -> Any:
        """As of a channel."""
        return self._present().stream_stream(*arguments, **named)

    def close(self) -> None:
        """As of a channel."""
        self._channel.close()

    def __enter__(self) -> RenewedChannel:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _present(self) -> grpc.Channel:
        if time.monotonic() < self._next_look:
            return self._channel
        with self._lock:
            self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS
            try:
                stamp = self._stamp()
                if stamp != self._stamped:
                    # The old one is let go, not closed: closing would cancel its calls.
                    self._channel = self._open()
                    self._stamped = stamp
            except OSError:
                return self._channel
            return self._channel
