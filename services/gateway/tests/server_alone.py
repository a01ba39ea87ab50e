"""`server_alone.py PORT SECONDS_TO_ARRIVE`: the gateway's HTTP server with an application of a few lines."""

import sys
from collections.abc import Callable, Iterable
from typing import Any

from gateway.http_server import Server
from gateway.http_worker import Worker


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """/large is 16 MiB, /unread leaves the body alone, all others say how long it was."""
    path = environ["PATH_INFO"]
    answer = b"x" * 2**24 if path == "/large" else b"unread"
    if path not in ("/large", "/unread"):
        answer = str(len(environ["wsgi.input"].read())).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


class _Worker(Worker):
    seconds_to_arrive = float(sys.argv[2])


if __name__ == "__main__":
    Server(f"127.0.0.1:{sys.argv[1]}", lambda: application, worker=_Worker).run()
