"""Asking a process whether it is ready."""

import http.client
from urllib.parse import urlsplit

_SECONDS = 2.0


def answers_ok(url: str) -> bool:
    """Whether a GET of this address of this machine answers 200. Asked directly: no proxy is ever used."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
