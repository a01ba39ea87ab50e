"""Every icon that somebody at submissions may still want to see is named to `listings purge-icons`."""

from datetime import UTC, datetime, timedelta

import pytest
from chassis.ids import new_id
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_events_pb2 import ListingEvent
from directory.submissions.v1 import submission_pb2
from google.protobuf.field_mask_pb2 import FieldMask
from submissions import wiring
from submissions.consumers.listing_events import ListingEvents


@pytest.fixture
def person(world):
    return world.owner()


def named(world):
    return set(wiring.named_icons(world.settings)["icon_ids"])


def with_icon(world, icon_id):
    form = world.complete_form()
    form.listing.icon_id = icon_id
    return form


def take_icon(world, person, submission, icon_id):
    """The form names another icon from now on."""
    form = submission_pb2.SubmissionForm(listing=ListingContent(icon_id=icon_id))
    return world.save(person, submission, form=form, update_mask=FieldMask(paths=["listing.icon_id"]))


def test_a_draft_s_icon_is_named_until_the_draft_is_gone(world, person):
    icon_id, other = new_id(), new_id()
    submission = world.create(person, with_icon(world, icon_id))
    assert icon_id in named(world)
    submission = take_icon(world, person, submission, other)
    assert icon_id not in named(world)
    assert other in named(world)
    world.publish_call(person, "DeleteSubmission", submission_id=submission.submission_id, version=submission.version)
    assert other not in named(world)


def test_what_reviewers_decided_on_keeps_its_icon(world, person):
    handed_in, later = new_id(), new_id()
    submission = world.in_review(person, with_icon(world, handed_in))
    world.decide(world.reviewer("Rita"), submission.submission_id, "REQUEST_CHANGES", "Another icon, please.")
    submission = take_icon(world, person, world.get(person, submission.submission_id), later)
    assert {handed_in, later} <= named(world)


def test_both_sides_of_an_edit_are_named(world, person):
    submission = world.published(person)
    before, after = new_id(), new_id()
    event = ListingEvent(event_id=new_id(), listing_id=submission.submission_id, organization_id=person.organization_id)
    event.occurred_at.FromDatetime(datetime.now(UTC))
    event.revision_submitted.revision_id, event.revision_submitted.number = new_id(), 2
    event.revision_submitted.before.icon_id, event.revision_submitted.after.icon_id = before, after
    world.database.run(lambda uow: ListingEvents().handle(event, uow))
    assert {before, after} <= named(world)


def test_it_says_when_it_looked_and_names_no_icon_that_is_none(world, person):
    world.create(person, submission_pb2.SubmissionForm())
    said = wiring.named_icons(world.settings)
    assert timedelta() <= datetime.now(UTC) - datetime.fromisoformat(said["read_at"]) < timedelta(minutes=1)
    assert "" not in said["icon_ids"]
    assert said["icon_ids"] == sorted(set(said["icon_ids"]))
