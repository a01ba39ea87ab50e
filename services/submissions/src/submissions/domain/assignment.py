"""Whose an item is to be: no claim, and no right that others lack."""

from __future__ import annotations

from dataclasses import replace

from chassis.errors import PermissionDenied

from submissions.domain.review import Reviewer, ReviewItem, require_fit, require_open, require_other_organization


def assign(item: ReviewItem, assignee: Reviewer | None, by: Reviewer) -> ReviewItem:
    """The item for `assignee` to work on, or for nobody in particular. No claim: others may still take it.

    Who belongs to the owner gives back what they have, and chooses nobody. Raises OWN_ORGANIZATION, ALREADY_DECIDED,
    LEAD_REVIEWER_REQUIRED where a reviewer disposes of another's work, ANOTHER_REVIEWER_REQUIRED where the assignee
    could not decide.
    """
    gives_back = assignee is None and item.assigned_to == by.person_id
    if not gives_back:
        require_other_organization(item, by)
    require_open(item)
    touched = {item.assigned_to, assignee.person_id if assignee else None} - {None, by.person_id}
    if touched and not by.lead:
        raise PermissionDenied("LEAD_REVIEWER_REQUIRED", "Only a lead reviewer assigns items to others, or takes them.")
    if assignee is not None:
        if item.concerns(assignee.organizations):
            message = f"{assignee.name} belongs to the organisation that owns this, or may next; somebody else decides."
            raise PermissionDenied("OWN_ORGANIZATION", message)
        require_fit(item, assignee)
    return replace(
        item,
        assigned_to=assignee.person_id if assignee else None,
        assigned_to_name=assignee.name if assignee else "",
        version=item.version + 1,
    )
