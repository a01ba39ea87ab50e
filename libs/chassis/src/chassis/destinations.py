"""Which addresses a service connects to when somebody outside gave the URL.

By default public addresses alone. An installation for development may name networks instead: then only URLs that hold
an address in one of them are reached, over plain http too, and nothing else is looked up or connected to.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

# All that is routed on the internet lies here (RFC 4291, 2.4); the rest is local, special or not given out.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
# Kept for the protocols themselves (RFC 6890, RFC 7526); not every Python says so.
_SPECIAL = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))
# Public by its number, but answered by the host of the virtual machine itself with its secrets.
_METADATA = frozenset({ipaddress.IPv4Address("168.63.129.16")})
# Names that mean something inside a network only (RFC 6761, 6762, 8375, 9476 and ICANN's private-use name).
_INSIDE_ONLY = ("local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "onion", "home.arpa")
# inet_aton reads these as addresses (2130706433, 0x7f.1, 0177.0.0.1): a way around checks of literals.
_NUMERIC_HOST = re.compile(r"(?:0[xX][0-9a-fA-F]*|\d+)(?:\.(?:0[xX][0-9a-fA-F]*|\d+))*\.?")


def networks(text: str) -> tuple[Network, ...]:
    """Networks of a comma-separated list. Raises ValueError."""
    return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())


def refusal(address: Address) -> str:
    """Why nothing connects to an address, as half a sentence; empty when it may."""
    real = _ipv4_within(address) or address
    if isinstance(real, ipaddress.IPv4Address):
        special = real in _METADATA or any(real in network for network in _SPECIAL)
    else:
        special = real not in _GLOBAL_UNICAST
    if special or not real.is_global or real.is_multicast or real.is_reserved:
        return "is an address inside a network"
    return ""


def not_public(host: str) -> str:
    """Why the public cannot reach a host, as half a sentence; empty when nothing speaks against it.

    `host` is an address, or a name as it is looked up: lower-case ASCII without a dot at its end. Nothing is looked up.
    """
    if (address := literal(host)) is not None:
        return refusal(address)
    if _NUMERIC_HOST.fullmatch(host):
        return "is an address in an unusual spelling"
    if "." not in host:
        return "is a name without a domain"
    if any(host.endswith("." + name) for name in _INSIDE_ONLY):
        return "is a name that only resolves inside a network"
    return ""


def literal(host: str) -> Address | None:
    """The address that `host` spells; None for names."""
    try:
        return ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return None


def lies_within(url: str, allowed: Sequence[Network]) -> bool:
    """Whether the URL holds an address, not a name, in one of the networks."""
    try:
        address = literal(urlsplit(url.strip()).hostname or "")
    except ValueError:
        return False
    return address is not None and any(address in network for network in allowed)


def _ipv4_within(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 host that an IPv6 spelling reaches: mapped, translated, 6to4 or Teredo."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
