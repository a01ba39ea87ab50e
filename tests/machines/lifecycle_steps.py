"""Moves of the lifecycle, saving, and the checks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .draws import TAGLINES, comments, either, leads, offers, publishers, seldom
from .people import is_lead, refused_as_lead, refused_as_publisher
from .statement import EVERY_TOOLS, Row, Tools, moves_of


class LifecycleSteps:
    @rule(who=publishers, move=st.sampled_from([m for m in moves_of("publisher") if m != "save"]), c=comments, s=seldom)
    def publisher_moves(self, who: str, move: str, c: str, s: bool) -> None:
        self.move(who, "publisher", move, comment=c, stale=s)

    @rule(who=leads, move=st.sampled_from(moves_of("lead")), comment=comments, stale=seldom)
    def lead_moves(self, who: str, move: str, comment: str, stale: bool) -> None:
        self.move(who, "lead", move, comment=comment, stale=stale)

    def move(self, who: str, capacity: str, move: str, *, comment: str, stale: bool) -> None:
        row = self.submission.stated(move)
        status = self.status_of_move(who, capacity, row, comment=comment, stale=stale)
        target = {"submission_id": self.submission_id, "version": self.version(stale)}
        if move == "delete":
            answer = self.expect(status, lambda: self.services.publish(who, "DeleteSubmission", **target))
        else:
            fields = {**target, "move": f"MOVE_{move.upper()}", "comment": comment}
            answer = self.expect(status, lambda: self.services.publish(who, "MoveSubmission", **fields))
        if status == 409:
            again = move == "appeal" and self.submission.state == "not_approved"
            self.says_what_is_possible(answer, capacity, "APPEALED_BEFORE" if again else "MOVE_NOT_POSSIBLE")
        if status == 200:
            self.note(row, who, "" if move == "delete" else comment)

    def status_of_move(self, who: str, capacity: str, row: Row | None, *, comment: str, stale: bool) -> int:
        refused = self.refused_as(who, capacity)
        if refused or stale:
            return refused or 412
        if row is None or row.who != capacity:
            return 409
        incomplete = "complete form" in row.needs and not self.form.listing.tagline
        return 422 if incomplete or ("comment" in row.needs and not comment) else 200

    def refused_as(self, who: str, capacity: str) -> int:
        """Status for somebody who may not even try."""
        if capacity == "lead":
            gone = self.submission.state == "-" and is_lead(who)
            return 404 if gone else refused_as_lead(who, self.submission.concerned)
        return refused_as_publisher(who, self.submission.owner) or (404 if self.submission.state == "-" else 0)

    def says_what_is_possible(self, refusal: Any, capacity: str, reason: str = "MOVE_NOT_POSSIBLE") -> None:
        assert refusal.reason == reason
        assert set(filter(None, refusal.metadata["possible"].split(","))) == self.submission.possible(capacity)

    def note(self, row: Row, who: str, comment: str) -> None:
        told = row.target != row.source and row.target in ("approved", "published")
        self.submission.moved(row, who, comment, self.words_of_form() if told else None, self.form.slug if told else "")
        if row.target == "approved":
            self.approved_words.add(self.words_of_form())

    def words_of_form(self) -> tuple[str, str]:
        return self.form.listing.display_name, self.form.listing.tagline

    def version(self, stale: bool) -> int:
        return self.seen_version - 1 if stale else self.seen_version

    @rule(who=publishers, field=st.sampled_from(["display_name", "tagline", "slug", "no tagline"]), n=either, s=seldom)
    def save(self, who: str, field: str, n: int, s: bool) -> None:
        row = self.submission.stated("save")
        form, mask = {}, ["listing.tagline"]
        if field == "slug":
            form, mask = {"slug": self.slugs[n]}, []
        elif field != "no tagline":
            form, mask = {"listing": {field: (self.names if field == "display_name" else TAGLINES)[n]}}, []
        status = self.status_of_move(who, "publisher", row, comment="-", stale=s)
        locked = status == 200 and self.submission.ever_published and form.get("slug", self.form.slug) != self.form.slug
        fields = {"submission_id": self.submission_id, "version": self.version(s), "form": form}
        fields["update_mask"] = {"paths": mask}
        reason = "SLUG_LOCKED" if locked else ""
        answer = self.expect(
            409 if locked else status, lambda: self.services.publish(who, "SaveSubmission", **fields), reason
        )
        if status == 409:
            self.says_what_is_possible(answer, "publisher")
        if status == 200 and not locked:
            self.note(row, who, "")

    @precondition(lambda self: self.submission.state == "checking")
    @rule(outcome=st.sampled_from(["pass", "pass", "gated", "block", "nothing"]), offered=offers)
    def look_at_server(self, outcome: str, offered: Tools = EVERY_TOOLS[0]) -> None:
        due = self.submission.next_look <= self.submission.at
        assert self.services.look_at_server(outcome, offered) == due
        if not due:
            return
        if outcome == "nothing":
            self.submission.looks += 1
            self.submission.next_look = self.submission.at + 1
            if self.submission.looks < 3:
                return
        self.submission.checked = offered if outcome == "pass" else None
        move = "fail_checks" if outcome == "block" else "pass_checks"
        self.note(self.submission.stated(move), "", "")

    @precondition(lambda self: self.submission.state != "checking")
    @rule()
    def nothing_to_look_at(self) -> None:
        assert not self.services.look_at_server("block")
