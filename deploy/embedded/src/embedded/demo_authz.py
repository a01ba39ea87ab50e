"""Several of authz's own commands one after the other, in one process: starting it costs more than they do.

python -m embedded.demo_authz '[["import", "organizations.json"], ["token", "create", ...]]'
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence

from embedded.errors import EmbeddedError

_SECONDS = 60


def run(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> list[str]:
    """What the commands printed, line by line. Raises EmbeddedError."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "embedded.demo_authz", json.dumps(commands)],
        cwd="/",
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    if done.returncode:
        raise EmbeddedError(f"authz did not make the example organisations:\n{done.stderr[-2000:]}")
    return done.stdout.splitlines()


def _main(commands: list[list[str]]) -> None:
    from authz.__main__ import main  # only the child pays for this

    for command in commands:
        main(command, standalone_mode=False)


if __name__ == "__main__":
    _main(json.loads(sys.argv[1]))
