"""Deciding on tool drift: accept what the server offers, or ask its publisher for changes.

A server that must go is suspended by a lead reviewer; that is a move of its submission and no decision on the drift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from submissions.domain import checks, review
from submissions.domain.checks import Finding
from submissions.domain.review import Decision, ItemState, Reviewer, ReviewItem


def about_others(
    item: ReviewItem,
    *,
    findings: Sequence[Finding],
    lead_reviewer: bool,
    was_with_publisher: bool,
    now: datetime,
) -> ReviewItem:
    """The item, which is about other tools now. What comes back from its publisher waits from now on.

    Where lead reviewers alone decide from now on, it is in nobody's hands: a claim or an assignment from before could
    be of somebody who may not.
    """
    warnings, blocks = checks.counts(findings)
    after = replace(
        item,
        warnings=warnings,
        blocks=blocks,
        lead_reviewer=lead_reviewer,
        opened_at=now if was_with_publisher else item.opened_at,
        version=item.version + 1,
    )
    return review.in_nobodys_hands(after) if lead_reviewer and not item.lead_reviewer else after


def decide(
    item: ReviewItem,
    reviewer: Reviewer,
    *,
    decision: Decision,
    comment: str,
    reason_code: str,
    version: int,
    now: datetime,
) -> ReviewItem:
    """The item after the decision: decided when accepted; open and free when changes are asked for.

    Raises as `review.decide`.
    """
    decided = review.decide(
        item, reviewer, decision=decision, comment=comment, reason_code=reason_code, version=version, now=now
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
        reason_code="",
    )
