"""What tests of the whole system share."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from embedded.directory_client import wait_for
from embedded.ports import any_free

HERE = Path(__file__).parent


def beside(name: str) -> ModuleType:
    """A module of this folder, by its path: "tests" may be the name of another package that is installed."""
    module = ModuleType(name)
    SourceFileLoader(name, str(HERE / f"{name}.py")).exec_module(module)
    return module


@pytest.fixture(scope="session")
def story() -> ModuleType:
    """tests/story.py"""
    return beside("story")


@pytest.fixture(scope="module")
def whole_system(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    kafka: str,
) -> Iterator[Any]:
    """Every process of the system, with the example organizations. See tests/system.py."""
    parts = beside("system")
    fresh_topics(parts.TOPICS)
    running = parts.RunningSystem(tmp_path_factory.mktemp("system"), database_of=new_database, kafka=kafka)
    try:
        running.start(running.names)
        running.import_organizations(json.loads((HERE.parent / "deploy/demo/organizations.json").read_text()))
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def quick_looks() -> Iterator[None]:
    """Published servers are looked at every few seconds: to be asked for before the system starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROBE_INTERVAL_HOURS", "0.002")
        patch.setenv("PROBE_RETRY_SECONDS", "1")  # a busy machine makes a look fail, and nobody waits for that
        yield


@dataclass
class ChangingServer:
    """A real MCP server whose publisher deploys another version of it. Kinds: see live_server.py."""

    url: str
    process: subprocess.Popen[bytes]

    def become(self, kind: str) -> None:
        """Another version answers from now on."""
        httpx.post(self.url.replace("/mcp", "/become"), params={"kind": kind}, trust_env=False).raise_for_status()

    def stop(self) -> None:
        """Nobody answers any more."""
        self.process.kill()
        self.process.wait()


@pytest.fixture
def changing_server() -> Iterator[ChangingServer]:
    """A server that is good at first."""
    port = any_free()
    program = HERE.parent / "services/submissions/tests/live_server.py"
    command = [sys.executable, str(program), "changing", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = ChangingServer(f"http://127.0.0.1:{port}/mcp", process)

    def answers() -> bool:
        try:
            server.become("good")
        except httpx.TransportError:
            return False
        return True

    wait_for(answers, "the changing server", 90)
    yield server
    server.stop()
