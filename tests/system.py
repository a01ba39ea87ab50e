"""The real services as processes on fresh databases and empty topics, for tests that talk to the gateway by HTTP."""

import importlib.util
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import httpx
from embedded import ports
from embedded.log_files import last_lines
from embedded.migrations import migrate
from embedded.processes import Plan, make_secrets, preferred_ports
from embedded.state import State
from embedded.supervisor import Process

SERVICES = ("authz", "submissions", "listings", "metrics", "notifications", "gateway")
TOPICS = tuple(
    SimpleNamespace(name=f"directory.{name}.v1", partitions=12 if name == "usage" else 6, config={})
    for name in ("authz", "submissions", "listings", "metrics", "usage")
)
_START_SECONDS = 120.0
_OPERATE = """
import json, sys
from authz.__main__ import main
for command in json.loads(sys.argv[1]):
    main(command, standalone_mode=False)
"""
_STOP_SECONDS = 15.0


class RunningSystem:
    """`start` brings up processes by their names in embedded.processes; `close` ends them all."""

    def __init__(self, folder: Path, *, database_of: Callable[[str], str], kafka: str) -> None:
        self._state = State(folder)
        self._state.make()
        make_secrets(self._state)
        chosen = {name: ports.any_free() for name in preferred_ports()}
        self.present = tuple(name for name in SERVICES if importlib.util.find_spec(f"{name}.__main__"))
        databases = {name: database_of(name) for name in SERVICES}
        self.plan = Plan(self._state, chosen, databases=databases, kafka=kafka)
        self.url = self.plan.public_url
        self._processes = {process.name: process for process in (*self.plan.without_kafka(), *self.plan.with_kafka())}
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._clients: list[httpx.Client] = []
        self.names = tuple(self._processes)
        migrate(self.present, self.plan.migration, self._state.logs, done=None)

    def start(self, names: Iterable[str]) -> None:
        """Start these processes and wait until each says that it is ready."""
        wanted = [self._processes[name] for name in names]
        for process in wanted:
            with (self._state.logs / f"{process.name}.log").open("ab") as log:
                self._children[process.name] = subprocess.Popen(
                    process.command, cwd="/", env=dict(process.environment), stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, start_new_session=True,
                )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        for process in wanted:
            self._wait_for(process, deadline)

    def stop(self, name: str, *, kill: bool = False) -> None:
        """End a process: asked to, or killed."""
        child = self._children.pop(name)
        child.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            child.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def close(self) -> None:
        """End everything, the edge first."""
        for client in self._clients:
            client.close()
        for name in reversed(list(self._children)):
            self.stop(name)

    def authz(self, *commands: Sequence[str]) -> list[str]:
        """Run operator's commands of authz, all in one process (starting one costs a second); what each says."""
        return self._run("authz", "-c", _OPERATE, json.dumps(commands)).split("\n")[:-1]

    def command(self, service: str, *arguments: str) -> str:
        """Run one operator's command of a service; what it says."""
        return self._run(service, "-m", service, *arguments)

    def _run(self, service: str, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", *arguments],
            cwd="/",
            env=self.plan.environment(service),
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{service}: {done.stdout}{done.stderr}"
        return done.stdout

    def import_organizations(self, content: Mapping[str, object]) -> None:
        """Make organisations, members and staff."""
        file = self._state.folder / "organizations.json"
        file.write_text(json.dumps(content))
        self.authz(("import", str(file)))

    def tokens(self, *scopes: tuple[str, str]) -> list[str]:
        """A personal access token for each e-mail address and organisation; without one, for the review desk."""
        return self.authz(
            *(
                ("token", "create", email, *(("--organization", organization) if organization else ("--staff",)))
                for email, organization in scopes
            )
        )

    def client(self, token: str = "") -> httpx.Client:
        """A client of the JSON API."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        made = httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=20, trust_env=False)
        self._clients.append(made)
        return made

    def log_of(self, name: str) -> str:
        """Everything that a process said."""
        return (self._state.logs / f"{name}.log").read_text(errors="replace")

    def _wait_for(self, process: Process, deadline: float) -> None:
        while why := process.why_not_ready():
            ended = self._children[process.name].poll() is not None
            if ended or time.monotonic() > deadline:
                said = "\n".join(last_lines(self._state.logs / f"{process.name}.log", 30))
                raise AssertionError(f"{process.name} did not get ready ({why}):\n{said}")
            time.sleep(0.05)  # a poll with a deadline
