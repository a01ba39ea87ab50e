"""The whole story through the public interfaces of the real services."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from embedded.directory_client import DirectoryClient, wait_for

from .api_guide import Reader, steps


@pytest.fixture(scope="module")
def world(whole_system: Any, story: ModuleType) -> Iterator[Any]:
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
        yield story.World(
            owner=owner,
            reviewer=reviewer,
            report=collector.Report,
            compute=lambda: system.command("metrics", "compute", "--once"),
        )


@pytest.mark.timeout(240)
def test_from_the_form_to_the_figures_and_an_edit(world: Any, story: ModuleType) -> None:
    for chapter in story.chapters(world):
        assert chapter
    story.check_ending(world)


@pytest.mark.timeout(120)
def test_the_guide_of_the_api_does_what_it_says(
    whole_system: Any, world: Any, story: ModuleType, tmp_path: Path
) -> None:
    owner, reviewer = world.owner, world.reviewer
    (tmp_path / "icon.png").write_bytes(story.png(128))

    def submission() -> Any:
        found = owner.call("GET", owner.below("/submissions"), params={"q": "northwind-search"}).json()["submissions"]
        return found[0]

    def review_item() -> Any:
        wanted = submission()["submission_id"]
        return wait_for(
            lambda: next((one for one in reviewer.review_items() if one["submission_id"] == wanted), None), "an item"
        )

    def fill_in(name: str, command: str) -> str:
        match name:
            case "organization_id":
                return str(owner.organization)
            case "icon_id":
                return str(owner.upload_icon(story.png(128)))
            case "submission_id":
                return str(submission()["submission_id"])
            case "review_item_id":
                return str(review_item()["review_item_id"])
            case "version" if "/listing" in command:
                return str(owner.listing(submission()["submission_id"])["version"])
            case "version":
                return str(submission()["version"])
        raise AssertionError(f"{name} is not explained: {command}")

    owner_token, desk_token = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", "")
    )
    environment = {"PATH": os.environ["PATH"], "API": f"{whole_system.url}/api/v1"}
    reader = Reader(tmp_path, environment | {"TOKEN": owner_token, "DESK_TOKEN": desk_token}, fill_in)
    for commands in steps():
        for command in commands:
            reader.do(command)
    assert submission()["state"] == "published"
    assert owner.listing(submission()["submission_id"])["open_revision"]["state"] == "pending"
    assert next(tmp_path.glob("*.csv")).read_text().startswith("tool")
