"""Deciding on tool drift: accept what the server offers, or ask its publisher for changes.

A server that must go is suspended by a lead reviewer; that is a move of its submission and no decision on the drift.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.errors import Conflict, PermissionDenied

from submissions.domain import review
from submissions.domain.review import Decision, ItemState, Reviewer, ReviewItem


def decide(
    item: ReviewItem,
    reviewer: Reviewer,
    *,
    decision: Decision,
    comment: str,
    version: int,
    lead_reviewer_missing: bool,
    now: datetime,
) -> ReviewItem:
    """The item after the decision: decided when accepted; open and free when changes are asked for.

    Raises as `review.decide`, LEAD_REVIEWER_REQUIRED and DECISION_NOT_POSSIBLE.
    """
    review.require_other_organization(item, reviewer)
    require_lead_reviewer(missing=lead_reviewer_missing)
    if decision is Decision.REJECT:
        raise Conflict(
            "DECISION_NOT_POSSIBLE",
            "Accept the tools, or request changes. A server that must not stay in the directory is suspended.",
            decision=decision.value,
        )
    decided = review.decide(
        item, reviewer, decision=decision, comment=comment, reason_code="", version=version, now=now
    )
    if decision is Decision.APPROVE:
        return decided
    return replace(
        decided,
        state=ItemState.OPEN,
        decision=None,
        decided_by=None,
        decided_by_name="",
        closed_at=None,
        comment="",
    )


def require_lead_reviewer(*, missing: bool) -> None:
    """Raises PermissionDenied LEAD_REVIEWER_REQUIRED where the item needs one and the caller is none."""
    if missing:
        raise PermissionDenied(
            "LEAD_REVIEWER_REQUIRED",
            "Hints of these tools promise less danger than the approved ones; a lead reviewer decides.",
        )
