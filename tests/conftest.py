"""What tests of the whole system share."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from embedded.directory_client import wait_for
from embedded.kafka import KafkaServer
from embedded.ports import any_free
from embedded.running import running

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


@pytest.fixture(scope="session")
def whole_system(
    tmp_path_factory: pytest.TempPathFactory, lasting_database: Callable[[str], str], servers_folder: Path
) -> Iterator[Any]:
    """Every process of the system, with the example organizations. See tests/system.py.

    All files that ask for it share it, and what the others left in it; a broker of its own keeps its topics from those
    of service tests. No daily limit stops them.
    """
    broker = KafkaServer(servers_folder / "system-kafka", any_free(), any_free(), heap_megabytes=192)
    with running(broker, servers_folder / "system-kafka.out"), pytest.MonkeyPatch.context() as patch:
        for limit in ("DAILY_LIMIT", "DAILY_ICON_LIMIT"):
            patch.setenv(limit, "100000")
        with _started(tmp_path_factory.mktemp("system"), lasting_database, broker.bootstrap) as system:
            patch.undo()
            yield system


@pytest.fixture(scope="module")
def own_system(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    kafka: str,
) -> Iterator[Any]:
    """As whole_system, for files that need settings of their own or a directory that nobody else fills: there it is to
    stand in the place of whole_system."""
    fresh_topics(beside("system").TOPICS)
    with _started(tmp_path_factory.mktemp("system"), new_database, kafka) as system:
        yield system


@contextmanager
def _started(folder: Path, database_of: Callable[[str], str], kafka: str) -> Iterator[Any]:
    system = beside("system").RunningSystem(folder, database_of=database_of, kafka=kafka)
    try:
        system.start(system.names)
        system.import_organizations(json.loads((HERE.parent / "deploy/demo/organizations.json").read_text()))
        yield system
    finally:
        system.close()


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

    try:
        wait_for(answers, "the changing server", 90)
        yield server
    finally:
        server.stop()
