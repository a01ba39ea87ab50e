"""Fetching a document that a publisher names by its address: guarded, limited, in a process of its own, as a look is.

Run as a module it is that process: a request as JSON on standard input, what came of it as JSON on standard output.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial

import anyio
import httpx2
from chassis.destinations import Network, networks
from pydantic import TypeAdapter, ValidationError

from submissions.domain.probe_report import Cause
from submissions.domain.server_document import MAX_BYTES
from submissions.probe.guard import Guard, NotAllowedError, guard
from submissions.probe.guarded_http import GuardedTransport, client, tls_error
from submissions.probe.process import ask
from submissions.probe.worker import limit

SECONDS = 8.0
"""In all. A publisher waits for it."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The text, or why there is none; `status` of an answer that was no success."""

    text: str = ""
    cause: Cause = Cause.NONE
    status: int = 0


_FETCHED = TypeAdapter(Fetched)


def fetch(url: str, *, allowed: Sequence[Network] = ()) -> Fetched:
    """What stands at an https address; over plain http too in the networks named for development."""
    asked = {"url": url, "networks": ",".join(str(network) for network in allowed), "seconds": SECONDS}
    said = ask("submissions.probe.documents", asked, SECONDS)
    try:
        return _FETCHED.validate_json(said)
    except ValidationError:
        return Fetched(cause=Cause.UNFINISHED)


async def get(url: str, guarded: Guard, *, seconds: float) -> Fetched:
    """One GET through the guard, which is not led on elsewhere; what is larger than a document can be is cut off."""
    transport = GuardedTransport(guarded)
    try:
        with anyio.fail_after(seconds):
            async with client(transport) as http, http.stream("GET", url) as response:
                if response.status_code != 200:
                    return Fetched(cause=_cause_of(response.status_code), status=response.status_code)
                return await _text(response)
    except NotAllowedError as error:
        return Fetched(cause=error.cause)
    except (TimeoutError, httpx2.TimeoutException):
        return Fetched(cause=Cause.TIMEOUT)
    except (httpx2.InvalidURL, UnicodeError):  # an address or an answer that is none
        return Fetched(cause=Cause.NAME_UNKNOWN)
    except httpx2.HTTPError as error:
        if transport.too_much:
            return Fetched(cause=Cause.TOO_LARGE)
        return Fetched(cause=Cause.CONNECTION if tls_error(error) is None else Cause.TLS)


async def _text(response: httpx2.Response) -> Fetched:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > MAX_BYTES:
            return Fetched(cause=Cause.TOO_LARGE)
    return Fetched(bytes(body).decode("utf-8", errors="replace"))


def _cause_of(status: int) -> Cause:
    return Cause.REDIRECT if 300 <= status < 400 else Cause.SERVER_ERROR


def _work() -> None:
    asked = json.load(sys.stdin)
    limit(asked["seconds"])
    guarded = guard(networks(asked["networks"]))
    fetched = anyio.run(partial(get, asked["url"], guarded, seconds=asked["seconds"]))
    sys.stdout.write(json.dumps(asdict(fetched)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    _work()
