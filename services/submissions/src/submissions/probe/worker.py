"""The process that speaks to one server: a request as JSON on standard input, a report as JSON on standard output.

A hostile server can at most end this process, which has hard limits and holds nothing of the directory's.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from urllib.parse import urlsplit

import httpx2
from chassis.destinations import networks

from submissions.domain.probe_report import Cause, Reach, Report
from submissions.probe.guard import NotAllowedError, guard

CPU_SECONDS = 10
ADDRESS_SPACE = 2 << 30
OPEN_FILES = 64
SECONDS_BESIDES = 4
"""For starting, importing and writing the report; after them the system ends the process, whatever its parent does."""


def look(url: str, transport: str, allowed: str, seconds: float) -> Report:
    """Speak to the server; a destination that is refused costs no more than the look-up of its name."""
    guarded = guard(networks(allowed))
    try:
        guarded.addresses(httpx2.URL(url).raw_host.decode("ascii"))
    except NotAllowedError as error:
        return Report(Reach.UNREACHABLE, error.cause, error.detail)
    except (httpx2.InvalidURL, ValueError):  # a name that IDNA does not allow
        return Report(Reach.UNREACHABLE, Cause.NAME_UNKNOWN, urlsplit(url).hostname or "")
    # Not above: the MCP client takes a second to import, and most refusals need none.
    from submissions.probe.conversation import converse

    return converse(url, transport, guarded, seconds=seconds)


def limit(seconds: float) -> None:
    """Take from this process everything that it does not need for a piece of work of `seconds`."""
    signal.alarm(int(seconds) + SECONDS_BESIDES)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _work() -> None:
    asked = json.load(sys.stdin)
    limit(asked["seconds"])
    report = look(asked["url"], asked["transport"], asked["networks"], asked["seconds"])
    sys.stdout.write(json.dumps(asdict(report)))
    sys.stdout.flush()
    # Connections that a server holds open must not hold the process.
    os._exit(0)


if __name__ == "__main__":
    _work()
