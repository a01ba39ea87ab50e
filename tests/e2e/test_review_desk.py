"""The review desk's story through HTTP: many items, colleagues, a second reviewer, an appeal, a publisher's reply."""

from collections.abc import Iterator
from contextlib import ExitStack
from types import ModuleType, SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from embedded.directory_client import DirectoryClient, RefusedError, wait_for

Json = dict[str, Any]

PEOPLE = {
    "owner": ("olivia@northwind.example", "Northwind Tools"),
    "priya": ("priya@harbor.example", "Harbor Analytics"),
    "rita": ("rita@directory.example", ""),
    "omar": ("omar@directory.example", ""),
    "leo": ("leo@directory.example", ""),
}


@pytest.fixture(scope="module")
def strict() -> Iterator[None]:
    """Rejections need a second reviewer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REVIEW_SECOND_REVIEWER", "true")
        yield


@pytest.fixture(scope="module")
def whole_system(strict: None, own_system: Any) -> Any:
    return own_system


@pytest.fixture(scope="module")
def people(whole_system: Any) -> Iterator[Any]:
    tokens = whole_system.tokens(*PEOPLE.values())
    with ExitStack() as stack:
        clients = {
            name: stack.enter_context(DirectoryClient(whole_system.url, token))
            for name, token in zip(PEOPLE, tokens, strict=True)
        }
        for owner in (clients["owner"], clients["priya"]):
            owner.organization = owner.read("/me")["organizations"][0]["organization"]["organization_id"]
        yield SimpleNamespace(**clients)


@pytest.fixture
def in_review(people: Any, story: ModuleType) -> Any:
    """in_review(owner=): a submission of a name of its own that waits for a reviewer, by its id."""

    def make(owner: DirectoryClient = people.owner) -> str:
        form = story.example_form(f"desk-{uuid4().hex[:8]}", owner.upload_icon(story.png(128)))
        submission_id = str(owner.create(form)["submission_id"])
        owner.move(submission_id, "submit")
        owner.wait_for_state(submission_id, "in_review")
        return submission_id

    return make


def item_of(reviewer: DirectoryClient, submission_id: str, **filters: str) -> Json:
    return next(one for one in reviewer.review_items(**filters) if one["submission_id"] == submission_id)


def post(client: DirectoryClient, path: str, body: Json, **headers: str) -> Json:
    return dict(client.call("POST", path, json=body, headers=headers).json())


def on_item(reviewer: DirectoryClient, item: Json, act: str, **body: Any) -> Json:
    path = f"/review/items/{item['review_item_id']}"
    claimed = post(reviewer, f"{path}/claim", {})
    return post(reviewer, f"{path}/{act}", body, **{"If-Match": f'"{claimed["version"]}"'})


def refusal(act: Any) -> tuple[int, str]:
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value.status, refused.value.code


@pytest.mark.timeout(120)
def test_many_items_are_assigned_and_approved_together(people: Any, in_review: Any) -> None:
    first, second, third = (in_review() for _ in range(3))
    rita = people.rita.read("/me")["person"]["person_id"]
    people.rita.read("/review/reviewers")
    listed = people.leo.read("/review/reviewers")["reviewers"]
    assert {one["person_id"]: one["lead"] for one in listed}[rita] is False
    items = [item_of(people.leo, one) for one in (first, second, third)]
    ids = [one["review_item_id"] for one in items]

    # 1. A lead reviewer gives two of them to Rita, and one of an organisation that she belongs to; she may not give
    # them on.
    harbor = item_of(people.leo, in_review(people.priya))["review_item_id"]
    given = post(people.leo, "/review/assignments", {"review_item_ids": [*ids[:2], harbor], "reviewer_id": rita})
    assert [one["problem"] and one["problem"]["code"] for one in given["results"]] == [None, None, "OWN_ORGANIZATION"]
    assert (given["done"], given["refused"]) == (2, 1)
    mine = people.rita.review_items(mine="true")
    assert [one["review_item_id"] for one in mine] == ids[:2]
    omar = people.omar.read("/me")["person"]["person_id"]
    people.omar.read("/review/reviewers")
    given = post(people.rita, "/review/assignments", {"review_item_ids": ids, "reviewer_id": omar})
    assert {one["problem"]["code"] for one in given["results"]} == {"LEAD_REVIEWER_REQUIRED"}

    # 2. She approves them with one that Omar holds and one that is none: each has its own result, and repeating it
    # changes nothing.
    post(people.omar, f"/review/items/{ids[2]}/claim", {})
    seen = [{"review_item_id": one["review_item_id"], "version": one["version"]} for one in mine]
    seen += [{"review_item_id": ids[2], "version": items[2]["version"]}]
    seen += [{"review_item_id": str(uuid4()), "version": 1}]
    body, key = {"items": seen, "comment": "Good work."}, {"Idempotency-Key": uuid4().hex}
    done = post(people.rita, "/review/approvals", body, **key)
    codes = [one["problem"] and one["problem"]["code"] for one in done["results"]]
    assert codes == [None, None, "CLAIMED", "REVIEW_ITEM_NOT_FOUND"]
    assert (done["done"], done["refused"]) == (2, 2)
    again = post(people.rita, "/review/approvals", body, **key)
    assert [one["item"] for one in again["results"]] == [one["item"] for one in done["results"]]
    states = [people.owner.submission(one)["state"] for one in (first, second, third)]
    assert states == ["approved", "approved", "in_review"]
    entries = people.owner.read(people.owner.below(f"/submissions/{first}/thread"))["entries"]
    assert [one["body"] for one in entries if one["move"] == "approve"] == ["Good work."]


@pytest.mark.timeout(120)
def test_a_rejection_needs_two_and_an_appeal_is_decided_by_a_third(people: Any, in_review: Any) -> None:
    submission_id = in_review()
    thread = people.owner.below(f"/submissions/{submission_id}/thread")
    before = people.owner.read(thread)

    # 1. Rita proposes; the publisher sees nothing of it, and she cannot confirm it.
    item = item_of(people.rita, submission_id)
    reject = {"decision": "reject", "comment": "It is not yours.", "reason": "ownership"}
    proposed = on_item(people.rita, item, "decision", **reject)
    assert (proposed["state"], proposed["decision"], bool(proposed["proposed_by"])) == ("open", None, True)
    assert people.owner.read(thread) == before
    assert people.owner.submission(submission_id)["state"] == "in_review"
    status = refusal(lambda: on_item(people.rita, item, "settlement", confirm=True))
    assert status == (403, "ANOTHER_REVIEWER_REQUIRED")

    # 2. Omar returns it, Rita proposes again, Omar confirms.
    waiting = item_of(people.omar, submission_id, proposed="true")
    assert refusal(lambda: on_item(people.omar, waiting, "settlement", confirm=False)) == (422, "COMMENT_REQUIRED")
    on_item(people.omar, waiting, "settlement", confirm=False, comment="Did you ask them?")
    on_item(people.rita, item, "decision", **reject)
    on_item(people.omar, waiting, "settlement", confirm=True)
    rejected = people.owner.submission(submission_id)
    assert (rejected["state"], "appeal" in rejected["moves"]) == ("not_approved", True)
    told = people.owner.read(thread)["entries"][-1]
    assert (told["author_name"], told["body"], told["reason_code"]) == (
        "Directory review", "It is not yours.", "OWNERSHIP",
    )  # fmt: skip
    assert "Did you ask them?" not in str(people.owner.read(thread))

    # 3. The publisher appeals, once; a lead reviewer overturns it, and somebody who did not reject it approves.
    people.owner.move(submission_id, "appeal", "The API is ours: see our site.")
    again = refusal(lambda: people.owner.move(submission_id, "appeal", "Really."))
    assert again == (409, "APPEALED_BEFORE")
    appeal = item_of(people.rita, submission_id, appealed="true")
    assert appeal["kind"] == "appeal"
    assert refusal(lambda: on_item(people.rita, appeal, "decision")) == (403, "LEAD_REVIEWER_REQUIRED")
    on_item(people.leo, appeal, "decision", decision="overturn", comment="Indeed.")
    people.owner.wait_for_state(submission_id, "in_review")
    anew = item_of(people.omar, submission_id, appealed="true")
    refused = refusal(lambda: post(people.omar, f"/review/items/{anew['review_item_id']}/claim", {}))
    assert refused == (403, "ANOTHER_REVIEWER_REQUIRED")
    on_item(people.leo, anew, "decision", decision="approve")
    assert people.owner.submission(submission_id)["state"] == "approved"
    moves = [one["move"] for one in people.owner.read(thread)["entries"]]
    assert moves[-4:] == ["reject", "appeal", "overturn", "approve"]


@pytest.mark.timeout(120)
def test_a_publisher_who_writes_is_answered_with_ready_made_words(people: Any, in_review: Any) -> None:
    submission_id = in_review()
    change = {"decision": "request_changes", "comment": "The icon.", "change_reason": "icon"}
    on_item(people.rita, item_of(people.rita, submission_id), "decision", **change)
    assert not [one for one in people.rita.review_items() if one["submission_id"] == submission_id]

    # 1. A message without a resubmission is in the queue, with a date.
    people.owner.say(submission_id, "What is wrong with it?")
    item = item_of(people.rita, submission_id, replied="true")
    assert item["kind"] == "reply"
    assert item["due_at"] > item["opened_at"]

    # 2. Two who have it open see each other.
    here = f"/review/items/{item['review_item_id']}/presence"
    post(people.rita, here, {})
    assert len(post(people.omar, here, {})["present"]) == 1
    assert post(people.rita, here, {"leaving": True})["present"]
    assert post(people.omar, here, {})["present"] == []

    # 3. Lead reviewers keep words ready; they come filled in for the item.
    words = {"title": f"Icon {uuid4().hex[:6]}", "body": "Please see the guide, {company_name}: {server_name}."}
    assert refusal(lambda: post(people.rita, "/review/responses", words)) == (403, "LEAD_REVIEWER_REQUIRED")
    made = post(people.leo, "/review/responses", words)
    listed = people.rita.call("GET", "/review/responses", params={"review_item_id": item["review_item_id"]}).json()
    filled = next(one for one in listed["canned_responses"] if one["title"] == words["title"])
    assert filled["body"] == f"Please see the guide, Example: {item['display_name']}."
    path = f"/review/responses/{made['canned_response_id']}"
    changed = people.leo.call("PUT", path, json={**words, "body": "x"}, headers={"If-Match": '"1"'}).json()
    stale = refusal(lambda: people.leo.call("DELETE", path, headers={"If-Match": '"1"'}))
    assert (changed["version"], stale) == (2, (412, "VERSION_MISMATCH"))
    assert people.leo.call("DELETE", path, headers={"If-Match": '"2"'}).status_code == 204

    # 4. The answer closes it and stands in the thread; the figures know of it.
    before = people.rita.read("/review/statistics")["weeks"][0]["outcomes"]["answered"]
    on_item(people.rita, item, "decision", decision="answer", comment=filled["body"])
    entries = people.owner.read(people.owner.below(f"/submissions/{submission_id}/thread"))["entries"]
    assert entries[-1]["body"] == filled["body"]
    after = wait_for(lambda: people.rita.call("GET", "/review/statistics", params={"weeks": 1}).json(), "figures")
    assert after["weeks"][0]["outcomes"]["answered"] == before + 1
    assert after["due_days"] == 7
