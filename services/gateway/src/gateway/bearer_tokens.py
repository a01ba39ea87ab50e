"""Bearer tokens: personal access tokens, asked of authz, and the provider's access tokens, verified here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from chassis.clock import Clock
from chassis.errors import Unauthenticated
from directory.authz.v1.access_service_pb2 import ResolveAccessTokenRequest, ResolvePersonRequest
from directory.authz.v1.organization_pb2 import AccessToken, Person

from gateway.backends import Backends
from gateway.expiring_cache import ExpiringCache
from gateway.identity_provider import IdentityProvider

PREFIX = "mcpd_"
# Seconds: how long a token that ended elsewhere can live on where its event did not arrive.
KEPT = 30.0


@dataclass(frozen=True)
class Bearer:
    """The person behind a bearer token; `access_token` is set for personal ones."""

    person: Person
    access_token: AccessToken | None


class BearerTokens:
    """Resolves bearer tokens; keeps the answer under the token's hash."""

    def __init__(self, *, backends: Backends, provider: IdentityProvider, clock: Clock) -> None:
        self._backends = backends
        self._provider = provider
        self._clock = clock
        self._kept: ExpiringCache[bytes, Bearer] = ExpiringCache()

    def resolve(self, token: str) -> Bearer:
        """Whose token it is. Raises Unauthenticated (TOKEN_INVALID)."""
        if len(token) > 8192:
            raise Unauthenticated("TOKEN_INVALID", "The access token is not one that this directory knows.")
        make = self._personal if token.startswith(PREFIX) else self._of_provider
        return self._kept.get(hashlib.sha256(token.encode()).digest(), lambda: make(token))

    def forget(self, person_id: str) -> None:
        """Ask anew about every token of a person."""
        self._kept.drop(lambda _, bearer: bearer.person.person_id == person_id)

    def _personal(self, token: str) -> tuple[Bearer, float]:
        answer = self._backends.access.ResolveAccessToken(ResolveAccessTokenRequest(secret=token))
        left = answer.access_token.expires_at.ToDatetime(UTC) - self._clock()
        return Bearer(answer.person, answer.access_token), min(KEPT, left.total_seconds())

    def _of_provider(self, token: str) -> tuple[Bearer, float]:
        claims, seconds_left = self._provider.verify_access_token(token)
        return Bearer(resolve_person(self._backends, claims), None), min(KEPT, seconds_left)


def resolve_person(backends: Backends, claims: dict[str, Any]) -> Person:
    """The directory's person for verified claims of the identity provider; access tokens often name nobody."""
    verified = claims.get("email_verified")
    request = ResolvePersonRequest(
        issuer=str(claims["iss"]),
        subject=str(claims["sub"]),
        email=str(claims.get("email") or ""),
        email_verified=None if verified is None else verified is True,
        name=str(claims.get("name") or ""),
    )
    return backends.access.ResolvePerson(request).person
