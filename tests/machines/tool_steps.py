"""Looks at the server after it was published, daily and by hand, and what its tools are by then."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from .draws import offers, publishers
from .people import publishers_of
from .statement import LOOKED_AT, Tools
from .two_services import tools_of


class ToolSteps:
    @rule(offered=offers)
    def daily_look(self, offered: Tools) -> None:
        self.looked_at(offered, possible=self.submission.state == "published")

    @rule(who=publishers, offered=st.none() | offers)
    def look_by_hand(self, who: str, offered: Tools | None) -> None:
        """None: nobody could speak to the server, which says nothing about its tools."""
        status = self.refused_as(who, "publisher") or (200 if self.submission.state in LOOKED_AT else 409)
        self.services.minutes_after_the_last_look(self.submission_id)
        call = lambda: self.services.publish(who, "RunServerProbe", submission_id=self.submission_id)  # noqa: E731
        self.expect(status, call, "CHECKS_NOT_POSSIBLE" if status == 409 else "")
        if status == 200:
            self.submission.audit["run_probe", who] += 1
            self.looked_at(offered, possible=True)

    def looked_at(self, offered: Tools | None, *, possible: bool) -> None:
        before, number = self.submission.state, self.submission.drift
        assert self.services.look_at_published(self.submission_id, offered) == possible
        if not possible or offered is None:
            return
        item, version = (None, 0) if number is None else (self.submission.items[number], self.version_of(number))
        self.submission.looked(offered)
        self.look()
        assert self.submission.state == before
        if number is not None and self.submission.items[number].state == "open":
            # Nobody decides on tools that they have not seen.
            assert self.version_of(number) == version + (item.offered != offered)
        self.publisher_sees_the_drift()

    def version_of(self, number: int) -> int:
        return self.item_versions[self.item_ids[number]]

    def publisher_sees_the_drift(self) -> None:
        who, number = publishers_of(self.submission.owner)[-1], self.submission.drift
        probe = self.services.publish(who, "GetServerProbe", submission_id=self.submission_id).probe
        assert probe.HasField("approved_at") == (self.submission.approved is not None)
        assert probe.HasField("drift") == (number is not None)
        if number is None:
            return
        item = self.submission.items[number]
        approved, offered = tools_of(self.submission.approved), tools_of(item.offered)
        differing = {name for name in approved | offered if approved.get(name) != offered.get(name)}
        assert {change.name for change in probe.drift.changes} == differing
        assert (probe.drift.lead_reviewer, probe.drift.HasField("changes_requested_at")) == (item.lead, item.asked)
