"""The story of a server by HTTP, and the conventions on the way: versions, idempotency, paging, partial answers."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

Json = dict[str, Any]
Clients = dict[str, httpx.Client]


@pytest.fixture(scope="module")
def icon_id(clients: Clients, ours: str, icon_file: bytes) -> str:
    answer = clients["owner"].post(f"{ours}/icons", content=icon_file, headers={"Content-Type": "image/png"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["icon_id"])


@pytest.fixture
def draft(clients: Clients, ours: str, icon_id: str, complete_form: Callable[..., Json]) -> Json:
    form = complete_form(f"draft-{uuid4().hex[:8]}", icon_id)
    return dict(created(clients["owner"], ours, form).json())


def test_the_whole_story(
    clients: Clients, ours: str, icon_id: str, complete_form: Callable[..., Json], eventually: Callable[..., Any]
) -> None:
    owner = clients["owner"]
    submission = created(owner, ours, complete_form("finder", icon_id)).json()
    path = f"{ours}/submissions/{submission['submission_id']}"
    moved = move(owner, path, "submit")
    assert moved["state"] in ("checking", "in_review")
    eventually(lambda: state(owner, path) == "in_review")
    decide(clients["reviewer"], submission["submission_id"], "approve", eventually)
    assert state(owner, path) == "approved"
    assert move(owner, path, "publish")["state"] == "published"
    shown = eventually(lambda: clients["anonymous"].get("/directory/finder").json().get("live"))
    assert shown["tagline"] == "Finds what you lost."

    listing = owner.get(f"{path}/listing")
    edit = {"tagline": "Finds everything."}
    saved = owner.patch(f"{path}/listing", json=edit, headers={"If-Match": listing.headers["ETag"]})
    assert saved.status_code == 200, saved.text
    assert saved.json()["open_revision"]["state"] == "editing"
    assert saved.json()["live"]["tagline"] == "Finds what you lost."
    sent = owner.post(f"{path}/listing/submit", json={}, headers={"If-Match": saved.headers["ETag"]})
    assert sent.json()["open_revision"]["state"] == "pending"
    decide(clients["reviewer"], submission["submission_id"], "approve", eventually, kind="revision")
    eventually(lambda: owner.get(f"{path}/listing").json()["live"]["tagline"] == "Finds everything.")
    revisions = owner.get(f"{path}/listing/revisions").json()["revisions"]
    assert [revision["state"] for revision in revisions] == ["applied", "applied"]
    assert revisions[0]["changes"] == [
        {"pointer": "/tagline", "before": "Finds what you lost.", "after": "Finds everything."}
    ]
    check_restoring(owner, f"{path}/listing", revisions[-1])

    thread = owner.get(f"{path}/thread").json()["entries"]
    assert [entry["position"] for entry in thread] == list(range(1, len(thread) + 1))
    assert owner.post(f"{path}/messages", json={"body": "Thank you."}).status_code == 201
    overview = owner.get(f"{path}/overview").json()
    assert overview["listing"]["listing"]["live"]["tagline"] == "Finds everything."
    assert overview["thread"]["entries"][-1]["body"] == "Thank you."
    checks = owner.get(f"{path}/checks").json()
    assert checks["reach"]
    assert overview["checks"] == {"status": "ok", "reason": "", "checks": checks}


def test_icons_are_served_as_png_for_ever(clients: Clients, ours: str, icon_file: bytes) -> None:
    files = {"image": ("icon.png", icon_file, "image/png")}
    icon = clients["owner"].post(f"{ours}/icons", files=files).json()
    image = clients["anonymous"].get(f"/icons/{icon['icon_id']}/{icon['sizes'][0]}.png")
    assert image.headers["Content-Type"] == "image/png"
    assert "immutable" in image.headers["Cache-Control"]
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert image.content.startswith(b"\x89PNG")


def test_icons_are_served_as_webp_for_pages_at_the_nearest_size_below(
    clients: Clients, ours: str, icon_file: bytes
) -> None:
    files = {"image": ("icon.png", icon_file, "image/png")}
    icon = clients["owner"].post(f"{ours}/icons", files=files).json()
    for size in (icon["sizes"][0], icon["sizes"][-1], 4096):
        image = clients["anonymous"].get(f"/icons/{icon['icon_id']}/{size}.webp")
        assert image.headers["Content-Type"] == "image/webp"
        assert "immutable" in image.headers["Cache-Control"]
        assert image.headers["X-Content-Type-Options"] == "nosniff"
        assert image.content[8:12] == b"WEBP"
    for address in (f"{icon['icon_id']}/63", f"{uuid4()}/64"):
        missing = clients["anonymous"].get(f"/icons/{address}.webp")
        assert (missing.status_code, missing.json()["code"]) == (404, "ICON_NOT_FOUND")


def test_an_icon_that_was_never_uploaded_is_named(clients: Clients, ours: str) -> None:
    answer = clients["owner"].post(f"{ours}/submissions", json={"listing": {"icon_id": str(uuid4())}})
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [("/listing/icon_id", "UNKNOWN_ICON")]


def test_every_field_that_breaks_its_rule_is_named(clients: Clients, ours: str, draft: Json) -> None:
    patch = {"listing": {"tagline": "x" * 201}, "slug": "No Slug", "server_url": "http://plain.example.com"}
    answer = change(clients["owner"], ours, draft, patch)
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/listing/tagline", "/slug", "/server_url"}
    unknown = change(clients["owner"], ours, draft, {"listing": {"taglines": "x"}})
    assert unknown.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/listing/taglines",
        "code": "UNKNOWN_FIELD",
        "detail": "",
    }


def test_an_incomplete_form_cannot_be_submitted(clients: Clients, ours: str) -> None:
    made = created(clients["owner"], ours, {}).json()
    answer = clients["owner"].post(
        f"{ours}/submissions/{made['submission_id']}/moves",
        json={"move": "submit"},
        headers={"If-Match": f'"{made["version"]}"'},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "FORM_INCOMPLETE")
    assert "/listing/tagline" in {one["pointer"] for one in answer.json()["errors"]}


def test_an_impossible_move_tells_what_is_possible(clients: Clients, ours: str, draft: Json) -> None:
    answer = clients["owner"].post(
        f"{ours}/submissions/{draft['submission_id']}/moves",
        json={"move": "publish"},
        headers={"If-Match": f'"{draft["version"]}"'},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "MOVE_NOT_POSSIBLE")
    assert "submit" in answer.json()["possible_moves"]


def test_null_clears_a_field(clients: Clients, ours: str, draft: Json) -> None:
    answer = change(clients["owner"], ours, draft, {"listing": {"tagline": None}, "use_cases": ["One"]})
    assert answer.status_code == 200, answer.text
    form = answer.json()["form"]
    assert (form["listing"]["tagline"], form["use_cases"]) == (None, ["One"])
    assert form["listing"]["description"] == "Looks **everywhere**."


def test_versions(clients: Clients, ours: str, draft: Json) -> None:
    owner, path = clients["owner"], f"{ours}/submissions/{draft['submission_id']}"
    got = owner.get(path)
    assert got.headers["ETag"] == f'"{got.json()["version"]}"'
    assert owner.get(path, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
    without = owner.patch(path, json={"slug": "other-one"})
    assert (without.status_code, without.json()["code"]) == (428, "IF_MATCH_REQUIRED")
    saved = owner.patch(path, json={"health_data": True}, headers={"If-Match": got.headers["ETag"]})
    assert saved.status_code == 200
    edit = {"health_data": False, "slug": got.json()["form"]["slug"], "listing": {"tagline": "Late."}}
    late = owner.patch(path, json=edit, headers={"If-Match": got.headers["ETag"]})
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_MISMATCH")
    assert late.json()["parameters"]["current_version"] == str(saved.json()["version"])
    assert late.json()["differences"] == [
        {"pointer": "/listing/tagline", "yours": "Late.", "current": "Finds what you lost."},
        {"pointer": "/health_data", "yours": False, "current": True},
    ]
    assert owner.get(path).json()["form"]["health_data"] is True
    assert owner.delete(path, headers={"If-Match": saved.headers["ETag"]}).status_code == 204
    assert owner.get(path).status_code == 404


def test_a_write_with_the_same_key_takes_effect_once(clients: Clients, ours: str, draft: Json) -> None:
    path = f"{ours}/submissions/{draft['submission_id']}/messages"
    headers = {"Idempotency-Key": str(uuid4())}
    first, second = (clients["owner"].post(path, json={"body": "Hello"}, headers=headers) for _ in range(2))
    assert first.status_code == 201
    assert first.json() == second.json()
    other = clients["owner"].post(path, json={"body": "Something else"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")


def test_paging_gives_everything_once(clients: Clients, theirs: str) -> None:
    foreign = clients["foreign"]
    made = {created(foreign, theirs, {}).json()["submission_id"] for _ in range(5)}
    found: list[str] = []
    cursor = ""
    while True:
        page = foreign.get(f"{theirs}/submissions", params={"limit": 2, "cursor": cursor}).json()
        assert len(page["submissions"]) <= 2
        found += [one["submission_id"] for one in page["submissions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert (len(found), set(found)) == (5, made)
    bad = foreign.get(f"{theirs}/submissions", params={"cursor": "nonsense"})
    assert (bad.status_code, bad.json()["code"]) == (400, "PAGE_TOKEN_INVALID")


def test_without_metrics_the_dashboard_still_answers(system: Any, clients: Clients, ours: str, draft: Json) -> None:
    if "metrics" in system.present:
        system.stop("metrics-serve", kill=True)
    dashboard = clients["owner"].get(f"{ours}/dashboard")
    assert dashboard.status_code == 200, dashboard.text
    assert dashboard.json()["metrics"]["status"] == "unavailable"
    assert draft["submission_id"] in {one["submission_id"] for one in dashboard.json()["submissions"]}
    overview = clients["owner"].get(f"{ours}/submissions/{draft['submission_id']}/overview")
    assert overview.status_code == 200, overview.text
    assert overview.json()["metrics"]["status"] == "unavailable"
    assert overview.json()["listing"] == {"status": "ok", "reason": "", "listing": None}
    alone = clients["owner"].get(f"{ours}/submissions/{draft['submission_id']}/metrics")
    assert alone.status_code == 503
    assert alone.headers["Retry-After"]
    page = httpx.get(f"{system.url}/directory", timeout=20, trust_env=False)
    assert page.status_code == 200, page.text
    # A refusal stays a refusal, whatever is down.
    assert clients["member"].get(f"{ours}/dashboard").status_code == 403


def check_restoring(owner: httpx.Client, listing: str, first: Json) -> None:
    """An applied revision becomes a new one in editing, while no other is open; a late edit is told what differs."""
    told = owner.get(f"{listing}/revisions/{first['revision_id']}")
    assert told.json() == first
    assert owner.get(f"{listing}/revisions/{uuid4()}").json()["code"] == "REVISION_NOT_FOUND"
    before = owner.get(listing)
    seen = {"If-Match": before.headers["ETag"]}
    assert owner.post(f"{listing}/revisions/{first['revision_id']}/restore").status_code == 428
    restored = owner.post(f"{listing}/revisions/{first['revision_id']}/restore", headers=seen)
    assert restored.status_code == 200, restored.text
    opened = restored.json()["open_revision"]
    assert (opened["state"], opened["restores_number"]) == ("editing", first["number"])
    assert opened["content"]["tagline"] == "Finds what you lost."
    assert restored.json()["live"]["tagline"] == "Finds everything."
    seen_now = {"If-Match": restored.headers["ETag"]}
    again = owner.post(f"{listing}/revisions/{first['revision_id']}/restore", headers=seen_now)
    assert (again.status_code, again.json()["code"]) == (409, "REVISION_OPEN")
    late = owner.patch(listing, json={"tagline": "Late.", "company_name": None}, headers=seen)
    assert late.status_code == 412
    assert late.json()["differences"] == [
        {"pointer": "/tagline", "yours": "Late.", "current": "Finds what you lost."},
        {"pointer": "/company_name", "yours": None, "current": before.json()["live"]["company_name"]},
    ]
    assert owner.delete(f"{listing}/revision", headers=seen_now).status_code == 200


def created(client: httpx.Client, organization: str, form: Json) -> httpx.Response:
    answer = client.post(f"{organization}/submissions", json=form)
    assert answer.status_code == 201, answer.text
    return answer


def change(client: httpx.Client, organization: str, submission: Json, patch: Json) -> httpx.Response:
    path = f"{organization}/submissions/{submission['submission_id']}"
    return client.patch(path, json=patch, headers={"If-Match": f'"{submission["version"]}"'})


def state(client: httpx.Client, path: str) -> str:
    return str(client.get(path).json()["state"])


def move(client: httpx.Client, path: str, name: str) -> Json:
    etag = client.get(path).headers["ETag"]
    answer = client.post(f"{path}/moves", json={"move": name}, headers={"If-Match": etag})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def decide(
    client: httpx.Client, submission_id: str, decision: str, eventually: Callable[..., Any], kind: str = "submission"
) -> None:
    def waiting() -> Any:
        items = client.get("/review/items", params={"kind": kind}).json()["items"]
        return next((item for item in items if item["submission_id"] == submission_id), None)

    path = f"/review/items/{eventually(waiting)['review_item_id']}"
    claimed = client.post(f"{path}/claim")
    assert claimed.status_code == 200, claimed.text
    answer = client.post(f"{path}/decision", json={"decision": decision}, headers={"If-Match": claimed.headers["ETag"]})
    assert answer.status_code == 200, answer.text


def test_a_present_member_is_changed_by_address_unless_only_adding_is_asked_for(clients: Clients, ours: str) -> None:
    body = {"email": "second@ours.example", "role": "member"}
    refused = clients["owner"].put(f"{ours}/members", json={**body, "only_add": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "ALREADY_A_MEMBER")
    assert refused.json()["parameters"] == {"role": "owner"}
    members = clients["owner"].get(ours).json()["members"]
    assert "owner" in [one["role"] for one in members if one["person"]["email"] == body["email"]]
    for role in ("member", "owner"):
        changed = clients["owner"].put(f"{ours}/members", json={**body, "role": role})
        assert (changed.status_code, changed.json()["role"]) == (200, role)
