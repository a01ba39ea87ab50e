"""The form as one goes: it saves itself, tells two people apart, and begins with a server.json."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient

OWNER, OTHER_OWNER = "olivia@northwind.example", "ben@northwind.example"


def new_draft(owner: Any) -> str:
    """A draft with a server URL; the address of its form."""
    owner.page.wait_for_url("**/directory")
    owner.follow("New submission")
    owner.fill("Server URL", f"https://mcp.{uuid.uuid4().hex[:8]}.example.com/mcp")
    owner.press("Save draft")
    return str(owner.page.url.rpartition("/")[0])


def wait_until_saved(owner: Any) -> None:
    owner.page.get_by_text(re.compile(r"^Saved \d\d:\d\d$")).wait_for()


@pytest.mark.timeout(300)
def test_the_form_saves_itself_and_loses_nothing_to_another_person(
    whole_system: Any, person: Callable[..., Any]
) -> None:
    owner = person(OWNER)
    form = new_draft(owner)

    # 1. A pause saves: what was typed is there when the page is opened again, and what is missing is counted.
    owner.page.goto(f"{form}/listing")
    owner.sees("2. Listing 9 missing")
    owner.fill("Tagline", "Look things up")
    wait_until_saved(owner)
    owner.sees("2. Listing 8 missing")
    owner.page.reload()
    assert owner.page.get_by_label("Tagline").input_value() == "Look things up"

    # 2. What breaks a rule is not saved, and the page says which.
    owner.fill("URL slug", "No Slug")
    owner.page.get_by_text("Not saved yet. URL slug:").wait_for()
    owner.fill("URL slug", f"form-{uuid.uuid4().hex[:8]}")
    wait_until_saved(owner)

    # 3. Somebody else saves the same field in between: nothing is overwritten, and both versions can be seen.
    other = person(OTHER_OWNER)
    other.page.goto(f"{form}/listing")
    owner.fill("Tagline", "Look everything up")
    wait_until_saved(owner)
    other.fill("Tagline", "Find things")
    other.page.get_by_text("Somebody else saved this meanwhile.").wait_for()
    other.press("Save")
    other.sees("Both versions", "Look everything up", "Find things")
    other.look("both versions of a step")
    other.press("Save all of yours over it")
    other.sees("Saved.")
    owner.page.reload()
    assert owner.page.get_by_label("Tagline").input_value() == "Find things"

    # 4. An answer that is lost on the way is asked for again: nobody is told of another person.
    lost: list[int] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
        else:
            lost.append(route.fetch().status)
            route.abort()

    owner.page.route("**/autosave", lose_the_first)
    owner.fill("Support contact", "help@example.com")
    owner.page.get_by_text("the directory does not answer").wait_for()
    wait_until_saved(owner)
    assert lost == [200]
    owner.page.unroute("**/autosave")

    # 5. A button pressed while the form saves itself waits for it.
    owner.fill("Tagline", "Find anything")
    owner.press("Save and continue")
    owner.page.wait_for_url("**/edit/use")
    owner.page.goto(f"{form}/listing")
    assert owner.page.get_by_label("Tagline").input_value() == "Find anything"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_an_icon_that_is_too_large_costs_nothing_that_was_typed(javascript: bool, person: Callable[..., Any]) -> None:
    owner = person(OWNER, javascript=javascript)
    owner.page.goto(f"{new_draft(owner)}/listing")
    icon, told = owner.page.get_by_label("Icon", exact=True), "This is too large: give at most 512 KiB."
    # Without a script the server says it, of files that are not out of all measure.
    size = (20 if javascript else 2) * 1024 * 1024
    icon.set_input_files({"name": "icon.png", "mimeType": "image/png", "buffer": b"x" * size})
    owner.fill("Tagline", "What I wrote")
    if javascript:
        owner.sees(told)
        owner.look("an icon that is too large")
        owner.page.get_by_role("button", name="Save and continue").click()  # and nothing is sent
    else:
        owner.press("Save and continue")
    owner.sees(told)
    assert owner.page.url.endswith("/edit/listing")
    assert owner.page.get_by_label("Tagline").input_value() == "What I wrote"
    icon.set_input_files([])
    owner.press("Save and continue")
    owner.page.wait_for_url("**/edit/use")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_a_server_json_begins_a_draft(javascript: bool, whole_system: Any, person: Callable[..., Any]) -> None:
    name = f"parcels-{uuid.uuid4().hex[:8]}"
    owner = person(OWNER, javascript=javascript)
    owner.page.wait_for_url("**/directory")
    owner.follow("Import a server.json")
    owner.look("import")
    owner.press("Import")
    owner.sees("Paste the document, choose its file, or give its URL.")
    owner.look("import, refused")
    document = {
        "name": f"com.acme/{name}",
        "title": "Acme Parcels",
        "description": "Finds parcels",
        "version": "1.0.0",
        "remotes": [{"type": "streamable-http", "url": f"https://{at}.{name}.example.com/mcp"} for at in ("eu", "us")],
    }
    owner.fill("The document", json.dumps(document))
    owner.press("Import")
    owner.sees("The document names several remotes.")
    owner.look("import, several remotes")
    owner.choose(f"Streamable HTTP: https://us.{name}.example.com/mcp")
    owner.press("Import")
    owner.sees("/title Imported", "Acme Parcels", "/version Left out")
    owner.look("imported")
    owner.follow("Continue the form")
    owner.sees("Acme Parcels", "Draft")
    owner.page.goto(f"{owner.page.url.rpartition('/')[0]}/connection")
    assert owner.page.get_by_label("Server URL").input_value() == f"https://us.{name}.example.com/mcp"


@pytest.mark.timeout(300)
def test_a_taken_slug_is_told_beside_its_field(whole_system: Any, story: Any, person: Callable[..., Any]) -> None:
    slug = f"taken-{uuid.uuid4().hex[:8]}"
    (token,) = whole_system.tokens((OWNER, "Northwind Tools"))
    with DirectoryClient(whole_system.url, token) as client:
        client.organization = client.read("/me")["organizations"][0]["organization"]["organization_id"]
        icon = client.upload_icon(story.png(128))
        held = client.create(story.example_form(slug, icon))["submission_id"]
        client.move(held, "submit")
        wanted = story.example_form(slug, icon) | {"server_url": f"https://other.{slug}.example.com/mcp"}
        draft = client.create(wanted)["submission_id"]
        address = f"/organizations/{client.organization}/directory/submissions/{draft}"
    owner = person(OWNER)
    owner.page.goto(f"{address}/edit/review")
    owner.sees("What’s left to do", "URL slug: Another submission has this slug.")
    owner.follow("URL slug")
    owner.page.wait_for_url("**/edit/listing?missing#field-slug")
    described = owner.page.get_by_label("URL slug").get_attribute("aria-describedby")
    assert "field-slug-error1" in (described or "")
    owner.look("taken slug")
    owner.fill("URL slug", f"{slug}-two")
    owner.press("Save and continue")
    owner.page.goto(f"{address}/edit/review")
    owner.sees("Complete")


@pytest.mark.timeout(300)
def test_a_page_that_waits_for_the_checks_shows_them_by_itself(whole_system: Any, person: Callable[..., Any]) -> None:
    owner = person(OWNER)
    new_draft(owner)
    owner.follow("Status and feedback")
    owner.press("Run the checks now")
    owner.page.get_by_text(re.compile("^Finished")).wait_for(timeout=60_000)
