"""Random walks through the running service with all actors, against the statement in test_lifecycle.py's words.

Whatever is tried, the submission stands where the statement says, and thread, audit and events tell of exactly the
moves that took place.
"""

from itertools import pairwise

import pytest
from chassis.errors import Conflict, DirectoryError, NotFound, PermissionDenied
from directory.submissions.v1 import submission_pb2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PUBLISHER_MOVES = {
    ("draft", "submit"): "checking",
    ("changes_requested", "submit"): "checking",
    ("checking", "withdraw"): "withdrawn",
    ("in_review", "withdraw"): "withdrawn",
    ("withdrawn", "reopen"): "draft",
    ("approved", "publish"): "published",
    ("published", "delist"): "delisted",
    ("delisted", "relist"): "checking",
    ("draft", "save"): "draft",
    ("not_approved", "save"): "draft",
    ("approved", "save"): "draft",
    ("changes_requested", "save"): "changes_requested",
    ("draft", "delete"): "deleted",
    ("published", "deprecate"): "published",
    ("published", "undeprecate"): "published",
}
# Told to thread, audit and events although the state stays.
TOLD = ("deprecate", "undeprecate", "appeal", "uphold")
LEAD_MOVES = {
    ("approved", "revoke"): "changes_requested",
    ("published", "suspend"): "suspended",
    ("suspended", "reinstate"): "published",
}
DECISIONS = {
    ("in_review", "approve"): "approved",
    ("in_review", "request_changes"): "changes_requested",
    ("in_review", "reject"): "not_approved",
}
APPEAL = {("not_approved", "appeal"): "not_approved"}
SETTLEMENTS = {("not_approved", "uphold"): "not_approved", ("not_approved", "overturn"): "in_review"}
CHECKED = {("checking", "check"): "in_review"}
STATED = PUBLISHER_MOVES | LEAD_MOVES | DECISIONS | APPEAL | SETTLEMENTS | CHECKED
BY_ITEM = {name for _, name in DECISIONS | SETTLEMENTS}
THROUGH_MOVE = [
    "submit", "withdraw", "reopen", "publish", "delist", "relist", "revoke", "suspend", "reinstate",
    "deprecate", "undeprecate",
]  # fmt: skip
ACTORS = ["publisher", "stranger", "reviewer", "lead", "insider"]

attempts = st.lists(
    st.one_of(
        # What is stated somewhere, by who may do it: walks get far.
        st.sampled_from([("publisher", move) for _, move in PUBLISHER_MOVES if move != "delete"]),
        st.sampled_from([("lead", move) for _, move in LEAD_MOVES | SETTLEMENTS]),
        st.sampled_from([("publisher", "appeal")]),
        st.sampled_from([("reviewer", move) for _, move in DECISIONS] + [("system", "check")]),
        # Anything by anybody.
        st.tuples(
            st.sampled_from(ACTORS), st.sampled_from([*THROUGH_MOVE, "save", "delete", "appeal", *sorted(BY_ITEM)])
        ),
    ),
    min_size=5,
    max_size=25,
)


class Walk:
    def __init__(self, world):
        self.world = world
        owner = world.owner()
        self.people = {
            "publisher": owner,
            "stranger": world.owner(),
            "reviewer": world.reviewer("Rita"),
            "lead": world.reviewer("Lea", lead=True),
            "insider": world.reviewer("Ina", lead=True, organizations=(owner.organization_id,)),
        }
        self.submission_id = world.create(owner).submission_id
        self.state, self.ever_published, self.told = "draft", False, ["create"]
        self.deprecated = False
        # Of the last rejection: by whom, and whether it was appealed; and whether the appeal waits.
        self.rejected_by, self.appealed, self.waits, self.barred = "", False, False, ""

    def row(self):
        (row,) = self.world.rows("SELECT * FROM submissions WHERE submission_id = :id", id=self.submission_id)
        return row

    def attempt(self, actor, move):
        target, refusal = self.stated(actor, move), self.refusal_of(actor, move)
        if refusal is None:
            assert target is not None, f"{actor} may not {move} in {self.state}"
            self.note(actor, move, target)
        else:
            assert target is None, f"{actor} may {move} in {self.state}: {refusal}"
            self.expect_right_refusal(actor, move, refusal)

    def refusal_of(self, actor, move):
        try:
            self.take(actor, move)
        except (DirectoryError, LookupError) as refusal:
            return refusal
        return None

    def stated(self, actor, move):
        mine = {
            "publisher": PUBLISHER_MOVES | APPEAL,
            "lead": LEAD_MOVES | DECISIONS | SETTLEMENTS,
            "reviewer": DECISIONS,
            "system": CHECKED,
        }
        target = mine.get(actor, {}).get((self.state, move))
        if move in self.kept_back():
            return None
        if move in ("uphold", "overturn") and (not self.waits or self.rejected_by == actor):
            return None
        return None if ("in_review", move) in DECISIONS and self.barred == actor else target

    def kept_back(self):
        return (
            ({"delete"} if self.ever_published else set())
            | (set() if self.deprecated else {"undeprecate"})
            | ({"appeal"} if self.appealed else set())
        )

    def note(self, actor, move, target):
        if target != self.state or move in TOLD:
            self.told.append("pass_checks" if move == "check" else move)
        if move == "reject":
            self.rejected_by, self.appealed = actor, False
        self.appealed = self.appealed or move == "appeal"
        if self.state == "not_approved":
            self.waits = move == "appeal"
        if target == "in_review":
            self.barred = self.rejected_by if move == "overturn" else ""
        self.state = target
        self.ever_published = self.ever_published or target == "published"
        self.deprecated = move == "deprecate" or (self.deprecated and move not in ("undeprecate", "delist"))

    def take(self, actor, move):
        world, person = self.world, self.people.get(actor)
        if move == "check":
            if not world.checks.check_next():
                raise LookupError("nothing to check")
        elif move in BY_ITEM:
            rows = world.rows(
                "SELECT review_item_id FROM review_items WHERE submission_id = :id ORDER BY opened_at DESC",
                id=self.submission_id,
            )
            item_id = str(rows[0].review_item_id) if rows else self.submission_id
            item = world.review_call(person, "ClaimReviewItem", review_item_id=item_id).item
            said = {"comment": "because", "reason": "REJECTION_REASON_POLICY"}
            decision = {"version": item.version, "decision": f"DECISION_{move.upper()}"}
            try:
                world.review_call(person, "DecideReviewItem", review_item_id=item_id, **decision, **said)
            except DirectoryError:
                world.review_call(person, "ReleaseReviewItem", review_item_id=item_id)
                raise
        else:
            self.take_on_submission(person, move)

    def take_on_submission(self, person, move):
        seen = submission_pb2.Submission(submission_id=self.submission_id, version=self.row().version)
        if move == "save":
            self.world.save(person, seen, form={"listing": {"tagline": f"Version {seen.version}"}})
        elif move == "delete":
            fields = {"submission_id": seen.submission_id, "version": seen.version}
            self.world.publish_call(person, "DeleteSubmission", **fields)
        else:
            self.world.move(person, seen, move.upper(), "because")

    def expect_right_refusal(self, actor, move, refusal):
        publishers = {name for _, name in PUBLISHER_MOVES}
        if move not in publishers | {"appeal"}:
            return
        if self.state == "deleted" or actor == "stranger":
            assert isinstance(refusal, NotFound)
        elif actor == "publisher":
            assert isinstance(refusal, Conflict)
            stated = {name for state, name in PUBLISHER_MOVES | APPEAL if state == self.state}
            stated -= self.kept_back()
            assert set(filter(None, refusal.metadata["possible"].split(","))) == stated
        else:
            assert isinstance(refusal, PermissionDenied)

    def check(self):
        row = self.row()
        if self.state == "deleted":
            assert row.deleted_at is not None
        else:
            assert row.state == self.state
        assert (row.first_published_at is not None) == self.ever_published
        assert (row.deprecated_since is not None) == (row.deprecation_message != "") == self.deprecated
        thread = self.rows_of("thread_entries", "position")
        assert [entry.move for entry in thread] == self.told
        assert [entry.position for entry in thread] == list(range(1, len(thread) + 1))
        audit = self.rows_of("audit_entries", "entry_id")
        audit = [entry for entry in audit if entry.from_state != entry.to_state or entry.action in TOLD]
        assert sorted(e.action for e in audit if e.action not in ("claim", "release")) == sorted(self.told)
        events = [event.moved for event in self.world.events(self.submission_id)]
        assert [submission_pb2.Move.Name(event.move).removeprefix("MOVE_").lower() for event in events] == self.told
        assert all(before.to == getattr(after, "from") for before, after in pairwise(events))
        open_items = [item for item in self.rows_of("review_items", "opened_at") if item.state == "open"]
        expected = {"in_review": ["submission"], "not_approved": ["appeal"] if self.waits else []}
        assert [item.kind for item in open_items] == expected.get(self.state, [])

    def rows_of(self, table, order):
        return self.world.rows(
            f"SELECT * FROM {table} WHERE submission_id = :id ORDER BY {order}", id=self.submission_id
        )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(attempts)
def test_no_illegal_move_and_nothing_lost(world, tried):
    walk = Walk(world)
    for actor, move in tried:
        walk.attempt(actor, move)
        if walk.state == "deleted":
            break
    walk.check()
    if walk.state == "checking":
        world.checks.check_next()  # leaves nothing for the next walk


@pytest.mark.parametrize("round_", range(2))
def test_the_longest_way_round(world, round_):
    walk = Walk(world)
    for actor, move in [
        ("publisher", "submit"), ("system", "check"), ("reviewer", "reject"), ("publisher", "save"),
        ("publisher", "submit"), ("publisher", "withdraw"), ("publisher", "reopen"), ("publisher", "submit"),
        ("system", "check"), ("publisher", "withdraw"), ("publisher", "reopen"), ("publisher", "submit"),
        ("system", "check"), ("lead", "request_changes"), ("publisher", "save"), ("publisher", "submit"),
        ("system", "check"), ("reviewer", "approve"), ("lead", "revoke"), ("publisher", "submit"), ("system", "check"),
        ("reviewer", "approve"), ("publisher", "publish"), ("publisher", "undeprecate"), ("publisher", "deprecate"),
        ("publisher", "undeprecate"), ("publisher", "deprecate"), ("publisher", "deprecate"), ("lead", "deprecate"),
        ("lead", "suspend"), ("publisher", "undeprecate"), ("lead", "reinstate"),
        ("publisher", "delist"), ("publisher", "relist"), ("system", "check"), ("reviewer", "approve"),
        ("publisher", "save"), ("publisher", "delete"), ("insider", "suspend"), ("publisher", "submit"),
        ("system", "check"), ("reviewer", "reject"), ("reviewer", "overturn"), ("stranger", "appeal"),
        ("publisher", "appeal"), ("publisher", "appeal"), ("insider", "overturn"), ("lead", "overturn"),
        ("reviewer", "approve"), ("lead", "reject"), ("publisher", "appeal"), ("lead", "uphold"), ("publisher", "save"),
    ]:  # fmt: skip
        walk.attempt(actor, move)
    walk.check()
    assert walk.state == "draft"
    assert walk.ever_published
