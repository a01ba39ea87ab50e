"""What the tokens say."""

import secrets
import time
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from identity.keys import ALGORITHM, SigningKey
from identity.people import Person

AUDIENCE = "directory-api"
LIFETIME_SECONDS = 3600
SCOPES = ("openid", "profile", "email")


def person_claims(person: Person) -> dict[str, Any]:
    """The claims about a person. Addresses count as verified: the people are made up."""
    return {"sub": person.subject, "name": person.name, "email": person.email, "email_verified": True}


class AccessTokens:
    """Access tokens as JWT (RFC 9068), good for the API and for userinfo."""

    def __init__(self, issuer: str, key: SigningKey) -> None:
        self._issuer = issuer
        self._key = key

    def issue(self, *, client_id: str, person: Person, scope: str) -> str:
        """A token of one hour. It also names the person, so that the API needs no second request."""
        now = int(time.time())
        claims = person_claims(person) | {
            "iss": self._issuer,
            "aud": [AUDIENCE, client_id],
            "client_id": client_id,
            "scope": scope,
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        return jwt.encode(self._key.header("at+jwt"), claims, self._key.private, algorithms=[ALGORITHM])

    def read(self, text: str) -> dict[str, Any] | None:
        """The claims of a token of ours that is still good, else None."""
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": AUDIENCE},
            exp={"essential": True},
        )
        try:
            token = jwt.decode(text, self._key.private, algorithms=[ALGORITHM])
            registry.validate(token.claims)
        except (JoseError, ValueError):
            return None
        return dict(token.claims)
