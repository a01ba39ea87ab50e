"""Access tokens of the provider, verified against its keys without asking it; the provider is a small server here."""

import base64
import hmac
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from chassis.errors import Unauthenticated, Unavailable
from directory.authz.v1.access_service_pb2 import ResolvePersonRequest, ResolvePersonResponse
from flask import json
from gateway.bearer_tokens import resolve_person
from gateway.identity_provider import KEPT, PAUSE, IdentityProvider
from gateway.settings import Settings
from joserfc import jwt
from joserfc.jwk import RSAKey

NOW = 1_800_000_000
ISSUER = "https://id.example"


class Provider:
    """Discovery and keys over HTTP; counts how often it is asked for keys."""

    def __init__(self) -> None:
        self.keys = [new_key("first")]
        self.asked = self.documents = 0
        self.issuer = ISSUER
        self.away = False
        self.may_answer = threading.Event()
        self.may_answer.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = json.dumps(outer.answer(self.path)).encode()
                outer.may_answer.wait(4)
                self.send_response(503 if outer.away else 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> dict[str, Any]:
        if path == "/jwks":
            self.asked += 1
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        self.documents += 1
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{ISSUER}/jwks",
            "token_endpoint": f"{ISSUER}/token",
            "authorization_endpoint": f"{self.url}/authorize",
        }


class Ticking:
    now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.may_answer.set()
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def ours(provider: Provider, clock: Ticking, edge_settings: Callable[..., Settings]) -> IdentityProvider:
    settings = edge_settings(oidc_issuer=ISSUER, oidc_internal_url=provider.url, public_url="https://directory.example")
    return IdentityProvider(settings, clock=clock, ticks=clock)


def new_key(name: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": name, "alg": "RS256", "use": "sig"}, private=True)


def token(key: Any, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {"iss": ISSUER, "sub": "ada", "aud": ["directory"], "exp": NOW + 600, **changes}
    named = {"alg": "RS256", "typ": "at+jwt", "kid": key.kid, **(header or {})}
    return jwt.encode(named, {name: value for name, value in claims.items() if value}, key, algorithms=["RS256"])


def confused(good: str, public_key: bytes) -> str:
    """The token signed with the public key as if it were a shared secret."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"at+jwt","kid":"first"}').rstrip(b"=").decode()
    signed = f"{header}.{good.split('.')[1]}"
    signature = hmac.digest(public_key, signed.encode(), "sha256")
    return f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def test_a_good_token_says_who_and_how_long(ours: IdentityProvider, provider: Provider) -> None:
    claims, seconds = ours.verify_access_token(token(provider.keys[0]))
    assert (claims["sub"], seconds) == ("ada", 600)
    assert ours.verify_access_token(token(provider.keys[0], aud="https://directory.example"))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 31},
        {"exp": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": ["other"]},
        {"aud": None},
        {"sub": None},
        {"nbf": NOW + 300},
        {"header": {"typ": "JWT"}},
    ],
)
def test_a_token_for_another_purpose_is_refused(
    ours: IdentityProvider, provider: Provider, changes: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
        ours.verify_access_token(token(provider.keys[0], **changes))


def test_a_token_signed_by_somebody_else_is_refused(ours: IdentityProvider, provider: Provider) -> None:
    public = provider.keys[0].as_pem(private=False)
    forgeries = (
        token(new_key("first")),
        confused(token(provider.keys[0]), public),
        "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJhZGEifQ.",
        "",
        "a.b.c",
        "..",
    )
    for forged in forgeries:
        with pytest.raises(Unauthenticated, match="TOKEN_INVALID"):
            ours.verify_access_token(forged)


def test_a_new_key_is_fetched_and_an_unknown_one_does_not_flood_the_provider(
    ours: IdentityProvider, provider: Provider, clock: Ticking
) -> None:
    ours.verify_access_token(token(provider.keys[0]))
    provider.keys = [new_key("second")]
    clock.now += PAUSE
    assert ours.verify_access_token(token(provider.keys[0]))
    asked = provider.asked
    for _ in range(5):
        with pytest.raises(Unauthenticated):
            ours.verify_access_token(token(new_key("third")))
    assert provider.asked == asked


def test_a_provider_that_is_away_is_asked_once_a_pause_and_its_last_word_is_good(
    ours: IdentityProvider, provider: Provider, clock: Ticking
) -> None:
    good = token(provider.keys[0], exp=NOW + 10 * KEPT)
    ours.verify_access_token(good)
    provider.away, provider.asked = True, 0
    clock.now += KEPT
    for _ in range(5):
        assert ours.verify_access_token(good)
        with pytest.raises(Unauthenticated):
            ours.verify_access_token(token(new_key("unknown"), exp=NOW + 10 * KEPT))
    assert provider.asked == 1
    clock.now += PAUSE
    ours.verify_access_token(good)
    assert provider.asked == 2


def test_a_provider_that_was_never_there_is_not_asked_by_every_request(
    ours: IdentityProvider, provider: Provider, clock: Ticking
) -> None:
    provider.away = True
    for _ in range(3):
        with pytest.raises(Unavailable):
            ours.verify_access_token("garbage")
    assert provider.documents == 1
    provider.away = False
    clock.now += PAUSE
    assert ours.verify_access_token(token(provider.keys[0]))


def test_only_an_unknown_key_makes_the_gateway_ask_again(
    ours: IdentityProvider, provider: Provider, clock: Ticking
) -> None:
    ours.verify_access_token(token(provider.keys[0]))
    asked = provider.asked
    for forged in ("a.b.c", "", token(new_key("first")), token(provider.keys[0], exp=NOW - 60)):
        clock.now += PAUSE
        with pytest.raises(Unauthenticated):
            ours.verify_access_token(forged)
    assert provider.asked == asked


def test_keys_that_were_withdrawn_end_within_the_hour(
    ours: IdentityProvider, provider: Provider, clock: Ticking
) -> None:
    old = token(provider.keys[0], exp=NOW + 10 * KEPT)
    ours.verify_access_token(old)
    provider.keys = [new_key("second")]
    clock.now += KEPT
    with pytest.raises(Unauthenticated):
        ours.verify_access_token(old)


def test_nobody_waits_while_somebody_s_unknown_key_is_looked_for(
    ours: IdentityProvider, provider: Provider, clock: Ticking, eventually: Callable[..., None]
) -> None:
    good, later = token(provider.keys[0]), new_key("second")
    ours.verify_access_token(good)
    provider.may_answer.clear()
    clock.now += PAUSE
    asked = provider.asked
    provider.keys = [*provider.keys, later]
    found: list[object] = []
    seeking = [threading.Thread(target=lambda: found.append(ours.verify_access_token(token(later)))) for _ in range(2)]
    seeking[0].start()
    eventually(lambda: provider.asked > asked)
    seeking[1].start()
    assert ours.verify_access_token(good)
    assert all(thread.is_alive() for thread in seeking)  # this one did not wait for the provider, as they do
    provider.may_answer.set()
    for thread in seeking:
        thread.join(10)
    assert (len(found), provider.asked) == (2, asked + 1)


def test_browsers_and_the_gateway_reach_the_provider_by_different_names(
    ours: IdentityProvider, provider: Provider
) -> None:
    metadata = ours.metadata()
    assert metadata["token_endpoint"] == f"{provider.url}/token"
    assert metadata["authorization_endpoint"] == f"{ISSUER}/authorize"


def test_a_provider_that_names_another_issuer_is_not_believed(ours: IdentityProvider, provider: Provider) -> None:
    provider.issuer = "https://evil.example"
    with pytest.raises(Unavailable):
        ours.metadata()


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({}, {}),
        ({"email": None, "name": "", "email_verified": None}, {}),
        ({"email": "a@b.example"}, {"email": "a@b.example"}),
        ({"email": "a@b.example", "email_verified": "yes"}, {"email": "a@b.example", "email_verified": False}),
        ({"name": "Ada", "email_verified": True}, {"name": "Ada", "email_verified": True}),
    ],
)
def test_a_claim_that_is_absent_is_not_said(claims: dict[str, Any], said: dict[str, Any]) -> None:
    asked: list[ResolvePersonRequest] = []

    def resolve(request: ResolvePersonRequest) -> ResolvePersonResponse:
        asked.append(request)
        return ResolvePersonResponse()

    backends: Any = SimpleNamespace(access=SimpleNamespace(ResolvePerson=resolve))
    resolve_person(backends, {"iss": ISSUER, "sub": "ada", **claims})
    assert asked == [ResolvePersonRequest(issuer=ISSUER, subject="ada", **said)]
