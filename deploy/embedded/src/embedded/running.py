"""A server for as long as a `with` block lasts. Tests use it; the demo has a supervisor instead."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from embedded.errors import EmbeddedError

_START_SECONDS = 60.0
_STEP = 0.05
_LINES_SHOWN = 20


class Server(Protocol):
    """What PostgresServer and KafkaServer have in common."""

    name: str
    stop_signal: int
    stop_seconds: float

    def prepare(self) -> bool: ...
    def command(self) -> list[str]: ...
    def is_up(self) -> bool: ...


@contextmanager
def running(server: Server, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Prepares and starts `server`, waits until it answers, and stops it at the end. Raises EmbeddedError."""
    server.prepare()
    child = start(server, output)
    try:
        wait_until_up(server, child, output)
        yield child
    finally:
        stop(server, child)


def start(server: Server, output: Path) -> "subprocess.Popen[bytes]":
    """Starts a prepared server in a group of its own, so that Ctrl-C at a terminal does not reach it."""
    with output.open("ab") as log:
        return subprocess.Popen(
            server.command(), cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def wait_until_up(server: Server, child: "subprocess.Popen[bytes]", output: Path) -> None:
    """Returns when the server answers; raises EmbeddedError with its last words when it ends or takes too long."""
    deadline = time.monotonic() + _START_SECONDS
    while not server.is_up():
        if child.poll() is not None or time.monotonic() > deadline:
            said = "\n".join(output.read_text(errors="replace").splitlines()[-_LINES_SHOWN:])
            raise EmbeddedError(f"{server.name} did not start. It said:\n{said}")
        time.sleep(_STEP)


def stop(server: Server, child: "subprocess.Popen[bytes]") -> None:
    """Asks the server to end, then makes it."""
    if child.poll() is None:
        child.send_signal(server.stop_signal)
    try:
        child.wait(server.stop_seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
