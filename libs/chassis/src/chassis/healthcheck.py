"""`python -m chassis.healthcheck [host:port]`: exit code 0 when the process in this container is ready.

Without an address, that of PROMETHEUS_LISTEN. It runs every few seconds beside every process, so it imports next to
nothing.
"""

import os
import socket
import sys


def main(arguments: list[str]) -> int:
    """The exit code."""
    listen = arguments[0] if arguments else os.environ.get("PROMETHEUS_LISTEN", "0.0.0.0:9000")
    host, _, port = listen.rpartition(":")
    try:
        with socket.create_connection(("127.0.0.1" if host in ("0.0.0.0", "") else host, int(port)), 5) as connection:  # noqa: S104
            connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
            return int(connection.makefile("rb").readline().split()[1:2] != [b"200"])
    except (OSError, ValueError):
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
