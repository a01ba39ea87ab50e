"""The system exactly as `make demo-up` runs it, in a folder of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from embedded import ports
from embedded.places import reachable, unprivileged_account
from embedded.processes import Plan, preferred_ports
from embedded.state import State


class Demo:
    """`make demo-up` in a folder of its own, without example data."""

    def __init__(self, folder: Path) -> None:
        self.state = State(folder)
        self.state.make()
        # Ports that nobody prefers: another demo may run on this machine.
        chosen = {name: ports.any_free() for name in preferred_ports()}
        self.state.ports.write_text(json.dumps(chosen))

    def command(self, verb: str) -> None:
        """Run one of the demo's commands."""
        environment = {**os.environ, "DEMO_DATA": "none"}
        for own in [name for name in environment if name.startswith(("DATABASE_URL_", "KAFKA_"))]:
            del environment[own]
        subprocess.run(
            [sys.executable, "-m", "embedded", "--state", str(self.state.folder), verb],
            check=True,
            timeout=180,
            env=environment,
        )

    @property
    def plan(self) -> Plan:
        """Addresses and secrets of the processes."""
        return Plan.remembered(self.state)

    def pid(self, name: str) -> int | None:
        """The process of that name, while it lives."""
        return next((one.pid for one in self.state.read().processes if one.name == name), None)

    def names(self) -> list[str]:
        """Every supervised process."""
        return [one.name for one in self.state.read().processes]

    def kill(self, name: str) -> int:
        """kill -9; the number that it had."""
        pid = self.pid(name)
        assert pid is not None, name
        os.kill(pid, signal.SIGKILL)
        return pid


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = reachable(tmp_path_factory.mktemp("demo"), account=unprivileged_account())
    running = Demo(folder)
    running.command("up")
    yield running
    running.command("reset")
