"""Claims, leases and decisions, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, PermissionDenied, VersionMismatch
from submissions.domain import review
from submissions.domain.review import Decision, ItemKind, ItemState, Reviewer, ReviewItem

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RITA = Reviewer("rita", "Rita", frozenset({"elsewhere"}))
ROB = Reviewer("rob", "Rob", frozenset())
ITEM = ReviewItem(
    review_item_id="i",
    kind=ItemKind.SUBMISSION,
    state=ItemState.OPEN,
    submission_id="s",
    revision_id=None,
    organization_id="acme",
    opened_at=NOW,
    version=1,
)


def decide(item, person=RITA, *, decision=Decision.APPROVE, comment="", reason_code="", version=None, now=NOW):
    version = item.version if version is None else version
    return review.decide(
        item, person, decision=decision, comment=comment, reason_code=reason_code, version=version, now=now
    )


def reason_of(kind, call):
    with pytest.raises(kind) as refusal:
        call()
    return refusal.value.reason


def test_one_holder_until_the_lease_ends_by_itself():
    held = review.claim(ITEM, RITA, now=NOW)
    assert held.claim_expires_at == NOW + timedelta(minutes=30)
    with pytest.raises(Conflict) as refusal:
        review.claim(held, ROB, now=NOW + timedelta(minutes=29))
    assert refusal.value.reason == "CLAIMED"
    assert refusal.value.metadata["claimed_by_name"] == "Rita"
    assert refusal.value.metadata["claim_expires_at"] == (NOW + timedelta(minutes=30)).isoformat()
    assert review.claim(held, ROB, now=NOW + timedelta(minutes=30)).claimed_by == "rob"


def test_claiming_again_prolongs():
    later = NOW + timedelta(minutes=20)
    assert review.claim(review.claim(ITEM, RITA, now=NOW), RITA, now=later).claim_expires_at == later + review.LEASE


def test_only_the_holder_decides_and_releases():
    held = review.claim(ITEM, RITA, now=NOW)
    assert reason_of(Conflict, lambda: decide(ITEM)) == "NOT_CLAIMED"
    assert reason_of(Conflict, lambda: decide(held, ROB)) == "NOT_CLAIMED"
    assert reason_of(Conflict, lambda: decide(held, now=NOW + review.LEASE)) == "NOT_CLAIMED"
    assert reason_of(Conflict, lambda: review.release(held, ROB, now=NOW)) == "NOT_CLAIMED"
    assert review.release(held, RITA, now=NOW).claimed_by is None


@pytest.mark.parametrize("decision", list(Decision))
def test_a_decision_is_kept_and_taken_once(decision):
    decided = decide(review.claim(ITEM, RITA, now=NOW), decision=decision, comment="why", reason_code="POLICY")
    assert decided.state is ItemState.DECIDED
    assert decided.decision is decision
    assert decided.decided_by_name == "Rita"
    assert decided.claimed_by is None
    assert decided.reason_code == ("POLICY" if decision is Decision.REJECT else "")
    for again in (lambda: decide(decided), lambda: review.claim(decided, ROB, now=NOW)):
        assert reason_of(Conflict, again) == "ALREADY_DECIDED"


def test_words_and_version():
    held = review.claim(ITEM, RITA, now=NOW)
    assert reason_of(InvalidInput, lambda: decide(held, decision=Decision.REQUEST_CHANGES)) == "COMMENT_REQUIRED"
    assert reason_of(InvalidInput, lambda: decide(held, decision=Decision.REJECT, comment="no")) == "REASON_REQUIRED"
    assert reason_of(VersionMismatch, lambda: decide(held, version=1)) == "VERSION_MISMATCH"


def test_nobody_decides_on_their_own_organization():
    own = Reviewer("rita", "Rita", frozenset({"acme"}))
    assert reason_of(PermissionDenied, lambda: review.claim(ITEM, own, now=NOW)) == "OWN_ORGANIZATION"
    # Somebody who joined the organisation while holding the claim.
    held = review.claim(ITEM, RITA, now=NOW)
    assert reason_of(PermissionDenied, lambda: decide(held, own)) == "OWN_ORGANIZATION"
    assert review.why_not_decide(held, own, now=NOW) == "OWN_ORGANIZATION"


def test_a_voided_item_waits_for_nobody():
    voided = review.void(review.claim(ITEM, RITA, now=NOW), now=NOW)
    with pytest.raises(Conflict) as refusal:
        review.claim(voided, RITA, now=NOW)
    assert (refusal.value.reason, refusal.value.metadata["decision"]) == ("ALREADY_DECIDED", "voided")


def test_why_not():
    held = review.claim(ITEM, RITA, now=NOW)
    assert review.why_not_decide(held, RITA, now=NOW) == ""
    assert review.why_not_decide(held, ROB, now=NOW) == "NOT_CLAIMED"
    assert review.why_not_decide(replace(held, state=ItemState.VOIDED), RITA, now=NOW) == "ALREADY_DECIDED"
