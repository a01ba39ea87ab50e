"""The review desk by clicking: many items together, a colleague, ready-made words, an appeal."""

import re
import uuid
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from embedded.directory_client import DirectoryClient, wait_for


@pytest.fixture
def owner_api(whole_system: Any) -> Iterator[DirectoryClient]:
    (token,) = whole_system.tokens(("mia@maple.example", "Maple Health"))
    with DirectoryClient(whole_system.url, token) as client:
        client.organization = client.read("/me")["organizations"][0]["organization"]["organization_id"]
        yield client


def in_review(owner: DirectoryClient, story: ModuleType, name: str) -> str:
    form = story.example_form(f"desk-{uuid.uuid4().hex[:8]}", owner.upload_icon(story.png(128)))
    form["listing"] |= {"display_name": name, "company_name": "Maple"}
    submission_id = str(owner.create(form)["submission_id"])
    owner.move(submission_id, "submit")
    owner.wait_for_state(submission_id, "in_review")
    return submission_id


def find(reviewer: Any, name: str) -> None:
    reviewer.page.goto(f"/review?search={name}")
    reviewer.follow(name)


def choose_decision(reviewer: Any, decision: str) -> None:
    group = reviewer.page.get_by_role("group", name="Your decision")
    group.get_by_role("radio", name=re.compile(f"^{decision}")).check()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript and axe", "without JavaScript"])
def test_the_desk(javascript: bool, person: Callable[..., Any], owner_api: DirectoryClient, story: ModuleType) -> None:
    mark = uuid.uuid4().hex[:6]
    names = [f"Desk {mark} {letter}" for letter in "abc"]
    ids = [in_review(owner_api, story, name) for name in names]
    rita = person("rita@directory.example", javascript=javascript)
    leo = person("leo@directory.example", javascript=javascript, dark=True)

    # 1. Leo finds them by name, keeps words ready, gives two to Rita.
    rita.page.goto("/review")
    leo.page.goto("/review")
    leo.page.get_by_role("searchbox", name="Search").fill(mark)
    leo.press("Filter")
    leo.sees(*names, "Free")
    leo.look("desk queue")
    for name in names[:2]:
        leo.choose(f"Select {name}")
    leo.page.get_by_label("Give them to").select_option(label="Rita Gomez")
    leo.press("Assign")
    leo.sees("Assigned together", "2 of 2 done", "Rita Gomez")
    leo.look("desk assigned together")
    leo.follow("Back to the queue")
    leo.sees("For Rita Gomez")
    leo.follow("Canned responses")
    leo.fill("Title", f"Owner {mark}")
    leo.fill("Message", "Please show that {server_name} is yours, {company_name}.")
    leo.press("Add")
    leo.sees(f"Saved: Owner {mark}.")
    leo.look("desk canned responses")

    # 2. Rita approves what is hers together; each has its result.
    rita.page.goto(f"/review?search={mark}&whose=mine")
    rita.follow("Select all on this page")
    comment = rita.page.get_by_label("Comment to the publishers")
    comment.fill("Good work.")
    comment.press("Enter")  # a new line, and no act
    rita.press("Approve")
    rita.sees("Approved together", "2 of 2 done")
    rita.look("desk approved together")
    assert {owner_api.submission(one)["state"] for one in ids[:2]} == {"approved"}

    # 3. She rejects the third with ready-made words, while Leo has it open too.
    find(leo, names[2])
    find(rita, names[2])
    rita.sees("Also open at: Leo")
    rita.press("Claim")
    choose_decision(rita, "Do not approve")
    rita.page.get_by_label("Canned response").select_option(label=f"Owner {mark}")
    rita.press("Insert")
    assert rita.page.get_by_label("Comment to the publisher").input_value() == (
        f"Please show that {names[2]} is yours, Maple."
    )
    assert rita.page.get_by_role("radio", name=re.compile("^Do not approve")).is_checked()
    rita.page.locator("#field-reason").select_option(label="No right to the API or the name")
    rita.look("desk decision")
    rita.press("Decide")
    rita.page.wait_for_url("**/review")

    # 4. The publisher reads reason and advice, and appeals from the submission's own page; Rita cannot decide on it.
    mia = person("mia@maple.example", javascript=javascript)
    address = f"/organizations/{owner_api.organization}/directory/submissions/{ids[2]}"
    mia.page.goto(address)
    mia.sees("Not approved", "No right to the API or the name.", "Show that you own the API")
    mia.page.get_by_text("Appeal…").click()
    mia.fill("Your reasons", "Our site says so.")
    mia.press("Appeal")
    mia.sees("Appealed.", "You appealed the rejection.", "appealed the rejection", "Our site says so.")
    mia.look("appealed")
    find(rita, names[2])
    rita.sees("Not yours to decide")
    find(leo, names[2])
    leo.sees("Appeal", "Appealed", "Our site says so.")
    leo.press("Claim")
    choose_decision(leo, "Overturn the rejection")
    leo.fill("Comment to the publisher", "Indeed.")
    leo.look("desk appeal")
    leo.press("Decide")
    mia.page.reload()
    mia.sees("In review", "overturned the rejection")

    # 5. A message of the publisher's is marked in the queue; the figures say how the desk goes.
    mia.fill("Message to the reviewers", "Thank you!")
    mia.press("Send the message")
    leo.page.goto(f"/review?search={mark}&mark=replied")
    leo.sees(names[2], "Publisher wrote", "Appealed")
    leo.follow("Statistics")
    leo.sees("The queue now", "Week by week", "Rita Gomez")
    leo.look("desk statistics")


@pytest.mark.timeout(240)
def test_a_colleague_appears_without_loading_the_page(
    person: Callable[..., Any], owner_api: DirectoryClient, story: ModuleType
) -> None:
    name = f"Open {uuid.uuid4().hex[:6]}"
    in_review(owner_api, story, name)
    rita, leo = person("rita@directory.example"), person("leo@directory.example")
    find(rita, name)
    assert not rita.page.get_by_text("Also open at").is_visible()
    find(leo, name)
    leo.sees("Also open at: Rita")
    # The page asks every 20 seconds; going to another tab and back is not needed.
    wait_for(lambda: rita.page.get_by_text("Also open at").is_visible(), "Leo on Rita's page", 40)
    leo.page.goto("/review")
    wait_for(lambda: not rita.page.get_by_text("Also open at").is_visible(), "Leo gone from Rita's page", 40)
