"""The caller as a publisher."""

from chassis.grants import Grant, require_directory_management
from chassis.rpc.caller import caller


def publisher() -> Grant:
    """The caller's grant. Raises Unauthenticated, or PermissionDenied without directory management."""
    grant = caller()
    require_directory_management(grant)
    return grant
