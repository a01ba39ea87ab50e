"""A server that really runs is really looked at: by hand on the draft, and on the way to the reviewers."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, wait_for
from embedded.ports import any_free

LIVE_SERVER = Path(__file__).parents[2] / "services/submissions/tests/live_server.py"


@pytest.fixture
def server_url() -> Iterator[str]:
    port = any_free()
    command = [sys.executable, str(LIVE_SERVER), "good", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    yield f"http://127.0.0.1:{port}/mcp"
    process.kill()
    process.wait()


@pytest.mark.timeout(180)
def test_a_running_server_is_checked_by_hand_and_when_it_is_submitted(
    whole_system: Any, story: ModuleType, server_url: str
) -> None:
    owner_token, reviewer_token = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", "")
    )
    with (
        DirectoryClient(whole_system.url, owner_token) as owner,
        DirectoryClient(whole_system.url, reviewer_token) as reviewer,
    ):
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        form = story.example_form("live-parcels", owner.upload_icon(story.png(128)))
        form |= {"server_url": server_url, "authentication": "none", "data_access": "read"}
        submission_id = owner.create(form)["submission_id"]
        place = owner.below(f"/submissions/{submission_id}")

        # 1. By hand: the tools contradict the form, and nothing is submitted.
        asked = owner.call("POST", f"{place}/checks")
        assert (asked.status_code, asked.json()["running"]) == (202, True)
        checks = wait_for(lambda: (found := owner.read(f"{place}/checks"))["finished_at"] and found, "the checks")
        assert checks["reach"] == "alive_open"
        assert [(tool["name"], tool["read_only_hint"]) for tool in checks["tools"]] == [
            ("find_parcel", True),
            ("return_parcel", False),
        ]
        assert [finding["code"] for finding in checks["findings"] if finding["grade"] == "block"] == [
            "DATA_ACCESS_WRITES"
        ]
        assert owner.submission(submission_id)["state"] == "draft"

        # 2. Corrected and submitted: the reviewer sees the tools.
        owner.save(submission_id, {"data_access": "both"})
        owner.move(submission_id, "submit")
        owner.wait_for_state(submission_id, "in_review")
        item = next(one for one in reviewer.review_items() if one["submission_id"] == submission_id)
        seen = reviewer.read(f"/review/items/{item['review_item_id']}")["checks"]
        assert [tool["name"] for tool in seen["tools"]] == ["find_parcel", "return_parcel"]
        assert not [finding for finding in seen["findings"] if finding["grade"] == "block"]
