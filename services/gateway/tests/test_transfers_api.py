"""Offers by HTTP, with the conventions that hold everywhere: versions, fields, repeating, what others see."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

Json = dict[str, Any]
Clients = dict[str, httpx.Client]


@pytest.fixture(scope="module")
def published(
    clients: Clients, ours: str, icon_file: bytes, complete_form: Callable[..., Json], eventually: Callable[..., Any]
) -> str:
    """Path of a published server of ours."""
    owner, desk = clients["owner"], clients["reviewer"]
    icon = owner.post(f"{ours}/icons", content=icon_file, headers={"Content-Type": "image/png"}).json()["icon_id"]
    submission = owner.post(f"{ours}/submissions", json=complete_form("handed-over", icon)).json()
    path = f"{ours}/submissions/{submission['submission_id']}"
    assert move(owner, path, move="submit").status_code == 200

    def item() -> Any:
        found = desk.get("/review/items").json()["items"]
        return next((one for one in found if one["submission_id"] == submission["submission_id"]), None)

    place = f"/review/items/{eventually(item)['review_item_id']}"
    claimed = desk.post(f"{place}/claim")
    decision = desk.post(
        f"{place}/decision", json={"decision": "approve"}, headers={"If-Match": claimed.headers["ETag"]}
    )
    assert decision.status_code == 200, decision.text
    assert move(owner, path, move="publish").status_code == 200
    return path


def move(client: httpx.Client, path: str, **body: str) -> httpx.Response:
    etag = client.get(path).headers["ETag"]
    return client.post(f"{path}/moves", json=body, headers={"If-Match": etag})


def offer(client: httpx.Client, path: str, to: str, **options: Any) -> httpx.Response:
    headers = {"If-Match": client.get(path).headers["ETag"]} | options.pop("headers", {})
    return client.post(f"{path}/transfers", json={"to_organization_id": to, **options}, headers=headers)


def test_a_deprecation_by_http(clients: Clients, published: str, eventually: Callable[..., Any]) -> None:
    owner = clients["owner"]
    wrong = move(owner, published, move="deprecate", comment="x" * 501, successor="no slug")
    assert wrong.status_code == 422
    assert [(one["pointer"], one["code"]) for one in wrong.json()["errors"]] == [
        ("/comment", "TOO_LONG"),
        ("/successor", "NOT_SLUG_OR_HTTPS_URL"),
    ]
    before = owner.get(published).headers["ETag"]
    done = move(owner, published, move="deprecate", comment="We moved.", successor="https://example.com/next")
    assert done.status_code == 200, done.text
    assert done.headers["ETag"] != before
    assert done.json()["deprecation"] | {"since": ""} == {
        "message": "We moved.",
        "successor": "https://example.com/next",
        "since": "",
    }
    shown = eventually(lambda: clients["anonymous"].get("/directory/handed-over").json().get("deprecation"))
    assert shown["message"] == "We moved."
    assert move(owner, published, move="undeprecate").json()["deprecation"] is None
    again = move(owner, published, move="undeprecate")
    assert (again.status_code, again.json()["code"]) == (409, "MOVE_NOT_POSSIBLE")
    assert again.json()["possible_moves"] == ["deprecate", "delist"]


def test_an_offer_needs_a_version_and_a_receiver_that_can_be_one(clients: Clients, ours: str, published: str) -> None:
    owner = clients["owner"]
    without = owner.post(f"{published}/transfers", json={"to_organization_id": str(uuid4())})
    assert (without.status_code, without.json()["code"]) == (428, "IF_MATCH_REQUIRED")
    late = offer(owner, published, str(uuid4()), headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_MISMATCH")
    for to, code in (("owner@theirs.example", "NOT_UUID"), (ours.rpartition("/")[2], "OWN_ORGANIZATION")):
        wrong = offer(owner, published, to)
        assert wrong.status_code == 422
        assert [(one["pointer"], one["code"]) for one in wrong.json()["errors"]] == [("/to_organization_id", code)]
    draft = owner.post(f"{ours}/submissions", json={}).json()["submission_id"]
    early = offer(owner, f"{ours}/submissions/{draft}", str(uuid4()))
    assert (early.status_code, early.json()["code"]) == (409, "MOVE_NOT_POSSIBLE")
    assert early.json()["possible_moves"] == ["save", "delete", "submit"]


def test_nobody_learns_which_organisations_exist(clients: Clients, ours: str, theirs: str, published: str) -> None:
    owner = clients["owner"]
    answers = []
    for to in (str(uuid4()), theirs.rpartition("/")[2]):
        made = offer(owner, published, to)
        assert made.status_code == 201, made.text
        answers.append({name: type(value) for name, value in made.json().items()})
        taken_back = owner.post(f"{ours}/transfers/{made.json()['transfer_id']}/cancel")
        assert taken_back.json()["state"] == "canceled"
    assert answers[0] == answers[1]


def test_from_offer_to_new_owner(
    clients: Clients, ours: str, theirs: str, published: str, eventually: Callable[..., Any]
) -> None:
    owner, foreign = clients["owner"], clients["foreign"]
    submission_id = published.rpartition("/")[2]
    key = {"Idempotency-Key": str(uuid4())}
    made = offer(owner, published, theirs.rpartition("/")[2].upper(), message="Yours.", headers=key)
    assert made.status_code == 201, made.text
    transfer_id = made.json()["transfer_id"]
    assert made.headers["Location"] == f"/api/v1{ours}/transfers/{transfer_id}"
    assert (
        offer(owner, published, theirs.rpartition("/")[2].upper(), message="Yours.", headers=key).json() == made.json()
    )
    second = offer(owner, published, str(uuid4()))
    assert (second.status_code, second.json()["code"]) == (409, "TRANSFER_OPEN")
    assert owner.get(f"{published}/overview").json()["transfer"]["transfer"]["transfer_id"] == transfer_id

    # The other side alone sees it, and the steps of the owner's side are none of its own.
    received = foreign.get(f"{theirs}/dashboard").json()["offers"]["transfers"]
    assert [(one["transfer_id"], one["side"], one["message"]) for one in received] == [
        (transfer_id, "receiving", "Yours.")
    ]
    assert owner.get(f"{ours}/transfers", params={"side": "receiving"}).json()["transfers"] == []
    assert foreign.post(f"{theirs}/transfers/{transfer_id}/cancel").json()["code"] == "TRANSFER_NOT_FOUND"
    assert owner.post(f"{ours}/transfers/{transfer_id}/accept", json={}).json()["code"] == "TRANSFER_NOT_FOUND"
    assert foreign.get(f"{theirs}/transfers/{uuid4()}").status_code == 404

    accepted = foreign.post(f"{theirs}/transfers/{transfer_id}/accept", json={})
    assert accepted.status_code == 200, accepted.text
    assert accepted.json()["state"] == "accepted"
    assert owner.get(published).status_code == 404
    new = f"{theirs}/submissions/{submission_id}"
    assert foreign.get(new).json()["state"] == "published"
    eventually(lambda: foreign.get(f"{new}/listing").status_code == 200)
    assert owner.get(f"{published}/listing").status_code == 404
    again = foreign.post(f"{theirs}/transfers/{transfer_id}/decline")
    assert (again.status_code, again.json()["code"]) == (409, "TRANSFER_CLOSED")
    assert again.json()["parameters"]["state"] == "accepted"
    kept = owner.get(f"{ours}/transfers", params={"state": "accepted"}).json()["transfers"]
    assert [(one["transfer_id"], one["side"]) for one in kept] == [(transfer_id, "giving")]
