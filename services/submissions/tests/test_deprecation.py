"""A published server is deprecated with a message, stays published, and is told as any move."""

from datetime import timedelta

import pytest
from chassis.errors import Conflict, InvalidInput, VersionMismatch
from directory.submissions.v1 import submission_pb2 as pb


def deprecate(world, person, submission, message="Use the other one.", successor=""):
    return world.publish_call(
        person,
        "MoveSubmission",
        submission_id=submission.submission_id,
        version=submission.version,
        move=pb.MOVE_DEPRECATE,
        comment=message,
        successor=successor,
    ).submission


def test_a_deprecated_server_stays_published_and_says_what_people_are_told(world):
    owner = world.owner()
    other = world.published(owner)
    before = world.published(owner)
    assert not before.HasField("deprecation")
    assert pb.MOVE_UNDEPRECATE not in before.moves

    after = deprecate(world, owner, before, "  We moved.\nUse the other one. ", other.form.slug)
    assert after.state == pb.SUBMISSION_STATE_PUBLISHED
    assert (after.deprecation.message, after.deprecation.successor) == (
        "We moved.\nUse the other one.",
        other.form.slug,
    )
    assert after.version == before.version + 1
    assert after.state_changed_at == before.state_changed_at
    assert {pb.MOVE_DEPRECATE, pb.MOVE_UNDEPRECATE, pb.MOVE_DELIST} <= set(after.moves)

    entry = world.thread(owner, before.submission_id)[-1]
    assert (entry.move, entry.author_name) == (pb.MOVE_DEPRECATE, owner.name)
    assert entry.body == f"We moved.\nUse the other one.\n\nSuccessor: {other.form.slug}"
    moved = world.events(before.submission_id)[-1].moved
    assert (moved.move, getattr(moved, "from"), moved.to) == (
        pb.MOVE_DEPRECATE,
        pb.SUBMISSION_STATE_PUBLISHED,
        pb.SUBMISSION_STATE_PUBLISHED,
    )
    assert (moved.comment, moved.successor) == ("We moved.\nUse the other one.", other.form.slug)
    assert not moved.HasField("listing")


def test_the_words_can_be_changed_and_taken_back(world, ahead):
    owner = world.owner()
    first = deprecate(world, owner, world.published(owner), successor="https://example.com/next")
    ahead(timedelta(hours=1))
    second = deprecate(world, owner, first, "In other words.")
    assert second.deprecation.since == first.deprecation.since
    assert (second.deprecation.message, second.deprecation.successor) == ("In other words.", "")
    back = world.move(owner, second, "UNDEPRECATE")
    assert not back.HasField("deprecation")
    with pytest.raises(Conflict) as refusal:
        world.move(owner, back, "UNDEPRECATE")
    assert refusal.value.reason == "MOVE_NOT_POSSIBLE"
    assert refusal.value.metadata["possible"] == "deprecate,delist"
    assert [row.action for row in world.rows(
        "SELECT action FROM audit_entries WHERE submission_id = :id AND action LIKE '%deprecate' ORDER BY at",
        id=first.submission_id,
    )] == ["deprecate", "deprecate", "undeprecate"]  # fmt: skip


def test_who_saw_another_version_changes_nothing(world):
    owner = world.owner()
    seen = world.published(owner)
    deprecate(world, owner, seen)
    with pytest.raises(VersionMismatch):
        deprecate(world, owner, seen, "Other words.")


def test_suspending_keeps_it_and_delisting_ends_it(world):
    owner, lead = world.owner(), world.reviewer(lead=True)
    submission = deprecate(world, owner, world.published(owner))
    submission = world.move(lead, submission, "SUSPEND", "Look into it.")
    submission = world.move(lead, submission, "REINSTATE")
    assert submission.deprecation.message == "Use the other one."
    assert not world.move(owner, submission, "DELIST", "Gone.").HasField("deprecation")


@pytest.mark.parametrize(
    ("message", "successor", "field", "code"),
    [
        ("x" * 501, "", "/comment", "TOO_LONG"),
        ("m", "no slug", "/successor", "NOT_SLUG_OR_HTTPS_URL"),
        ("m", "http://example.com", "/successor", "NOT_SLUG_OR_HTTPS_URL"),
        ("m", "https://user@example.com", "/successor", "NOT_SLUG_OR_HTTPS_URL"),
        ("m", "javascript:alert(1)", "/successor", "NOT_SLUG_OR_HTTPS_URL"),
        ("m", "https://example.com/" + "x" * 2048, "/successor", "NOT_SLUG_OR_HTTPS_URL"),
        ("m", "nobody-has-this-slug", "/successor", "UNKNOWN_SLUG"),
        ("m", "its own", "/successor", "OWN_SLUG"),
    ],
)
def test_words_that_break_a_rule_are_named(world, message, successor, field, code):
    owner = world.owner()
    submission = world.published(owner)
    with pytest.raises(InvalidInput) as refusal:
        deprecate(world, owner, submission, message, submission.form.slug if successor == "its own" else successor)
    assert [(one.field, one.code) for one in refusal.value.violations] == [(field, code)]
    assert not world.get(owner, submission.submission_id).HasField("deprecation")


def test_it_needs_a_message_and_a_published_server(world):
    owner = world.owner()
    submission = world.published(owner)
    with pytest.raises(InvalidInput) as refusal:
        deprecate(world, owner, submission, " ")
    assert refusal.value.reason == "COMMENT_REQUIRED"
    with pytest.raises(Conflict) as refusal:
        deprecate(world, owner, world.approved(owner))
    assert refusal.value.metadata["possible"] == "save,publish"


def test_a_server_that_left_the_directory_is_no_successor(world):
    owner = world.owner()
    gone = world.move(owner, world.published(owner), "DELIST", "Gone.")
    with pytest.raises(InvalidInput):
        deprecate(world, owner, world.published(owner), successor=gone.form.slug)
