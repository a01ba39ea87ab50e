"""The HTTPS server of OTLP, on threads of this process. It asks for a client certificate and lets in who has none: the
application then wants a token."""

import errno
import logging
import math
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from chassis.logs import get_logger
from chassis.process import Stop
from chassis.rpc.tls import stamps
from chassis.setting_types import listening, split_listen
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.ssl import Adapter
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from metrics.api.collector_metrics import REFUSED
from metrics.api.otlp_exports import LARGEST_EXPORT
from metrics.api.otlp_http import PEER, WAY

_THREADS = 16
_SECONDS_OF_SILENCE = 10
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_TO_SHAKE_HANDS = 3
_SECONDS_TO_ARRIVE = 30  # a request as a whole, however small the steps that it comes in
_SECONDS_TO_LINGER = 1
_MOST_WAITING = 256
_KEPT_CONNECTIONS = 256
_LARGEST_HEADERS = 32 * 1024


class OtlpHttpServer:
    """A server that is bound to its port and waits for `serve`."""

    def __init__(self, listen: str, tls_dir: Path, application: Callable[..., Any]) -> None:
        self._server = _Server(
            split_listen(listen),
            application,
            numthreads=_THREADS,
            max=_THREADS,
            request_queue_size=128,
            timeout=_SECONDS_OF_SILENCE,
            shutdown_timeout=10,
            accepted_queue_size=_MOST_WAITING,
            accepted_queue_timeout=0,
            server_name="collector",
        )
        self._server.max_request_body_size = 2 * LARGEST_EXPORT  # beyond the limit the application says so
        self._server.max_request_header_size = _LARGEST_HEADERS
        self._server.keep_alive_conn_limit = _KEPT_CONNECTIONS
        self._server.ConnectionClass = _Connection
        self._server.ssl_adapter = _Certificates(tls_dir)
        with listening("OTLP_HTTP_LISTEN", listen):
            self._server.prepare()
        self.port: int = self._server.bind_addr[1]
        self.is_serving = False

    def serve(self, stop: Stop) -> None:
        """Answer until told to stop; requests in hand may finish."""
        thread = threading.Thread(target=self._server.serve, name="otlp-http", daemon=True)
        thread.start()
        self.is_serving = True
        get_logger().info("OTLP server listens", port=self.port)
        while not stop.wait(_SECONDS_BETWEEN_LOOKS):
            if not thread.is_alive():  # cheroot ends at an error in closing a connection
                self.is_serving = False
                raise RuntimeError("the OTLP server ended by itself")
        self.is_serving = False
        self._server.stop()
        thread.join()


class _Server(Server):
    def process_conn(self, conn: Any) -> None:
        """Who connects and is silent waits without a worker; who comes when too many wait is turned away."""
        if conn.last_used is None and self.can_add_keepalive_connection:
            self.put_conn(conn)
            return
        try:
            self.requests.put(conn)
        except queue.Full:
            conn.close()

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        get_logger().log(level, "OTLP server", detail=msg, exc_info=traceback or None)


class _Certificates(Adapter):
    """TLS with the files as they are now: they are read again when they have changed."""

    def __init__(self, tls_dir: Path) -> None:
        self._tls_dir = tls_dir
        self._stamps = stamps(tls_dir)
        self._context = _context(tls_dir)

    def bind(self, sock: Any) -> Any:
        """As it is."""
        return sock

    def wrap(self, sock: Any) -> tuple[Any, dict[str, Any]]:
        """The handshake is left to a worker: whoever connects and is silent must not keep others from connecting."""
        with suppress(OSError):  # while files are being replaced and do not fit together, the old ones stay
            if (newest := stamps(self._tls_dir)) != self._stamps:
                self._context, self._stamps = _context(self._tls_dir), newest
        return self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), {}

    def get_environ(self) -> dict[str, Any]:
        """Nothing before the handshake."""
        return {}

    makefile = BuiltinSSLAdapter.makefile


class _Socket(ssl.SSLSocket):
    ends = math.inf

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(min(left, _SECONDS_OF_SILENCE))
        return super().recv_into(*arguments, **named)

    def send(self, *arguments: Any, **named: Any) -> int:
        try:
            return super().send(*arguments, **named)
        except ssl.SSLEOFError as error:  # the server ignores senders that are gone, but not under this name
            raise BrokenPipeError(errno.EPIPE, str(error)) from error


class _Request(HTTPRequest):
    def simple_response(self, status: str, msg: str = "") -> None:
        """What the server refuses before the application has seen it, or all of it."""
        REFUSED.labels(WAY, status[:3]).inc()
        super().simple_response(status, msg)

    def send_headers(self) -> None:
        """An answer before the end of the body ends the connection: else the server would read the rest first."""
        if getattr(self.rfile, "remaining", 0) or (self.chunked_read and not self.rfile.closed):
            self.close_connection = self.conn.is_cut_short = True
        super().send_headers()


class _Connection(HTTPConnection):
    RequestHandlerClass = _Request
    is_cut_short = False

    def communicate(self) -> bool:
        if not self.ssl_env:
            self.socket.settimeout(_SECONDS_TO_SHAKE_HANDS)
            try:
                self.socket.do_handshake()
            except OSError as error:
                get_logger().info("TLS handshake failed", detail=str(error))
                return False
            self.ssl_env = {"wsgi.url_scheme": "https", PEER: _peer(self.socket)}
        self.socket.ends = time.monotonic() + _SECONDS_TO_ARRIVE
        is_kept = bool(super().communicate())  # type: ignore[no-untyped-call]
        if self.is_cut_short:
            self._linger()
        return is_kept

    def _linger(self) -> None:
        """Lets the sender read the answer: closed over unread bytes, the connection is reset and the answer lost."""
        ends = time.monotonic() + _SECONDS_TO_LINGER
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            while (left := ends - time.monotonic()) > 0:
                self.socket.settimeout(left)
                if not self.socket.recv(65_536):
                    return


def _context(tls_dir: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tls_dir / "ca.pem"))
    context.load_cert_chain(tls_dir / "cert.pem", tls_dir / "key.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _Socket
    return context


def _peer(sock: ssl.SSLSocket) -> str:
    """The first DNS name of the client's certificate, as chassis.rpc.tls.peer_name; empty where there is none."""
    names: Any = (sock.getpeercert() or {}).get("subjectAltName", ())
    return next((name for kind, name in names if kind == "DNS"), "")
