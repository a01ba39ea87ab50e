"""Addresses of servers: their one comparable form, and whether the public can reach the host that they name."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import idna
from chassis import destinations

_DEFAULT_PORT = 443
# Names kept for documentation and tests (RFC 2606): never reachable, but harmless.
_RESERVED = ("example", "test", "invalid", "alt", "example.com", "example.net", "example.org")
_SECRET_PARAMETER = re.compile(r"(?i)(^|[_-])(api[_-]?key|key|token|secret|password|passwd|auth|signature|sig)$")


def normalised(url: str) -> str:
    """The form in which two addresses are compared: lower-case host, no default port, a path, no fragment."""
    parts = urlsplit(url.strip())
    host = _ascii(parts.hostname or "")
    if ":" in host:
        host = f"[{host}]"
    if parts.port is not None and parts.port != _DEFAULT_PORT:
        host = f"{host}:{parts.port}"
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, ""))


def slash_turned(url: str) -> str:
    """The same address with a slash at the end of its path, or without the one it has (the root keeps its own).

    For HTTP that is another resource, for people the same server.
    """
    parts = urlsplit(normalised(url))
    has_one = parts.path.endswith("/") and parts.path != "/"
    return urlunsplit(parts._replace(path=parts.path[:-1] if has_one else parts.path + "/"))


def not_public(url: str) -> str:
    """Why the public cannot reach the host of `url`, as half a sentence; empty when nothing speaks against it."""
    return destinations.not_public(_ascii(urlsplit(url.strip()).hostname or ""))


def is_reserved_name(url: str) -> bool:
    """Whether the host lies in a domain kept for documentation and tests."""
    host = _ascii(urlsplit(url.strip()).hostname or "")
    return any(host == name or host.endswith("." + name) for name in _RESERVED)


def unusual_port(url: str) -> int | None:
    """The port where it is not the usual one of https."""
    port = urlsplit(url.strip()).port
    return None if port in (None, _DEFAULT_PORT) else port


def secret_parameter(url: str) -> str:
    """Name of the first query parameter that looks like a key or password; empty when there is none."""
    names = (name for name, _ in parse_qsl(urlsplit(url.strip()).query, keep_blank_values=True))
    return next((name for name in names if _SECRET_PARAMETER.search(name)), "")


def _ascii(host: str) -> str:
    """The name as it is looked up: by IDNA 2008 with the mapping of UTS 46, as browsers and our probe do.

    What that leaves out (a snowman) has its name by IDNA 2003. Addresses compared before this was so keep the form that
    they had until their next save: it differs for ß, ς and joiners alone.
    """
    host = host.lower().rstrip(".")
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        pass
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
