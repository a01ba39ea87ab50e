"""The whole story through the public interfaces of the real services."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from embedded.directory_client import DirectoryClient


@pytest.mark.timeout(240)
def test_from_the_form_to_the_figures_and_an_edit(whole_system: Any, story: ModuleType) -> None:
    system = whole_system
    owner_token, reviewer_token = system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", "")
    )
    environment = system.plan.seeding_environment()
    collector = UsageCollectorStub(
        channel(environment["COLLECTOR_ADDRESS"], "metrics", Path(environment["PROXY_TLS_DIR"]))
    )
    with DirectoryClient(system.url, owner_token) as owner, DirectoryClient(system.url, reviewer_token) as reviewer:
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        world = story.World(
            owner=owner,
            reviewer=reviewer,
            report=collector.Report,
            compute=lambda: system.command("metrics", "compute", "--once"),
        )
        for chapter in story.chapters(world):
            assert chapter
        story.check_ending(world)
