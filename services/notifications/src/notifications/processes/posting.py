"""Posting to the URL of a stranger: to checked addresses alone, no redirect, one time limit for everything."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from chassis.guard import Guard, RefusedError

from notifications.domain.webhooks import Answer

LIMIT_SECONDS: Final = 15.0
RESPONSE_BYTES: Final = 1024
_REFUSALS: Final = {
    "name_unknown": "The host name leads nowhere.",
    "address_refused": "The host lies inside a network.",
}


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    guard: Callable[[], Guard],
    tls: ssl.SSLContext,
    limit: float = LIMIT_SECONDS,
) -> Answer:
    """The answer, or why there was none in words; never raises for what the other side does."""
    began = time.monotonic()
    try:
        status, response = _exchange(url, body, headers, guard=guard(), tls=tls, limit=limit)
        error = "" if 200 <= status < 300 else _refused(status)
    except _TooLongError:
        status, response, error = 0, "", f"No answer within {limit:g} seconds."
    except RefusedError as refused:
        status, response, error = 0, "", _REFUSALS[refused.cause]
    except ssl.SSLError as failure:
        status, response, error = 0, "", f"TLS failed: {failure.reason or 'no connection'}."
    except (OSError, http.client.HTTPException, ValueError) as failure:
        status, response, error = 0, "", f"No connection, or no HTTP answer ({type(failure).__name__})."
    return Answer(status, timedelta(seconds=time.monotonic() - began), error, response)


class _TooLongError(Exception):
    pass


def _refused(status: int) -> str:
    return "A redirect is not followed." if 300 <= status < 400 else f"The answer was {status}."


def _exchange(
    url: str, body: bytes, headers: Mapping[str, str], *, guard: Guard, tls: ssl.SSLContext, limit: float
) -> tuple[int, str]:
    place = _place(url, guard)
    deadline = time.monotonic() + limit
    connection = http.client.HTTPConnection(place.host, place.port)
    with _connected(guard, place, deadline) as plain, _Watchdog(plain, deadline) as watchdog:
        try:
            connection.sock = plain
            if place.is_secure:
                # The handshake comes after the watchdog knows the new socket: it may take for ever, too.
                secure = tls.wrap_socket(plain, server_hostname=place.host, do_handshake_on_connect=False)
                connection.sock = secure
                watchdog.watch(secure)
                secure.do_handshake()
            connection.request("POST", place.target, body=body, headers={"host": place.name, **headers})
            response = connection.getresponse()
            # A cut among the headers looks like their end.
            if watchdog.has_bitten:
                raise _TooLongError
            text = response.read(RESPONSE_BYTES).decode("utf-8", "replace")
            return response.status, text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL takes no NUL
        except (OSError, http.client.HTTPException) as failure:
            if watchdog.has_bitten:
                raise _TooLongError from failure
            raise
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """A URL taken apart: `host` as the resolver and the certificate know it, `name` as the Host header says it."""

    host: str
    port: int
    is_secure: bool
    name: str
    target: str


def _place(url: str, guard: Guard) -> _Place:
    parts = urlsplit(url)
    is_secure = parts.scheme == "https"
    if not parts.hostname or not (is_secure or (parts.scheme == "http" and guard.plain_http)):
        raise ValueError("no URL to post to")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    bracketed = f"[{host}]" if ":" in host else host
    return _Place(
        host=host,
        port=parts.port or (443 if is_secure else 80),
        is_secure=is_secure,
        name=bracketed if parts.port is None else f"{bracketed}:{parts.port}",
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )


def _connected(guard: Guard, place: _Place, deadline: float) -> socket.socket:
    """A connection to the first checked address that answers."""
    failure: OSError | None = None
    for address in guard.addresses(place.host):
        left = deadline - time.monotonic()
        if left <= 0:
            raise _TooLongError
        try:
            return socket.create_connection((str(address), place.port), timeout=left)
        except TimeoutError as caught:
            raise _TooLongError from caught
        except OSError as caught:
            failure = caught
    raise failure or OSError("no address")


class _Watchdog:
    """Cuts a connection at its deadline, in whatever call it is: a byte now and then must not hold a sender."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self.has_bitten = False
        self._connection = connection
        self._timer = threading.Timer(max(0.0, deadline - time.monotonic()), self._bite)
        self._timer.daemon = True

    def __enter__(self) -> _Watchdog:
        self._connection.settimeout(None)
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, connection: socket.socket) -> None:
        """The connection goes on in this one: TLS takes a socket over."""
        self._connection = connection
        if self.has_bitten:  # while neither socket was the one to cut
            self._bite()

    def _bite(self) -> None:
        self.has_bitten = True
        with contextlib.suppress(OSError):  # it may be closed already
            # Beneath TLS: a farewell of TLS could wait for the other side.
            socket.socket.shutdown(self._connection, socket.SHUT_RDWR)
