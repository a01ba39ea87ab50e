"""Where connections to URLs of strangers may go: names are looked up once, and only checked addresses are used."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Literal

from chassis.destinations import Address, Network, literal, refusal

MOST_ADDRESSES = 3


class RefusedError(Exception):
    """There will be no connection; `cause` says why, `host` where to."""

    def __init__(self, cause: Literal["name_unknown", "address_refused"], host: str) -> None:
        super().__init__(f"{cause}: {host}")
        self.cause = cause
        self.host = host


class Guard:
    """Remembers what a name led to: a name that leads elsewhere the next time gains nothing. One for each URL."""

    def __init__(
        self,
        refuses: Callable[[Address], str],
        look_up: Callable[[str], Sequence[str]],
        *,
        plain_http: bool = False,
    ) -> None:
        self._refuses = refuses
        self._look_up = look_up
        self._known: dict[str, list[Address]] = {}
        self.plain_http = plain_http

    def addresses(self, host: str) -> list[Address]:
        """The addresses of a host, IPv4 first. Raises RefusedError when it has none, or one that is refused."""
        host = host.lower().rstrip(".")
        if host not in self._known:
            self._known[host] = self._checked(host)
        return self._known[host]

    def _checked(self, host: str) -> list[Address]:
        given = literal(host)
        found = [given] if given is not None else [literal(each) for each in self._look_up(host)]
        addresses = list(dict.fromkeys(each for each in found if each is not None))
        if not addresses:
            raise RefusedError("name_unknown", host)
        # One refused address refuses the name: whoever sets such entries chooses which one is taken.
        if any(self._refuses(address) for address in addresses):
            raise RefusedError("address_refused", host)
        return sorted(addresses, key=lambda address: address.version)[:MOST_ADDRESSES]


def look_up(host: str) -> list[str]:
    """Whatever the resolver says of a name; empty where it knows nothing."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]


def rules(allowed: Sequence[Network]) -> tuple[Callable[[Address], str], Callable[[str], Sequence[str]]]:
    """What a Guard refuses and how it looks names up: public addresses alone; or, where networks are named, addresses
    in those alone, never by a name."""
    if not allowed:
        return refusal, look_up

    def refuses(address: Address) -> str:
        return "" if any(address in network for network in allowed) else "lies in another network"

    return refuses, lambda host: ()


def guard(allowed: Sequence[Network]) -> Guard:
    """A guard by those rules; plain http goes to named networks only."""
    return Guard(*rules(allowed), plain_http=bool(allowed))
