"""The system exactly as `make demo-up` runs it, in a folder of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from embedded import ports
from embedded.places import reachable, unprivileged_account
from embedded.postgres import PostgresServer
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

    @contextlib.contextmanager
    def paused(self, *names: str, seconds: float) -> Iterator[None]:
        """These processes and their children stand still, for so long: to others they look alive and say nothing."""
        stopped = [one for name in names for one in family(self.pid(name))]
        _send(stopped, signal.SIGSTOP)
        going_on = threading.Timer(seconds, _send, [stopped[::-1], signal.SIGCONT])
        going_on.start()
        try:
            yield
        finally:
            going_on.join()

    def cut(self) -> int:
        """Ends every connection that the services have to their databases; how many there were."""
        server = PostgresServer(self.state.postgres, json.loads(self.state.ports.read_text())["postgres"])
        with psycopg.connect(server.admin_url(), autocommit=True) as connection:
            services = "datname IS NOT NULL AND datname <> 'postgres'"
            ended = connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {services}")
            return len(ended.fetchall())


def family(pid: int | None) -> list[int]:
    """A process and all that came of it, parents first."""
    assert pid is not None
    try:
        children = [
            child for file in Path(f"/proc/{pid}/task").glob("*/children") for child in file.read_text().split()
        ]
    except FileNotFoundError:  # it ends just now
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def _send(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself: a session of PostgreSQL, say
            os.kill(pid, number)


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = reachable(tmp_path_factory.mktemp("demo"), account=unprivileged_account())
    running = Demo(folder)
    try:
        running.command("up")
        yield running
    finally:
        running.command("reset")
