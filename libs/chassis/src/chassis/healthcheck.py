"""`python -m chassis.healthcheck [host:port ...]`: exit code 0 when the process in this container is ready.

Without an address, those of PROMETHEUS_LISTEN and, where that is set, of HTTP_LISTEN: a process whose public port does
not answer is not ready, whatever it says elsewhere. It runs every few seconds beside every process, so it imports next
to nothing.
"""

import os
import socket
import sys


def main(arguments: list[str]) -> int:
    """The exit code."""
    own = (os.environ.get("PROMETHEUS_LISTEN", "0.0.0.0:9000"), os.environ.get("HTTP_LISTEN", ""))
    return int(not all(_is_ready(listen) for listen in arguments or filter(None, own)))


def _is_ready(listen: str) -> bool:
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection(("127.0.0.1" if host in ("0.0.0.0", "") else host, int(port)), 4) as connection:  # noqa: S104
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return connection.makefile("rb").readline().split()[1:2] == [b"200"]
    except (OSError, ValueError):
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
