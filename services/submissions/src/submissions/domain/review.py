"""Review items: who may take one, for how long, and what a decision needs."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from chassis.errors import Conflict, PermissionDenied

from submissions.domain.lifecycle import Actor, Move, State, Step, require_words, step
from submissions.domain.refusals import comment_required, refuse_own_organization, refuse_receiver, version_mismatch

LEASE = timedelta(minutes=30)


class ItemKind(StrEnum):
    """What an item is about; the values are stored."""

    SUBMISSION = "submission"
    REVISION = "revision"
    DRIFT = "drift"
    APPEAL = "appeal"
    REPLY = "reply"


class ItemState(StrEnum):
    """Where an item stands; the values are stored."""

    OPEN = "open"
    DECIDED = "decided"
    VOIDED = "voided"


class Decision(StrEnum):
    """What a reviewer decides; the values are stored and, but for ANSWER, name the lifecycle's move."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    ANSWER = "answer"
    UPHOLD = "uphold"
    OVERTURN = "overturn"


_OUTCOMES = (Decision.APPROVE, Decision.REQUEST_CHANGES, Decision.REJECT)
_OWN_OUTCOMES = {
    ItemKind.DRIFT: (Decision.APPROVE, Decision.REQUEST_CHANGES),
    ItemKind.APPEAL: (Decision.UPHOLD, Decision.OVERTURN),
    ItemKind.REPLY: (Decision.ANSWER,),
}


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A person of the directory's staff."""

    person_id: str
    name: str
    organizations: Set[str]
    lead: bool = False


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
    blocks: int = 0
    """Findings of grade block, which stand in the way of approving it together with others."""
    lead_reviewer: bool = False
    """Whether lead reviewers alone decide."""
    barred: tuple[str, ...] = ()
    """Person ids of those who rejected what this is about: others decide."""
    assigned_to: str | None = None
    assigned_to_name: str = ""
    replied_at: datetime | None = None
    """When the publisher last wrote; None once somebody answered."""
    proposed_by: str | None = None
    """Who proposes a rejection; `comment` and `reason_code` are those proposed."""
    proposed_by_name: str = ""
    proposed_at: datetime | None = None
    returned_by_name: str = ""
    returned_comment: str = ""
    offered_to: str | None = None
    """The organization that the server is offered to, where the item was read for the desk; no column of the item."""

    @property
    def appealed(self) -> bool:
        """This is an appeal, or a review that follows from one: nobody else is barred from a submission."""
        return self.kind is ItemKind.APPEAL or (self.kind is ItemKind.SUBMISSION and bool(self.barred))

    def concerns(self, organizations: Set[str]) -> bool:
        """Whether one of `organizations` owns what this is about, or may be its next owner."""
        return not organizations.isdisjoint({self.organization_id, self.offered_to})

    @property
    def is_proposed(self) -> bool:
        """A rejection waits for a second reviewer."""
        return self.state is ItemState.OPEN and self.proposed_by is not None

    def holder_at(self, now: datetime) -> str | None:
        """Person id of who holds the item; None when it is free."""
        if self.claim_expires_at is None or self.claim_expires_at <= now:
            return None
        return self.claimed_by


def claim(item: ReviewItem, reviewer: Reviewer, *, now: datetime) -> ReviewItem:
    """The item held by `reviewer` for a lease from now.

    Raises OWN_ORGANIZATION, ALREADY_DECIDED, LEAD_REVIEWER_REQUIRED, ANOTHER_REVIEWER_REQUIRED, CLAIMED.
    """
    require_other_organization(item, reviewer)
    require_open(item)
    require_fit(item, reviewer)
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
    require_open(item)
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
    second_needed: bool = False,
) -> ReviewItem:
    """The decided item; where a second reviewer is needed, a rejection is proposed only and the item stays open.

    Raises OWN_ORGANIZATION, ALREADY_DECIDED, NOT_CLAIMED, VERSION_MISMATCH, REJECTION_PROPOSED, DECISION_NOT_POSSIBLE,
    COMMENT_REQUIRED, REASON_REQUIRED, in this order: who may not decide learns nothing about what else is wrong.
    """
    _require_decider(item, reviewer, version, now)
    if item.is_proposed:
        name = item.proposed_by_name
        message = f"{name} proposes to reject this. Confirm the rejection, or return it."
        raise Conflict("REJECTION_PROPOSED", message, proposed_by_name=name)
    _require_outcome(item.kind, decision)
    if decision is not Decision.ANSWER:
        require_words(decision_step(decision), comment=comment, reason_code=reason_code)
    coded = decision in (Decision.REJECT, Decision.REQUEST_CHANGES)
    said = replace(item, comment=comment, reason_code=reason_code if coded else "")
    if decision is Decision.REJECT and second_needed:
        return _without_claim(
            replace(said, proposed_by=reviewer.person_id, proposed_by_name=reviewer.name, proposed_at=now)
        )
    return _decided(said, reviewer, decision, now)


def settle(
    item: ReviewItem, reviewer: Reviewer, *, confirm: bool, comment: str, version: int, now: datetime
) -> ReviewItem:
    """The item rejected as proposed, or open again without the proposal.

    Raises as `decide`, ANOTHER_REVIEWER_REQUIRED for who proposed it, NOTHING_PROPOSED, COMMENT_REQUIRED for
    returning without a word.
    """
    _require_decider(item, reviewer, version, now)
    if not item.is_proposed:
        raise Conflict("NOTHING_PROPOSED", "No rejection is proposed here. Decide as usual.")
    if confirm:
        return _decided(item, reviewer, Decision.REJECT, now)
    if not comment:
        raise comment_required("Say why you do not agree: reviewers alone see it.")
    returned = replace(item, returned_by_name=reviewer.name, returned_comment=comment, comment="", reason_code="")
    return _without_claim(_without_proposal(returned))


def possible_decisions(kind: ItemKind) -> tuple[Decision, ...]:
    """What can be decided on an item of this kind."""
    return _OWN_OUTCOMES.get(kind, _OUTCOMES)


def void(item: ReviewItem, *, now: datetime) -> ReviewItem:
    """The item after its publisher took its subject back, without the words of a rejection that was only proposed.

    Only open items are voided.
    """
    plain = replace(_without_proposal(item), comment="", reason_code="", replied_at=None)
    return replace(_without_claim(plain), state=ItemState.VOIDED, closed_at=now)


def replied(item: ReviewItem, *, now: datetime) -> ReviewItem:
    """The item after its publisher wrote: whoever decides now must have seen that. When it is due stays."""
    return replace(item, replied_at=now, version=item.version + 1)


def in_nobodys_hands(item: ReviewItem) -> ReviewItem:
    """The item as it is, neither claimed nor assigned."""
    return replace(
        item,
        claimed_by=None,
        claimed_by_name="",
        claim_expires_at=None,
        assigned_to=None,
        assigned_to_name="",
    )


def as_seen_by(item: ReviewItem, reviewer: Reviewer) -> ReviewItem:
    """The item, to who belongs to the owner or to who may be the next without what reviewers say among themselves."""
    if not item.concerns(reviewer.organizations):
        return item
    untold = _without_proposal(replace(item, returned_by_name="", returned_comment=""))
    return replace(untold, comment="", reason_code="") if item.is_proposed else untold


def why_not_decide(item: ReviewItem, reviewer: Reviewer, *, now: datetime) -> str:
    """Reason for which `reviewer` may not decide now; empty when they may."""
    try:
        require_other_organization(item, reviewer)
        require_open(item)
        require_fit(item, reviewer)
        _require_holder(item, reviewer, now)
    except (Conflict, PermissionDenied) as refusal:
        return refusal.reason
    return ""


def require_other_organization(item: ReviewItem, reviewer: Reviewer) -> None:
    """Raises PermissionDenied OWN_ORGANIZATION when the reviewer belongs to the owner, or to who may be the next."""
    refuse_own_organization(item.organization_id, reviewer.organizations)
    refuse_receiver(item.offered_to, reviewer.organizations)


def require_open(item: ReviewItem) -> None:
    """Raises Conflict ALREADY_DECIDED for what nobody can decide any more."""
    if item.state is ItemState.OPEN:
        return
    decided = item.decision.value if item.decision else item.state.value
    message = "This was decided before." if item.decision else "The publisher took this back; no decision is needed."
    raise Conflict("ALREADY_DECIDED", message, decision=decided)


def require_fit(item: ReviewItem, reviewer: Reviewer) -> None:
    """Raises PermissionDenied LEAD_REVIEWER_REQUIRED or ANOTHER_REVIEWER_REQUIRED where others are to decide."""
    if item.lead_reviewer and not reviewer.lead:
        message = "Appeals, and tools that promise less danger than before, are for lead reviewers."
        raise PermissionDenied("LEAD_REVIEWER_REQUIRED", message)
    if reviewer.person_id in item.barred or (item.is_proposed and reviewer.person_id == item.proposed_by):
        message = "Another reviewer decides on this: a rejection is never looked at twice by the same person."
        raise PermissionDenied("ANOTHER_REVIEWER_REQUIRED", message)


def decision_step(decision: Decision) -> Step:
    """The lifecycle's row of a decision; its needs hold for revisions too."""
    state = State.NOT_APPROVED if decision in _OWN_OUTCOMES[ItemKind.APPEAL] else State.IN_REVIEW
    return step(state, Move(decision.value), actors={Actor.HOLDER}, ever_published=False)


def _require_decider(item: ReviewItem, reviewer: Reviewer, version: int, now: datetime) -> None:
    require_other_organization(item, reviewer)
    require_open(item)
    require_fit(item, reviewer)
    _require_holder(item, reviewer, now)
    if item.version != version:
        raise version_mismatch(item.version)


def _require_outcome(kind: ItemKind, decision: Decision) -> None:
    possible = possible_decisions(kind)
    if decision not in possible:
        listed = ",".join(possible)
        words = listed.replace("_", " ").replace(",", ", ")
        raise Conflict("DECISION_NOT_POSSIBLE", f"This is decided otherwise: {words}.", possible_decisions=listed)


def _decided(item: ReviewItem, reviewer: Reviewer, decision: Decision, now: datetime) -> ReviewItem:
    return replace(
        _without_claim(item),
        state=ItemState.DECIDED,
        decision=decision,
        decided_by=reviewer.person_id,
        decided_by_name=reviewer.name,
        closed_at=now,
        replied_at=None,
    )


def _require_holder(item: ReviewItem, reviewer: Reviewer, now: datetime) -> None:
    if item.holder_at(now) != reviewer.person_id:
        raise Conflict("NOT_CLAIMED", "You do not hold this item, or your claim has ended. Claim it first.")


def _without_proposal(item: ReviewItem) -> ReviewItem:
    return replace(item, proposed_by=None, proposed_by_name="", proposed_at=None)


def _without_claim(item: ReviewItem) -> ReviewItem:
    return replace(item, claimed_by=None, claimed_by_name="", claim_expires_at=None, version=item.version + 1)
