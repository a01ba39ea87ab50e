"""Everybody tries everything, in any order; after each step the two services say what `expected` says.

Whatever is refused is refused with the right status and reason, and changes nothing.
"""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from . import agreement
from .expected import Listing, Submission
from .people import PEOPLE, PUBLISHERS, REVIEWERS, STAFF, refused_as_lead, refused_as_publisher, refused_as_reviewer
from .statement import DECISIONS, Row, moves_of, possible, possible_rows, stated
from .two_services import TwoServices, no_id, status_of

TAGLINES = ("Tells the weather", "Shows the rain")

# Where walks begin, told by the moves that lead there.
IN_REVIEW = ("submit", "pass_checks")
PUBLISHED = (*IN_REVIEW, "approve", "publish")
RELISTING = (*PUBLISHED, "delist", "relist", "pass_checks")
EDITED = (*PUBLISHED, "ask")
STARTS = ((), IN_REVIEW, PUBLISHED, EDITED, EDITED, (*EDITED, "ask"), RELISTING, (*EDITED, "delist", "relist"))

either = st.integers(0, 1)
comments = st.sampled_from(["because", "because", ""])
seldom = st.sampled_from([False] * 7 + [True])
numbers, seeds = st.integers(0, 10_000), st.integers(0, 1 << 32)
_walks = itertools.count(1)
# Those who may come up more often, so that walks get far.
publishers = st.sampled_from([*PUBLISHERS * 8, *PEOPLE])
reviewers = st.sampled_from([*REVIEWERS * 5, *PEOPLE])
leads = st.sampled_from(["lea"] * 8 + [*PEOPLE])


class Walk(RuleBasedStateMachine):
    services: TwoServices

    @initialize(start=st.sampled_from(STARTS))
    def create(self, start: tuple[str, ...]) -> None:
        self.name = f"Acme {next(_walks)}"
        self.names = f"{self.name} Weather", f"{self.name} Rain"
        self.slugs = tuple(name.lower().replace(" ", "-") for name in self.names)
        self.submission, self.listing = Submission(), Listing()
        self.approved_words: set[Any] = set()
        self.item_ids: list[str] = []
        self.submission_id = self.services.begin(self.slugs[0], (self.names[0], TAGLINES[0]))
        self.submission.created("ada")
        self.look()
        for move in start:
            self.go_on(move, Random(len(start)))
            self.everybody_hears()

    def expect(self, status: int, call: Any, reason: str = "") -> Any:
        got, answer = status_of(call)
        assert got == status, f"{got} instead of {status}: {answer}"
        if reason:
            assert answer.reason == reason
        return answer

    # Moves of the lifecycle

    @rule(who=publishers, move=st.sampled_from([m for m in moves_of("publisher") if m != "save"]), c=comments, s=seldom)
    def publisher_moves(self, who: str, move: str, c: str, s: bool) -> None:
        self.move(who, "publisher", move, comment=c, stale=s)

    @rule(who=leads, move=st.sampled_from(moves_of("lead")), comment=comments, stale=seldom)
    def lead_moves(self, who: str, move: str, comment: str, stale: bool) -> None:
        self.move(who, "lead", move, comment=comment, stale=stale)

    @rule(seed=seeds)
    def somebody_goes_on(self, seed: int, steps: int = 4) -> None:
        """Some moves that are stated, by somebody who may take them, and the life of a revision: so walks get far."""
        chance = Random(seed)
        for _ in range(steps):
            rows = possible_rows(self.submission.state, ever_published=self.submission.ever_published)
            moves = [row.move for row in rows if row.move not in ("save", "delete", "withdraw")]
            if self.listing.state == "live":
                moves += ["ask", "ask", "ask", "save revision", "discard", "restore", "hear"]
            items = [item for item in self.submission.items if item.state == "open" and item.revision]
            self.go_on(chance.choice(["hear", *moves, *["decide"] * 4 * len(items)]), chance)

    def go_on(self, step: str, chance: Random) -> None:
        if step in ("ask", "save revision"):
            name, tagline = self.names.index(self.listing.edited[0]), TAGLINES.index(self.listing.edited[1])
            self.save_revision("ada", *chance.choice([(1 - name, tagline), (name, 1 - tagline)]), False)
            self.look()
            if step == "ask":
                self.submit_revision("ben", "Please look", False)
        elif step == "discard":
            self.discard_revision("ada", False)
        elif step == "restore":
            self.restore_revision("ben", chance.randrange(100), False)
        elif step == "hear":
            self.everybody_hears()
        elif step == "decide":
            items = [n for n, item in enumerate(self.submission.items) if item.state == "open" and item.revision]
            self.decide_as_holder(chance.choice(items), chance.choice(["approve", *DECISIONS]))
        else:
            self.take(step)
        self.look()

    def take(self, move: str) -> None:
        row = stated(self.submission.state, move, ever_published=self.submission.ever_published)
        if row.who == "holder":
            items = enumerate(self.submission.items)
            number = next(number for number, item in items if item.state == "open" and not item.revision)
            self.decide_as_holder(number, move)
        elif row.who == "system":
            self.look_at_server("pass" if move == "pass_checks" else "block")
        else:
            self.move("lea" if row.who == "lead" else "ben", row.who, move, comment="because", stale=False)

    def move(self, who: str, capacity: str, move: str, *, comment: str, stale: bool) -> None:
        row = stated(self.submission.state, move, ever_published=self.submission.ever_published)
        status = self.status_of_move(who, capacity, row, comment=comment, stale=stale)
        target = {"submission_id": self.submission_id, "version": self.version(stale)}
        if move == "delete":
            answer = self.expect(status, lambda: self.services.publish(who, "DeleteSubmission", **target))
        else:
            fields = {**target, "move": f"MOVE_{move.upper()}", "comment": comment}
            answer = self.expect(status, lambda: self.services.publish(who, "MoveSubmission", **fields))
        if status == 409:
            self.says_what_is_possible(answer, capacity)
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
            gone = self.submission.state == "-" and PEOPLE[who].staff_role == "lead_reviewer"
            return 404 if gone else refused_as_lead(who)
        return refused_as_publisher(who) or (404 if self.submission.state == "-" else 0)

    def says_what_is_possible(self, refusal: Any, capacity: str) -> None:
        assert refusal.reason == "MOVE_NOT_POSSIBLE"
        stated_now = possible(self.submission.state, capacity, ever_published=self.submission.ever_published)
        assert set(filter(None, refusal.metadata["possible"].split(","))) == stated_now

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
        row = stated(self.submission.state, "save", ever_published=self.submission.ever_published)
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
    @rule(outcome=st.sampled_from(["pass", "block", "nothing"]))
    def look_at_server(self, outcome: str) -> None:
        due = self.submission.next_look <= self.submission.at
        assert self.services.look_at_server(outcome) == due
        if not due:
            return
        if outcome == "nothing":
            self.submission.looks += 1
            self.submission.next_look = self.submission.at + 1
            if self.submission.looks < 3:
                return
        move = "fail_checks" if outcome == "block" else "pass_checks"
        self.note(stated("checking", move, ever_published=self.submission.ever_published), "", "")

    @precondition(lambda self: self.submission.state != "checking")
    @rule()
    def nothing_to_look_at(self) -> None:
        assert not self.services.look_at_server("block")

    # The thread

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

    @rule()
    def time_passes(self) -> None:
        self.services.pass_time()
        self.submission.at += 1

    def item(self, pick: int) -> tuple[int | None, str]:
        if not self.item_ids:
            return None, no_id()
        number = pick % len(self.item_ids)
        return number, self.item_ids[number]

    def refused_at_desk(self, who: str) -> int:
        if who not in STAFF:
            return 403
        return 404 if self.submission.state == "-" else 0

    # Revisions

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
        status = refused_as_publisher(who) or (0 if self.listing.state else 404)
        status = status or (412 if stale else 409 if why_not else 200)
        target = {"listing_id": self.submission_id, "version": self.listing_version - stale}
        self.expect(
            status,
            lambda: self.services.listing(who, method, **target, **fields),
            why_not if status == 409 else "",
        )
        return status == 200

    # The post

    @rule(many=st.integers(1, 4))
    def listings_hear(self, many: int) -> None:
        post = self.services.from_submissions
        for event in self.submission.told[post.carried :][:many]:
            post.carry()
            self.listing.heard(event)

    @rule(many=st.integers(1, 4))
    def submissions_hear(self, many: int) -> None:
        post = self.services.from_listings
        for event in self.listing.told[post.carried :][:many]:
            post.carry()
            self.submission.heard(event)

    @rule()
    def everybody_hears(self) -> None:
        while self.pending():
            self.listings_hear(100)
            self.submissions_hear(100)
        self.look()

    @rule(back=st.integers(1, 5))
    def the_post_comes_again(self, back: int) -> None:
        self.services.from_submissions.again(back)
        self.services.from_listings.again(back)

    # What holds after each step

    @invariant()
    def both_agree(self) -> None:
        if hasattr(self, "submission"):
            self.look()

    def look(self) -> None:
        agreement.submission(self)
        agreement.review_items(self)
        agreement.listing(self)
        agreement.public(self)

    def teardown(self) -> None:
        """In the end everybody hears everything, and the form says what is live."""
        if not hasattr(self, "submission"):
            return
        self.everybody_hears()
        if self.submission.state in ("published", "suspended", "delisted"):
            assert self.words_of_form() == self.listing.live

    def pending(self) -> bool:
        posts = (self.services.from_submissions, self.submission), (self.services.from_listings, self.listing)
        return any(post.carried < len(half.told) for post, half in posts)
