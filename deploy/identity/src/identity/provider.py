"""The OAuth 2.0 and OpenID Connect rules, by Authlib: authorization code with PKCE (S256), for one client."""

import hmac
import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Flask
from joserfc.jwk import RSAKey

from identity.authorization_codes import LIFETIME_SECONDS, AuthorizationCode, AuthorizationCodes
from identity.keys import ALGORITHM, SigningKey
from identity.people import Person
from identity.settings import Settings
from identity.tokens import LIFETIME_SECONDS as TOKEN_SECONDS
from identity.tokens import SCOPES, AccessTokens, person_claims


class Client:
    """The one client. The methods have the names that Authlib asks for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.client_id = settings.client_id

    def get_client_id(self) -> str:
        """Its id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: a request must name where to return to."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """The known scopes among those asked for."""
        return " ".join(word for word in (scope or "").split() if word in SCOPES)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether the URI is on the allow list, letter for letter."""
        return redirect_uri in self._settings.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is right."""
        return hmac.compare_digest(client_secret.encode(), self._settings.client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """The client always proves itself."""
        return endpoint == "token" and method in AuthorizationCodeGrant.TOKEN_ENDPOINT_AUTH_METHODS

    def check_response_type(self, response_type: str) -> bool:
        """Codes only."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Codes only."""
        return grant_type == "authorization_code"


class Provider(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    """Authlib's server with this provider's client, codes and keys."""

    def __init__(self, app: Flask, settings: Settings, key: SigningKey, access_tokens: AccessTokens) -> None:
        client = Client(settings)
        self.codes = AuthorizationCodes()
        super().__init__(
            app,
            query_client=lambda client_id: client if client_id == client.client_id else None,
            save_token=lambda token, request: None,
        )
        self.register_token_generator(
            "default",
            BearerTokenGenerator(
                lambda client, grant_type, user, scope: access_tokens.issue(
                    client_id=client.client_id, person=user, scope=scope
                ),
                expires_generator=TOKEN_SECONDS,
            ),
        )
        self.register_grant(_CodeGrant, [_RequiredS256(), _IdToken(settings.issuer, key)])


class _CodeGrant(AuthorizationCodeGrant):  # type: ignore[misc]
    server: Provider

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.codes.add(
            AuthorizationCode(
                code=code,
                client_id=request.client.client_id,
                redirect_uri=request.payload.redirect_uri,
                scope=request.client.get_allowed_scope(request.payload.scope),
                nonce=data.get("nonce", ""),
                code_challenge=data["code_challenge"],
                code_challenge_method=data["code_challenge_method"],
                person=request.user,
                auth_time=int(time.time()),
                expires_at=time.monotonic() + LIFETIME_SECONDS,
            )
        )

    def query_authorization_code(self, code: str, client: Client) -> AuthorizationCode | None:
        kept = self.server.codes.take(code)
        return kept if kept and kept.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code: AuthorizationCode) -> None:
        """Nothing left to do: asking for it took it."""

    def authenticate_user(self, authorization_code: AuthorizationCode) -> Person:
        return authorization_code.person


class _RequiredS256(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: AuthorizationCodeGrant, redirect_uri: str) -> None:
        # Authlib lets a client with a secret leave PKCE out, and takes a missing method for "plain".
        data = grant.request.payload.data
        if not data.get("code_challenge") or data.get("code_challenge_method") != "S256":
            raise InvalidRequestError("PKCE with code_challenge_method=S256 is required", redirect_uri=redirect_uri)
        super().validate_code_challenge(grant, redirect_uri)


class _IdToken(OpenIDCode):  # type: ignore[misc]
    def __init__(self, issuer: str, key: SigningKey) -> None:
        super().__init__(require_nonce=False)
        self._issuer = issuer
        self._key = key

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False  # codes are single use already

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._key.private

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return self._key.header("JWT")

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self._issuer, "aud": [client.client_id]}

    def generate_user_info(self, user: Person, scope: str) -> dict[str, Any]:
        return person_claims(user)
