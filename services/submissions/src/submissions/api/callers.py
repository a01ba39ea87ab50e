"""Who is calling, in which capacity."""

from __future__ import annotations

from chassis.errors import PermissionDenied
from chassis.grants import Grant
from chassis.rpc.caller import caller

from submissions.domain.review import Reviewer
from submissions.store.actors import Author, Role

LEAD_REVIEWER = "lead_reviewer"


def staff() -> Grant:
    """The caller, who is staff. Raises PermissionDenied STAFF_REQUIRED."""
    grant = caller()
    if not grant.staff_role:
        raise PermissionDenied("STAFF_REQUIRED", "Only the directory's reviewers may do this.")
    return grant


def lead_reviewer() -> Grant:
    """The caller, who is a lead reviewer. Raises PermissionDenied STAFF_REQUIRED or LEAD_REVIEWER_REQUIRED."""
    grant = staff()
    if grant.staff_role != LEAD_REVIEWER:
        raise PermissionDenied("LEAD_REVIEWER_REQUIRED", "Only a lead reviewer may do this.")
    return grant


def as_publisher(grant: Grant) -> Author:
    """How the thread remembers a publisher."""
    return Author(Role.PUBLISHER, grant.person_id, grant.name)


def as_staff(grant: Grant) -> Author:
    """How the thread remembers a reviewer."""
    return Author(Role.REVIEWER, grant.person_id, grant.name)


def as_reviewer(grant: Grant) -> Reviewer:
    """How the review's rules see a reviewer."""
    return Reviewer(grant.person_id, grant.name, grant.organizations, lead=grant.staff_role == LEAD_REVIEWER)
