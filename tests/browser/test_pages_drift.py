"""A server that changes its tools, on the pages: its publisher sees what differs, reviewers decide."""

import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, wait_for

# What a look or two bring, on a busy machine too.
LOOKS = 180


@pytest.fixture(scope="module")
def whole_system(quick_looks: None, own_system: Any) -> Any:
    return own_system


class Publisher:
    """Publishes the server by program, and waits for looks without loading pages meanwhile."""

    def __init__(self, whole_system: Any, story: ModuleType, server: Any) -> None:
        tokens = whole_system.tokens(("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", ""))
        self._client, reviewer = (DirectoryClient(whole_system.url, token) for token in tokens)
        client = self._client
        client.organization = client.read("/me")["organizations"][0]["organization"]["organization_id"]
        form = story.example_form(f"drift-{uuid.uuid4().hex[:8]}", client.upload_icon(story.png(128)))
        form |= {"server_url": server.url, "authentication": "none", "data_access": "both"}
        self.name = str(form["listing"]["display_name"])
        submission_id = client.create(form)["submission_id"]
        client.move(submission_id, "submit")
        with reviewer:
            reviewer.decide(submission_id, "approve")
        client.move(submission_id, "publish")
        self.dashboard = f"/organizations/{client.organization}/directory"
        self.page = f"{self.dashboard}/submissions/{submission_id}"
        self._probe = client.below(f"/submissions/{submission_id}/probe")

    def close(self) -> None:
        """No more requests."""
        self._client.close()

    def waits_for_look(self) -> None:
        """Until the server was looked at."""
        wait_for(lambda: self._client.read(self._probe)["looked_at"], "a look", LOOKS)

    def waits_for_drift(self, tool: str) -> None:
        """Until the drift is about this tool; without a name, until there is none."""

        def arrived() -> bool:
            drift = self._client.read(self._probe)["drift"]
            names = [change["name"] for change in drift["changes"]] if drift else []
            return names == ([tool] if tool else [])

        wait_for(arrived, f"drift of {tool or 'nothing'}", LOOKS)


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


@pytest.fixture
def publisher(whole_system: Any, story: ModuleType, changing_server: Any) -> Iterator[Publisher]:
    made = Publisher(whole_system, story, changing_server)
    yield made
    made.close()


@pytest.mark.timeout(900)
def test_changed_tools_on_the_pages(publisher: Publisher, person: Callable[..., Any], changing_server: Any) -> None:
    owner = person("olivia@northwind.example")
    publisher.waits_for_look()
    owner.page.goto(publisher.page)
    owner.sees("Last looked at", "Endpoint", "Answers", "It showed 2 tools", "Collecting…")
    owner.look("published, looked at")
    owner.page.goto(publisher.dashboard)
    owner.sees("Endpoint: Answers")
    owner.look("dashboard with endpoints")

    # 1. A hint promises less danger: the reviewer reads it and leaves it to a lead reviewer, who asks for changes.
    changing_server.become("loosened")
    publisher.waits_for_drift("return_parcel")
    owner.page.goto(publisher.page)
    owner.sees(
        "Tools that are not as they were approved",
        "return_parcel",
        "Annotations: destructiveHint",
        "A lead reviewer decides",
        "The server stays published",
    )
    owner.look("drift at the publisher's")
    reviewer = person("omar@directory.example", javascript=False)
    open_item(reviewer, publisher.name)
    reviewer.sees("are for lead reviewers", "Annotations: destructiveHint")
    lead = person("leo@directory.example", dark=True)
    decide(lead, publisher.name, "Request changes", "Returning **does** destroy something.")
    owner.page.reload()
    owner.sees("Changes requested", "Returning does destroy something.", "Directory review decided on the tools")
    owner.look("drift, changes requested")

    # 2. The approved tools are back, and the item closes by itself.
    changing_server.become("good")
    publisher.waits_for_drift("")
    owner.page.reload()
    owner.sees("Nothing is left to decide.")
    assert "Tools that are not as they were approved" not in owner.words()

    # 3. A new tool is accepted.
    changing_server.become("extended")
    publisher.waits_for_drift("cancel_parcel")
    owner.page.reload()
    owner.sees("Tools that are not as they were approved", "cancel_parcel", "New", "Throw a parcel away")
    decide(reviewer, publisher.name, "Accept the tools", "Fine.")
    owner.page.reload()
    owner.sees("The tools as they are now are accepted.")
    assert "Tools that are not as they were approved" not in owner.words()

    # 4. The publisher asks for a look, without waiting for the next day.
    owner.press("Run the check now")
    owner.sees("The server is being looked at.")
