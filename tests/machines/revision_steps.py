"""Revisions of the listing."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .draws import TAGLINES, either, numbers, publishers, seldom
from .people import refused_as_publisher


class RevisionSteps:
    @rule(who=publishers, name=either, tagline=either, stale=seldom)
    def save_revision(self, who: str, name: int, tagline: int, stale: bool) -> None:
        words = self.names[name], TAGLINES[tagline]
        content = {"display_name": words[0], "tagline": words[1]}
        if self.edit(who, "SaveRevision", self.listing.why_not_save(), stale, content=content):
            self.listing.save(words)

    @rule(who=publishers, message=st.sampled_from(["", "Please look"]), stale=seldom)
    def submit_revision(self, who: str, message: str, stale: bool) -> None:
        if self.edit(who, "SubmitRevision", self.listing.why_not_submit(), stale, message=message):
            self.listing.submit(message)

    @rule(who=publishers, stale=seldom)
    def discard_revision(self, who: str, stale: bool) -> None:
        if self.edit(who, "DiscardRevision", "" if self.listing.open else "NO_OPEN_REVISION", stale):
            self.listing.discard()

    @precondition(lambda self: self.listing.revisions)
    @rule(who=publishers, pick=numbers, stale=seldom)
    def restore_revision(self, who: str, pick: int, stale: bool) -> None:
        number = pick % len(self.listing.revisions) + 1
        why_not = self.listing.why_not_restore(number)
        if self.edit(who, "RestoreRevision", why_not, stale, revision_id=self.revision_ids[number - 1]):
            self.listing.restore(number)

    def edit(self, who: str, method: str, why_not: str, stale: bool, **fields: Any) -> bool:
        status = refused_as_publisher(who, self.listing.owner) or (0 if self.listing.state else 404)
        status = status or (412 if stale else 409 if why_not else 200)
        target = {"listing_id": self.submission_id, "version": self.listing_version - stale}
        self.expect(
            status,
            lambda: self.services.listing(who, method, **target, **fields),
            why_not if status == 409 else "",
        )
        return status == 200
