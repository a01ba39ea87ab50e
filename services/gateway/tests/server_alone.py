"""`server_alone.py PORT SECONDS`: the gateway's HTTP server with an application of a few lines."""

import os
import signal
import sys
from collections.abc import Callable, Iterable
from typing import Any

from gateway.http_server import Server


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/large is 16 MiB, /unread leaves the body alone, /stop asks the server to stop meanwhile, all others say how long
    the body was."""
    path = environ["PATH_INFO"]
    if path == "/stop":
        os.kill(os.getpid(), signal.SIGTERM)
    answer = b"x" * 2**24 if path == "/large" else b"unread"
    if path not in ("/large", "/unread"):
        answer = str(len(environ["wsgi.input"].read())).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


if __name__ == "__main__":
    Server(f"127.0.0.1:{sys.argv[1]}", application, seconds=int(sys.argv[2])).run()
