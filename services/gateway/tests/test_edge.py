"""What the edge does by itself: limits, refusals without services, errors without their text, headers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from chassis.errors import Unauthenticated, Unavailable
from chassis.settings import load
from directory.authz.v1.access_service_pb2 import (
    IssueGrantResponse,
    ListMembershipsResponse,
    ResolveAccessTokenResponse,
)
from directory.authz.v1.organization_events_pb2 import OrganizationEvent
from directory.authz.v1.organization_pb2 import AccessToken, Membership, Organization, Person
from directory.listings.v1.listings_service_pb2 import ListPublicListingsResponse
from flask_openapi.openapi import OpenAPI
from gateway.access import Access
from gateway.core import EXTENSION
from gateway.settings import Settings

Make = Callable[..., OpenAPI]
BEARER = {"Authorization": "Bearer mcpd_good"}
OURS = "0199a000-0000-7000-8000-000000000001"
THEIRS = "0199a000-0000-7000-8000-000000000002"


class Authz:
    """Counts what the gateway asks; everybody is Ada, owner of OURS."""

    def __init__(self, *, seconds: float = 60) -> None:
        self.asked: list[str] = []
        self.seconds = seconds
        self.tokens_end = datetime.now(UTC) + timedelta(days=1)

    def ResolveAccessToken(self, request: Any) -> ResolveAccessTokenResponse:
        self.asked.append("token")
        if self.tokens_end <= datetime.now(UTC):
            raise Unauthenticated("TOKEN_INVALID", "The access token is unknown, has ended or was revoked.")
        organization_id = THEIRS if request.secret == "mcpd_theirs" else OURS
        token = AccessToken(access_token_id=request.secret, organization_id=organization_id)
        token.expires_at.FromDatetime(self.tokens_end)
        return ResolveAccessTokenResponse(person=Person(person_id="ada"), access_token=token)

    def ListMemberships(self, _: Any) -> ListMembershipsResponse:
        self.asked.append("memberships")
        organizations = [Organization(organization_id=OURS), Organization(organization_id=THEIRS)]
        return ListMembershipsResponse(memberships=[Membership(organization=one) for one in organizations])

    def IssueGrant(self, request: Any) -> IssueGrantResponse:
        self.asked.append("grant")
        answer = IssueGrantResponse(grant="grant", membership=Membership(directory_management=True))
        answer.expires_at.GetCurrentTime()
        answer.expires_at.seconds += int(self.seconds)
        return answer


@pytest.fixture
def authz() -> Authz:
    return Authz()


@pytest.fixture
def app(make_application: Make, authz: Authz) -> OpenAPI:
    def broken(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("planted-secret")

    public = SimpleNamespace(GetPublicListing=broken, ListPublicListings=broken)
    submissions, ranking = SimpleNamespace(ListSubmissions=broken), SimpleNamespace(ListServersByRank=broken)
    return make_application(
        backends=SimpleNamespace(access=authz, public_listings=public, submissions=submissions, ranking=ranking),
        caller_limit=5,
        organization_limit=7,
    )


def path(organization_id: str) -> str:
    return f"/api/v1/organizations/{organization_id}/dashboard"


def test_an_address_that_asks_too_often_has_to_wait(make_application: Make) -> None:
    client = make_application(address_limit=3).test_client()
    answers = [client.get("/api/v1/vocabulary") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json["code"] == "RATE_LIMITED"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 61


def test_a_caller_that_asks_too_often_has_to_wait(app: OpenAPI) -> None:
    answers = [app.test_client().get("/api/v1/me", headers=BEARER) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]


def test_an_organisation_whose_callers_ask_too_often_together_has_to_wait(app: OpenAPI) -> None:
    client = app.test_client()
    answers = [client.get(path(OURS), headers={"Authorization": f"Bearer mcpd_{number % 2}"}) for number in range(8)]
    assert [answer.status_code for answer in answers] == [500] * 7 + [429]
    assert answers[7].json["code"] == "RATE_LIMITED"
    assert 1 <= int(answers[7].headers["Retry-After"]) <= 61


def test_others_use_up_nothing_of_an_organisation(app: OpenAPI) -> None:
    client = app.test_client()
    for number in range(8):
        answer = client.get(path(THEIRS), headers={"Authorization": f"Bearer mcpd_{number}"})
        assert answer.json["code"] == "ORGANIZATION_NOT_FOUND"
    assert client.get(path(THEIRS), headers={"Authorization": "Bearer mcpd_theirs"}).status_code == 500


def test_guessing_tokens_counts_against_the_address(make_application: Make) -> None:
    client = make_application(address_limit=3).test_client()
    answers = [client.get("/api/v1/me", headers={"Authorization": f"Basic {number}"}) for number in range(4)]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]


def test_the_text_of_an_unexpected_error_does_not_leave(app: OpenAPI) -> None:
    for place, headers in (("/api/v1/directory", {}), ("/api/v1/directory/slug", {}), (path(OURS), BEARER)):
        answer = app.test_client().get(place, headers=headers)
        assert (answer.status_code, answer.json["code"]) == (500, "INTERNAL")
        assert "planted-secret" not in answer.text
        assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_what_only_a_form_is_sent_to_leads_to_its_page_and_programs_are_told_the_method(app: OpenAPI) -> None:
    client = app.test_client()
    opened = client.get("/review/bulk")
    assert (opened.status_code, opened.location) == (302, "/review")
    answer = client.get(f"/api/v1/organizations/{OURS}/custom-roles")
    assert (answer.status_code, answer.json["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert "POST" in answer.headers["Allow"]


def test_a_token_of_one_organisation_sees_no_other(app: OpenAPI) -> None:
    client = app.test_client()
    assert client.get(path(THEIRS), headers=BEARER).json["code"] == "ORGANIZATION_NOT_FOUND"
    organizations = client.get("/api/v1/me", headers=BEARER).json["organizations"]
    assert [one["organization"]["organization_id"] for one in organizations] == [OURS]
    assert client.get("/api/v1/review/items", headers=BEARER).json["code"] == "TOKEN_SCOPE"
    assert client.get("/api/v1/tokens", headers=BEARER).json["code"] == "TOKEN_SCOPE"


def test_answers_of_authz_are_kept_until_it_says_that_something_changed(app: OpenAPI, authz: Authz) -> None:
    client = app.test_client()
    for _ in range(2):
        client.get(path(OURS), headers=BEARER)
    assert authz.asked == ["token", "grant"]
    access: Access = app.extensions[EXTENSION].access
    event = OrganizationEvent(organization_id=OURS)
    event.member_changed.person_id = "somebody else"
    access.forget(event)
    client.get(path(OURS), headers=BEARER)
    assert authz.asked == ["token", "grant"]
    event.member_changed.person_id = "ada"
    access.forget(event)
    client.get(path(OURS), headers=BEARER)
    assert authz.asked == ["token", "grant", "token", "grant"]
    event = OrganizationEvent(organization_id=OURS)
    event.custom_role_changed.custom_role_id = "role"
    access.forget(event)
    client.get(path(OURS), headers=BEARER)
    assert authz.asked == ["token", "grant", "token", "grant", "grant"]


def test_a_token_is_not_good_beyond_its_end(
    make_application: Make, authz: Authz, eventually: Callable[..., None]
) -> None:
    client = make_application(backends=SimpleNamespace(access=authz)).test_client()
    authz.tokens_end = datetime.now(UTC) + timedelta(seconds=5)
    assert client.get("/api/v1/me", headers=BEARER).status_code == 200
    # Without a look at its end it would be kept for 30 seconds.
    eventually(lambda: client.get("/api/v1/me", headers=BEARER).status_code == 401, timeout=20)


def test_a_grant_about_to_end_is_not_used_again(app: OpenAPI, authz: Authz) -> None:
    authz.seconds = 5
    for _ in range(2):
        app.test_client().get(path(OURS), headers=BEARER)
    assert authz.asked == ["token", "grant", "grant"]


def test_without_authz_people_are_told_to_come_back(app: OpenAPI, authz: Authz, monkeypatch: Any) -> None:
    def away(_: Any) -> NoReturn:
        raise Unavailable("SERVICE_UNAVAILABLE", "A part of the directory does not answer.")

    monkeypatch.setattr(authz, "ResolveAccessToken", away)
    answer = app.test_client().get("/api/v1/me", headers=BEARER)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


def test_without_database_a_page_that_needs_no_session_works_and_others_say_why(
    make_application: Make, backends_of: Callable[..., Any]
) -> None:
    public = SimpleNamespace(ListPublicListings=lambda _, timeout: ListPublicListingsResponse())
    client = make_application(backends=backends_of(public_listings=public)).test_client()
    client.set_cookie("directory_session", "somebody")
    assert client.get("/directory").status_code == 200
    assert client.get("/").status_code == 200
    for method, place in (
        ("GET", f"/organizations/{OURS}/directory"),
        ("POST", f"/organizations/{OURS}/directory/submissions/new"),
        ("GET", "/sign-in"),
        ("GET", "/sign-in/callback"),
        ("POST", "/sign-out"),
    ):
        answer = client.open(place, method=method)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1"), place
        assert answer.headers["X-Request-Id"] in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in answer.headers
    answer = client.get("/api/v1/me")
    assert (answer.status_code, answer.json["code"]) == (503, "DATABASE_UNAVAILABLE")


def test_headers_of_https(make_application: Make) -> None:
    client = make_application(public_url="https://directory.example").test_client()
    assert "max-age" in client.get("/healthz").headers["Strict-Transport-Security"]


def test_a_gateway_that_is_not_told_its_own_address_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    with pytest.raises(SystemExit) as ended:
        load(Settings)
    assert "PUBLIC_URL is not set." in str(ended.value)


def test_readiness_tells_what_is_missing(make_application: Make) -> None:
    answer = make_application().test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (503, {"database": False})
