"""Every route of the OpenAPI document x every kind of caller who may not, and bodies that nobody should send."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

Json = dict[str, Any]
Clients = dict[str, httpx.Client]
Operation = tuple[str, str, Json]

IF_MATCH = {"If-Match": '"1"'}
# Routes below an organisation that every member may read.
FOR_MEMBERS = {("get", "/api/v1/organizations/{organization_id}")}
# Routes about the caller alone: nobody is without rights there.
OF_THE_CALLER = {
    "/api/v1/me",
    "/api/v1/me/invitations/{invited_to}/accept",
    "/api/v1/tokens",
    "/api/v1/tokens/{access_token_id}",
}


@pytest.fixture(scope="module")
def document(clients: Clients) -> Json:
    return dict(clients["anonymous"].get("/openapi.json").json())


@pytest.fixture(scope="module")
def operations(document: Json) -> list[Operation]:
    return [(method, path, one) for path, item in document["paths"].items() for method, one in item.items()]


@pytest.fixture(scope="module")
def guarded(operations: list[Operation]) -> list[Operation]:
    found = [one for one in operations if "security" in one[2]]
    assert len(found) > 30
    return found


@pytest.fixture(scope="module")
def submission(clients: Clients, ours: str) -> Json:
    return dict(clients["owner"].post(f"{ours}/submissions", json={}).raise_for_status().json())


@pytest.fixture(scope="module")
def call(ours: str, submission: Json, document: Json) -> Callable[..., httpx.Response]:
    """call(client, operation): the operation with ids of our organisation and a body of the right shape."""
    ids = {
        "organization_id": ours.rpartition("/")[2],
        "submission_id": submission["submission_id"],
        "table": "errors",
        "slug": "no-such-slug",
        "code": "CLAIMED",
        "size": "64",
    }

    def make(client: httpx.Client, operation: Operation, **options: Any) -> httpx.Response:
        method, path, described = operation
        place = re.sub(r"\{(\w+)\}", lambda match: ids.get(match[1], str(uuid4())), path)
        content = described.get("requestBody", {}).get("content", {})
        if "json" not in options and "content" not in options and "application/json" in content:
            options["json"] = example(content["application/json"]["schema"], document)
        return client.request(method.upper(), place.removeprefix("/api/v1"), headers=IF_MATCH, **options)

    return make


def test_a_visitor_is_asked_to_sign_in(clients: Clients, guarded: list[Operation], call: Callable[..., Any]) -> None:
    for operation in guarded:
        answer = call(clients["anonymous"], operation)
        assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_REQUIRED"), operation[:2]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_is_not_good_is_refused(system: Any, guarded: list[Operation], call: Callable[..., Any]) -> None:
    for token in ("mcpd_nonsense", "a.b.c", "nonsense"):
        answer = call(system.client(token), guarded[0])
        assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_INVALID")


def test_another_organisations_member_is_told_that_nothing_is_there(
    clients: Clients, guarded: list[Operation], call: Callable[..., Any]
) -> None:
    with_id = [one for one in guarded if "{organization_id}" in one[1]]
    assert len(with_id) > 20
    for operation in with_id:
        answer = call(clients["foreign"], operation)
        assert (answer.status_code, answer.json()["code"]) == (404, "ORGANIZATION_NOT_FOUND"), operation[:2]


def test_another_organisations_objects_are_not_found_below_ones_own(
    clients: Clients, theirs: str, submission: Json, guarded: list[Operation], call: Callable[..., Any]
) -> None:
    below = [one for one in guarded if "{submission_id}" in one[1] and "{organization_id}" in one[1]]
    for method, path, described in below:
        own = path.replace("{organization_id}", theirs.rpartition("/")[2])
        answer = call(clients["foreign"], (method, own, described))
        assert answer.status_code == 404, (method, path, answer.text)


def test_a_member_without_rights_is_told_why(
    clients: Clients, guarded: list[Operation], call: Callable[..., Any]
) -> None:
    for operation in guarded:
        method, path, _ = operation
        if "{organization_id}" not in path or (method, path) in FOR_MEMBERS:
            continue
        answer = call(clients["member"], operation)
        expected = "OWNER_REQUIRED" if re.search("/(members|custom-roles)", path) else "DIRECTORY_MANAGEMENT_REQUIRED"
        assert (answer.status_code, answer.json()["code"]) == (403, expected), (method, path, answer.text)


def test_the_review_desk_is_for_staff(
    system: Any, clients: Clients, guarded: list[Operation], call: Callable[..., Any]
) -> None:
    of_desk = [one for one in guarded if "/review/" in one[1]]
    assert len(of_desk) >= 8
    for operation in of_desk:
        answer = call(clients["owner"], operation)
        assert (answer.status_code, answer.json()["code"]) == (403, "TOKEN_SCOPE"), operation[:2]


def test_every_guarded_route_is_in_the_matrix(guarded: list[Operation]) -> None:
    for _, path, _ in guarded:
        assert "{organization_id}" in path or "/review/" in path or path in OF_THE_CALLER, path


def test_a_desk_token_reaches_no_organisation(
    clients: Clients, guarded: list[Operation], call: Callable[..., Any]
) -> None:
    for operation in [one for one in guarded if "{organization_id}" in one[1]]:
        assert call(clients["reviewer"], operation).status_code == 404, operation[:2]


def test_ids_that_are_none_are_not_found(clients: Clients, ours: str) -> None:
    for path in ("/organizations/1/dashboard", f"{ours}/submissions/1", f"{ours}/submissions/../x", "/review/items/1"):
        assert clients["owner"].get(path).status_code == 404, path


HOSTILE: tuple[tuple[bytes, str, int], ...] = (
    (b"{", "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b'{"a": NaN}', "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"a":' * 40 + b"1" + b"}" * 40, "application/json", 400),
    (b"null", "application/json", 422),
    (b"[]", "application/json", 422),
    (b'"{}"', "application/json", 422),
    (b'"text"', "application/json", 422),
    (b'{"unknown": 1}', "application/json", 422),
    (b'{"unknown": "\\u0000"}', "application/json", 422),
    (b'{"unknown": "\\ud800"}', "application/json", 422),
    (b'{"a": 1e999}', "application/json", 422),
    (b"a=b", "application/x-www-form-urlencoded", 415),
    (b"<a/>", "text/xml", 415),
    (b"{}", "text/plain", 415),
    (b"x" * (1024 * 1024 + 1), "application/json", 413),
)


@pytest.mark.parametrize(("body", "content_type", "status"), HOSTILE, ids=range(len(HOSTILE)))
def test_no_body_breaks_the_edge(
    clients: Clients,
    operations: list[Operation],
    call: Callable[..., Any],
    *,
    body: bytes,
    content_type: str,
    status: int,
) -> None:
    taking_json = [one for one in operations if "application/json" in one[2].get("requestBody", {}).get("content", {})]
    for operation in taking_json[:4] if len(body) > 10_000 else taking_json:
        client = clients["reviewer" if "/review/" in operation[1] else "owner"]
        request_headers = {**IF_MATCH, "Content-Type": content_type}
        answer = with_headers(call, client, operation, request_headers, content=body)
        if answer.status_code == 403:  # tokens and roles, which this caller has no right to
            continue
        assert answer.status_code == status, (operation[:2], answer.text)
        assert answer.headers["Content-Type"] == "application/problem+json"


WRONG = (None, True, -1, 2**70, 1.5, "", "\u202e", "x" * 6000, [], {}, [None], {"a": {}}, [[]], ["x"] * 500)


def test_no_value_of_a_field_breaks_a_service(
    clients: Clients, document: Json, operations: list[Operation], call: Callable[..., Any]
) -> None:
    for operation in operations:
        content = operation[2].get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        client = clients["reviewer" if "/review/" in operation[1] else "owner"]
        names = list(resolved(content["schema"], document)["properties"])
        for name, value in wrong_values(names):
            answer = call(client, operation, json={**example(content["schema"], document), name: value})
            assert answer.status_code < 500, (operation[:2], name, value, answer.text)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ff", "limit=0", "limit=x", "state=none", "cursor=%F0%9F", "unknown=1", "q=" + "x" * 300]
)
def test_no_query_breaks_the_edge(clients: Clients, ours: str, query: str) -> None:
    for path in (f"{ours}/submissions", f"{ours}/dashboard"):
        answer = clients["owner"].get(f"{path}?{query}")
        assert answer.status_code in (200, 400, 422), answer.text


MALFORMED = (
    b"{",
    b"{} {}",
    b'{"listing": NaN}',
    b'{"slug": "\xff"}',
    b"\xff\xfe",
    b'{"slug": "one-slug", "slug": "another-slug"}',
    b'{"listing": {"tagline": "One", "tag\\u006cine": "Another"}}',
    b'{"\\ud800": 1, "\\ud800": 2}',
)


@pytest.mark.parametrize("body", MALFORMED)
def test_what_is_no_json_is_told_as_that(clients: Clients, ours: str, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = clients["owner"].post(f"{ours}/submissions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "JSON_MALFORMED"), answer.text


@pytest.mark.parametrize(("depth", "expected"), [(32, (422, "REQUEST_INVALID")), (33, (400, "JSON_TOO_DEEP"))])
@pytest.mark.parametrize("inmost", ["{}", '{"a": 1}', "[1]"])
def test_objects_and_lists_count_as_levels(
    clients: Clients, ours: str, inmost: str, depth: int, expected: tuple[int, str]
) -> None:
    body = '{"a":' * (depth - 1) + inmost + "}" * (depth - 1)
    headers = {"Content-Type": "application/json"}
    answer = clients["owner"].post(f"{ours}/submissions", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.parametrize("name", ["q", "cursor"])
def test_a_parameter_that_is_no_text_is_named(clients: Clients, ours: str, name: str) -> None:
    answer = clients["owner"].get(f"{ours}/submissions?{name}=%00")
    assert answer.status_code == 422
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(f"/{name}", "NOT_TEXT")]


def test_no_word_of_a_refusal_is_a_name_in_our_code(clients: Clients, ours: str, submission: Json) -> None:
    path = f"{ours}/submissions"
    for place, body in ((path, {"listing": "x"}), (f"{path}/import", {"document": "x"})):
        refused = clients["owner"].post(place, json=body).json()["errors"][0]
        assert (refused["code"], refused["detail"]) == ("WRONG_TYPE", "Give a JSON object.")


def test_a_review_item_is_named_once_in_a_bulk(clients: Clients) -> None:
    one, other = str(uuid4()), str(uuid4())
    repeated = [one, other, one.upper()]
    for path, body, pointer in (
        ("/review/approvals", {"items": [{"review_item_id": each, "version": 1} for each in repeated]}, "/items/2"),
        ("/review/assignments", {"review_item_ids": repeated, "reviewer_id": None}, "/review_item_ids/2"),
    ):
        answer = clients["reviewer"].post(path, json=body)
        assert answer.status_code == 422
        assert [(each["pointer"], each["code"]) for each in answer.json()["errors"]] == [(pointer, "DUPLICATE_ITEM")]


def test_a_bulk_of_nothing_has_too_few_items(clients: Clients) -> None:
    refused = clients["reviewer"].post("/review/approvals", json={"items": []}).json()["errors"]
    assert [(each["pointer"], each["code"]) for each in refused] == [("/items", "TOO_FEW_ITEMS")]


@pytest.mark.parametrize("key", ["a b", "a\tb"])
def test_an_idempotency_key_has_no_space(clients: Clients, ours: str, key: str) -> None:
    answer = clients["owner"].post(f"{ours}/submissions", json={}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "HEADER_INVALID")


@pytest.mark.parametrize("key", ["", "x" * 256, "\x7f"])
def test_an_idempotency_key_must_be_well_formed(clients: Clients, ours: str, key: str) -> None:
    answer = clients["owner"].post(f"{ours}/submissions", json={}, headers={"Idempotency-Key": key})
    assert answer.status_code in (201, 400)
    assert answer.status_code == 400 or key == ""


def test_a_request_id_comes_back_where_it_is_safe(clients: Clients) -> None:
    answer = clients["anonymous"].get("/me", headers={"X-Request-Id": "abc-123"})
    assert answer.headers["X-Request-Id"] == answer.json()["request_id"] == "abc-123"
    other = clients["anonymous"].get("/me", headers={"X-Request-Id": "a b<script>"})
    assert UUID(other.headers["X-Request-Id"])


def test_answers_of_the_api_cannot_run_anything(clients: Clients) -> None:
    for path in ("/vocabulary", "/nowhere", "/openapi.json"):
        headers = clients["anonymous"].get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def wrong_values(names: list[str]) -> Iterator[tuple[str, object]]:
    for index, name in enumerate(names):
        # Each field gets some of the values, each value some of the fields.
        for value in WRONG[index % 3 :: 3]:
            yield name, value


def with_headers(
    call: Callable[..., Any], client: httpx.Client, operation: Operation, headers: Json, **options: Any
) -> httpx.Response:
    # The server closes a connection whose body it does not want to read to its end; a reused one would be a race.
    client.headers.update({"Content-Type": headers["Content-Type"], "Connection": "close"})
    try:
        answer: httpx.Response = call(client, operation, **options)
    finally:
        del client.headers["Content-Type"], client.headers["Connection"]
    return answer


def resolved(schema: Json, document: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    return dict(document["components"]["schemas"][name]) if name else schema


def example(schema: Json, document: Json) -> Any:
    """The least value that the schema takes."""
    schema = resolved(schema, document)
    for choice in ("const", "default"):
        if choice in schema:
            return schema[choice]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], document)
    if schema.get("type") == "object":
        needed = schema.get("required", []) + schema.get("oneOf", [{}])[0].get("required", [])
        return {name: example(schema["properties"][name], document) for name in needed}
    if schema.get("format") == "email":
        return "somebody@ours.example"
    simple: Json = {"string": "text", "integer": 1, "number": 1, "boolean": True, "array": []}
    return str(uuid4()) if schema.get("format") == "uuid" else simple[schema["type"]]
