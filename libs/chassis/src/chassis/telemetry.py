"""What a process tells about itself over HTTP: /metrics for Prometheus, /healthz, /readyz."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.process import Stop
from chassis.setting_types import listening, split_listen

Readiness = Callable[[], dict[str, bool]]


class TelemetryServer:
    """The running server; `port` is the one that it got."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()


def serve(listen: str, readiness: Readiness) -> TelemetryServer:
    """Answer at `host:port`, PROMETHEUS_LISTEN, on threads of its own.

    /healthz is 200 while the process lives. /readyz is 200 when every part that `readiness` names is ready, else 503
    with the parts as JSON.
    """
    server = _bound(listen, readiness)
    threading.Thread(target=server.serve_forever, name="telemetry", daemon=True).start()
    return TelemetryServer(server)


def loop(listen: str, readiness: Readiness) -> Callable[[Stop], None]:
    """`serve` as a loop for `process.run`: nobody hears of readiness before the process ends when it is told to.

    The port is taken at once, so that one that cannot be had ends the process with a sentence.
    """
    server = _bound(listen, readiness)

    def run(stop: Stop) -> None:
        threading.Thread(target=server.serve_forever, name="telemetry", daemon=True).start()
        stop.wait(None)

    return run


def _bound(listen: str, readiness: Readiness) -> ThreadingHTTPServer:
    handler = type("Handler", (_Handler,), {"readiness": staticmethod(readiness)})
    with listening("PROMETHEUS_LISTEN", listen):
        server = ThreadingHTTPServer(split_listen(listen), handler)
    server.daemon_threads = True
    return server


class _Handler(BaseHTTPRequestHandler):
    readiness: Readiness

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(200, CONTENT_TYPE_LATEST, generate_latest())
        elif path == "/healthz":
            self._answer(200, "text/plain", b"ok\n")
        elif path == "/readyz":
            parts = self._parts()
            body = json.dumps({"ready": all(parts.values()), "parts": parts}).encode()
            self._answer(200 if all(parts.values()) else 503, "application/json", body)
        else:
            self._answer(404, "text/plain", b"not found\n")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: probes and scrapes come every few seconds."""

    def _parts(self) -> dict[str, bool]:
        try:
            return self.readiness()
        except Exception:
            return {"readiness": False}

    def _answer(self, status: int, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
