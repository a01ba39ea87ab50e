import base64
import hashlib
import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorization(provider: Any, **changes: str | None) -> dict[str, str]:
    parameters = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": "openid email profile unknown",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return {name: value for name, value in parameters.items() if value is not None}


def code_for(provider: Any, email: str = "olivia@acme.example", **changes: str | None) -> str:
    answer = httpx.post(f"{provider.url}/authorize", params=authorization(provider, **changes), data={"email": email})
    assert answer.status_code == 302, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["the-state"]
    return query["code"][0]


def exchange(provider: Any, code: str, **changes: str) -> httpx.Response:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": VERIFIER,
    } | changes
    return httpx.post(f"{provider.url}/token", data=form, auth=(provider.client_id, provider.client_secret))


def public_keys(provider: Any) -> KeySet:
    return KeySet.import_key_set(httpx.get(f"{provider.url}/jwks").json())


def test_the_whole_flow_by_the_discovery_document(provider: Any) -> None:
    document = httpx.get(f"{provider.url}/.well-known/openid-configuration").json()
    assert document["issuer"] == provider.issuer
    assert document["authorization_endpoint"] == f"{provider.issuer}/authorize"
    assert document["end_session_endpoint"] == f"{provider.issuer}/end-session"
    for name in ("token_endpoint", "userinfo_endpoint", "jwks_uri"):
        assert document[name].startswith(f"{provider.url}/")

    page = httpx.get(f"{provider.url}/authorize", params=authorization(provider))
    assert page.status_code == 200
    assert "Owner of Acme (Enterprise)" in page.text
    assert "Rosa &lt;Reviewer&gt;" in page.text
    action = html.unescape(re.findall(r'action="([^"]+)"', page.text)[0])
    signed_in = httpx.post(provider.url + action, data={"email": "OLIVIA@acme.example"})
    location = urlsplit(signed_in.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == provider.redirect_uri
    code = parse_qs(location.query)["code"][0]

    tokens = exchange(provider, code)
    assert tokens.status_code == 200, tokens.text
    assert tokens.headers["cache-control"] == "no-store"
    token = jwt.decode(tokens.json()["id_token"], public_keys(provider), algorithms=["RS256"])
    assert token.header["kid"]
    claims = token.claims
    assert claims["iss"] == provider.issuer
    assert claims["aud"] == [provider.client_id]
    assert claims["nonce"] == "the-nonce"
    assert (claims["email"], claims["email_verified"], claims["name"]) == ("olivia@acme.example", True, "Olivia Owner")

    bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    who = httpx.get(document["userinfo_endpoint"], headers=bearer).json()
    assert who == {name: claims[name] for name in ("sub", "email", "email_verified", "name")}


def test_the_access_token_is_a_jwt_for_the_api(provider: Any) -> None:
    tokens = exchange(provider, code_for(provider)).json()
    assert tokens["expires_in"] == 3600
    assert tokens["scope"] == "openid email profile"
    token = jwt.decode(tokens["access_token"], public_keys(provider), algorithms=["RS256"])
    assert token.header["typ"] == "at+jwt"
    assert "directory-api" in token.claims["aud"]
    assert token.claims["exp"] - token.claims["iat"] == 3600
    assert token.claims["email"] == "olivia@acme.example"


def test_anybody_can_sign_in_by_address_and_keeps_the_same_subject(provider: Any) -> None:
    def subject_of(email: str) -> str:
        tokens = exchange(provider, code_for(provider, email)).json()
        claims = jwt.decode(tokens["id_token"], public_keys(provider), algorithms=["RS256"]).claims
        assert claims["name"] == "Grace Hopper"
        return str(claims["sub"])

    assert subject_of("grace.hopper@navy.example") == subject_of(" Grace.Hopper@navy.example ")


@pytest.mark.parametrize(
    "email", ["", "nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "x" * 255 + "@e.org"]
)
def test_an_address_that_is_none_is_asked_for_again(provider: Any, email: str) -> None:
    answer = httpx.post(f"{provider.url}/authorize", params=authorization(provider), data={"email": email})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


def test_a_wrong_verifier_is_refused_and_burns_the_code(provider: Any) -> None:
    code = code_for(provider)
    refused = exchange(provider, code, code_verifier="w" * 64)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert exchange(provider, code).json()["error"] == "invalid_grant"


def test_a_code_works_once(provider: Any) -> None:
    code = code_for(provider)
    assert exchange(provider, code).status_code == 200
    again = exchange(provider, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_is_bound_to_its_redirect_uri(provider: Any) -> None:
    refused = exchange(provider, code_for(provider), redirect_uri="https://other.example/callback")
    assert refused.json()["error"] == "invalid_grant"


def test_a_wrong_client_secret_is_refused(provider: Any) -> None:
    form = {"grant_type": "authorization_code", "code": code_for(provider), "code_verifier": VERIFIER}
    refused = httpx.post(f"{provider.url}/token", data=form, auth=(provider.client_id, "guess"))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1:8080/sign-in/callback/../evil"},
        {"redirect_uri": None},
        {"client_id": "somebody-else"},
    ],
)
def test_a_foreign_client_or_redirect_uri_is_told_here_and_never_redirected(
    provider: Any, method: str, changes: dict[str, str | None]
) -> None:
    answer = httpx.request(
        method,
        f"{provider.url}/authorize",
        params=authorization(provider, **changes),
        data={"email": "olivia@acme.example"} if method == "POST" else None,
    )
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_request_that_cannot_be_met_goes_back_to_the_client(
    provider: Any, changes: dict[str, str | None], error: str
) -> None:
    answer = httpx.get(f"{provider.url}/authorize", params=authorization(provider, **changes))
    assert answer.status_code == 302
    assert answer.headers["location"].startswith(provider.redirect_uri)
    assert parse_qs(urlsplit(answer.headers["location"]).query)["error"] == [error]


def test_a_sign_in_from_another_site_is_refused(provider: Any) -> None:
    answer = httpx.post(
        f"{provider.url}/authorize",
        params=authorization(provider),
        data={"email": "olivia@acme.example"},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("authorization", [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}])
def test_userinfo_needs_a_token_of_ours(provider: Any, authorization: dict[str, str]) -> None:
    assert httpx.get(f"{provider.url}/userinfo", headers=authorization).status_code == 401


def test_signing_out_returns_to_the_client_only(provider: Any) -> None:
    def leave(target: str) -> httpx.Response:
        return httpx.get(f"{provider.url}/end-session", params={"post_logout_redirect_uri": target, "state": "s"})

    assert leave("http://127.0.0.1:8080/").headers["location"] == "http://127.0.0.1:8080/?state=s"
    assert leave("https://evil.example/").status_code == 200
    assert leave("http://127.0.0.1:8080@evil.example/").status_code == 200


def test_pages_load_nothing_from_elsewhere(provider: Any) -> None:
    page = httpx.get(f"{provider.url}/authorize", params=authorization(provider))
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8080 https://other.example" in policy
    assert "style=" not in page.text
    assert "<script" not in page.text
    assert "http" not in "".join(re.findall(r'(?:src|href)="([^"]+)"', page.text))
    assert httpx.get(f"{provider.url}/static/style.css").headers["content-type"].startswith("text/css")
    assert httpx.get(f"{provider.url}/healthz").json() == {"status": "ok"}
