"""Addresses of servers: their one comparable form, and whether the public can reach the host that they name."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import idna

_DEFAULT_PORT = 443
# Names that mean something inside a network only (RFC 6761, 6762, 8375, 9476 and ICANN's private-use name).
_INSIDE_ONLY = ("local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "onion", "home.arpa")
# Names kept for documentation and tests (RFC 2606): never reachable, but harmless.
_RESERVED = ("example", "test", "invalid", "alt", "example.com", "example.net", "example.org")
# inet_aton reads these as addresses (2130706433, 0x7f.1, 0177.0.0.1): a way around checks of literals.
_NUMERIC_HOST = re.compile(r"(?:0[xX][0-9a-fA-F]*|\d+)(?:\.(?:0[xX][0-9a-fA-F]*|\d+))*\.?")
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
    host = _ascii(urlsplit(url.strip()).hostname or "")
    address = _address(host)
    if address is not None:
        return "" if address.is_global and not address.is_multicast else "is an address inside a network"
    if _NUMERIC_HOST.fullmatch(host):
        return "is an address in an unusual spelling"
    if "." not in host:
        return "is a name without a domain"
    if any(host.endswith("." + name) for name in _INSIDE_ONLY):
        return "is a name that only resolves inside a network"
    return ""


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


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        # An IPv6 spelling of an IPv4 address reaches the IPv4 host.
        return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address
    return address
