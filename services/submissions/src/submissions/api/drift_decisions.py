"""Deciding on items of kind drift, which go other ways than submissions and revisions."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import PermissionDenied
from chassis.grants import Grant
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection

from submissions.api.callers import LEAD_REVIEWER, as_reviewer, as_staff
from submissions.domain import drift_review, review
from submissions.domain.review import Decision, ReviewItem
from submissions.store import drift_moves, tool_drifts
from submissions.store.submissions import Submission


def decide_drift(
    uow: UnitOfWork,
    submission: Submission,
    item: ReviewItem,
    grant: Grant,
    *,
    decision: Decision,
    comment: str,
    version: int,
    now: datetime,
) -> ReviewItem:
    """Decides on an item, whose submission and row are locked; returns the item afterwards."""
    after = drift_review.decide(
        item,
        as_reviewer(grant),
        decision=decision,
        comment=comment,
        version=version,
        lead_reviewer_missing=_lead_reviewer_missing(uow.connection, item, grant),
        now=now,
    )
    drift_moves.decide(uow, submission, after, decision=decision, comment=comment, author=as_staff(grant), now=now)
    return after


def require_lead_reviewer(connection: Connection, item: ReviewItem, grant: Grant) -> None:
    """Raises LEAD_REVIEWER_REQUIRED where the item needs one and the caller is none; OWN_ORGANIZATION before."""
    review.require_other_organization(item, as_reviewer(grant))
    drift_review.require_lead_reviewer(missing=_lead_reviewer_missing(connection, item, grant))


def why_not_decide(connection: Connection, item: ReviewItem, grant: Grant, *, now: datetime) -> str:
    """Reason for which the caller may not decide now, on an item of any kind; empty when they may."""
    try:
        require_lead_reviewer(connection, item, grant)
    except PermissionDenied as refusal:
        return refusal.reason
    return review.why_not_decide(item, as_reviewer(grant), now=now)


def _lead_reviewer_missing(connection: Connection, item: ReviewItem, grant: Grant) -> bool:
    return grant.staff_role != LEAD_REVIEWER and tool_drifts.needs_lead_reviewer(connection, item.review_item_id)
