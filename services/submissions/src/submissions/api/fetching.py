"""Fetching documents for publishers: a few at a time, and what went wrong in their words."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from chassis.destinations import Network, lies_within
from chassis.errors import InvalidInput, LimitExceeded, Violation

from submissions.api import inputs
from submissions.domain.probe_report import Cause
from submissions.probe import documents
from submissions.probe.documents import Fetched

AT_ONCE = 4
"""Each holds a process and a thread of the server for some seconds."""
_WORDS = {
    Cause.ADDRESS_REFUSED: "The address leads into a network. Give one that everybody on the internet can open.",
    Cause.NAME_UNKNOWN: "The name of the host is not known.",
    Cause.CONNECTION: "There was no connection to the host.",
    Cause.TLS: "The host's certificate is not valid for its name.",
    Cause.TIMEOUT: "There was no answer in time.",
    Cause.REDIRECT: "The address leads on to another one. Give that one.",
    Cause.OTHER_NETWORK: "This installation fetches from the networks named for development alone.",
    Cause.TOO_LARGE: "What stands there is larger than a server.json can be.",
}


class Fetching:
    """`fetch(url)` speaks to the host; `networks` are those of `chassis.destinations`."""

    def __init__(self, fetch: Callable[[str], Fetched] | None = None, *, networks: Sequence[Network] = ()) -> None:
        self._fetch = fetch or (lambda url: documents.fetch(url, allowed=networks))
        self._networks = networks
        self._lock = threading.Lock()
        self._busy: set[str] = set()

    def text(self, url: str, organization_id: str) -> str:
        """What stands there, for an organization that has one fetched at a time.

        Raises InvalidInput FORM_INVALID or DOCUMENT_UNREACHABLE, LimitExceeded FETCHES_BUSY.
        """
        address = inputs.fetched_url(url, networks=self._networks)
        if self._networks and not lies_within(address, self._networks):
            raise _unreachable(Fetched(cause=Cause.OTHER_NETWORK))
        with self._one_of_few(organization_id):
            fetched = self._fetch(address)
        if fetched.cause is Cause.NONE:
            return fetched.text
        raise _unreachable(fetched)

    @contextmanager
    def _one_of_few(self, organization_id: str) -> Iterator[None]:
        with self._lock:
            if organization_id in self._busy or len(self._busy) >= AT_ONCE:
                message = "Other documents are being fetched just now. Try again in a moment."
                raise LimitExceeded("FETCHES_BUSY", message, retry_after_seconds=math.ceil(documents.SECONDS))
            self._busy.add(organization_id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.remove(organization_id)


def _unreachable(fetched: Fetched) -> InvalidInput:
    why = _WORDS.get(fetched.cause, "It could not be fetched.")
    if fetched.cause is Cause.SERVER_ERROR:
        why = f"The host answered with the status {fetched.status}."
    violation = Violation("/url", "UNREACHABLE", f"{why} Or give the document itself.")
    return InvalidInput("DOCUMENT_UNREACHABLE", why, violations=[violation], cause=fetched.cause.value)
