"""Whose work an item is, and many items at once as the desk has it: each is answered on its own."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .draws import numbers, reviewers, seldom
from .people import STAFF, is_lead, refused_as_reviewer
from .two_services import decision_of, no_id

assignees = st.sampled_from([*STAFF * 3, "", "", "ada"])
several = st.lists(numbers, min_size=1, max_size=4)


class TogetherSteps:
    @rule(who=reviewers, picks=several, stale=seldom, again=seldom)
    def approve_together(self, who: str, picks: list[int], stale: bool, again: bool) -> None:
        numbered = self.several(picks)
        seen = {
            item_id: self.services.review("rita", "GetReviewItem", review_item_id=item_id)
            for item_id, number in numbered.items()
            if number is not None and self.submission.items[number].state == "open" and self.submission.state != "-"
        }
        asked = [(item_id, self.item_versions.get(item_id, 1) - stale) for item_id in numbered]
        results = self.together(
            who, again, lambda key: self.services.approve_together(who, asked, comment="Fine", key=key)
        )
        for item_id, got in results.items():
            number = numbered[item_id]
            why_not = self.why_not_approve_together(number, who, stale=stale)
            assert got == (why_not or "approve"), f"{got} instead of {why_not or 'approved'}"
            if not why_not:
                if not self.submission.items[number].held_by(self.submission.at):
                    self.submission.claimed(number, who)
                self.decided(number, who, "approve", "Fine", seen[item_id])

    def why_not_approve_together(self, number: int | None, who: str, *, stale: bool) -> str:
        if number is None or self.submission.state == "-":
            return "REVIEW_ITEM_NOT_FOUND"
        item = self.submission.items[number]
        if refused_as_reviewer(who, self.submission.concerned):
            return "OWN_ORGANIZATION"
        if item.alone:
            return "NOT_IN_BULK"
        if item.state != "open":
            return "ALREADY_DECIDED"
        if self.is_not_for(item, who):
            return self.is_not_for(item, who)
        if item.held_by(self.submission.at) not in ("", who):
            return "CLAIMED"
        return "VERSION_MISMATCH" if stale else ""

    @rule(who=reviewers, picks=several, to=assignees, again=seldom)
    def assign_together(self, who: str, picks: list[int], to: str, again: bool) -> None:
        numbered = self.several(picks)
        ids = list(numbered)
        results = self.together(who, again, lambda key: self.services.assign_together(who, ids, to=to, key=key))
        for item_id, got in results.items():
            number = numbered[item_id]
            why_not = self.why_not_assign(number, to, who)
            assert got == (why_not or "-"), f"{got} instead of {why_not or 'assigned'}"
            if not why_not:
                self.submission.assigned(number, to, who)

    def why_not_assign(self, number: int | None, to: str, by: str) -> str:
        """Reviewers take what is free and give it back; lead reviewers dispose of anybody's."""
        if number is None or self.submission.state == "-":
            return "REVIEW_ITEM_NOT_FOUND"
        if to and to not in STAFF and to != by:
            return "REVIEWER_NOT_FOUND"
        item = self.submission.items[number]
        gives_back = not to and item.assigned == by
        if refused_as_reviewer(by, self.submission.concerned) and not gives_back:
            return "OWN_ORGANIZATION"
        if item.state != "open":
            return "ALREADY_DECIDED"
        if {item.assigned, to} - {"", by} and not is_lead(by):
            return "LEAD_REVIEWER_REQUIRED"
        if to and refused_as_reviewer(to, self.submission.concerned):
            return "OWN_ORGANIZATION"
        return self.is_not_for(item, to) if to else ""

    def several(self, picks: list[int]) -> dict[str, int | None]:
        """Items by id, one that does not exist among them."""
        found = {item_id: number for number, item_id in map(self.item, picks) if number is not None}
        return {**found, no_id(): None}

    def together(self, who: str, again: bool, call: Any) -> dict[str, str]:
        """The decision, or why nothing was done, of each item; the same where it is asked again under the same key."""
        key = no_id()
        if who not in STAFF:
            self.expect(403, lambda: call(key), "STAFF_REQUIRED")
            return {}
        told = [_told(call(key)) for _ in range(1 + again)]
        assert told[0] == told[-1]
        return told[0]


def _told(results: list[Any]) -> dict[str, str]:
    return {
        one.review_item_id: one.refusal.reason if one.refusal else decision_of(one.item.decision) for one in results
    }
