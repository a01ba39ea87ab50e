"""Review items: who may take one, for how long, and what a decision needs."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.errors import Conflict, PermissionDenied, VersionMismatch

from submissions.domain.lifecycle import Actor, Move, State, Step, require_words, step

LEASE = timedelta(minutes=30)


class ItemKind(StrEnum):
    """What an item is about; the values are stored."""

    SUBMISSION = "submission"
    REVISION = "revision"
    DRIFT = "drift"


class ItemState(StrEnum):
    """Where an item stands; the values are stored."""

    OPEN = "open"
    DECIDED = "decided"
    VOIDED = "voided"


class Decision(StrEnum):
    """What a reviewer decides; the values are stored and name the lifecycle's move."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person of the directory's staff."""

    person_id: str
    name: str
    organizations: Set[str]


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """An item of the queue. The claim counts only while `claim_expires_at` lies ahead."""

    review_item_id: str
    kind: ItemKind
    state: ItemState
    submission_id: str
    revision_id: str | None
    organization_id: str
    opened_at: datetime
    version: int
    warnings: int = 0
    claimed_by: str | None = None
    claimed_by_name: str = ""
    claim_expires_at: datetime | None = None
    decision: Decision | None = None
    decided_by: str | None = None
    decided_by_name: str = ""
    closed_at: datetime | None = None
    comment: str = ""
    reason_code: str = ""

    def holder_at(self, now: datetime) -> str | None:
        """Person id of who holds the item; None when it is free."""
        if self.claim_expires_at is None or self.claim_expires_at <= now:
            return None
        return self.claimed_by


def claim(item: ReviewItem, reviewer: Reviewer, *, now: datetime) -> ReviewItem:
    """The item held by `reviewer` for a lease from now. Raises OWN_ORGANIZATION, ALREADY_DECIDED, CLAIMED."""
    require_other_organization(item, reviewer)
    _require_open(item)
    if item.holder_at(now) not in (None, reviewer.person_id) and item.claim_expires_at is not None:
        raise Conflict(
            "CLAIMED",
            f"{item.claimed_by_name} is reviewing this now.",
            claimed_by_name=item.claimed_by_name,
            claim_expires_at=item.claim_expires_at.isoformat(),
        )
    return replace(
        item,
        claimed_by=reviewer.person_id,
        claimed_by_name=reviewer.name,
        claim_expires_at=now + LEASE,
        version=item.version + 1,
    )


def release(item: ReviewItem, reviewer: Reviewer, *, now: datetime) -> ReviewItem:
    """The item without a claim. Raises ALREADY_DECIDED, NOT_CLAIMED."""
    _require_open(item)
    _require_holder(item, reviewer, now)
    return _without_claim(item)


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
    """The decided item.

    Raises OWN_ORGANIZATION, ALREADY_DECIDED, NOT_CLAIMED, VERSION_MISMATCH, COMMENT_REQUIRED, REASON_REQUIRED, in
    this order: who may not decide learns nothing about what else is wrong.
    """
    require_other_organization(item, reviewer)
    _require_open(item)
    _require_holder(item, reviewer, now)
    if item.version != version:
        raise version_mismatch(item.version)
    require_words(decision_step(decision), comment=comment, reason_code=reason_code)
    return replace(
        _without_claim(item),
        state=ItemState.DECIDED,
        decision=decision,
        decided_by=reviewer.person_id,
        decided_by_name=reviewer.name,
        closed_at=now,
        comment=comment,
        reason_code=reason_code if decision is Decision.REJECT else "",
    )


def void(item: ReviewItem, *, now: datetime) -> ReviewItem:
    """The item after its publisher took its subject back. Only open items are voided."""
    return replace(_without_claim(item), state=ItemState.VOIDED, closed_at=now)


def why_not_decide(item: ReviewItem, reviewer: Reviewer, *, now: datetime) -> str:
    """Reason for which `reviewer` may not decide now; empty when they may."""
    try:
        require_other_organization(item, reviewer)
        _require_open(item)
        _require_holder(item, reviewer, now)
    except (Conflict, PermissionDenied) as refusal:
        return refusal.reason
    return ""


def require_other_organization(item: ReviewItem, reviewer: Reviewer) -> None:
    """Raises PermissionDenied OWN_ORGANIZATION when the item is of an organisation that the reviewer belongs to."""
    refuse_own_organization(item.organization_id, reviewer.organizations)


def refuse_own_organization(organization_id: str, organizations: Set[str]) -> None:
    """Raises PermissionDenied OWN_ORGANIZATION when `organization_id` is one of `organizations`."""
    if organization_id in organizations:
        raise PermissionDenied(
            "OWN_ORGANIZATION", "You belong to the organisation that owns this; somebody else decides."
        )


def version_mismatch(current_version: int) -> VersionMismatch:
    """Somebody else changed the thing since the caller looked."""
    return VersionMismatch(
        "VERSION_MISMATCH",
        "Somebody else changed this in the meantime. Look at the present version, then try again.",
        current_version=str(current_version),
    )


def decision_step(decision: Decision) -> Step:
    """The lifecycle's row of a decision; its needs hold for revisions too."""
    return step(State.IN_REVIEW, Move(decision.value), actors={Actor.HOLDER}, ever_published=False)


def _require_open(item: ReviewItem) -> None:
    if item.state is ItemState.OPEN:
        return
    decided = item.decision.value if item.decision else item.state.value
    message = "This was decided before." if item.decision else "The publisher took this back; no decision is needed."
    raise Conflict("ALREADY_DECIDED", message, decision=decided)


def _require_holder(item: ReviewItem, reviewer: Reviewer, now: datetime) -> None:
    if item.holder_at(now) != reviewer.person_id:
        raise Conflict("NOT_CLAIMED", "You do not hold this item, or your claim has ended. Claim it first.")


def _without_claim(item: ReviewItem) -> ReviewItem:
    return replace(item, claimed_by=None, claimed_by_name="", claim_expires_at=None, version=item.version + 1)
