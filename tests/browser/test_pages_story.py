"""The whole story by clicking through real pages: with JavaScript and axe, and without JavaScript."""

import re
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from embedded.directory_client import wait_for

HOSTILE = "<script>alert(1)</script>"
MISSING_RETENTION = "The privacy policy does not say **how long** data is kept."


def fill_in(owner: Any, slug: str, icon: bytes) -> None:
    """Every input of the form, by its label, step by step up to its review."""
    page = owner.page
    page.goto(f"{page.url.rpartition('/')[0]}/connection")
    owner.fill("Server URL", f"https://mcp.{slug}.example.com/mcp")
    owner.choose("Streamable HTTP")
    owner.press("Save and continue")
    owner.fill("Display name", f"Story {slug[-4:]}")
    owner.fill("Tagline", "Look things up")
    owner.fill("Description", f"Finds what you **ask** for. {HOSTILE}")
    owner.choose("Data")
    owner.choose("Productivity")
    page.locator('input[type="file"]').set_input_files({"name": "icon.png", "mimeType": "image/png", "buffer": icon})
    owner.fill("Documentation link", "https://docs.example.com")
    owner.fill("Privacy policy link", "https://example.com/privacy")
    owner.fill("Support contact", "help@example.com")
    owner.fill("URL slug", slug)
    owner.press("Save and continue")
    for number, text in enumerate(("Find an order", "Compare two reports", "List what changed"), start=1):
        owner.fill(f"Use case {number}", text)
    owner.choose("It reads data")
    owner.press("Save and continue")
    owner.fill("Company name", "Northwind")
    owner.fill("Company website", "https://example.com")
    owner.press("Save and continue")
    owner.choose("OAuth with dynamic client registration")
    owner.fill("Instructions for reviewers", "Sign in as the test user.")
    owner.fill("Credentials for reviewers", "test / correct horse")
    owner.press("Save and continue")
    owner.choose("Our own API")
    for question in ("Does it handle health data?", "Do its results carry sponsored content?"):
        page.get_by_role("group", name=question).get_by_label("No", exact=True).check()
    owner.press("Save and continue")
    for box in page.locator("#compliance input[type=checkbox]").all():
        box.check()
    owner.look("compliance step")
    owner.press("Save and continue")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_the_story(
    javascript: bool,
    whole_system: Any,
    person: Callable[..., Any],
    collector: Any,
    story: ModuleType,
) -> None:
    slug = f"pages-{uuid.uuid4().hex[:8]}"
    name = f"Story {slug[-4:]}"

    visitor = person(javascript=javascript)
    visitor.page.goto("/")
    visitor.look("start")
    owner = person("olivia@northwind.example", javascript=javascript)
    reviewer = person("omar@directory.example", javascript=javascript, dark=True)

    # 1. The owner finds the dashboard and begins a draft that lacks nearly everything.
    owner.page.wait_for_url("**/directory")
    owner.sees("Admin settings", "Directory")
    owner.look("dashboard before")
    owner.follow("New submission")
    owner.look("new submission")
    owner.fill("Server URL", "http://not-secure.example.com")
    owner.press("Save draft")
    owner.sees("Not saved")
    assert owner.page.get_by_label("Server URL").input_value() == "http://not-secure.example.com"
    owner.look("form with errors")
    owner.fill("Server URL", f"https://mcp.{slug}.example.com/mcp")
    owner.press("Save draft")
    owner.sees("Saved. 1 still missing on the step “Connection”.")
    owner.look("draft form")
    owner.follow("Status and feedback")
    owner.sees("Draft", "Nobody but your organisation sees the form as it is now.", "What’s left to do")
    owner.look("draft")
    owner.press("Run the checks now")
    owner.sees("The checks are running.")
    owner.wait_to_see("Finished")
    owner.sees("Draft", "Nobody spoke to the server: its name is kept for documentation and tests.", "Not tried")
    owner.look("draft, checked")

    # 2. The form is completed and submitted; the checks pass it on.
    owner.follow("Continue the form")
    fill_in(owner, slug, story.png(128))
    owner.sees("Complete", "Nothing is missing.")
    owner.look("review of the form")
    owner.follow("Preview")
    owner.sees("Only its publisher and the directory’s reviewers see this page.", "Finds what you ask for.", HOSTILE)
    owner.look("preview")
    owner.page.go_back()
    owner.press("Submit for review")
    owner.sees("Submitted.")
    owner.wait_to_see("Status: In review")
    owner.look("in review")
    address = owner.page.url

    # 3. The reviewer claims it, reads the access and asks for changes.
    decide(reviewer, name, "Request changes", MISSING_RETENTION, reveal=True)

    # 4. The owner reads the feedback, changes the form, and answers and resubmits from the submission's page.
    owner.page.goto(address)
    owner.wait_to_see("Status: Changes requested")
    owner.sees("The privacy policy does not say how long data is kept.", "Directory review")
    owner.look("changes requested")
    owner.follow("Edit the form")
    owner.page.goto(f"{owner.page.url.rpartition('/')[0]}/listing")
    owner.fill("Privacy policy link", "https://example.com/privacy-and-retention")
    owner.press("Save")
    owner.page.goto(address)
    owner.fill("Message to the reviewers", "It says **30 days** now.")
    owner.press("Resubmit for review", within="#feedback")
    owner.sees("Resubmitted.")
    owner.wait_to_see("Status: In review")
    owner.sees("It says 30 days now.")

    # 5. Approved and published.
    decide(reviewer, name, "Approve", "Good work.")
    owner.wait_to_see("Status: Approved")
    owner.look("approved")
    owner.press("Publish")
    owner.sees("Published", "Collecting…")
    owner.look("published, collecting")
    public = f"/directory/{slug}"
    wait_for(lambda: owner.context.request.get(public).ok, "the public listing")
    visitor.page.goto(public)
    visitor.sees(name, "Look things up", "Finds what you ask for.", HOSTILE)
    visitor.look("public listing")
    visitor.page.goto("/directory")
    visitor.sees(name)
    visitor.look("public directory")

    # 6. Proxies report, the computation runs, the page shows health and usage.
    submission_id = address.rpartition("/")[2]
    events = story.traffic(submission_id)
    collector.Report(ReportRequest(producer_id=slug, sequence=1, events=events))

    def computed() -> bool:
        whole_system.command("metrics", "compute", "--once")
        owner.page.goto(address)
        return "Healthy" in owner.words()  # before the calls are counted there are figures without them

    wait_for(computed, "the figures on the page", seconds=90)
    owner.sees("Healthy", "#1", "Error breakdown", "Usage by product", "Claude.ai", "Usage by tool", "search", "5.00%")
    owner.sees("most common: tool_error (10)", "Metrics are in beta")
    owner.look("published")
    assert owner.page.locator('svg.chart[role="img"]').count() >= 1
    with owner.page.expect_download() as download:
        owner.page.get_by_role("link", name="CSV of Usage by tool").click()
    assert "search" in download.value.path().read_text()
    owner.follow("Directory")
    owner.sees(name, "Published", "Healthy", "#1")
    owner.look("dashboard")

    # 7. The listing is edited: saved, submitted, pending, approved; what is live changes at the end alone.
    owner.page.goto(address)
    owner.follow("Edit the listing")
    owner.look("listing editor")
    owner.fill("Tagline", "Look everything up")
    owner.press("Save")
    owner.sees("Saved. Nothing live has changed.", "Saved, not submitted")
    owner.fill("Message to the reviewer", "A better tagline")
    owner.press("Save and submit for review")
    owner.sees("Pending review", "Live now", "Look everything up")
    owner.look("listing pending")
    visitor.page.goto(public)
    visitor.sees("Look things up")
    decide(reviewer, name, "Approve", "Better indeed.", kind="Listing edit")
    visitor.page.goto(public)
    visitor.wait_to_see("Look everything up")
    owner.page.reload()
    owner.follow("Revision history")
    owner.sees("Applied", "Live now", "Look everything up")
    owner.look("revision history")

    # 8. The history shows what changed, and an applied revision is restored as a new one; nothing live changes by that.
    owner.sees("Look things up", "Directory review")
    owner.follow("See revision 1 whole")
    owner.sees("What it says", "Look things up", "The approval of the submission")
    owner.look("one revision")
    owner.press("Restore revision 1")
    owner.sees("Revision 1 is restored as revision 3: saved, not submitted.", "Saved, not submitted")
    owner.look("restored")
    visitor.page.reload()
    visitor.sees("Look everything up")
    owner.press("Submit what is saved")
    owner.sees("Pending review")
    owner.follow("Revision history")
    owner.sees("Revision 3 is open", "discard it")
    assert owner.page.get_by_role("button", name="Restore revision 1").count() == 0


def decide(reviewer: Any, name: str, decision: str, comment: str, *, kind: str = "", reveal: bool = False) -> None:
    """Find the item in the queue, claim it, decide."""
    page = reviewer.page

    def listed() -> bool:
        page.goto("/review")
        return name in reviewer.words()

    wait_for(listed, f"{name} in the queue")
    reviewer.look(f"queue {kind or decision}")
    reviewer.follow(name)
    if kind:
        reviewer.sees(kind, "What changes")
    if reveal:
        assert "correct horse" not in reviewer.words()
        reviewer.press("Reveal")
        reviewer.sees("test / correct horse")
    reviewer.press("Claim")
    reviewer.sees("You hold this item")
    reviewer.look(f"review item {kind or decision}")
    reviewer.fill("Comment to the publisher", comment)
    page.get_by_role("group", name="Your decision").get_by_role("radio", name=re.compile(f"^{decision}")).check()
    reviewer.press("Decide")
    reviewer.page.wait_for_url("**/review")
