"""Asking a process whether it is ready."""

import http.client
from urllib.parse import urlsplit

_SECONDS = 2.0
_LETTERS = 500


def why_not_ok(url: str) -> str:
    """Nothing when a GET of this address of this machine answers 200, else what it does. No proxy is ever used."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path or "/")
        response = connection.getresponse()
        if response.status == http.HTTPStatus.OK:
            return ""
        return f"{url} answers {response.status} {response.read(_LETTERS).decode(errors='replace').strip()}"
    except (OSError, http.client.HTTPException):
        return f"{url} does not answer"
    finally:
        connection.close()
