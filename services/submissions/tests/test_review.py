"""Claims, leases and decisions, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, PermissionDenied, VersionMismatch
from submissions.domain import assignment, review, together
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


LEA = Reviewer("lea", "Lea", frozenset(), lead=True)
KINDS = {
    Decision.ANSWER: (ItemKind.REPLY, RITA),
    Decision.UPHOLD: (ItemKind.APPEAL, LEA),
    Decision.OVERTURN: (ItemKind.APPEAL, LEA),
}


def decide(item, person=RITA, *, decision=Decision.APPROVE, version=None, now=NOW, **said):
    words = {"comment": "", "reason_code": "", **said}
    version = item.version if version is None else version
    return review.decide(item, person, decision=decision, version=version, now=now, **words)


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
    kind, judge = KINDS.get(decision, (ItemKind.SUBMISSION, RITA))
    held = review.claim(replace(ITEM, kind=kind), judge, now=NOW)
    decided = decide(held, judge, decision=decision, comment="why", reason_code="POLICY")
    assert decided.state is ItemState.DECIDED
    assert decided.decision is decision
    assert decided.decided_by_name == judge.name
    assert decided.claimed_by is None
    assert decided.reason_code == ("POLICY" if decision in (Decision.REJECT, Decision.REQUEST_CHANGES) else "")
    for again in (lambda: decide(decided, judge), lambda: review.claim(decided, ROB, now=NOW)):
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


@pytest.mark.parametrize("kind", list(ItemKind))
@pytest.mark.parametrize("decision", list(Decision))
def test_each_kind_is_decided_in_its_own_way(kind, decision):
    held = review.claim(replace(ITEM, kind=kind), LEA, now=NOW)
    if decision.value in STATED[kind.value]:
        assert decide(held, LEA, decision=decision, comment="why", reason_code="POLICY").decision is decision
    else:
        refusal = reason_of(Conflict, lambda: decide(held, LEA, decision=decision, comment="why", reason_code="POLICY"))
        assert refusal == "DECISION_NOT_POSSIBLE"


STATED = {
    "submission": {"approve", "request_changes", "reject"},
    "revision": {"approve", "request_changes", "reject"},
    "drift": {"approve", "request_changes"},
    "appeal": {"uphold", "overturn"},
    "reply": {"answer"},
}


def proposed():
    held = review.claim(ITEM, RITA, now=NOW)
    return decide(held, decision=Decision.REJECT, comment="no", reason_code="POLICY", second_needed=True)


def settle(item, person=ROB, *, confirm=True, comment=""):
    held = review.claim(item, person, now=NOW)
    return review.settle(held, person, confirm=confirm, comment=comment, version=held.version, now=NOW)


def test_a_second_reviewer_confirms_a_rejection():
    item = proposed()
    assert (item.state, item.is_proposed, item.decision, item.claimed_by) == (ItemState.OPEN, True, None, None)
    assert reason_of(PermissionDenied, lambda: review.claim(item, RITA, now=NOW)) == "ANOTHER_REVIEWER_REQUIRED"
    held = review.claim(item, ROB, now=NOW)
    for decision in (Decision.APPROVE, Decision.REJECT):
        refusal = reason_of(
            Conflict, lambda d=decision: decide(held, ROB, decision=d, comment="x", reason_code="POLICY")
        )
        assert refusal == "REJECTION_PROPOSED"
    done = settle(item)
    assert (done.decision, done.decided_by, done.proposed_by) == (Decision.REJECT, "rob", "rita")
    assert (done.comment, done.reason_code) == ("no", "POLICY")


def test_never_the_same_person_even_with_an_old_claim():
    item = replace(proposed(), claimed_by="rita", claim_expires_at=NOW + review.LEASE)
    refusal = reason_of(
        PermissionDenied,
        lambda: review.settle(item, RITA, confirm=True, comment="", version=item.version, now=NOW),
    )
    assert refusal == "ANOTHER_REVIEWER_REQUIRED"


def test_a_returned_rejection_is_open_again():
    assert reason_of(InvalidInput, lambda: settle(proposed(), confirm=False)) == "COMMENT_REQUIRED"
    back = settle(proposed(), confirm=False, comment="It works for me")
    assert (back.state, back.is_proposed, back.comment, back.reason_code) == (ItemState.OPEN, False, "", "")
    assert (back.returned_by_name, back.returned_comment) == ("Rob", "It works for me")
    assert decide(review.claim(back, RITA, now=NOW)).decision is Decision.APPROVE
    held = review.claim(back, ROB, now=NOW)
    refusal = reason_of(
        Conflict, lambda: review.settle(held, ROB, confirm=True, comment="", version=held.version, now=NOW)
    )
    assert refusal == "NOTHING_PROPOSED"


def test_approving_needs_no_second_reviewer():
    assert decide(review.claim(ITEM, RITA, now=NOW), second_needed=True).decision is Decision.APPROVE


def test_who_rejected_decides_no_more_and_appeals_are_for_leads():
    appeal = replace(ITEM, kind=ItemKind.APPEAL, lead_reviewer=True, barred=("lea",))
    assert reason_of(PermissionDenied, lambda: review.claim(appeal, RITA, now=NOW)) == "LEAD_REVIEWER_REQUIRED"
    assert reason_of(PermissionDenied, lambda: review.claim(appeal, LEA, now=NOW)) == "ANOTHER_REVIEWER_REQUIRED"
    assert review.why_not_decide(appeal, LEA, now=NOW) == "ANOTHER_REVIEWER_REQUIRED"


@pytest.mark.parametrize(
    ("by", "to", "assigned", "refusal"),
    [
        (RITA, RITA, None, None),
        (RITA, None, "rita", None),
        (RITA, ROB, None, "LEAD_REVIEWER_REQUIRED"),
        (RITA, RITA, "rob", "LEAD_REVIEWER_REQUIRED"),
        (RITA, None, "rob", "LEAD_REVIEWER_REQUIRED"),
        (LEA, ROB, "rita", None),
        (LEA, None, "rita", None),
        (LEA, Reviewer("ina", "Ina", frozenset({"acme"})), None, "OWN_ORGANIZATION"),
        (LEA, Reviewer("bar", "Bar", frozenset()), None, "ANOTHER_REVIEWER_REQUIRED"),
    ],
)
def test_assignment(by, to, assigned, refusal):
    item = replace(ITEM, assigned_to=assigned, barred=("bar",))
    if refusal is None:
        assert assignment.assign(item, to, by).assigned_to == (to.person_id if to else None)
    else:
        assert reason_of(PermissionDenied, lambda: assignment.assign(item, to, by)) == refusal


def test_what_may_be_approved_together():
    together.require_bulk(ITEM, Decision.APPROVE, renames=False)


@pytest.mark.parametrize(
    ("item", "decision", "renames", "cause", "said"),
    [
        (ITEM, Decision.APPROVE, True, "new_name", "another name"),
        (ITEM, Decision.REJECT, False, "no_approval", "Only approvals"),
        (replace(ITEM, blocks=1), Decision.APPROVE, False, "blocking_findings", "blocking findings"),
        (replace(ITEM, kind=ItemKind.APPEAL), Decision.APPROVE, False, "appeal", "an appeal"),
        (replace(ITEM, kind=ItemKind.REPLY), Decision.APPROVE, False, "reply", "The publisher wrote"),
        (replace(ITEM, kind=ItemKind.DRIFT), Decision.APPROVE, False, "tool_drift", "tools are not as"),
        (replace(proposed(), blocks=2), Decision.APPROVE, True, "proposed_rejection", "A rejection is proposed"),
    ],
)
def test_what_is_left_out_of_a_bulk_says_why(item, decision, renames, cause, said):
    with pytest.raises(Conflict) as refusal:
        together.require_bulk(item, decision, renames=renames)
    assert (refusal.value.reason, refusal.value.metadata) == ("NOT_IN_BULK", {"cause": cause})
    assert said in refusal.value.message


def test_whoever_decides_has_seen_what_the_publisher_wrote():
    held = review.claim(ITEM, RITA, now=NOW)
    assert reason_of(VersionMismatch, lambda: decide(review.replied(held, now=NOW), version=held.version)) == (
        "VERSION_MISMATCH"
    )
