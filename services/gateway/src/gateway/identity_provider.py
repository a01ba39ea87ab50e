"""The OpenID Connect provider: discovery, keys, and verification of its access tokens without asking it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from chassis import logs
from chassis.errors import Unauthenticated, Unavailable
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from gateway.settings import Settings

# Never a symmetric algorithm: the provider's secret is ours too.
ALGORITHMS = ["RS256", "ES256", "PS256"]
METADATA_KEPT = 3600.0
# Seconds between two fetches of the keys, whatever key ids people send.
KEYS_PAUSE = 10.0
LEEWAY = 30
TIMEOUT = 5.0


class IdentityProvider:
    """Discovery document and keys, fetched when first needed and kept."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = time.time) -> None:
        self.issuer = settings.oidc_issuer
        self._inside = settings.oidc_internal_url or settings.oidc_issuer
        self._audiences = [settings.oidc_client_id, settings.public_url]
        self._clock = clock
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: KeySet | None = None
        self._keys_document: dict[str, Any] = {}
        self._keys_at = 0.0

    def metadata(self) -> dict[str, Any]:
        """The discovery document with our own calls going to the provider's internal address, and browsers to its
        public one. Raises Unavailable."""
        with self._lock:
            if self._metadata_until <= self._clock():
                found = self._fetch(f"{self._inside}/.well-known/openid-configuration")
                if found.get("issuer") != self.issuer:
                    raise Unavailable("UNAVAILABLE", "The identity provider names another issuer than expected.")
                self._metadata = {name: self._place(name, value) for name, value in found.items()}
                self._metadata_until = self._clock() + METADATA_KEPT
            return self._metadata

    def verify_access_token(self, token: str) -> tuple[dict[str, Any], float]:
        """Claims of an access token (RFC 9068) and the seconds that it is still good for. Raises Unauthenticated."""
        try:
            decoded = self._decode(token)
            self._check(decoded)
        except (JoseError, ValueError, KeyError) as error:
            raise Unauthenticated("TOKEN_INVALID", "The access token is not good or has ended.") from error
        return decoded.claims, float(decoded.claims["exp"]) - self._clock()

    def key_document(self, *, force: bool = False) -> dict[str, Any]:
        """The provider's JWKS."""
        self._key_set(force=force)
        return self._keys_document

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
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            fresh = self._key_set(force=True)
            return jwt.decode(token, fresh, algorithms=ALGORITHMS)

    def _key_set(self, *, force: bool = False) -> KeySet:
        uri = str(self.metadata()["jwks_uri"])
        with self._lock:
            due = force and self._clock() - self._keys_at >= KEYS_PAUSE
            if self._keys is None or due:
                self._keys_document = self._fetch(uri)
                self._keys = KeySet.import_key_set(self._keys_document)  # type: ignore[arg-type]
                self._keys_at = self._clock()
            return self._keys

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
