"""Where a look at a server may connect to: each name is looked up once, and only its checked addresses are used."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from submissions.domain.destinations import Address, Network, literal, refusal
from submissions.domain.probe_report import Cause

MOST_ADDRESSES = 3


class NotAllowedError(Exception):
    """There will be no connection; `cause` says why, `detail` is the host."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail


class Guard:
    """Remembers what a name led to: a name that leads elsewhere the next time gains nothing."""

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
        """The addresses of a host, IPv4 first. Raises NotAllowedError when it has none, or one that is refused."""
        host = host.lower().rstrip(".")
        if host not in self._known:
            self._known[host] = self._checked(host)
        return self._known[host]

    def _checked(self, host: str) -> list[Address]:
        given = literal(host)
        found = [given] if given is not None else [literal(each) for each in self._look_up(host)]
        addresses = list(dict.fromkeys(each for each in found if each is not None))
        if not addresses:
            raise NotAllowedError(Cause.NAME_UNKNOWN, host)
        # One refused address refuses the name: whoever sets such entries chooses which one is taken.
        if any(self._refuses(address) for address in addresses):
            raise NotAllowedError(Cause.ADDRESS_REFUSED, host)
        return sorted(addresses, key=lambda address: address.version)[:MOST_ADDRESSES]


def guard(allowed: Sequence[Network]) -> Guard:
    """Public addresses alone; or, where networks are named, addresses in those alone, never by a name."""
    if not allowed:
        return Guard(refusal, _look_up)

    def refuses(address: Address) -> str:
        return "" if any(address in network for network in allowed) else "lies in another network"

    return Guard(refuses, lambda host: (), plain_http=True)


def _look_up(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return [str(address[0]) for *_, address in found]
