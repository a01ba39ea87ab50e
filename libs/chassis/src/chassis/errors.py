"""Kinds of errors that cross every boundary intact: domain -> gRPC status -> client -> problem+json.

Clients branch on the kind and on `reason`, a stable name listed in the service's ErrorReason enum; never on text.
"""

# ruff: noqa: N818 -- the kinds are named by what is the case, as gRPC and HTTP name theirs

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A field that breaks its rule: a JSON Pointer (`/listing/tagline`), a stable code, and what to do about it."""

    field: str
    code: str
    message: str


class DirectoryError(Exception):
    """What can go wrong in a way that the other side can act on. Raise one of the kinds below."""

    reason: str
    message: str
    metadata: dict[str, str]
    violations: tuple[Violation, ...]

    def __init__(self, reason: str, message: str, *, violations: Iterable[Violation] = (), **metadata: object) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason = reason
        self.message = message
        self.metadata = {name: str(value) for name, value in metadata.items()}
        self.violations = tuple(violations)


class InvalidInput(DirectoryError):
    """The request breaks a rule, whatever the state of things; `violations` name each field."""


class Unauthenticated(DirectoryError):
    """Who asks is not known."""


class PermissionDenied(DirectoryError):
    """Who asks is known and may not."""


class NotFound(DirectoryError):
    """It does not exist, or not for the caller: the two are never told apart."""


class Conflict(DirectoryError):
    """The state of things does not allow it."""


class VersionMismatch(DirectoryError):
    """Somebody else changed it since the caller looked."""


class LimitExceeded(DirectoryError):
    """Too much or too often; metadata `retry_after_seconds` says when to come back."""


class Unavailable(DirectoryError):
    """A part that is needed does not answer at present; trying again later can help."""


class Internal(DirectoryError):
    """Something broke on the other side of a call. Never raised on purpose: what is unexpected becomes this."""
