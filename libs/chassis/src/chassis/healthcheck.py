"""`python -m chassis.healthcheck [host:port]`: exit code 0 when the process in this container is ready.

Without an address, that of PROMETHEUS_LISTEN.
"""

from __future__ import annotations

import http.client
import os
import sys

from chassis.settings import split_listen


def main(arguments: list[str]) -> int:
    """The exit code."""
    listen = arguments[0] if arguments else os.environ.get("PROMETHEUS_LISTEN", "0.0.0.0:9000")
    host, port = split_listen(listen)
    connection = http.client.HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "") else host, port, timeout=3)  # noqa: S104
    try:
        connection.request("GET", "/readyz")
        return int(connection.getresponse().status != 200)
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
