"""Personal access tokens: how secrets are made, recognised and end."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Conflict, NotFound, Unauthenticated

SECRET_PREFIX = "mcpd_"  # noqa: S105  # what scanners of leaked secrets look for
_RANDOM_BYTES = 32
_SHOWN_CHARACTERS = len(SECRET_PREFIX) + 4
DEFAULT_DAYS = 90
MAX_DAYS = 366
MAX_NAME_LENGTH = 100
MOST_TOKENS = 50  # of a person; requests are counted by token


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token as stored: everything but its secret. `organization_id` is None for staff's work on the review desk."""

    access_token_id: str
    person_id: str
    organization_id: str | None
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it can be used now."""
        return self.revoked_at is None and now < self.expires_at


def new_secret() -> str:
    """A secret of 256 random bits. It is shown once; only its digest is kept."""
    return SECRET_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def digest(secret: str) -> bytes:
    """What is stored of a secret. SHA-256 without salt suffices: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).digest()


def shown_prefix(secret: str) -> str:
    """The first characters, by which its owner recognises a token."""
    return secret[:_SHOWN_CHARACTERS]


def end(created_at: datetime, days: int) -> datetime:
    """When a token ends that was asked to last `days` (0 means the default)."""
    return created_at + timedelta(days=days or DEFAULT_DAYS)


def use_hour(now: datetime, last_used_at: datetime | None) -> datetime | None:
    """The hour to note as last use, or None when it is noted already: one write an hour, not one a request."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    return hour if last_used_at is None or last_used_at < hour else None


def token_invalid() -> Unauthenticated:
    """Unknown, ended and revoked are not told apart."""
    return Unauthenticated("TOKEN_INVALID", "The access token is unknown, has ended or was revoked.")


def too_many_access_tokens() -> Conflict:
    """The person has to revoke one first."""
    message = f"A person can have {MOST_TOKENS} access tokens at a time. Revoke one that is not needed any more."
    return Conflict("TOO_MANY_ACCESS_TOKENS", message, limit=MOST_TOKENS)


def access_token_not_found() -> NotFound:
    """The caller has no such token."""
    return NotFound("ACCESS_TOKEN_NOT_FOUND", "You have no such access token.")
