"""The registry's routes at the edge: what is asked of listings, answers, caching, errors, and who may read them."""

from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound, Unavailable
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from flask.testing import FlaskClient
from gateway.registry import OFFICIAL

NAMESPACE = "com.example.directory"
NAME = f"{NAMESPACE}%2Fledgerline"


class Listings:
    """The public side of the listings service: gives what was set, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.versions: list[Any] = []
        self.token = ""
        self.error: Exception | None = None

    def ListVersions(self, request: Any) -> pb.ListVersionsResponse:
        self._hear(request)
        return pb.ListVersionsResponse(versions=self.versions, next_page_token=self.token)

    def ListVersionsOfListing(self, request: Any) -> pb.ListVersionsOfListingResponse:
        self._hear(request)
        return pb.ListVersionsOfListingResponse(versions=self.versions, next_page_token=self.token)

    def GetVersion(self, request: Any) -> pb.GetVersionResponse:
        self._hear(request)
        return pb.GetVersionResponse(version=self.versions[0])

    def _hear(self, request: Any) -> None:
        self.asked.append(request)
        if self.error:
            raise self.error


@pytest.fixture
def listings(version_of: Any) -> Listings:
    made = Listings()
    made.versions = [version_of(number=2), version_of(number=1, is_latest=False)]
    return made


@pytest.fixture
def client(make_application: Any, backends_of: Any, listings: Listings) -> FlaskClient:
    made: FlaskClient = make_application(
        backends=backends_of(public_listings=listings), public_url="https://directory.example.com"
    ).test_client()
    return made


def test_a_page_of_servers(client: FlaskClient, listings: Listings, check_entry: Any) -> None:
    listings.token = "more"
    answer = client.get("/v0.1/servers?limit=2&cursor=place&search=Ledger&unknown=1")
    assert answer.status_code == 200, answer.text
    assert answer.json["metadata"] == {"count": 2, "nextCursor": "more"}
    for one in answer.json["servers"]:
        check_entry(one)
    first, second = answer.json["servers"]
    assert (first["server"]["name"], first["server"]["version"]) == (f"{NAMESPACE}/ledgerline", "1.0.2")
    assert first["_meta"][OFFICIAL]["isLatest"] is True
    assert (second["server"]["version"], second["_meta"][OFFICIAL]["isLatest"]) == ("1.0.1", False)
    assert listings.asked == [
        pb.ListVersionsRequest(search="Ledger", name_prefix=f"{NAMESPACE}/", page_size=2, page_token="place")
    ]


def test_the_last_page_has_no_cursor(client: FlaskClient, listings: Listings) -> None:
    listings.versions = []
    answer = client.get("/v0.1/servers")
    assert answer.json == {"servers": [], "metadata": {"count": 0}}
    assert listings.asked[0].page_size == 30


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("version=latest", {"latest_only": True}),
        ("version=1.0.7", {"number": 7}),
        ("include_deleted=true", {"taken_off_too": True}),
        ("include_deleted=false", {}),
        ("updated_since=", {}),
    ],
)
def test_filters_reach_the_service(
    client: FlaskClient, listings: Listings, query: str, expected: dict[str, Any]
) -> None:
    assert client.get(f"/v0.1/servers?{query}").status_code == 200
    assert listings.asked == [pb.ListVersionsRequest(name_prefix=f"{NAMESPACE}/", page_size=30, **expected)]


def test_who_asks_since_when_hears_of_deleted_servers_too(client: FlaskClient, listings: Listings) -> None:
    assert client.get("/v0.1/servers?updated_since=2026-08-07T15:15:04.28%2B02:00").status_code == 200
    assert listings.asked[0].taken_off_too
    assert listings.asked[0].updated_since.ToJsonString() == "2026-08-07T13:15:04.280Z"


def test_a_version_of_another_form_is_none_of_ours(client: FlaskClient, listings: Listings) -> None:
    assert client.get("/v0.1/servers?version=2.0.0").json["servers"] == []
    assert client.get(f"/v0.1/servers/{NAME}/versions/2.0.0").status_code == 404
    assert listings.asked == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/limit"),
        ("limit=101", "/limit"),
        ("limit=many", "/limit"),
        ("updated_since=yesterday", "/updated_since"),
        ("updated_since=1700000000", "/updated_since"),
        ("updated_since=2026-08-07T13:15:04", "/updated_since"),
        ("updated_since=2026-08-07T13:15:04+02:00", "/updated_since"),  # a plus that was not encoded
        ("updated_since=9999-12-31T23:59:59-14:00", "/updated_since"),
        ("include_deleted=perhaps", "/include_deleted"),
        ("search=" + "x" * 201, "/search"),
        ("search=%00", "/search"),
    ],
)
def test_a_query_that_is_wrong_is_told_where(client: FlaskClient, listings: Listings, query: str, pointer: str) -> None:
    answer = client.get(f"/v0.1/servers?{query}")
    assert answer.status_code == 422, answer.text
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert answer.json["error"] == answer.json["detail"]
    assert listings.asked == []


@pytest.mark.parametrize("name", [NAME, NAME.replace("%2F", "/")])
def test_versions_of_a_server(client: FlaskClient, listings: Listings, check_entry: Any, name: str) -> None:
    answer = client.get(f"/v0.1/servers/{name}/versions?include_deleted=1")
    assert [one["server"]["version"] for one in answer.json["servers"]] == ["1.0.2", "1.0.1"]
    for one in answer.json["servers"]:
        check_entry(one)
    assert listings.asked == [pb.ListVersionsOfListingRequest(slug="ledgerline", taken_off_too=True, page_size=100)]


@pytest.mark.parametrize(("version", "number"), [("latest", 0), ("1.0.2", 2)])
def test_one_version(client: FlaskClient, listings: Listings, check_entry: Any, version: str, number: int) -> None:
    answer = client.get(f"/v0.1/servers/{NAME}/versions/{version}")
    check_entry(answer.json)
    assert listings.asked == [pb.GetVersionRequest(slug="ledgerline", number=number)]


def test_a_server_called_versions_is_found(client: FlaskClient, listings: Listings) -> None:
    assert client.get(f"/v0.1/servers/{NAMESPACE}%2Fversions/versions").status_code == 200
    assert client.get(f"/v0.1/servers/{NAMESPACE}%2Fversions/versions/latest").status_code == 200
    assert [one.slug for one in listings.asked] == ["versions", "versions"]


def test_taken_off_it_is_deleted_and_says_what_the_publisher_said(
    client: FlaskClient, listings: Listings, version_of: Any, check_entry: Any
) -> None:
    listings.versions = [version_of(state=listing_pb2.LISTING_STATE_DELISTED, state_message="Use the other one.")]
    answer = client.get(f"/v0.1/servers/{NAME}/versions/latest?include_deleted=true")
    check_entry(answer.json)
    standing = answer.json["_meta"][OFFICIAL]
    assert (standing["status"], standing["statusMessage"]) == ("deleted", "Use the other one.")
    assert "url" not in answer.json["_meta"][f"{NAMESPACE}/listing"]


@pytest.mark.parametrize(
    ("error", "path", "status"),
    [
        (NotFound("LISTING_NOT_FOUND", "No."), f"/v0.1/servers/{NAME}/versions", 404),
        (None, "/v0.1/servers/com.other%2Fledgerline/versions", 404),
        (None, "/v0.1/servers/ledgerline/versions", 404),
        (None, "/v0.1/nothing", 404),
        (InvalidInput("PAGE_TOKEN_INVALID", "No."), "/v0.1/servers?cursor=x", 400),
        (Unavailable("SERVICE_UNAVAILABLE", "No."), "/v0.1/servers", 503),
        (RuntimeError("planted-secret"), "/v0.1/servers", 500),
    ],
)
def test_errors_are_problems_that_registry_clients_can_read(
    client: FlaskClient, listings: Listings, error: Exception | None, path: str, status: int
) -> None:
    listings.error = error
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"error", "title", "status", "detail", "code"} <= answer.json.keys()
    assert "planted-secret" not in answer.text


def test_only_what_changed_is_sent_again(client: FlaskClient, listings: Listings, version_of: Any) -> None:
    for path in ("/v0.1/servers", f"/v0.1/servers/{NAME}/versions", f"/v0.1/servers/{NAME}/versions/latest"):
        listings.versions = [version_of()]
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        known = {"If-None-Match": answer.headers["ETag"]}
        again = client.get(path, headers=known)
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
        listings.versions = [version_of(number=9)]
        assert client.get(path, headers=known).status_code == 200


def test_head_is_get_without_the_body(client: FlaskClient) -> None:
    get, head = client.get("/v0.1/servers"), client.head("/v0.1/servers")
    assert (head.status_code, head.data) == (200, b"")
    assert [head.headers[name] for name in ("ETag", "Content-Length", "Content-Type")] == [
        get.headers[name] for name in ("ETag", "Content-Length", "Content-Type")
    ]


def test_clients_in_browsers_may_read_it(client: FlaskClient) -> None:
    headers = {"Origin": "https://client.example", "Access-Control-Request-Method": "GET"}
    asked = client.options("/v0.1/servers", headers=headers)
    assert asked.status_code == 200
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    answer = client.get("/v0.1/servers", headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_other_routes_stay_closed_to_other_sites(client: FlaskClient) -> None:
    for path in ("/api/v1/vocabulary", "/healthz"):
        answer = client.get(path, headers={"Origin": "https://client.example"})
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_writes_here(client: FlaskClient, method: str) -> None:
    answer = client.open(f"/v0.1/servers/{NAME}/versions/1.0.1", method=method)
    assert (answer.status_code, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_a_token_for_something_else_is_no_matter(client: FlaskClient) -> None:
    assert client.get("/v0.1/servers", headers={"Authorization": "Bearer of-another-registry"}).status_code == 200
