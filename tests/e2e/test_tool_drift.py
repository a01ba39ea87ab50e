"""A published server changes its tools: found by the looks, decided by reviewers, told to its publisher."""

from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, Json, RefusedError, wait_for

# What a look or two bring, on a busy machine too.
LOOKS = 180


@pytest.fixture(scope="module")
def whole_system(quick_looks: None, own_system: Any) -> Any:
    return own_system


@pytest.mark.timeout(900)
def test_changed_tools_wait_for_a_decision_and_a_failing_server_stays_published(
    whole_system: Any, story: ModuleType, changing_server: Any
) -> None:
    tokens = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", ""), ("leo@directory.example", "")
    )
    owner, reviewer, lead = (DirectoryClient(whole_system.url, token) for token in tokens)
    with owner, reviewer, lead:
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        form = story.example_form("changing-parcels", owner.upload_icon(story.png(128)))
        form |= {"server_url": changing_server.url, "authentication": "none", "data_access": "both"}
        submission_id = owner.create(form)["submission_id"]
        place = owner.below(f"/submissions/{submission_id}")

        def probe() -> Json:
            return owner.read(f"{place}/probe")

        def drift_of(*names: str) -> Json:
            """The drift, once it is about these tools."""

            def found() -> Json | None:
                drift = probe()["drift"]
                return drift if drift and [change["name"] for change in drift["changes"]] == list(names) else None

            return dict(wait_for(found, f"drift of {names}", LOOKS))

        def last_said() -> str:
            return str(owner.read(f"{place}/thread")["entries"][-1]["body"])

        # 1. Published; the first look finds it well.
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.move(submission_id, "publish")
        well = wait_for(lambda: (seen := probe())["looked_at"] and seen, "a look", LOOKS)
        assert (well["health"], well["tools_count"], well["drift"]) == ("alive", 2, None)
        (endpoint,) = owner.read(owner.below("/dashboard"))["endpoints"]
        assert (endpoint["submission_id"], endpoint["health"]) == (submission_id, "alive")
        assert owner.read(f"{place}/overview")["probe"]["probe"]["health"] == "alive"

        # 2. Other words are taken over.
        changing_server.become("reworded")
        wait_for(lambda: "Other words: `find_parcel`." in last_said(), "the note on other words", LOOKS)
        assert probe()["drift"] is None

        # 3. A hint promises less danger: a lead reviewer decides, and asks for changes.
        changing_server.become("loosened")
        drift = drift_of("return_parcel", "find_parcel")
        assert drift["lead_reviewer"]
        loosened = drift["changes"][0]
        assert loosened["loosens_hints"]
        assert [(one["field"], one["before"], one["after"]) for one in loosened["fields"]] == [
            ("/annotations/destructiveHint", "true", "false")
        ]
        (item,) = reviewer.review_items(kind="drift")
        item_path = f"/review/items/{item['review_item_id']}"
        assert reviewer.read(item_path)["drift"] == drift
        with pytest.raises(RefusedError) as refused:
            reviewer.call("POST", f"{item_path}/claim")
        assert (refused.value.status, refused.value.code) == (403, "LEAD_REVIEWER_REQUIRED")
        with pytest.raises(RefusedError) as refused:
            lead.decide(submission_id, "reject", "No.", "security")
        assert (refused.value.status, refused.value.code) == (409, "DECISION_NOT_POSSIBLE")
        lead.decide(submission_id, "request_changes", "Returning a parcel does destroy something.")
        asked = probe()["drift"]
        assert (asked["request"], bool(asked["changes_requested_at"])) == (
            "Returning a parcel does destroy something.",
            True,
        )

        # 4. The publisher deploys the approved tools again: nothing is left to decide.
        changing_server.become("good")
        wait_for(lambda: probe()["drift"] is None, "the drift to be over", LOOKS)
        assert lead.read(item_path)["item"]["state"] == "voided"

        # 5. A new tool is accepted, and is no news from then on.
        changing_server.become("extended")
        drift_of("cancel_parcel")
        reviewer.decide(submission_id, "approve", "Fine.")
        assert last_said() == "The tools as they are now are accepted.\n\nFine."
        accepted = probe()
        later = wait_for(lambda: (seen := probe())["looked_at"] > accepted["looked_at"] and seen, "another look", LOOKS)
        assert (later["drift"], later["tools_count"]) == (None, 3)

        # 6. The server goes away; a look by hand says so, and nothing else happens.
        changing_server.stop()

        assert owner.call("POST", f"{place}/probe").status_code == 202
        away = wait_for(lambda: (seen := probe())["health"] == "unreachable" and seen, "the failing look", LOOKS)
        assert away["remark"].startswith("No connection to the server")
        assert owner.submission(submission_id)["state"] == "published"
        assert reviewer.review_items(kind="drift") == []
