"""The thread and the review desk."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .draws import comments, numbers, publishers, reviewers, seldom
from .people import STAFF, refused_as_reviewer
from .statement import DECISIONS, stated
from .two_services import no_id


class DeskSteps:
    @rule(who=publishers)
    def write(self, who: str) -> None:
        call = lambda: self.services.publish(who, "PostMessage", submission_id=self.submission_id, body="Hello")  # noqa: E731
        status = self.refused_as(who, "publisher") or 200
        self.expect(status, call)
        if status == 200:
            self.submission.said("publisher", "Hello")

    @rule(who=reviewers, pick=numbers)
    def answer(self, who: str, pick: int) -> None:
        number, item_id = self.item(pick)
        status = self.refused_at_desk(who) or (404 if number is None else 0) or refused_as_reviewer(who) or 200
        self.expect(
            status, lambda: self.services.review(who, "PostReviewMessage", review_item_id=item_id, body="Tell me more")
        )
        if status == 200:
            revision = self.submission.items[number].revision
            self.submission.said("reviewer", "Tell me more", str(revision or ""))

    # The review desk

    @rule(who=reviewers, pick=numbers)
    def claim(self, who: str, pick: int) -> None:
        number, item_id = self.item(pick)
        status, reason = self.refused_at_desk(who) or 200, ""
        if status == 200 and number is None:
            status = 404
        elif status == 200:
            item = self.submission.items[number]
            status = refused_as_reviewer(who) or 200
            if status == 200 and item.state != "open":
                status, reason = 409, "ALREADY_DECIDED"
            elif status == 200 and item.held_by(self.submission.at) not in ("", who):
                status, reason = 409, "CLAIMED"
        self.expect(status, lambda: self.services.review(who, "ClaimReviewItem", review_item_id=item_id), reason)
        if status == 200:
            self.submission.claimed(number, who)

    @precondition(lambda self: self.submission.items)
    @rule(who=reviewers, pick=numbers)
    def release(self, who: str, pick: int) -> None:
        number, item_id = self.item(pick)
        item = self.submission.items[number]
        status = self.refused_at_desk(who) or (200 if item.held_by(self.submission.at) == who else 409)
        self.expect(status, lambda: self.services.review(who, "ReleaseReviewItem", review_item_id=item_id))
        if status == 200:
            self.submission.released(number, who)

    @precondition(lambda self: self.submission.items)
    @rule(who=reviewers, pick=numbers, decision=st.sampled_from(DECISIONS), comment=comments, stale=seldom)
    def decide(self, who: str, pick: int, decision: str, comment: str, stale: bool) -> None:
        number, item_id = self.item(pick)
        item = self.submission.items[number]
        status = self.refused_at_desk(who) or refused_as_reviewer(who)
        if not status and item.held_by(self.submission.at) != who:
            status = 409
        status = status or (412 if stale else 0) or (422 if decision != "approve" and not comment else 200)
        seen = self.services.review("rita", "GetReviewItem", review_item_id=item_id) if status == 200 else None
        version = self.item_versions.get(item_id, 1) - stale
        fields = {"review_item_id": item_id, "version": version, "decision": f"DECISION_{decision.upper()}"}
        fields |= {"comment": comment, "reason": "REJECTION_REASON_POLICY"}
        self.expect(status, lambda: self.services.review(who, "DecideReviewItem", **fields))
        if status != 200:
            return
        if item.kind == "submission":
            self.note(stated("in_review", decision, ever_published=self.submission.ever_published), who, comment)
            return
        self.submission.revision_decided(number, who, decision, comment)
        if decision == "approve":
            self.approved_words.add((seen.after.display_name, seen.after.tagline))

    def decide_as_holder(self, number: int, decision: str) -> None:
        holder = self.submission.items[number].held_by(self.submission.at) or "rita"
        self.claim(holder, number)
        self.look()
        self.decide(holder, number, decision, comment="because", stale=False)

    def item(self, pick: int) -> tuple[int | None, str]:
        if not self.item_ids:
            return None, no_id()
        number = pick % len(self.item_ids)
        return number, self.item_ids[number]

    def refused_at_desk(self, who: str) -> int:
        if who not in STAFF:
            return 403
        return 404 if self.submission.state == "-" else 0
