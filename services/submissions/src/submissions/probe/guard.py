"""Where a look at a server may connect to, with the causes that reports know."""

from __future__ import annotations

from collections.abc import Sequence

from chassis import guard as shared
from chassis.destinations import Address, Network

from submissions.domain.probe_report import Cause


class NotAllowedError(Exception):
    """There will be no connection; `cause` says why, `detail` is the host."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(f"{cause}: {detail}")
        self.cause = cause
        self.detail = detail


class Guard(shared.Guard):
    """As everywhere; a look also knows where else it may not go."""

    def addresses(self, host: str) -> list[Address]:
        """The addresses of a host, IPv4 first. Raises NotAllowedError when it has none, or one that is refused."""
        try:
            return super().addresses(host)
        except shared.RefusedError as error:
            raise NotAllowedError(Cause(error.cause), error.host) from error


def guard(allowed: Sequence[Network]) -> Guard:
    """Public addresses alone; or, where networks are named, addresses in those alone, never by a name."""
    return Guard(*shared.rules(allowed), plain_http=bool(allowed))
