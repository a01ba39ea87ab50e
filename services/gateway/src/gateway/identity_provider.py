"""The OpenID Connect provider: discovery, keys, and verification of its access tokens without asking it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from chassis import logs
from chassis.errors import Unauthenticated, Unavailable
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from gateway.refreshed import Refreshed
from gateway.settings import Settings

V = TypeVar("V")

# Never a symmetric algorithm: the provider's secret is ours too.
ALGORITHMS = ["RS256", "ES256", "PS256"]
# Seconds for which metadata and keys are good: a key that was withdrawn ends then.
KEPT = 3600.0
# Seconds between two fetches, whatever key ids people send and whether or not the provider answers.
PAUSE = 10.0
# Seconds that a request waits for what another one fetches.
PATIENCE = 1.0
LEEWAY = 30
TIMEOUT = 5.0


class IdentityProvider:
    """Discovery document and keys, fetched when first needed and kept."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.issuer = settings.oidc_issuer
        self._inside = settings.oidc_internal_url or settings.oidc_issuer
        self._audiences = [settings.oidc_client_id, settings.public_url]
        self._clock, self._ticks = clock, ticks
        self._metadata = self._refreshed(self._fetch_metadata)
        self._keys = self._refreshed(self._fetch_keys)

    def metadata(self) -> dict[str, Any]:
        """The discovery document with our own calls going to the provider's internal address, and browsers to its
        public one. Raises Unavailable."""
        return self._metadata.get()

    def verify_access_token(self, token: str) -> tuple[dict[str, Any], float]:
        """Claims of an access token (RFC 9068) and the seconds that it is still good for. Raises Unauthenticated."""
        try:
            decoded = self._decode(token)
            self._check(decoded)
        except (JoseError, ValueError, KeyError) as error:
            raise Unauthenticated("TOKEN_INVALID", "The access token is not good or has ended.") from error
        return decoded.claims, float(decoded.claims["exp"]) - self._clock()

    def key_document(self, *, force: bool = False) -> dict[str, Any]:
        """The provider's JWKS. Raises Unavailable."""
        return self._keys.get(newer=force)[0]

    def _check(self, decoded: jwt.Token) -> None:
        # An ID token says who signed in; it is no ticket to an API.
        if str(decoded.header.get("typ", "")).lower() not in ("at+jwt", "application/at+jwt"):
            raise ValueError("not an access token")
        registry = jwt.JWTClaimsRegistry(
            now=lambda: int(self._clock()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            sub={"essential": True},
            exp={"essential": True},
            aud={"essential": True, "values": self._audiences},
        )
        registry.validate(decoded.claims)

    def _decode(self, token: str) -> jwt.Token:
        try:
            return jwt.decode(token, self._keys.get()[1], algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, self._keys.get(newer=True)[1], algorithms=ALGORITHMS)

    def _refreshed(self, fetch: Callable[[], V]) -> Refreshed[V]:
        return Refreshed(fetch, kept=KEPT, pause=PAUSE, patience=PATIENCE, clock=self._ticks)

    def _fetch_metadata(self) -> dict[str, Any]:
        found = self._fetch(f"{self._inside}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise Unavailable("UNAVAILABLE", "The identity provider names another issuer than expected.")
        if not isinstance(found.get("jwks_uri"), str):
            raise Unavailable("UNAVAILABLE", "The identity provider does not say where its keys are.")
        return {name: self._place(name, value) for name, value in found.items()}

    def _fetch_keys(self) -> tuple[dict[str, Any], KeySet]:
        document = self._fetch(self.metadata()["jwks_uri"])
        try:
            return document, KeySet.import_key_set(document)  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError, TypeError) as error:
            logs.get_logger().warning("identity provider's keys can't be read", error=type(error).__name__)
            raise Unavailable("UNAVAILABLE", "The identity provider's keys can't be read.") from error

    def _fetch(self, url: str) -> dict[str, Any]:
        try:
            response = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
            response.raise_for_status()
            document = response.json()
        except (requests.RequestException, ValueError) as error:
            logs.get_logger().warning("identity provider does not answer", url=url, error=str(error))
            raise Unavailable("UNAVAILABLE", "The identity provider does not answer at present.") from error
        if not isinstance(document, dict):
            raise Unavailable("UNAVAILABLE", "The identity provider's answer can't be read.")
        return document

    def _place(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or not value.startswith(("http://", "https://")):
            return value
        if name in ("token_endpoint", "jwks_uri", "userinfo_endpoint"):
            return _moved(value, self.issuer, self._inside)
        if name in ("authorization_endpoint", "end_session_endpoint"):
            return _moved(value, self._inside, self.issuer)
        return value


def _moved(url: str, from_origin: str, to_origin: str) -> str:
    source, target, parts = urlsplit(from_origin), urlsplit(to_origin), urlsplit(url)
    if (parts.scheme, parts.netloc) != (source.scheme, source.netloc):
        return url
    return urlunsplit((target.scheme, target.netloc, parts.path, parts.query, parts.fragment))
