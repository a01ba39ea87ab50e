"""Refusals of more than one part of the service: who belongs to a side, who came too late, who said nothing."""

from __future__ import annotations

from collections.abc import Set

from chassis.errors import InvalidInput, PermissionDenied, VersionMismatch, Violation


def refuse_own_organization(organization_id: str, organizations: Set[str]) -> None:
    """Raises PermissionDenied OWN_ORGANIZATION when `organization_id` is one of `organizations`."""
    if organization_id in organizations:
        raise PermissionDenied(
            "OWN_ORGANIZATION", "You belong to the organisation that owns this; somebody else decides."
        )


def refuse_receiver(offered_to: str | None, organizations: Set[str]) -> None:
    """Raises PermissionDenied OWN_ORGANIZATION when `offered_to` is one of `organizations`."""
    if offered_to in organizations:
        raise PermissionDenied(
            "OWN_ORGANIZATION", "This is offered to an organisation that you belong to; somebody else decides."
        )


def version_mismatch(current_version: int) -> VersionMismatch:
    """Somebody else changed the thing since the caller looked."""
    return VersionMismatch(
        "VERSION_MISMATCH",
        "Somebody else changed this in the meantime. Look at the present version, then try again.",
        current_version=str(current_version),
    )


def comment_required(message: str) -> InvalidInput:
    """The refusal of what needs a word."""
    return InvalidInput("COMMENT_REQUIRED", message, violations=[Violation("/comment", "REQUIRED", message)])
