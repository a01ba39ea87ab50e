"""Grants: who is asking and what they may do, signed by authz (Ed25519), verified by every service itself, offline."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import GuestProtocol, OKPKey

from chassis import clock
from chassis.errors import Unauthenticated
from chassis.logs import get_logger

ISSUER = "directory-authz"
AUDIENCE = "directory"
ALGORITHM = "Ed25519"  # RFC 9864's name of EdDSA with this curve
LEEWAY_SECONDS = 5
_MOST_REMEMBERED = 10_000

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A person, and what they may do for one organization (`organization_id` is empty for work that needs none)."""

    person_id: str
    name: str
    organization_id: str
    directory_management: bool
    denied_reason: str
    owner: bool
    staff_role: str
    """Empty, `reviewer` or `lead_reviewer`; always empty in a grant for an organization."""
    organizations: frozenset[str]
    """Every organization that the person belongs to."""
    expires_at: datetime


class GrantSigner:
    """Signs grants with the private key (JWK JSON with `kid`) in a file, which is read again when it changes."""

    def __init__(self, key_file: Path) -> None:
        self._key = _Changing(key_file, _private_key)

    def sign(self, grant: Grant) -> str:
        """The grant as a JWT that ends at `grant.expires_at`."""
        key = self._key.value()
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": grant.person_id,
            "iat": int(clock.now().timestamp()),
            "exp": int(grant.expires_at.timestamp()),
            "name": grant.name,
            "org": grant.organization_id,
            "dm": grant.directory_management,
            "denied": grant.denied_reason,
            "owner": grant.owner,
            "staff": grant.staff_role,
            "orgs": sorted(grant.organizations),
        }
        return jwt.encode({"alg": ALGORITHM, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


class GrantVerifier:
    """Verifies grants with the public keys (JWKS JSON) in a file, which is read again when it changes."""

    def __init__(self, keys_file: Path, *, clock: clock.Clock = clock.now) -> None:
        self._keys = _Changing(keys_file, _public_keys)
        self._now = clock
        self._verified: dict[bytes, Grant] = {}
        self._version = -1
        self._lock = threading.Lock()

    def verify(self, token: str) -> Grant:
        """The grant. Raises Unauthenticated GRANT_INVALID if it is forged, foreign, expired or not readable."""
        version, keys = self._keys.version, self._keys.value()
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        grant = self._remembered(digest)
        if grant is None:
            grant = self._read(token, keys)
            self._remember(digest, grant, version)
        if grant.expires_at.timestamp() + LEEWAY_SECONDS <= self._now().timestamp():
            raise _invalid()
        return grant

    def _read(self, token: str, keys: dict[str, OKPKey]) -> Grant:
        def by_kid(guest: GuestProtocol) -> OKPKey:
            return keys[guest.headers()["kid"]]

        try:
            claims = jwt.decode(token, by_kid, algorithms=[ALGORITHM]).claims
            if claims["iss"] != ISSUER or claims["aud"] != AUDIENCE:
                raise _invalid()
            if claims["iat"] > self._now().timestamp() + LEEWAY_SECONDS:
                raise _invalid()
            return _grant(claims)
        except (JoseError, ValueError, KeyError, TypeError, OverflowError, OSError):
            raise _invalid() from None

    def _remembered(self, digest: bytes) -> Grant | None:
        with self._lock:
            # A key that left the file must not live on through its verified grants.
            if self._version != self._keys.version:
                self._verified.clear()
                self._version = self._keys.version
            return self._verified.get(digest)

    def _remember(self, digest: bytes, grant: Grant, version: int) -> None:
        with self._lock:
            if version != self._keys.version:
                return  # verified with keys that were replaced meanwhile
            if len(self._verified) >= _MOST_REMEMBERED:
                self._verified.clear()
            self._verified[digest] = grant


class _Changing(Generic[Content]):
    """A file's content, read again when the file changes. A half-written file leaves the old content in place."""

    def __init__(self, path: Path, read: Callable[[str], Content]) -> None:
        self._path = path
        self._read = read
        self._stamp = _stamp(path)
        self._content = read(path.read_text())
        self.version = 0

    def value(self) -> Content:
        try:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._content = self._read(self._path.read_text())
                self._stamp = stamp
                self.version += 1
        except (OSError, ValueError, KeyError):
            get_logger().warning("keys are not readable, the old ones stay", file=self._path.name)
        return self._content


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino


def _private_key(text: str) -> OKPKey:
    return OKPKey.import_key(json.loads(text))


def _public_keys(text: str) -> dict[str, OKPKey]:
    keys = [OKPKey.import_key(entry) for entry in json.loads(text)["keys"]]
    return {key.kid: key for key in keys if key.kid}


def _grant(claims: dict[str, Any]) -> Grant:
    for name in ("sub", "name", "org", "denied", "staff"):
        if not isinstance(claims[name], str):
            raise TypeError(name)
    for name in ("dm", "owner"):
        if not isinstance(claims[name], bool):
            raise TypeError(name)
    return Grant(
        person_id=claims["sub"],
        name=claims["name"],
        organization_id=claims["org"],
        directory_management=claims["dm"],
        denied_reason=claims["denied"],
        owner=claims["owner"],
        staff_role=claims["staff"],
        organizations=frozenset(claims["orgs"]),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def _invalid() -> Unauthenticated:
    return Unauthenticated("GRANT_INVALID", "The grant is not valid, or not any more. Sign in again.")
