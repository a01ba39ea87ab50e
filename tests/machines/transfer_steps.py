"""A server that changes hands: offered, taken back, declined, accepted."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .draws import publishers, seldom
from .people import other_than, publishers_of, refused_as_publisher
from .statement import TRANSFERABLE


class TransferSteps:
    @property
    def publisher(self) -> str:
        """Somebody who acts for the owner."""
        return publishers_of(self.submission.owner)[-1]

    @property
    def editor(self) -> str:
        """Somebody who acts for whom listings take for the owner."""
        return publishers_of(self.listing.owner)[0]

    @property
    def taker(self) -> str:
        """Somebody who acts for the organisation that is no owner."""
        return publishers_of(other_than(self.submission.owner))[0]

    @property
    def may_offer(self) -> bool:
        """Once for each side: an organisation makes ten offers a day, and eight walks are a day."""
        return self.submission.owner not in self.submission.offered_by

    @precondition(lambda self: self.may_offer)
    @rule(who=publishers, stale=seldom)
    def offer(self, who: str, stale: bool) -> None:
        status, reason = self.refused_as(who, "publisher") or (412 if stale else 0), ""
        if not status and self.submission.state not in TRANSFERABLE:
            status, reason = 409, "MOVE_NOT_POSSIBLE"
        fields = {"submission_id": self.submission_id, "version": self.version(stale)}
        fields["to_organization_id"] = other_than(self.submission.owner)
        answer = self.expect(
            status or 200, lambda: self.services.transfer(who, "OfferTransfer", **fields, message="As agreed."), reason
        )
        if not status:
            self.giver, self.transfer_id = self.submission.owner, answer.transfer.transfer_id
            self.submission.offer_made(who)

    @precondition(lambda self: self.transfer_id)
    @rule(who=publishers, step=st.sampled_from(["accept", "accept", "decline", "cancel"]))
    def answer_offer(self, who: str, step: str) -> None:
        side = self.giver if step == "cancel" else other_than(self.giver)
        status, reason = refused_as_publisher(who, side), ""
        if not status and not self.submission.offered:
            status, reason = 409, "TRANSFER_CLOSED"
        elif not status and step == "accept" and (reason := self.submission.why_not_accept()):
            status = 409
        fields = {"transfer_id": self.transfer_id}
        fields |= {"reviewer_access": self.services.world.access()} if step == "accept" else {}
        self.expect(
            status or 200, lambda: self.services.transfer(who, f"{step.capitalize()}Transfer", **fields), reason
        )
        if status:
            return
        if step == "accept":
            self.submission.accepted(who)
        else:
            self.submission.offer_closed(step, who)
