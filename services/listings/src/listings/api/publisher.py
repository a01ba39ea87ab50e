"""The caller as a publisher."""

from chassis.grants import Grant, require_directory_management
from chassis.rpc.caller import caller

from listings.domain.listing import Person


def publisher() -> Grant:
    """The caller's grant. Raises Unauthenticated, or PermissionDenied without directory management."""
    grant = caller()
    require_directory_management(grant)
    return grant


def person(grant: Grant) -> Person:
    """The caller as history remembers them."""
    return Person(grant.person_id, grant.name)
