"""A server is deprecated and passed on by clicking: with JavaScript and axe, and without JavaScript."""

import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, wait_for

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def published(whole_system: Any, story: ModuleType) -> str:
    """Slug of a published server of Northwind."""
    owner_token, reviewer_token = whole_system.tokens(
        ("olivia@northwind.example", "Northwind Tools"), ("omar@directory.example", "")
    )
    slug = f"handed-{uuid.uuid4().hex[:8]}"
    with (
        DirectoryClient(whole_system.url, owner_token) as owner,
        DirectoryClient(whole_system.url, reviewer_token) as reviewer,
    ):
        owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        submission_id = owner.create(story.example_form(slug, owner.upload_icon(story.png(128))))["submission_id"]
        owner.move(submission_id, "submit")
        reviewer.decide(submission_id, "approve")
        owner.wait_for_state(submission_id, "approved")
        owner.move(submission_id, "publish")
    return slug


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_a_server_is_deprecated_and_changes_hands(javascript: bool, person: Callable[..., Any], published: str) -> None:
    name, address = f"Story {published[-4:]}", f"/directory/{published}"
    giver = person("olivia@northwind.example", javascript=javascript)
    taker = person("priya@harbor.example", javascript=javascript, dark=True)
    visitor = person(javascript=javascript)

    # 1. The owner deprecates it: a wrong successor is named, and what was typed stays.
    giver.follow(name)
    giver.page.locator("summary", has_text="Deprecate").click()
    giver.fill("Message to people who look at the server", "We no longer look after it.")
    giver.fill("What takes its place (optional)", "no-such-server")
    giver.press("Deprecate")
    giver.sees("There is no server in the directory under this slug.")
    giver.look("submission with a refused deprecation")
    giver.fill("What takes its place (optional)", "https://example.com/next")
    giver.press("Deprecate")
    giver.sees("The listing says that the server is deprecated.", "We no longer look after it.")
    giver.look("deprecated submission")

    # 2. Visitors see the banner and the tag.
    visitor.page.goto(address)
    visitor.wait_to_see("This server is deprecated")
    visitor.sees("We no longer look after it.", "Use instead: https://example.com/next")
    visitor.look("deprecated listing")
    visitor.page.goto("/directory")
    visitor.sees("Deprecated")
    visitor.look("directory with a deprecated server")

    # 3. It is offered to the id that the other organisation reads on its own page.
    taker.page.goto("/")
    taker.follow("Transfers from and to other organisations")
    taker.look("transfers before")
    own_id = taker.page.locator("code.copy").text_content()
    giver.page.locator("summary", has_text="Offer it").click()
    giver.fill("Id of the other organisation", "harbor")
    giver.press("Offer the server")
    giver.sees("Give the organisation's id as its own page Transfers shows it")
    giver.look("submission with a refused offer")
    giver.fill("Id of the other organisation", own_id)
    giver.fill("Message to it (optional)", "As agreed.")
    giver.press("Offer the server")
    giver.sees("Offered to another organisation", own_id)
    giver.look("offered submission")

    # 4. The other side finds the offer on its dashboard and needs to give access of its own.
    taker.page.goto("/")
    taker.sees("Offers to you", name)
    taker.look("dashboard with an offer")
    taker.follow(name)
    taker.sees("As agreed.", "Offered by", "they need access of yours")
    taker.look("offer")
    taker.press("Accept the server")
    taker.sees("Reviewers need this to try the server")
    taker.look("refused acceptance")
    taker.fill("Instructions for reviewers", "Sign in as the test user.")
    taker.fill("Credentials for reviewers", "test / correct horse")
    taker.press("Accept the server")
    taker.sees("The server is yours.", "Published", "Took the server over from the organisation that owned it before.")
    taker.wait_to_see("Collecting…")
    listing = f"/api/v1/organizations/{own_id}/submissions/{taker.page.url.rpartition('/')[2]}/listing"
    wait_for(lambda: taker.context.request.get(listing).ok, "the listing of the new owner")
    taker.look("submission after a transfer")

    # 5. The owner before has its record and nothing else; the listing is there as it was.
    giver.page.reload()
    giver.sees("This page does not exist")
    giver.page.goto("/")
    giver.follow("Transfers from and to other organisations")
    giver.sees(name, "From you", "Transferred")
    giver.look("transfers")
    visitor.page.goto(address)
    visitor.sees(name, "This server is deprecated")

    # 6. The new owner ends the deprecation and edits the listing.
    taker.press("End the deprecation")
    taker.sees("The server is no longer deprecated.")
    taker.follow("Edit the listing")
    taker.fill("Company name", "Harbor Analytics")
    taker.press("Save")
    taker.sees("Saved")
