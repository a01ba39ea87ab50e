"""A server that changes its tools, on the pages: its publisher sees what differs, reviewers decide."""

import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, wait_for

# What a look or two bring, on a busy machine too.
LOOKS = 90
pytestmark = pytest.mark.usefixtures("quick_looks")


def published(whole_system: Any, story: ModuleType, server: Any) -> tuple[str, str]:
    """Name and page of the published server."""
    tokens = whole_system.tokens(("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", ""))
    owner, reviewer = (DirectoryClient(whole_system.url, token) for token in tokens)
    with owner, reviewer:
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        form = story.example_form(f"drift-{uuid.uuid4().hex[:8]}", owner.upload_icon(story.png(128)))
        form |= {"server_url": server.url, "authentication": "none", "data_access": "both"}
        submission_id = owner.create(form)["submission_id"]
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.move(submission_id, "publish")
        page = f"/organizations/{owner.organization}/directory/submissions/{submission_id}"
        return str(form["listing"]["display_name"]), page


def decide(judge: Any, name: str, decision: str, comment: str) -> None:
    """Open the item from the queue, claim it, decide."""
    open_item(judge, name)
    judge.press("Claim")
    judge.sees("You hold this item")
    judge.look(f"drift item {decision}")
    judge.fill("Comment to the publisher", comment)
    judge.page.get_by_role("group", name="Your decision").get_by_role("radio", name=decision).check()
    judge.press("Decide")
    judge.page.wait_for_url("**/review")


def open_item(judge: Any, name: str) -> None:
    def listed() -> bool:
        judge.page.goto("/review?kind=3")
        return name in judge.words()

    wait_for(listed, f"{name} in the queue")
    judge.follow(name)
    judge.sees("Tool drift", "Tools that are not as they were approved")


@pytest.mark.timeout(400)
def test_changed_tools_on_the_pages(
    whole_system: Any, person: Callable[..., Any], story: ModuleType, changing_server: Any
) -> None:
    name, address = published(whole_system, story, changing_server)
    owner = person("olivia@northwind.example")
    owner.page.goto(address)
    owner.wait_to_see("Last looked at", LOOKS)
    owner.sees("Endpoint", "Answers", "It showed 2 tools", "Collecting…")
    owner.look("published, looked at")
    owner.page.goto(address.rpartition("/submissions")[0])
    owner.sees("Endpoint: Answers")
    owner.look("dashboard with endpoints")

    # 1. A hint promises less danger: the reviewer reads it and leaves it to a lead reviewer, who asks for changes.
    changing_server.become("loosened")
    owner.page.goto(address)
    owner.wait_to_see("Tools that are not as they were approved", LOOKS)
    owner.sees("return_parcel", "Annotations: destructiveHint", "A lead reviewer decides", "The server stays published")
    owner.look("drift at the publisher's")
    reviewer = person("omar@directory.example", javascript=False)
    open_item(reviewer, name)
    reviewer.sees("For a lead reviewer", "Annotations: destructiveHint")
    lead = person("leo@directory.example", dark=True)
    decide(lead, name, "Request changes", "Returning **does** destroy something.")
    owner.wait_to_see("Changes requested")
    owner.sees("Returning does destroy something.", "Directory review decided on the tools")
    owner.look("drift, changes requested")

    # 2. The approved tools are back, and the item closes by itself.
    changing_server.become("good")
    owner.wait_to_see("Nothing is left to decide.", LOOKS)
    assert "Tools that are not as they were approved" not in owner.words()

    # 3. A new tool is accepted.
    changing_server.become("extended")
    owner.wait_to_see("Tools that are not as they were approved", LOOKS)
    owner.sees("cancel_parcel", "New", "Throw a parcel away")
    decide(reviewer, name, "Accept the tools", "Fine.")
    owner.page.reload()
    owner.sees("The tools as they are now are accepted.")
    assert "Tools that are not as they were approved" not in owner.words()

    # 4. The publisher asks for a look, without waiting for the next day.
    owner.press("Run the check now")
    owner.sees("The server is being looked at.")
