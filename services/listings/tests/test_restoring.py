"""The history that is told, and an applied revision that is begun anew."""

from typing import Any

import pytest
from chassis.errors import Conflict, InvalidInput, NotFound, VersionMismatch
from chassis.ids import new_id
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from sqlalchemy import text


def applied(publisher: Any, **fields: Any) -> str:
    """Edits that a reviewer approved; the revision's id."""
    publisher.save(**fields)
    revision_id = publisher.submit("Please").open_revision.revision_id
    publisher.decided(revision_id, "APPROVE", comment="Good.")
    return str(revision_id)


def test_each_revision_says_what_was_live_before_it(publisher: Any) -> None:
    applied(publisher, tagline="Second")
    publisher.save(tagline="Refused")
    publisher.decided(publisher.submit().open_revision.revision_id, "REJECT", comment="No.", reason_code="POLICY")
    publisher.save(tagline="Given up")
    publisher.discard()
    applied(publisher, tagline="Third", categories=["data"])
    publisher.save(tagline="Not sent")
    told = [(each.number, each.before.tagline, each.content.tagline) for each in publisher.history()]
    assert told == [
        (6, "Third", "Not sent"),
        (5, "Second", "Third"),
        (4, "Second", "Given up"),
        (3, "Second", "Refused"),
        (2, "Tells the weather", "Second"),
        (1, "", "Tells the weather"),
    ]
    third = publisher.history()[1]
    assert (third.submitted_by_name, third.message, third.decided_by_name) == ("Ada", "Please", "Directory review")
    assert not publisher.history()[-1].HasField("before")


def test_one_revision_is_read_whole_by_its_owner_alone(publisher: Any) -> None:
    revision_id = applied(publisher, tagline="Second")
    request = pb.GetRevisionRequest(listing_id=publisher.listing_id, revision_id=revision_id)
    with publisher.directory.signed_in():
        told = publisher.directory.listings.GetRevision(request).revision
    assert told == publisher.history()[0]
    other = publisher.directory.publisher(publisher.directory.published())
    with publisher.directory.signed_in("another organization"), pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        publisher.directory.listings.GetRevision(request)
    for listing_id, wrong in (
        (other.listing_id, revision_id),
        (publisher.listing_id, new_id()),
        (publisher.listing_id, "x"),
    ):
        with publisher.directory.signed_in(), pytest.raises(NotFound, match="REVISION_NOT_FOUND"):
            publisher.directory.listings.GetRevision(pb.GetRevisionRequest(listing_id=listing_id, revision_id=wrong))


def test_restoring_begins_a_new_revision_that_goes_through_review(publisher: Any) -> None:
    first = publisher.history()[-1]
    applied(publisher, tagline="Second", categories=["travel"])
    restored = publisher.restore(first.revision_id)
    opened = restored.open_revision
    assert restored.live.tagline == "Second"
    assert (opened.state, opened.number, opened.restores_number) == (listing_pb2.REVISION_STATE_EDITING, 3, 1)
    assert opened.content == first.content
    assert opened.changed_fields == ["/categories", "/tagline"]
    assert opened.edited_by_name == "Ada"
    pending = publisher.submit()
    assert (pending.open_revision.state, pending.live.tagline) == (listing_pb2.REVISION_STATE_PENDING, "Second")
    live = publisher.decided(pending.open_revision.revision_id, "APPROVE").live
    assert live == first.content
    # History keeps the old one, and the new one beside it.
    assert [(each.number, each.restores_number) for each in publisher.history()] == [(3, 1), (2, 0), (1, 0)]


def test_an_open_revision_stands_in_the_way(publisher: Any) -> None:
    first = publisher.history()[-1].revision_id
    applied(publisher, tagline="Second")
    publisher.save(tagline="Third")
    with pytest.raises(Conflict) as refused:
        publisher.restore(first)
    assert refused.value.reason == "REVISION_OPEN"
    assert refused.value.metadata == {"number": "3", "revision_state": "editing"}
    publisher.discard()
    assert publisher.restore(first).open_revision.content.tagline == "Tells the weather"


def test_what_was_never_applied_or_is_live_is_not_restored(publisher: Any) -> None:
    with pytest.raises(Conflict, match="NOT_RESTORABLE"):
        publisher.restore(publisher.history()[0].revision_id)
    publisher.save(tagline="Given up")
    publisher.discard()
    with pytest.raises(Conflict) as refused:
        publisher.restore(publisher.history()[0].revision_id)
    assert (refused.value.reason, refused.value.metadata["state"]) == ("NOT_RESTORABLE", "discarded")


def test_restoring_needs_the_present_version_and_a_live_listing(publisher: Any) -> None:
    first = publisher.history()[-1].revision_id
    applied(publisher, tagline="Second")
    publisher.version -= 1
    with pytest.raises(VersionMismatch):
        publisher.restore(first)
    publisher.directory.happens(publisher.directory.moved(publisher.listing_id, "SUSPEND"))
    publisher.look()
    with pytest.raises(Conflict, match="NOT_EDITABLE"):
        publisher.restore(first)
    with pytest.raises(NotFound, match="REVISION_NOT_FOUND"):
        publisher.restore(new_id())


def test_the_rules_of_today_hold_for_old_words(publisher: Any) -> None:
    first = publisher.history()[-1].revision_id
    applied(publisher, tagline="Second")
    old_words = text("UPDATE revisions SET content = content || :old WHERE revision_id = :id")
    with publisher.directory.database.transaction() as uow:
        uow.execute(old_words, {"old": '{"categories": ["no_longer_known"]}', "id": first})
        uow.commit()
    with pytest.raises(InvalidInput) as refused:
        publisher.restore(first)
    assert [(each.field, each.code) for each in refused.value.violations] == [("/categories/0", "UNKNOWN_CATEGORY")]
    assert not publisher.look().HasField("open_revision")
