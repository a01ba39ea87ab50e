"""A look at a server from the outside: what needs no connection is answered at once, the rest by a worker process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from chassis.destinations import Network, lies_within
from pydantic import TypeAdapter, ValidationError

from submissions.domain.probe_report import Cause, Reach, Report
from submissions.domain.server_url import is_reserved_name
from submissions.probe.worker import SECONDS_BESIDES

SECONDS = 15.0
"""That a server has in all. With the worker's own seconds still less than a process has to end when it is told to."""

_REPORT = TypeAdapter(Report)


def look(url: str, transport: str, *, networks: Sequence[Network] = (), seconds: float = SECONDS) -> Report:
    """What speaking to `url` brings; `transport` is the declared one, and `networks` as in `chassis.destinations`."""
    if is_reserved_name(url):
        return Report(Reach.LEFT_OUT, Cause.RESERVED_NAME)
    if networks and not lies_within(url, networks):
        return Report(Reach.LEFT_OUT, Cause.OTHER_NETWORK)
    asked = {
        "url": url,
        "transport": transport,
        "networks": ",".join(str(network) for network in networks),
        "seconds": seconds,
    }
    said = ask("submissions.probe.worker", asked, seconds)
    try:
        return _REPORT.validate_json(said)
    except ValidationError:
        return Report(Reach.UNREACHABLE, Cause.UNFINISHED)


def ask(worker: str, asked: Mapping[str, object], seconds: float) -> bytes:
    """What a worker process says, a module by its name; nothing where it ran into its limits, or none was to be had."""
    command = [sys.executable, "-I", "-m", worker]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(asked).encode(),
            capture_output=True,
            timeout=seconds + SECONDS_BESIDES,
            env={},
            cwd="/",
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return b""
    return done.stdout
