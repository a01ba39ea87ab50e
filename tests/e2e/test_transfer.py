"""A server is deprecated and passed on to another organisation, by the commands of the guide."""

import os
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest
from embedded.directory_client import DirectoryClient, RefusedError, wait_for
from gateway.registry import OFFICIAL

from .api_guide import Reader, steps


def refused(client: DirectoryClient, path: str) -> int:
    try:
        client.read(path)
    except RefusedError as refusal:
        return refusal.status
    return 200


@pytest.mark.timeout(240)
def test_the_guide_deprecates_a_server_and_passes_it_on(whole_system: Any, story: ModuleType, tmp_path: Path) -> None:
    system = whole_system
    given, taken, desk = system.tokens(
        ("olivia@northwind.example", "Northwind Tools"),
        ("priya@harbor.example", "Harbor Analytics"),
        ("omar@directory.example", ""),
    )
    slug = f"passed-on-{uuid4().hex[:8]}"
    with (
        DirectoryClient(system.url, given) as giver,
        DirectoryClient(system.url, taken) as taker,
        DirectoryClient(system.url, desk) as reviewer,
        httpx.Client(base_url=f"{system.url}/v0.1", timeout=30, trust_env=False) as registry,
    ):
        for one in (giver, taker):
            one.organization = one.read("/me")["organizations"][0]["organization"]["organization_id"]

        # 1. A published server with a decided edit, so that there is a history to pass on.
        submission_id = giver.create(story.example_form(slug, giver.upload_icon(story.png(128))))["submission_id"]
        giver.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        giver.wait_for_state(submission_id, "approved")
        giver.move(submission_id, "publish")
        wait_for(lambda: refused(giver, f"/directory/{slug}") == 200, "the listing")
        giver.edit_listing(submission_id, {"tagline": "Look everything up"})
        giver.submit_listing(submission_id)
        reviewer.decide(submission_id, "approve")
        wait_for(lambda: giver.listing(submission_id)["live"]["tagline"] == "Look everything up", "the edit")
        thread = giver.read(giver.below(f"/submissions/{submission_id}/thread"))["entries"]

        def latest() -> Any:
            answer = registry.get(f"/servers/local.directory%2F{slug}/versions/latest").raise_for_status()
            return answer.json()["_meta"][OFFICIAL], answer.headers["ETag"]

        def updated_since(moment: str) -> list[str]:
            found = registry.get("/servers", params={"search": slug, "updated_since": moment}).raise_for_status().json()
            return [one["_meta"][OFFICIAL]["status"] for one in found["servers"]]

        before, etag = latest()
        holders = [giver]

        def fill_in(name: str, command: str) -> str:
            match name:
                case "submission_id":
                    return str(submission_id)
                case "other_organization_id":
                    return str(taker.organization)
                case "version":
                    return str(holders[-1].submission(submission_id)["version"])
                case "transfer_id":
                    return str(taker.read(taker.below("/transfers?state=offered"))["transfers"][0]["transfer_id"])
            raise AssertionError(f"{name} is not explained: {command}")

        environment = {"PATH": os.environ["PATH"], "API": f"{system.url}/api/v1"}
        reader = Reader(tmp_path, environment | {"TOKEN": given, "OTHER_TOKEN": taken}, fill_in)
        definitions = [command for block in steps() for command in block]
        for definition in ("export ORG=", "publisher()"):
            (command,) = [one for one in definitions if one.startswith(definition)]
            reader.do(command.replace("<organization_id>", giver.organization))

        for block in steps("## Deprecating a server", "## Errors"):
            for command in block:
                if "/accept" in command:
                    # 3. Until it is accepted, the offer alone is seen, and by its receiver alone.
                    offers = taker.read(taker.below("/dashboard"))["offers"]["transfers"]
                    assert [(one["slug"], one["message"]) for one in offers] == [(slug, "As agreed.")]
                    assert refused(taker, taker.below(f"/submissions/{submission_id}")) == 404
                reader.do(command)
                if '"deprecate"' in command:
                    # 2. Copies of the directory hear of it, and caches are told.
                    wait_for(lambda: latest()[0]["status"] == "deprecated", "the registry to say so")
                    now, new_etag = latest()
                    assert now["statusMessage"] == "We no longer look after it."
                    assert now["updatedAt"] > before["updatedAt"]
                    assert now["statusChangedAt"] == now["updatedAt"]
                    assert new_etag != etag
                    assert updated_since(before["updatedAt"]) == ["deprecated", "deprecated"]
                    assert giver.submission(submission_id)["state"] == "published"
        wait_for(lambda: latest()[0]["status"] == "active", "the deprecation to end")

        # 4. The new owner has all of it; the one before finds nothing, in no service.
        assert taker.submission(submission_id)["form"]["slug"] == slug
        entries = taker.read(taker.below(f"/submissions/{submission_id}/thread"))["entries"]
        assert entries[: len(thread)] == thread
        places = [f"/submissions/{submission_id}{part}" for part in ("", "/thread", "/checks", "/listing", "/metrics")]
        for place in (*places, f"/submissions/{submission_id}/listing/revisions"):
            wait_for(lambda place=place: refused(taker, taker.below(place)) == 200, f"{place} of the new owner")
            wait_for(lambda place=place: refused(giver, giver.below(place)) == 404, f"{place} to be gone")
        history = taker.read(taker.below(f"/submissions/{submission_id}/listing/revisions"))["revisions"]
        assert [(one["number"], one["state"]) for one in history] == [(2, "applied"), (1, "applied")]
        wait_for(
            lambda: (
                taker.read(taker.below(f"/submissions/{submission_id}/metrics"))["metrics"]["health"] == "collecting"
            ),
            "the figures of the new owner",
        )
        (kept,) = giver.read(giver.below(f"/transfers?submission_id={submission_id}"))["transfers"]
        assert (kept["state"], kept["side"]) == ("accepted", "giving")

        # 5. It stands in the directory as before, and its new owner edits it, with the icon that it has.
        listing = taker.listing(submission_id)
        assert taker.read(f"/directory/{slug}")["live"] == listing["live"]
        taker.edit_listing(submission_id, {"company_name": "Harbor", "icon_id": listing["live"]["icon_id"]})
        taker.submit_listing(submission_id)
        reviewer.decide(submission_id, "approve")
        wait_for(lambda: taker.read(f"/directory/{slug}")["live"]["company_name"] == "Harbor", "the new owner's edit")
