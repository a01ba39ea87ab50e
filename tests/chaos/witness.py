"""Where the story takes place while parts of the system fail: clients that wait and repeat, as good ones do."""

import contextlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import grpc
from chassis.errors import DirectoryError
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from embedded.directory_client import DirectoryClient, wait_for

from .conftest import Demo

PATIENCE = 90
# What is struck together, a line a chapter of the story.
EVERY_PROCESS = (
    ("gateway", "submissions-work"),
    ("submissions", "listings-work"),
    ("authz", "postgres"),
    ("listings", "kafka"),
    ("metrics-collect", "metrics-ingest"),
    ("metrics-compute", "metrics-serve", "notifications-work"),
    ("authz-work", "listings", "notifications"),
    ("identity", "submissions-work", "letterbox"),
)


def check_ending(story: ModuleType, world: Any) -> None:
    """The story ended well, and the feed tells each thing once."""
    story.check_ending(world)
    wait_for(lambda: _told(world).count("published") == 1, "the publication in the feed, once", PATIENCE)


def _told(world: Any) -> list[str]:
    """What the feed says of the story's server, a word each."""
    found = world.owner.read(world.owner.below(f"/activity?submission_id={world.submission_id}"))["activities"]
    return [word for one in found for word in one["summary"].split()]


def world_of(demo: Demo, story: ModuleType, clients: contextlib.ExitStack) -> Any:
    """An owner, a reviewer and a proxy of a system that was just started."""
    plan = demo.plan
    organizations = Path(__file__).parents[2] / "deploy/demo/organizations.json"
    _service(plan.environment("authz"), "authz", "import", str(organizations))

    def client(*scope: str) -> DirectoryClient:
        token = _service(plan.environment("authz"), "authz", "token", "create", *scope)
        return clients.enter_context(DirectoryClient(plan.public_url, token, patience=PATIENCE))

    owner = client("olivia@northwind.example", "--organization", "Northwind Tools")
    owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
    environment = plan.seeding_environment()
    stub = UsageCollectorStub(channel(environment["COLLECTOR_ADDRESS"], "metrics", Path(environment["PROXY_TLS_DIR"])))
    return story.World(
        owner=owner,
        reviewer=client("omar@directory.example", "--staff"),
        report=lambda batch: _patient(lambda: stub.Report(batch)),
        compute=lambda: _patient(lambda: _service(plan.environment("metrics"), "metrics", "compute", "--once")),
        patience=PATIENCE,
    )


def _patient(work: Any) -> Any:
    """Repeated, like any good client's, until it works."""

    def attempt() -> Any:
        try:
            return (work(),)
        except (DirectoryError, grpc.RpcError, subprocess.CalledProcessError):
            return None

    return wait_for(attempt, "an answer", PATIENCE)[0]


def _service(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-P", "-m", *command], env=environment, check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()
