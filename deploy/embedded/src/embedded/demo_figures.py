"""The metrics service's own commands: waiting until all traffic is counted, and computing the days before."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date, timedelta

from embedded.errors import EmbeddedError

DAYS = 30
_SECONDS_TO_COUNT = 120.0
_SECONDS_A_COMMAND = 120.0


class Figures:
    """Commands of the metrics service in its own environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def wait_until_counted(self) -> None:
        """Returns when the ingest workers have written everything that the topic holds. Raises EmbeddedError."""
        deadline = time.monotonic() + _SECONDS_TO_COUNT
        while (left := lag(self._run("status", "--json"))) != 0:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{left} records of usage are still not counted after {_SECONDS_TO_COUNT:.0f} s.")
            time.sleep(0.5)  # a poll with a deadline

    def compute(self, today: date) -> None:
        """Computes the last 30 complete days, so that lines of ranks have their past. Raises EmbeddedError."""
        first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
        self._run("compute", "--from", first.isoformat(), "--to", last.isoformat())

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "metrics", *arguments],
            cwd="/",
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_SECONDS_A_COMMAND,
            check=False,
        )
        if done.returncode:
            raise EmbeddedError(f"`metrics {arguments[0]}` failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
        return done.stdout


def lag(status: str) -> int:
    """How many records `metrics status --json` says are still to be read."""
    return int(json.loads(status)["lag_records"])
