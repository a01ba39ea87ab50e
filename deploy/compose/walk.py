"""Walks the story (tests/story.py) through a running docker-compose.yml. Called by deploy/compose/verify."""

import json
import os
import subprocess
import sys

import story
from directory.metrics.v1.usage_collector_pb2 import ReportRequest, ReportResponse
from embedded.directory_client import DirectoryClient, wait_for

REPORTER = """
import sys
from pathlib import Path
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
collector = UsageCollectorStub(channel("127.0.0.1:7000", "metrics", Path("/run/secrets/tls")))
print(collector.Report(ReportRequest.FromString(bytes.fromhex("{request}"))).SerializeToString().hex())
"""


def main() -> None:
    wait_for(lambda: not not_ready(), "every container to be ready", 180)
    owner = client("olivia@northwind.example", "--organization", "Northwind Tools")
    owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
    world = story.World(
        owner=owner,
        reviewer=client("omar@directory.example", "--staff"),
        report=report,
        compute=lambda: compose("exec", "-T", "metrics-compute", "python", "-m", "metrics", "compute", "--once"),
    )
    for chapter in story.chapters(world):
        print(f"compose: {chapter}", flush=True)
    story.check_ending(world)
    workers = compose("ps", "--quiet", "metrics-ingest").split()
    assert len(workers) == 3, workers
    for name in compose("ps", "--services").split():
        user = compose("exec", "-T", name, "id", "-u").strip() if name not in ("postgres", "kafka") else "10001"
        assert user == "10001", f"{name} runs as {user}"
    print("compose: the story holds in containers")


def not_ready() -> list[str]:
    """What is neither healthy nor a one-shot that ended well."""
    listed = [json.loads(line) for line in compose("ps", "--all", "--format", "json").splitlines()]
    return [
        one["Name"]
        for one in listed
        if one.get("Health") != "healthy" and (one["State"], one["ExitCode"]) != ("exited", 0)
    ]


def client(*scope: str) -> DirectoryClient:
    token = compose("exec", "-T", "authz", "python", "-m", "authz", "token", "create", *scope).strip()
    return DirectoryClient(os.environ["PUBLIC_URL"], token)


def report(request: ReportRequest) -> ReportResponse:
    program = REPORTER.format(request=request.SerializeToString().hex())
    answer = compose("run", "--rm", "-T", "proxy", given=program)
    return ReportResponse.FromString(bytes.fromhex(answer.strip()))


def compose(*arguments: str, given: str | None = None) -> str:
    command = ["docker", "compose", "--profile", "demo", "--profile", "verify", *arguments]
    done = subprocess.run(command, check=False, capture_output=True, text=True, input=given, timeout=180)
    if done.returncode:
        sys.exit(f"compose: {' '.join(command)}: {done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
