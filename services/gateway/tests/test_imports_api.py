"""Importing a server.json by HTTP: as a document, by its address on this machine, and into a draft that is there."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import httpx
import pytest

Json = dict[str, Any]
Clients = dict[str, httpx.Client]


def document(**changes: Any) -> Json:
    return {
        "name": f"com.acme/orders-{uuid4().hex[:8]}",
        "description": "Finds orders and parcels",
        "version": "1.4.0",
        "remotes": [{"type": "streamable-http", "url": f"https://mcp.{uuid4().hex[:8]}.acme.com/mcp"}],
    } | changes


@pytest.fixture
def served() -> Iterator[tuple[str, list[bytes]]]:
    """The address of a server on this machine, and what it answers with."""
    answers = [b""]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(answers[0])))
            self.end_headers()
            self.wfile.write(answers[0])

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/server.json", answers
    server.shutdown()
    server.server_close()


def test_a_document_becomes_a_draft_once(clients: Clients, ours: str) -> None:
    body, headers = {"document": document()}, {"Idempotency-Key": str(uuid4())}
    answers = [clients["owner"].post(f"{ours}/submissions/import", json=body, headers=headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201], answers[0].text
    assert answers[0].json() == answers[1].json()
    made = answers[0].json()
    assert made["submission"]["form"]["server_url"] == body["document"]["remotes"][0]["url"]
    assert {"source", "field", "outcome", "value", "message"} == set(made["parts"][0])
    assert {part["outcome"] for part in made["parts"]} == {"taken", "left_out"}
    read = clients["owner"].get(answers[0].headers["Location"].removeprefix("/api/v1"))
    assert read.json()["form"]["listing"]["tagline"] == "Finds orders and parcels"
    assert read.headers["ETag"] == answers[0].headers["ETag"]


def test_a_document_is_fetched_by_its_address(clients: Clients, ours: str, served: tuple[str, list[bytes]]) -> None:
    url, answers = served
    answers[0] = json.dumps({"server": document(title="Fetched"), "_meta": {}}).encode()
    made = clients["owner"].post(f"{ours}/submissions/import", json={"url": url})
    assert made.status_code == 201, made.text
    assert made.json()["submission"]["display_name"] == "Fetched"
    answers[0] = b"<html>"
    no_json = clients["owner"].post(f"{ours}/submissions/import", json={"url": url})
    assert (no_json.status_code, no_json.json()["code"]) == (422, "DOCUMENT_INVALID")


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://10.0.0.1/server.json", "https://[::1]/", "ftp://a.example"]
)
def test_nothing_is_fetched_from_elsewhere(clients: Clients, ours: str, url: str) -> None:
    answer = clients["owner"].post(f"{ours}/submissions/import", json={"url": url})
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/url"}


def test_the_empty_fields_of_a_draft_are_filled(clients: Clients, ours: str) -> None:
    owner = clients["owner"]
    draft = owner.post(f"{ours}/submissions", json={"listing": {"tagline": "Our own words"}}).json()
    path = f"{ours}/submissions/{draft['submission_id']}/import"
    assert owner.post(path, json={"document": document()}).status_code == 428
    late = owner.post(path, json={"document": document()}, headers={"If-Match": '"9"'})
    assert (late.status_code, late.json()["code"]) == (412, "VERSION_MISMATCH")
    filled = owner.post(path, json={"document": document()}, headers={"If-Match": '"1"'})
    assert filled.status_code == 200, filled.text
    listing = filled.json()["submission"]["form"]["listing"]
    assert (listing["tagline"], listing["description"]) == ("Our own words", "Finds orders and parcels")
    kept = [part["field"] for part in filled.json()["parts"] if part["outcome"] == "kept"]
    assert kept == ["/listing/tagline"]


def test_another_organisation_s_draft_is_not_there(clients: Clients, ours: str, theirs: str) -> None:
    draft = clients["owner"].post(f"{ours}/submissions", json={}).json()
    path = f"{theirs}/submissions/{draft['submission_id']}/import"
    answer = clients["owner"].post(path, json={"document": document()}, headers={"If-Match": '"1"'})
    assert answer.status_code == 404


def test_of_several_remotes_one_is_named(clients: Clients, ours: str) -> None:
    remotes = [{"type": "streamable-http", "url": f"https://{region}.acme.com/mcp"} for region in ("eu", "us")]
    body: Json = {"document": document(remotes=remotes)}
    refused = clients["owner"].post(f"{ours}/submissions/import", json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "REMOTE_NEEDED")
    assert [one["pointer"] for one in refused.json()["errors"]] == ["/document/remotes/0", "/document/remotes/1"]
    made = clients["owner"].post(f"{ours}/submissions/import", json=body | {"remote": 1})
    assert made.json()["submission"]["form"]["server_url"] == "https://us.acme.com/mcp"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, {"/document"}),
        ({"document": {"name": "a/b", "description": "x"}, "url": "https://acme.com"}, {"/document"}),
        ({"document": {"name": 7}}, {"/document/name", "/document/description"}),
        ({"document": document(), "remote": 3}, {"/remote"}),
        ({"document": document(), "remote": 10**12}, {"/remote"}),
        ({"documents": []}, {"/documents"}),
    ],
)
def test_every_part_that_is_wrong_is_named(clients: Clients, ours: str, body: Json, pointers: set[str]) -> None:
    answer = clients["owner"].post(f"{ours}/submissions/import", json=body)
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == pointers


def test_what_another_submission_has_is_named_field_by_field(
    clients: Clients, ours: str, icon_file: bytes, complete_form: Any
) -> None:
    owner = clients["owner"]
    upload = owner.post(f"{ours}/icons", content=icon_file, headers={"Content-Type": "image/png"})
    form = complete_form(f"taken-{uuid4().hex[:8]}", upload.json()["icon_id"])
    for code in (200, 409):
        made = owner.post(f"{ours}/submissions", json=form)
        moved = owner.post(
            f"{ours}/submissions/{made.json()['submission_id']}/moves",
            json={"move": "submit"},
            headers={"If-Match": made.headers["ETag"]},
        )
        assert moved.status_code == code, moved.text
    errors = [(one["pointer"], one["code"]) for one in moved.json()["errors"]]
    assert errors == [("/slug", "SLUG_TAKEN"), ("/server_url", "SERVER_URL_TAKEN")]
    assert [(one["field"], one["code"]) for one in made.json()["problems"]] == errors
