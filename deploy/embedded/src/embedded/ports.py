"""Free ports: the preferred one where it can be had."""

import fcntl
import json
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

from embedded.errors import EmbeddedError
from embedded.places import write_private

_LOCAL = "127.0.0.1"
_QUIET_RANGE = (15_000, 32_000)
_ATTEMPTS = 200
_given: set[int] = set()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of this machine now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOCAL, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A free port, another one at each call, in this process and in others of the same user that ask here too, for as
    long as each lives. Below the range that outgoing connections take theirs from."""
    while True:
        port = random.randrange(*_QUIET_RANGE)  # noqa: S311  # so that runs of different users seldom ask for the same
        if port not in _given and _claim(port) and is_free(port):
            _given.add(port)
            return port


def answers(port: int) -> bool:
    """Whether something accepts connections on this port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((_LOCAL, port)) == 0


def choose(preferred: dict[str, int], *, remembered: Path) -> dict[str, int]:
    """A free port for each name: the remembered one, else the preferred one, else the next one that is free.

    Nobody else of this user is given it as long as this process lives: two that start at once see the same ports free.
    """
    earlier: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    chosen: dict[str, int] = {}
    for name, wish in preferred.items():
        start = earlier.get(name, wish)
        chosen[name] = next((port for port in range(start, start + _ATTEMPTS) if _usable(port, chosen)), 0)
        if not chosen[name]:
            raise EmbeddedError(f"No free port for {name} from {start} to {start + _ATTEMPTS - 1}.")
    write_private(remembered, json.dumps(chosen, indent=2) + "\n")
    return chosen


@cache
def _claims() -> int:
    return os.open(Path(tempfile.gettempdir()) / f"directory-ports-{os.getuid()}", os.O_RDWR | os.O_CREAT, 0o600)


def _claim(port: int) -> bool:
    """Whether no other process was given this port: each locks the byte of that number."""
    try:
        fcntl.lockf(_claims(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _usable(port: int, chosen: dict[str, int]) -> bool:
    return port not in chosen.values() and is_free(port) and _claim(port)
