"""Who calls: the grant and the peer of the gRPC call in hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chassis.errors import PermissionDenied, Unauthenticated
from chassis.grants import Grant

_grant: ContextVar[Grant | None] = ContextVar("caller_grant", default=None)
_peer: ContextVar[str] = ContextVar("caller_peer", default="")


def caller() -> Grant:
    """The verified grant of the call. Raises Unauthenticated GRANT_REQUIRED if it carries none."""
    grant = _grant.get()
    if grant is None:
        raise Unauthenticated("GRANT_REQUIRED", "Sign in first.")
    return grant


def publisher() -> Grant:
    """The verified grant of the call, if it is for an organization and with the right to manage its directory.

    Raises Unauthenticated GRANT_REQUIRED, or PermissionDenied with the reason that authz gave.
    """
    grant = caller()
    if not (grant.organization_id and grant.directory_management):
        raise PermissionDenied(
            grant.denied_reason or "DIRECTORY_MANAGEMENT_REQUIRED",
            "This needs directory management for the organization; an owner can give it.",
        )
    return grant


def caller_if_any() -> Grant | None:
    """The verified grant of the call, if it carries one."""
    return _grant.get()


def peer() -> str:
    """The service that calls: the first DNS name of its certificate. Empty outside of a call."""
    return _peer.get()


@contextmanager
def bind(*, grant: Grant | None, peer: str) -> Iterator[None]:
    """Make these the caller inside the block. The server does it for every call."""
    grant_token = _grant.set(grant)
    peer_token = _peer.set(peer)
    try:
        yield
    finally:
        _grant.reset(grant_token)
        _peer.reset(peer_token)
