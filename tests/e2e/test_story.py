"""The whole story through the public interfaces of the real services."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from embedded.directory_client import DirectoryClient, wait_for
from gateway.registry import OFFICIAL

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
def test_the_directory_is_a_registry(whole_system: Any, world: Any, story: ModuleType) -> None:
    owner, reviewer, slug = world.owner, world.reviewer, f"registry-{uuid4().hex[:8]}"
    name = f"local.directory%2F{slug}"
    with httpx.Client(base_url=f"{whole_system.url}/v0.1", timeout=30, trust_env=False) as client:

        def found(**query: str) -> list[tuple[str, str]]:
            answer = client.get("/servers", params={"search": slug, **query}).raise_for_status().json()
            return [(one["server"]["version"], one["_meta"][OFFICIAL]["status"]) for one in answer["servers"]]

        def version(text: str, **query: str) -> Any:
            return client.get(f"/servers/{name}/versions/{text}", params=query)

        # 1. Approved it is not there yet, published it is.
        submission_id = owner.create(story.example_form(slug, owner.upload_icon(story.png(128))))["submission_id"]
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.wait_for_state(submission_id, "approved")
        assert found() == []
        owner.move(submission_id, "publish")
        wait_for(found, "the server in the registry")
        assert found(version="latest") == [("1.0.1", "active")]
        first = version("latest").raise_for_status()
        assert first.json()["server"]["remotes"] == [
            {"type": "streamable-http", "url": f"https://mcp.{slug}.example.com/mcp"}
        ]
        known = {"If-None-Match": first.headers["ETag"]}
        assert client.get(f"/servers/{name}/versions/latest", headers=known).status_code == 304
        began = first.json()["_meta"][OFFICIAL]["updatedAt"]

        # 2. An edit that waits changes nothing; approved it is the latest, and the old one stays readable.
        owner.edit_listing(submission_id, {"tagline": "Look everything up"})
        owner.submit_listing(submission_id)
        assert found() == [("1.0.1", "active")]
        reviewer.decide(submission_id, "approve")
        wait_for(lambda: len(found()) == 2, "the second version")
        assert found(version="latest") == [("1.0.2", "active")]
        listed = client.get(f"/servers/{name}/versions").json()["servers"]
        assert [one["server"]["version"] for one in listed] == ["1.0.2", "1.0.1"]
        assert version("latest").json()["server"]["description"] == "Look everything up"
        assert version("1.0.1").json()["server"]["description"] == "Look things up"
        assert version("1.0.1").json()["_meta"][OFFICIAL]["isLatest"] is False

        # 3. Delisted it is gone, but for those who ask for what is gone or what changed.
        owner.move(submission_id, "delist", "Use the other one.")
        wait_for(lambda: found() == [], "the server to be gone")
        assert version("latest").status_code == version("1.0.1").status_code == 404
        gone = version("latest", include_deleted="true").json()["_meta"][OFFICIAL]
        assert (gone["status"], gone["statusMessage"]) == ("deleted", "Use the other one.")
        assert found(include_deleted="true") == [("1.0.1", "deleted"), ("1.0.2", "deleted")]
        assert found(updated_since=began) == [("1.0.1", "deleted"), ("1.0.2", "deleted")]


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
