"""The whole example work on the real services, killed twice on the way and taken up again."""

import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from directory.usage.v1.usage_event_pb2 import USAGE_KIND_TOOL_CALL
from embedded import demo, demo_servers
from embedded.demo_servers import DemoServer
from embedded.demo_stories import Storyteller
from embedded.demo_traffic import ServerTraffic
from embedded.directory_client import DirectoryClient, Json

SYSTEM = Path(__file__).resolve().parents[3] / "tests" / "system.py"
COMMAND = [sys.executable, "-P", "-m", "embedded.demo"]


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory,
    new_database: Callable[[str], str],
    fresh_topics: Callable[..., None],
    kafka: str,
) -> Iterator[Any]:
    parts = ModuleType("system")
    SourceFileLoader("system", str(SYSTEM)).exec_module(parts)
    fresh_topics(parts.TOPICS)
    running = parts.RunningSystem(tmp_path_factory.mktemp("seeded"), database_of=new_database, kafka=kafka)
    try:
        running.start(running.names)
        yield running
    finally:
        running.close()


@pytest.mark.timeout(480)
def test_it_is_complete_and_nothing_is_doubled_after_two_kills(system: Any, eventually: Callable[..., Any]) -> None:
    environment = system.plan.seeding_environment()
    servers = demo_servers.load()

    with killed(environment):
        eventually(lambda: published(system) >= 3, timeout=120)
    assert published(system) < expected_states(servers)["published"]

    with killed(environment):
        eventually(lambda: handed_in(system) > 50_000, timeout=120)

    said = run(environment)
    assert "olivia@northwind.example" in said
    owners, staff = demo.clients(environment, servers)
    try:
        check_submissions(owners, servers)
    finally:
        for client in (*owners.values(), *staff.values()):
            client.close()


def check_submissions(clients: Mapping[str, DirectoryClient], servers: list[DemoServer]) -> None:
    ids = Storyteller(clients, {}).existing()
    assert set(ids) == {server.slug for server in servers}
    found = {server.slug: clients[server.owner].submission(ids[server.slug]) for server in servers}
    assert Counter(one["state"] for one in found.values()) == expected_states(servers)
    complete = [one for one in found.values() if one["state"] == "draft" and not one["problems"]]
    assert len(complete) == 2
    for client in clients.values():
        assert len(client.read(client.below("/submissions?limit=100"))["submissions"]) <= 7
    for server in servers:
        client, path = clients[server.owner], f"/submissions/{ids[server.slug]}"
        check_thread(server, client.read(client.below(f"{path}/thread"))["entries"])
        if server.edits:
            revisions = client.read(client.below(f"{path}/listing/revisions"))["revisions"]
            assert [one["state"] for one in revisions][:-1] == [edit.end for edit in reversed(server.edits)]
        figures = client.read(client.below(f"{path}/metrics"))["metrics"]
        check_figures(server, ids[server.slug], found[server.slug]["state"], figures)


def check_thread(server: DemoServer, entries: list[Json]) -> None:
    said = [one["body"] for one in entries if one["kind"] == "message" and not one["revision_id"]]
    assert said == [step.text for step in server.steps if step.do in ("say", "reviewer_says")]
    moves = [one["move"] for one in entries if one["kind"] != "message" and not one["revision_id"]]
    own = [move for move in moves if move not in ("create", "pass_checks", "fail_checks")]
    assert own == [step.do for step in server.steps if step.do not in ("say", "reviewer_says", "claim")]


def check_figures(server: DemoServer, server_id: str, state: str, figures: Json) -> None:
    now = datetime.now(UTC)
    if state != "published" or server.traffic is None:
        assert figures["health"] == ("collecting" if state == "published" else "not_live")
        return
    traffic = ServerTraffic(server, server_id, now)
    month = [event for ago in range(1, 31) for event in traffic.events_of(now.date() - timedelta(days=ago))]
    calls = [event for event in month if event.kind == USAGE_KIND_TOOL_CALL]
    if not calls:
        assert figures["messages_without_calls"]
        return
    assert (figures["calls"], figures["active_users"]) == (len(calls), len({event.account_id for event in calls}))
    assert figures["health"] == ("degraded" if server.traffic.removals > 0.05 else "healthy")
    assert figures["trending"] == (server.traffic.growth > 1)
    assert sum(day.get("rank") is not None for day in figures["daily"]) >= 15


def expected_states(servers: list[DemoServer]) -> Counter[str]:
    ends = {
        "submit": "in_review",
        "claim": "in_review",
        "request_changes": "changes_requested",
        "reject": "not_approved",
        "approve": "approved",
        "publish": "published",
        "suspend": "suspended",
        "delist": "delisted",
        "withdraw": "withdrawn",
    }
    states = [next((ends[s.do] for s in reversed(one.steps) if s.do in ends), "draft") for one in servers]
    # the address with a key in it is stopped by the automatic checks
    states[next(n for n, one in enumerate(servers) if "api_key" in one.form["server_url"])] = "changes_requested"
    return Counter(states)


def published(system: Any) -> int:
    with system.client() as http:
        return len(http.get("/directory?limit=100").json()["listings"])


def handed_in(system: Any) -> float:
    process = next(one for one in system.plan.with_kafka() if one.name == "metrics-collect")
    address = f"http://{process.environment['PROMETHEUS_LISTEN']}/metrics"
    with urllib.request.urlopen(address, timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("usage_reported_total{"))


@contextmanager
def killed(environment: Mapping[str, str]) -> Iterator[None]:
    child = subprocess.Popen(COMMAND, cwd="/", env=dict(environment), stdout=subprocess.PIPE)
    try:
        yield
        assert child.poll() is None, "it was over before it could be killed"
    finally:
        child.kill()
        child.communicate()


def run(environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        COMMAND, cwd="/", env=dict(environment), capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
