"""Signing in by the development provider, sessions with CSRF, and the provider's own access tokens."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

EMAIL = "owner@ours.example"


@pytest.fixture
def browser(system: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=system.url, timeout=20, trust_env=False) as client:
        yield client


def test_signing_in_gives_a_new_session_and_leads_on(system: Any, browser: httpx.Client) -> None:
    back = sign_in(browser, next_path="/api/v1/me")
    assert back.status_code == 302
    assert back.headers["Location"] == "/api/v1/me"
    me = browser.get("/api/v1/me").json()
    assert me["person"]["email"] == EMAIL
    assert me["organizations"][0]["directory_management"] is True


def test_the_callback_is_good_once_and_for_the_browser_that_began(system: Any, browser: httpx.Client) -> None:
    asked = browser.get("/sign-in")
    target = asked.headers["Location"]
    assert parse_qs(urlsplit(target).query)["code_challenge_method"] == ["S256"]
    callback = choose_person(browser, target)
    with httpx.Client(base_url=system.url, timeout=20, trust_env=False) as thief:
        assert thief.get(callback).status_code == 401
    assert browser.get(callback).status_code == 302
    assert browser.get(callback).status_code == 401


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(browser: httpx.Client, target: str) -> None:
    assert sign_in(browser, next_path=target).headers["Location"] == "/"


def test_a_write_with_the_cookie_needs_the_token_of_a_page(system: Any, browser: httpx.Client) -> None:
    sign_in(browser)
    body = {"name": "By session", "organization_id": None}
    refused = browser.post("/api/v1/tokens", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")
    page = browser.get("/", follow_redirects=True).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:2000]
    organization = browser.get("/api/v1/me").json()["organizations"][0]["organization"]["organization_id"]
    body = {"name": "By session", "organization_id": organization}
    made = browser.post("/api/v1/tokens", json=body, headers={"X-CSRFToken": found[1]})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    client = system.client(secret)
    assert client.get("/me").status_code == 200
    assert client.get("/tokens").json()["code"] == "TOKEN_SCOPE"
    token_id = made.json()["access_token"]["access_token_id"]
    assert browser.delete(f"/api/v1/tokens/{token_id}", headers={"X-CSRFToken": found[1]}).status_code == 204


def test_a_revoked_token_ends_at_once(system: Any, eventually: Any) -> None:
    organizations = bearer(system)
    organization = organizations.get("/me").json()["organizations"][0]["organization"]["organization_id"]
    made = organizations.post("/tokens", json={"name": "Short", "organization_id": organization}).json()
    client = system.client(made["secret"])
    assert client.get("/me").status_code == 200
    organizations.delete(f"/tokens/{made['access_token']['access_token_id']}")
    # By the event, long before the 30 seconds for which an answer is kept.
    eventually(lambda: client.get("/me").status_code == 401, timeout=10)


def test_taking_rights_away_works_at_once(system: Any, clients: dict[str, httpx.Client], eventually: Any) -> None:
    owner = clients["owner"]
    organization = owner.get("/me").json()["organizations"][0]["organization"]["organization_id"]
    [second_token] = system.tokens(("second@ours.example", "Ours"))
    second = system.client(second_token)
    dashboard = f"/organizations/{organization}/dashboard"
    assert second.get(dashboard).status_code == 200
    changed = owner.put(
        f"/organizations/{organization}/members", json={"email": "second@ours.example", "role": "member"}
    )
    assert changed.status_code == 200, changed.text
    eventually(lambda: second.get(dashboard).status_code == 403, timeout=10)
    person_id = changed.json()["person"]["person_id"]
    owner.put(f"/organizations/{organization}/members", json={"person_id": person_id, "role": "owner"})
    eventually(lambda: second.get(dashboard).status_code == 200, timeout=10)


def test_a_reviewer_whom_an_owner_adds_stays_a_reviewer_until_they_join(
    system: Any, clients: dict[str, httpx.Client], browser: httpx.Client, ours: str
) -> None:
    email = "added@directory.example"
    desk_token = system.authz(("staff", "add", email), ("token", "create", email, "--staff"))[-1]
    organization_id = ours.rpartition("/")[2]
    sign_in(browser, email=email)
    assert browser.get("/api/v1/me").json()["organizations"] == []  # from now on this answer is kept
    added = clients["owner"].put(f"{ours}/members", json={"email": email, "role": "owner"}).raise_for_status().json()
    assert (added["person"]["name"], added["person"]["staff_role"]) == ("", None)
    # By the link that an owner could send them, nothing happens.
    assert browser.get(f"/organizations/{organization_id}/people").status_code == 404
    accept = f"/me/invitations/{organization_id}/accept"
    refused = system.client(desk_token).post(accept)
    assert (refused.status_code, refused.json()["code"]) == (403, "TOKEN_SCOPE")
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get("/", follow_redirects=True).text)
    assert found
    assert browser.post(f"/api/v1{accept}").json()["code"] == "CSRF_FAILED"
    assert browser.post(f"/api/v1{accept}", headers={"X-CSRFToken": found[1]}).status_code == 204
    me = browser.get("/api/v1/me").json()
    assert ([one["role"] for one in me["organizations"]], me["invitations"]) == (["owner"], [])
    assert browser.get(f"/organizations/{organization_id}/people").status_code == 200
    # Whoever comes next finds the organisation as it was.
    removed = clients["owner"].delete(f"{ours}/members/{added['person']['person_id']}")
    assert removed.status_code == 204


def test_an_access_token_of_the_provider_is_accepted_and_an_id_token_is_not(system: Any) -> None:
    tokens = provider_tokens(system)
    assert system.client(tokens["access_token"]).get("/me").json()["person"]["email"] == EMAIL
    refused = system.client(tokens["id_token"]).get("/me")
    assert (refused.status_code, refused.json()["code"]) == (401, "TOKEN_INVALID")
    header, payload, signature = tokens["access_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"sub": "somebody"}).encode()).rstrip(b"=").decode()
    assert system.client(f"{header}.{forged}.{signature}").get("/me").status_code == 401


def test_signing_out_ends_the_session(browser: httpx.Client) -> None:
    sign_in(browser)
    page = browser.get("/", follow_redirects=True).text
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:2000]
    cookie = browser.cookies["directory_session"]
    out = browser.post("/sign-out", data={"csrf_token": found[1]})
    assert out.status_code == 302
    browser.cookies.clear()
    browser.cookies.set("directory_session", cookie)
    assert browser.get("/api/v1/me").status_code == 401


def test_nobody_can_sign_somebody_else_out(browser: httpx.Client) -> None:
    sign_in(browser)
    assert browser.post("/sign-out").status_code == 403
    assert browser.get("/api/v1/me").status_code == 200


def sign_in(browser: httpx.Client, next_path: str = "/", *, email: str = EMAIL) -> httpx.Response:
    asked = browser.get("/sign-in", params={"next": next_path})
    return browser.get(choose_person(browser, asked.headers["Location"], email=email))


def choose_person(browser: httpx.Client, authorize: str, *, email: str = EMAIL) -> str:
    with httpx.Client(timeout=20, trust_env=False) as provider:
        answer = provider.post(authorize, data={"email": email})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def bearer(system: Any) -> httpx.Client:
    client: httpx.Client = system.client(provider_tokens(system)["access_token"])
    return client


def provider_tokens(system: Any) -> dict[str, str]:
    verifier = "v" * 64
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    environment = system.plan.environment("gateway")
    redirect = f"{system.url}/sign-in/callback"
    query = {
        "response_type": "code",
        "client_id": environment["OIDC_CLIENT_ID"],
        "redirect_uri": redirect,
        "scope": "openid email profile",
        "state": "s" * 20,
        "nonce": "n" * 20,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    with httpx.Client(base_url=environment["OIDC_ISSUER"], timeout=20, trust_env=False) as provider:
        answer = provider.post("/authorize", params=query, data={"email": EMAIL})
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        credentials = (environment["OIDC_CLIENT_ID"], environment["OIDC_CLIENT_SECRET"])
        answer = provider.post("/token", data=form, auth=credentials)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
