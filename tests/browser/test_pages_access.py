"""Who may see what, on real pages."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.timeout(240)


def test_a_member_without_directory_management_is_told_who_can_give_it(person: Callable[..., Any]) -> None:
    member = person("lee@northwind.example")
    member.sees("You need directory management", "custom role", "Who can help", "olivia@northwind.example")
    member.look("no access, enterprise")


def test_a_plan_without_dashboard_says_so(person: Callable[..., Any]) -> None:
    owner = person("sam@solo.example")
    owner.sees("Team and Enterprise plans", "is on the Pro plan", "Ask the directory to change the plan of Solo Labs")
    owner.look("no access, plan")


def test_a_custom_role_opens_the_dashboard(person: Callable[..., Any]) -> None:
    editor = person("dana@northwind.example")
    editor.sees("The remote MCP servers that Northwind Tools submits")


def test_another_organisation_s_address_is_not_there(person: Callable[..., Any]) -> None:
    ours = person("priya@harbor.example")
    ours.page.wait_for_url("**/directory")
    address = ours.page.url
    theirs = person("mia@maple.example")
    answer = theirs.page.goto(address)
    assert answer is not None
    assert answer.status == 404
    theirs.sees("This page does not exist")
    theirs.look("not found")


def test_the_review_desk_is_for_staff_alone(person: Callable[..., Any]) -> None:
    publisher = person("mia@maple.example")
    answer = publisher.page.goto("/review")
    assert answer is not None
    assert answer.status == 403
    publisher.look("review desk refused")


def test_signing_out_ends_the_session(person: Callable[..., Any]) -> None:
    owner = person("priya@harbor.example")
    owner.page.wait_for_url("**/directory")
    address = owner.page.url
    owner.page.get_by_text("Priya").first.click()
    owner.press("Sign out", within="header")
    owner.page.goto(address)
    assert "Who are you?" in (owner.page.text_content("body") or "")


def test_tokens_and_people(person: Callable[..., Any]) -> None:
    owner = person("mia@maple.example")
    owner.follow("API tokens", within="body")
    owner.fill("Name", "Nightly export")
    owner.press("Create the token")
    secret = owner.page.locator("#secret").text_content() or ""
    assert len(secret) > 20
    owner.look("token made")
    owner.follow("API tokens", within="body")
    owner.sees("Nightly export")
    assert secret not in owner.words()
    owner.look("tokens")
    owner.press("Revoke Nightly export")
    owner.sees("The token is revoked.")
    owner.follow("People and roles", within="body")
    owner.fill("E-mail address", "new@maple.example")
    owner.press("Add")
    owner.sees("Added: new@maple.example.", "Not active here yet")
    owner.look("people")
    owner.fill("E-mail address", "noah@maple.example")
    owner.press("Add")
    owner.sees("This person is a member already. Change their role in the list of members.")
    owner.look("people, a member added again")
    owner.page.goto(owner.page.url)
    owner.page.locator("summary", has_text="Change noah@maple.example").click()
    owner.page.locator("summary", has_text="Make primary owner").filter(visible=True).click()
    owner.sees("You become an owner; only the new primary owner can hand it back.")
    owner.look("people, handing over")


def begun_listing(first: Any, second: Any) -> None:
    """A draft with a tagline; both people have its listing step open."""
    first.follow("New submission")
    first.press("Save and continue")
    first.fill("Tagline", "Begun")
    first.press("Save")
    second.page.goto(first.page.url)


def test_two_people_save_the_same_draft_and_nothing_is_lost(person: Callable[..., Any]) -> None:
    first, second = person("mia@maple.example"), person("noah@maple.example")
    begun_listing(first, second)
    second.fill("Tagline", "What Noah wrote")
    second.fill("Documentation link", "https://docs.example.com")
    second.press("Save")
    first.fill("Tagline", "What Mia wrote")
    first.press("Save")
    first.sees("Somebody else saved this meanwhile", "What Noah wrote", "What Mia wrote", "Changed by both of you.")
    assert entered(first, "Tagline") == "What Mia wrote"
    assert entered(first, "Documentation link") == "https://docs.example.com"
    first.look("saved meanwhile")
    first.press("Save")
    first.sees("Saved.")
    assert entered(first, "Tagline") == "What Mia wrote"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_each_field_of_two_versions_is_chosen(javascript: bool, person: Callable[..., Any]) -> None:
    first = person("mia@maple.example", javascript=javascript)
    second = person("noah@maple.example", javascript=javascript)
    begun_listing(first, second)
    second.fill("Tagline", "What Noah wrote")
    second.fill("Display name", "Noah’s name")
    second.fill("Documentation link", "https://docs.example.com")
    second.press("Save")
    first.fill("Tagline", "What Mia wrote")
    first.fill("Display name", "Mia’s name")
    first.fill("Support contact", "mia@maple.example")
    first.press("Save")
    versions = first.page.locator("#versions")
    for field, choice in (("Tagline", "Take what was saved"), ("Documentation link", "Keep yours")):
        versions.get_by_role("group", name=field).get_by_label(choice).check()
    first.look("both versions")
    first.press("Save with these choices", within="#versions")
    first.sees("Saved.")
    assert entered(first, "Tagline") == "What Noah wrote"
    assert entered(first, "Display name") == "Mia’s name"
    assert entered(first, "Documentation link") == ""
    assert entered(first, "Support contact") == "mia@maple.example"


def entered(one: Any, label: str) -> str:
    """What an input of the form holds."""
    return str(one.page.get_by_role("textbox", name=label, exact=True).input_value())
