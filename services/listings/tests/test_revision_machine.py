"""Random publishers and reviewers walk the machine; what product.md section 4 promises must hold after every step."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from chassis.errors import Conflict
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from listings.domain import low_risk, revisions
from listings.domain.lifecycle import Approved, approve, publish, take_off
from listings.domain.listing import (
    OPEN,
    Change,
    Content,
    DecisionVoided,
    Listing,
    ListingState,
    Person,
    Revision,
    RevisionAppliedBySetting,
    RevisionClosed,
    RevisionState,
    RevisionSubmitted,
    changed_fields,
)
from listings.domain.revisions import Decision, RevisionMove

LOW_RISK = {"/support_contact", "/categories", "/documentation_url", "/privacy_policy_url"}
START = datetime(2026, 1, 1, tzinfo=UTC)
ADA = Person("ada", "Ada")
DECISIONS = [RevisionMove.APPROVE, RevisionMove.REJECT, RevisionMove.REQUEST_CHANGES]
contents = st.fixed_dictionaries(
    {
        "display_name": st.sampled_from("AB"),
        "tagline": st.sampled_from("xy"),
        "support_contact": st.sampled_from("mn"),
        "categories": st.sampled_from(["data", "travel"]),
    }
)
# What the directory's setting may say, and what it must never be able to say.
settings_of_directory = st.sets(
    st.sampled_from(["/support_contact", "/categories", "/documentation_url", "/display_name", "/tagline"])
)


class Revisions(RuleBasedStateMachine):
    @initialize(content=contents)
    def go_live(self, content: Content) -> None:
        self.clock = START
        self.rows: dict[str, Revision] = {}
        self.queue: list[str] = []
        self.listing: Listing | None = None
        self.saved = content
        approved = Approved(
            listing_id="one", organization_id="org", content=content, slug="one", server_url="u", transport="sse"
        )
        change = approve(None, approved, now=self.now(), new_id="r0")
        assert change is not None
        self.take(change)
        change = publish(change.listing, slug="one", now=self.now())
        assert change is not None
        self.take(change)

    def now(self) -> datetime:
        self.clock += timedelta(seconds=1)
        return self.clock

    def new_id(self) -> str:
        return f"r{len(self.rows)}"

    def take(self, change: Change) -> None:
        changed = bool(change.revisions) or (self.listing is not None and change.listing != self.listing)
        if self.listing is not None:
            assert change.listing.version == self.listing.version + changed
        for row in change.revisions:
            before = self.rows.get(row.revision_id)
            if before is not None:
                assert before.state in OPEN, "a closed revision is history"
                if before.state is not RevisionState.EDITING:
                    assert row.content == before.content, "reviewers see what was submitted"
            self.rows[row.revision_id] = row
            assert sum(each.state in OPEN for each in self.rows.values()) <= 1, "also between two writes"
        for event in change.events:
            if isinstance(event, RevisionSubmitted):
                assert event.before == change.listing.live
                self.queue.append(event.revision.revision_id)
            if isinstance(event, RevisionClosed):
                assert event.live == change.listing.live
            if isinstance(event, RevisionAppliedBySetting):
                assert event.before == self.listing.live
                assert event.revision.content == change.listing.live
                assert event.revision.revision_id not in self.queue, "no reviewer has it"
        self.listing = change.listing

    def attempt(self, move, reasons: set[str]) -> bool:
        try:
            self.take(move())
        except Conflict as refused:
            if refused.reason not in reasons:
                raise
            return False
        return True

    @rule(content=contents)
    def save(self, content: Content) -> None:
        edits = lambda: revisions.save(self.listing, content, editor=ADA, now=self.now(), new_id=self.new_id())  # noqa: E731
        if self.attempt(edits, {"NOT_EDITABLE"}):
            self.saved = content

    @rule(without_review=settings_of_directory)
    def submit(self, without_review: set[str]) -> None:
        reasons = {"NOT_EDITABLE", "NO_OPEN_REVISION", "NOTHING_TO_SUBMIT"}
        before = self.listing
        submit = lambda: revisions.submit(  # noqa: E731
            self.listing, "", submitter=ADA, now=self.now(), new_id=self.new_id(), without_review=without_review
        )
        if not self.attempt(submit, reasons):
            return
        asked = changed_fields(before.live, self.saved)
        if before.open_revision.state is RevisionState.EDITING and set(asked) <= without_review & LOW_RISK:
            assert self.listing.open_revision is None
            assert self.listing.live == self.saved
            assert self.rows[before.open_revision.revision_id].applied_by_setting
            return
        assert self.listing.live == before.live
        assert self.listing.open_revision.state is RevisionState.PENDING
        assert self.listing.open_revision.content == self.saved != self.listing.live
        assert self.listing.open_revision.unsent is None

    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        """Any revision that ever was."""
        revision = self.rows[data.draw(st.sampled_from(sorted(self.rows)))]
        before = self.listing
        reasons = {"NOT_EDITABLE", "REVISION_OPEN", "NOT_RESTORABLE"}
        restore = lambda: revisions.restore(  # noqa: E731
            self.listing, revision, editor=ADA, now=self.now(), new_id=self.new_id()
        )
        if not self.attempt(restore, reasons):
            assert self.listing is before
            return
        assert before.open_revision is None
        assert revision.state is RevisionState.APPLIED
        assert self.listing.live == before.live, "restoring is never live at once"
        opened = self.listing.open_revision
        assert (opened.state, opened.content) == (RevisionState.EDITING, revision.content)
        assert (opened.restores_number, opened.applied_by_setting) == (revision.number, False)
        self.saved = revision.content

    @rule()
    def discard(self) -> None:
        if self.attempt(lambda: revisions.discard(self.listing, now=self.now()), {"NO_OPEN_REVISION"}):
            self.saved = self.listing.live

    @precondition(lambda self: self.queue)
    @rule(data=st.data(), move=st.sampled_from(DECISIONS))
    def decide(self, data: st.DataObject, move: RevisionMove) -> None:
        """On any revision that was ever submitted: most decisions come late."""
        revision = self.rows[data.draw(st.sampled_from(self.queue))]
        live = self.listing.live
        change = revisions.decide(self.listing, revision, Decision(move, "Rea"), now=self.now(), new_id=self.new_id())
        late = revision.state is not RevisionState.PENDING
        assert late == any(isinstance(event, DecisionVoided) for event in change.events)
        if late:
            assert change.listing is self.listing
            assert not change.revisions
        unsent = revision.unsent
        self.take(change)
        assert self.listing.live == (revision.content if not late and move is RevisionMove.APPROVE else live)
        if not late and self.listing.open_revision is None:
            assert unsent is None or unsent.content == self.listing.live
            self.saved = self.listing.live

    @rule(state=st.sampled_from([ListingState.SUSPENDED, ListingState.DELISTED]))
    def take_off(self, state: ListingState) -> None:
        if change := take_off(self.listing, state, "gone", now=self.now(), new_id=self.new_id()):
            self.take(change)

    @rule()
    def publish(self) -> None:
        if change := publish(self.listing, slug="another", now=self.now()):
            self.take(change)

    @rule(content=contents)
    def approve_again(self, content: Content) -> None:
        approved = Approved(
            listing_id="one", organization_id="org", content=content, slug="two", server_url="v", transport="sse"
        )
        live = self.listing.live
        change = approve(self.listing, approved, now=self.now(), new_id=self.new_id())
        same = (content, "v") == (live, self.listing.server_url)
        if self.listing.state is not ListingState.DELISTED or same:
            assert change is None
        else:
            assert change is not None
            self.take(change)
            assert (self.listing.live, self.listing.server_url, self.listing.slug) == (content, "v", "one")
            assert bool(change.events) == (content != live)
            if self.listing.open_revision is None:
                self.saved = content

    @invariant()
    def at_most_one_open(self) -> None:
        if self.listing is not None:
            in_hand = [row for row in self.rows.values() if row.state in OPEN]
            assert in_hand == ([self.listing.open_revision] if self.listing.open_revision else [])

    @invariant()
    def nothing_of_a_delisted_listing_waits_for_reviewers(self) -> None:
        if self.listing is not None and self.listing.state is ListingState.DELISTED:
            assert RevisionState.PENDING not in {row.state for row in self.rows.values()}

    @invariant()
    def changes_are_against_what_is_live(self) -> None:
        if self.listing is not None and (opened := self.listing.open_revision):
            assert opened.changed_fields == changed_fields(self.listing.live, opened.latest)

    @invariant()
    def live_is_the_last_applied(self) -> None:
        if self.listing is not None:
            applied = [row for row in self.rows.values() if row.state is RevisionState.APPLIED]
            assert self.listing.live == max(applied, key=lambda row: row.closed_at).content

    @invariant()
    def what_went_live_without_a_person_is_of_little_risk(self) -> None:
        """Each change of what is live had an approval or a decision, but for fields of little risk."""
        if self.listing is None:
            return
        live: Content = {}
        applied = [row for row in self.rows.values() if row.state is RevisionState.APPLIED]
        for row in sorted(applied, key=lambda row: row.closed_at):
            if row.applied_by_setting:
                assert set(changed_fields(live, row.content)) <= LOW_RISK
                assert row.decided_by_name == ""
            live = row.content

    @invariant()
    def nothing_saved_is_lost(self) -> None:
        if self.listing is not None:
            assert revisions.edited_content(self.listing) == self.saved

    @invariant()
    def numbers_have_no_gaps(self) -> None:
        if self.listing is not None:
            assert sorted(row.number for row in self.rows.values()) == [*range(1, self.listing.last_number + 1)]


TestRevisions = Revisions.TestCase
TestRevisions.settings = settings(max_examples=60, stateful_step_count=30)


def live_listing() -> Listing:
    return Listing(
        listing_id="one",
        organization_id="org",
        state=ListingState.LIVE,
        slug="one",
        live={"display_name": "A"},
        server_url="u",
        transport="sse",
        first_published_at=START,
        last_number=1,
    )


def edited(listing: Listing, name: str) -> Listing:
    return revisions.save(listing, {"display_name": name}, editor=ADA, now=START, new_id=name).listing


def submitted(listing: Listing, new_id: str = "s") -> Listing:
    return revisions.submit(listing, "please", submitter=ADA, now=START, new_id=new_id).listing


def test_the_table_leads_nowhere_from_a_closed_state() -> None:
    assert {state for state, _ in revisions.MOVES} == OPEN


def test_saving_what_is_live_opens_nothing() -> None:
    assert revisions.save(live_listing(), {"display_name": "A"}, editor=ADA, now=START, new_id="x").revisions == ()


def test_edits_that_lead_back_to_live_cannot_be_submitted() -> None:
    with pytest.raises(Conflict, match="NOTHING_TO_SUBMIT"):
        submitted(edited(edited(live_listing(), "B"), "A"))


def test_submitting_unsent_edits_supersedes_the_pending_revision() -> None:
    pending = submitted(edited(live_listing(), "B"))
    change = revisions.submit(edited(pending, "C"), "better", submitter=ADA, now=START, new_id="new")
    assert [(row.state, row.content["display_name"]) for row in change.revisions] == [
        (RevisionState.SUPERSEDED, "B"),
        (RevisionState.PENDING, "C"),
    ]
    assert change.events[-1] == RevisionSubmitted(change.revisions[1], {"display_name": "A"}, "B")


def test_a_revision_sent_back_can_be_resubmitted_as_it_is() -> None:
    pending = submitted(edited(live_listing(), "B"))
    back = revisions.decide(
        pending, pending.open_revision, Decision(RevisionMove.REQUEST_CHANGES, "Rea", "why?"), now=START, new_id="-"
    ).listing
    again = submitted(back, "again")
    assert again.open_revision.revision_id == "again"
    assert again.open_revision.content == {"display_name": "B"}


def test_unsent_edits_outlive_the_decision() -> None:
    pending = edited(submitted(edited(live_listing(), "B")), "C")
    change = revisions.decide(
        pending, pending.open_revision, Decision(RevisionMove.REJECT, "Rea", "no"), now=START, new_id="rest"
    )
    rest = change.listing.open_revision
    assert (rest.revision_id, rest.state, rest.content) == ("rest", RevisionState.EDITING, {"display_name": "C"})
    assert change.listing.live == {"display_name": "A"}


def test_a_revision_that_reviewers_sent_back_goes_to_them_again() -> None:
    pending = submitted(edited(live_listing(), "B"))
    sent_back = revisions.decide(
        pending, pending.open_revision, Decision(RevisionMove.REQUEST_CHANGES, "Rea", "no"), now=START, new_id="-"
    ).listing
    content = {"display_name": "A", "support_contact": "help"}
    changed = revisions.save(sent_back, content, editor=ADA, now=START, new_id="-").listing
    again = revisions.submit(
        changed, "", submitter=ADA, now=START, new_id="again", without_review={"/support_contact"}
    ).listing
    assert again.open_revision.state is RevisionState.PENDING
    assert again.live == {"display_name": "A"}


def test_an_open_revision_stands_in_the_way_of_restoring_and_the_refusal_says_what_to_do() -> None:
    listing = edited(live_listing(), "B")
    old = replace(listing.open_revision, state=RevisionState.APPLIED, content={"display_name": "Old"})
    with pytest.raises(Conflict, match="Submit it and wait for the decision, or discard it") as refused:
        revisions.restore(listing, old, editor=ADA, now=START, new_id="x")
    assert (refused.value.reason, refused.value.metadata["revision_state"]) == ("REVISION_OPEN", "editing")
    pending = revisions.submit(listing, "", submitter=ADA, now=START, new_id="x").listing
    with pytest.raises(Conflict, match=r"at a time\. Wait for the decision, or discard it; then restore\."):
        revisions.restore(pending, old, editor=ADA, now=START, new_id="y")


@pytest.mark.parametrize("setting", ["display_name", "tagline,support_contact", "icon_id", "*", "/support_contact"])
def test_no_setting_lets_a_name_or_a_text_go_live_without_a_person(setting: str) -> None:
    with pytest.raises(ValueError, match="may go live without a person"):
        low_risk.chosen(setting)


def test_a_setting_names_fields() -> None:
    assert low_risk.chosen(" support_contact, categories,") == {"/support_contact", "/categories"}
    assert low_risk.chosen("") == frozenset()


@pytest.mark.parametrize("state", [ListingState.UNPUBLISHED, ListingState.SUSPENDED, ListingState.DELISTED])
def test_only_a_live_listing_is_edited(state: ListingState) -> None:
    with pytest.raises(Conflict, match="NOT_EDITABLE"):
        edited(replace(live_listing(), state=state), "B")
