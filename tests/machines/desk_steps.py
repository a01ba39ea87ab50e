"""The thread and the review desk."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .draws import comments, decisions, numbers, publishers, reviewers, seldom
from .expected import Item
from .people import REVIEWERS, STAFF, is_lead, refused_as_reviewer
from .statement import OUTCOMES
from .two_services import no_id


class DeskSteps:
    @rule(who=publishers)
    def write(self, who: str) -> None:
        call = lambda: self.services.publish(who, "PostMessage", submission_id=self.submission_id, body="Hello")  # noqa: E731
        status = self.refused_as(who, "publisher") or (200 if self.submission.may_write("publisher") else 429)
        self.expect(status, call)
        if status == 200:
            items = zip(self.item_ids, self.submission.items, strict=True)
            seen = {item_id: self.item_versions[item_id] for item_id, item in items if item.state == "open"}
            self.submission.publisher_wrote("Hello")
            self.look()
            # Nobody decides without having read it.
            assert all(self.item_versions[item_id] == version + 1 for item_id, version in seen.items())

    @rule(who=reviewers, pick=numbers)
    def answer(self, who: str, pick: int) -> None:
        number, item_id = self.item(pick)
        status = (
            self.refused_at_desk(who)
            or (404 if number is None else 0)
            or refused_as_reviewer(who, self.submission.concerned)
            or (200 if self.submission.may_write("reviewer") else 429)
        )
        self.expect(
            status, lambda: self.services.review(who, "PostReviewMessage", review_item_id=item_id, body="Tell me more")
        )
        if status == 200:
            revision = self.submission.items[number].revision
            self.submission.reviewer_wrote("Tell me more", str(revision or ""))

    # The review desk

    @rule(who=reviewers, pick=numbers)
    def claim(self, who: str, pick: int) -> None:
        number, item_id = self.item(pick)
        status, reason = self.refused_at_desk(who) or 200, ""
        if status == 200 and number is None:
            status = 404
        elif status == 200:
            item = self.submission.items[number]
            status = refused_as_reviewer(who, self.submission.concerned) or 200
            if status == 200 and item.state != "open":
                status, reason = 409, "ALREADY_DECIDED"
            elif status == 200 and self.is_not_for(item, who):
                status, reason = 403, self.is_not_for(item, who)
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
    @rule(who=reviewers, pick=numbers, decision=decisions, comment=comments, stale=seldom)
    def decide(self, who: str, pick: int, decision: str, comment: str, stale: bool) -> None:
        number, item_id = self.item(pick)
        item = self.submission.items[number]
        status = self.refused_to_decide(who, item, stale=stale)
        status = status or (409 if item.proposed or decision not in OUTCOMES[item.kind] else 0)
        status = status or (422 if decision not in ("approve", "answer") and not comment else 200)
        seen = self.services.review("rita", "GetReviewItem", review_item_id=item_id) if status == 200 else None
        version = self.item_versions.get(item_id, 1) - stale
        fields = {"review_item_id": item_id, "version": version, "decision": f"DECISION_{decision.upper()}"}
        fields |= {"comment": comment} | ({"reason": "REJECTION_REASON_POLICY"} if decision == "reject" else {})
        self.expect(status, lambda: self.services.review(who, "DecideReviewItem", **fields))
        if status != 200:
            return
        if decision == "reject" and self.two_reject:
            self.submission.rejection_proposed(number, who, comment)
        else:
            self.decided(number, who, decision, comment, seen)

    @precondition(lambda self: self.submission.items)
    @rule(who=reviewers, pick=numbers, confirm=st.booleans(), comment=comments, stale=seldom)
    def settle(self, who: str, pick: int, confirm: bool, comment: str, stale: bool) -> None:
        number, item_id = self.item(pick)
        item = self.submission.items[number]
        status = self.refused_to_decide(who, item, stale=stale) or (0 if item.proposed else 409)
        status = status or (200 if confirm or comment else 422)
        version = self.item_versions.get(item_id, 1) - stale
        fields = {"review_item_id": item_id, "version": version, "confirm": confirm, "comment": comment}
        self.expect(status, lambda: self.services.review(who, "SettleRejection", **fields))
        if status == 200 and confirm:
            self.decided(number, who, "reject", item.said, None)
        elif status == 200:
            self.submission.rejection_returned(number, who)

    def refused_to_decide(self, who: str, item: Item, *, stale: bool) -> int:
        """Status for somebody who may not decide on it now, whatever they decide."""
        refused = self.refused_at_desk(who) or refused_as_reviewer(who, self.submission.concerned)
        if not refused and item.state == "open" and self.is_not_for(item, who):
            refused = 403
        return refused or (409 if item.held_by(self.submission.at) != who else 0) or (412 if stale else 0)

    def decided(self, number: int, who: str, decision: str, comment: str, seen: Any) -> None:
        """What follows; `seen` is what the reviewer had before them."""
        match self.submission.items[number].kind:
            case "reply":
                self.submission.answered(who, comment)
            case "drift":
                self.submission.drift_decided(number, who, decision, comment)
            case "revision":
                self.submission.revision_decided(number, who, decision, comment)
                if decision == "approve":
                    self.approved_words.add((seen.after.display_name, seen.after.tagline))
            case _:
                self.note(self.submission.stated(decision), who, comment)

    def decide_as_holder(self, number: int, decision: str) -> None:
        """A proposed rejection is confirmed by another, where one may, or returned before something else is decided."""
        if self.submission.items[number].proposed and decision != "reject":
            self.settle(self.hold(number), number, confirm=False, comment="because", stale=False)
            self.look()
        if not self.submission.items[number].proposed:
            self.decide(self.hold(number), number, decision, comment="because", stale=False)
            self.look()
        after = self.submission.items[number]
        if after.proposed and self.who_may_decide(after):
            self.settle(self.hold(number), number, confirm=True, comment="", stale=False)

    def try_to_settle(self, number: int) -> None:
        """Who proposed a rejection does not confirm it; who else holds it decides nothing else, nor without a word."""
        item = self.submission.items[number]
        self.claim(item.proposed, number)
        self.settle(item.proposed, number, confirm=True, comment="", stale=False)
        if not self.who_may_decide(item):
            return
        holder = self.hold(number)
        self.decide(holder, number, "approve", comment="because", stale=False)
        self.settle(holder, number, confirm=False, comment="", stale=False)
        self.settle(holder, number, confirm=True, comment="", stale=True)

    def hold(self, number: int) -> str:
        """Who has claimed it now."""
        item = self.submission.items[number]
        who = item.held_by(self.submission.at) or self.who_may_decide(item)[0]
        self.claim(who, number)
        self.look()
        return who

    def who_may_decide(self, item: Item) -> list[str]:
        return [who for who in REVIEWERS if not self.is_not_for(item, who)]

    def is_not_for(self, item: Item, who: str) -> str:
        """Why a reviewer may not take an item that is open; empty when they may."""
        if item.for_leads and not is_lead(who):
            return "LEAD_REVIEWER_REQUIRED"
        return "ANOTHER_REVIEWER_REQUIRED" if who in (*item.barred, item.proposed) else ""

    def item(self, pick: int) -> tuple[int | None, str]:
        if not self.item_ids:
            return None, no_id()
        number = pick % len(self.item_ids)
        return number, self.item_ids[number]

    def refused_at_desk(self, who: str) -> int:
        if who not in STAFF:
            return 403
        return 404 if self.submission.state == "-" else 0
