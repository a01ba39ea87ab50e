"""The HTTP side: sign-in page, token endpoint, discovery, health."""

import os
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Flask, abort, current_app, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from identity import people
from identity.keys import ALGORITHM, SigningKey
from identity.provider import Provider
from identity.settings import Settings
from identity.tokens import SCOPES, AccessTokens

_MAX_BODY_BYTES = 64 * 1024
pages = Blueprint("identity", __name__)


def create_app(settings: Settings, key: SigningKey) -> Flask:
    """The application of these settings."""
    # Authlib refuses plain HTTP unless told so, and this provider is for development machines and container networks.
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = _MAX_BODY_BYTES
    access_tokens = AccessTokens(settings.issuer, key)
    app.extensions["settings"] = settings
    app.extensions["key"] = key
    app.extensions["access_tokens"] = access_tokens
    app.extensions["provider"] = Provider(app, settings, key, access_tokens)
    app.register_blueprint(pages)
    app.after_request(_with_safe_headers)
    return app


@pages.get("/authorize")
def show_people() -> ResponseReturnValue:
    """The sign-in page, when the client's request is in order. Nobody stays signed in: it always asks."""
    provider: Provider = current_app.extensions["provider"]
    try:
        provider.get_consent_grant()
    except OAuth2Error as error:
        return _refusal(error)
    return _sign_in_page()


@pages.post("/authorize")
def sign_in() -> ResponseReturnValue:
    """Sends the browser back to the client with a code for the chosen person."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403, "Sign in from the sign-in page.")
    provider: Provider = current_app.extensions["provider"]
    person = people.find(_settings().people, request.form.get("email", ""))
    try:
        grant = provider.get_consent_grant(end_user=person)
    except OAuth2Error as error:
        return _refusal(error)
    if person is None:
        return _sign_in_page(problem="Enter an e-mail address such as ada@example.com."), 400
    response: Response = provider.create_authorization_response(grant=grant, grant_user=person)
    return response


@pages.post("/token")
def token() -> ResponseReturnValue:
    """Exchanges a code for an ID token and an access token."""
    provider: Provider = current_app.extensions["provider"]
    response: Response = provider.create_token_response()
    return response


@pages.route("/userinfo", methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    """The claims about the person of the bearer token."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    access_tokens: AccessTokens = current_app.extensions["access_tokens"]
    claims = access_tokens.read(text) if scheme.lower() == "bearer" else None
    if claims is None:
        return jsonify(error="invalid_token"), 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return jsonify({name: claims[name] for name in ("sub", "name", "email", "email_verified")})


@pages.get("/jwks")
def jwks() -> ResponseReturnValue:
    """The public key."""
    key: SigningKey = current_app.extensions["key"]
    return jsonify(key.jwks())


@pages.get("/.well-known/openid-configuration")
def discovery() -> ResponseReturnValue:
    """The discovery document.

    Browsers and services may reach this provider by different names: what browsers use carries the issuer's
    address, what services use carries the address of this very request.
    """
    issuer, here = _settings().issuer, request.host_url.rstrip("/")
    document: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "end_session_endpoint": f"{issuer}/end-session",
        "token_endpoint": f"{here}/token",
        "userinfo_endpoint": f"{here}/userinfo",
        "jwks_uri": f"{here}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "scopes_supported": list(SCOPES),
        "claims_supported": ["sub", "name", "email", "email_verified"],
    }
    return jsonify(document)


@pages.get("/end-session")
def end_session() -> ResponseReturnValue:
    """Goes back to the client. There is nothing to end here, since nobody stays signed in."""
    target = request.args.get("post_logout_redirect_uri", "")
    if target and _origin(target) in _client_origins():
        state = request.args.get("state", "")
        separator = "&" if urlsplit(target).query else "?"
        return redirect(target + (separator + urlencode({"state": state}) if state else ""))
    return render_template("signed_out.html")


@pages.get("/healthz")
@pages.get("/readyz")
def health() -> ResponseReturnValue:
    """Alive and ready are the same: everything is in memory."""
    return jsonify(status="ok")


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _sign_in_page(problem: str = "") -> str:
    return render_template("sign_in.html", people=_settings().people, action=request.full_path, problem=problem)


def _refusal(error: OAuth2Error) -> ResponseReturnValue:
    if error.redirect_uri:  # Authlib sets it only after the allow list was asked
        provider: Provider = current_app.extensions["provider"]
        response: Response = provider.handle_error_response(request, error)
        return response
    return render_template("refused.html", reason=error.description or error.error), 400


def _origin(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}"


def _client_origins() -> set[str]:
    return {_origin(uri) for uri in _settings().redirect_uris}


def _with_safe_headers(response: Response) -> Response:
    # form-action also rules the redirect that answers a form, so the client's origin belongs there.
    targets = " ".join(sorted(_client_origins()))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; form-action 'self' {targets}; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
