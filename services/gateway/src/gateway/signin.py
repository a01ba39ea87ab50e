"""Signing in and out: OpenID Connect, authorization code with PKCE, state and nonce (Authlib)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import FlaskOAuth2App
from authlib.integrations.flask_client.integration import FlaskIntegration
from authlib.oauth2.base import OAuth2Error
from chassis import logs
from chassis.errors import Unauthenticated, Unavailable
from flask import Blueprint, redirect, request, session
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from limits import RateLimitItemPerMinute

from gateway import guards
from gateway.bearer_tokens import resolve_person
from gateway.core import core
from gateway.identity_provider import ALGORITHMS, IdentityProvider
from gateway.sessions import check_readable, renew
from gateway.settings import Settings

blueprint = Blueprint("signin", __name__)

SCOPE = "openid email profile"
# Each sign-in that was begun is kept in the session until its callback, and a visitor's is a row of its own.
BEGUN_KEPT = 5
BEGUN_LIMIT = RateLimitItemPerMinute(60)
LONGEST_PATH = 2048
_BEGUN = "_state_directory_"  # Authlib's, by the name of the client


class _Client(FlaskOAuth2App):  # type: ignore[misc]  # Authlib has no types
    """Authlib's client over our discovery document and keys."""

    def __init__(self, settings: Settings, provider: IdentityProvider) -> None:
        super().__init__(
            FlaskIntegration("directory"),
            name="directory",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret.get_secret_value(),
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "timeout": 5},
        )
        self._provider = provider

    def load_server_metadata(self) -> dict[str, Any]:
        metadata = dict(self._provider.metadata())
        offered = metadata.get("id_token_signing_alg_values_supported") or ALGORITHMS
        metadata["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
        return metadata

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        return self._provider.key_document(force=force)


@blueprint.before_request
def session_at_hand() -> None:
    """Signing in and out is about the session. Raises Unavailable without database."""
    check_readable(session)


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """To the identity provider, and back to the local path in `next`."""
    guards.count_address("sign-in", BEGUN_LIMIT)
    public_url = core().settings.public_url
    if is_another_name_of(urlsplit(public_url).netloc, request.host):
        # The provider leads back to the public URL, where a cookie of this name would be missing.
        return redirect(public_url + request.full_path)
    session["next"] = local_path(request.args.get("next", ""))
    answer: ResponseReturnValue = _client().authorize_redirect(public_url + "/sign-in/callback")
    begun = sorted((key for key in session if key.startswith(_BEGUN)), key=lambda key: float(session[key]["exp"]))
    for key in begun[:-BEGUN_KEPT]:
        del session[key]
    return answer


def is_another_name_of(public: str, asked: str) -> bool:
    """Whether both mean this machine by different names, as localhost:8080 and 127.0.0.1:8080 do."""
    names = {"localhost", "127.0.0.1", "[::1]"}
    return public != asked and {public.rpartition(":")[0] or public, asked.rpartition(":")[0] or asked} <= names


@blueprint.get("/sign-in/callback")
def callback() -> ResponseReturnValue:
    """Back from the identity provider: a new session for the person.

    1. The code becomes tokens; state, nonce, signature, issuer and audience are checked.
    2. authz says who the person is.
    3. The session is renewed, so that an id planted before signing in is worth nothing.
    """
    try:
        token = _client().authorize_access_token()
    except requests.RequestException as error:
        logs.get_logger().warning("identity provider does not answer", error=str(error))
        raise Unavailable("UNAVAILABLE", "The identity provider does not answer at present.") from error
    except (OAuthError, OAuth2Error, JoseError, ValueError) as error:
        logs.get_logger().warning("sign-in failed", error=type(error).__name__)
        raise Unauthenticated("SIGN_IN_FAILED", "Signing in did not work. Please try again.") from error
    claims = token.get("userinfo")
    if not claims:
        raise Unauthenticated("SIGN_IN_FAILED", "The identity provider said nothing about you. Please try again.")
    person = resolve_person(core().backends, dict(claims))
    target = session.get("next", "/")
    renew(session)
    session["person_id"] = person.person_id
    session["name"] = person.name or person.email
    session["email"] = person.email
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Ends the session here, and at the provider where it offers that. Needs the CSRF token of the form."""
    if "person_id" in session:
        guards.check_csrf()
    renew(session)
    settings = core().settings
    try:
        end = core().provider.metadata().get("end_session_endpoint")
    except Unavailable:
        end = None
    if not end:
        return redirect("/")
    query = urlencode({"client_id": settings.oidc_client_id, "post_logout_redirect_uri": settings.public_url + "/"})
    return redirect(f"{end}?{query}")


def local_path(target: str) -> str:
    """The path to go on to after signing in; the start page for anything that would leave this site, and for
    what is too long to keep."""
    if len(target) > LONGEST_PATH:
        return "/"
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    plain = target.isprintable() and "\\" not in target
    if parts.path.startswith(("/sign-in", "/sign-out")):  # a callback that failed would fail again
        return "/"
    if not plain or parts.scheme or parts.netloc or not target.startswith("/") or target.startswith("//"):
        return "/"
    return target


def _client() -> _Client:
    return _Client(core().settings, core().provider)
