"""A listing passes to another organisation with everything of it, whatever order the news of it come in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from chassis.errors import InvalidInput, NotFound
from chassis.ids import new_id
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent, TransferChanged
from directory.submissions.v1.transfer_pb2 import TransferState
from listings.store import trust


def passed_on(listing_id: str, organization_id: str, *, at: int = 0, state: str = "ACCEPTED") -> SubmissionEvent:
    event = SubmissionEvent(event_id=new_id(), submission_id=listing_id, organization_id=organization_id)
    event.occurred_at.FromDatetime(datetime.now(UTC) + timedelta(minutes=at))
    number = TransferState.Value(f"TRANSFER_STATE_{state}")
    event.transfer_changed.CopyFrom(TransferChanged(to_organization_id=organization_id, state=number))
    return event


def own(directory: Any, listing_id: str, organization_id: str) -> listing_pb2.Listing:
    with directory.signed_in(organization_id):
        listing: listing_pb2.Listing = directory.listings.GetListing(
            pb.GetListingRequest(listing_id=listing_id)
        ).listing
    return listing


@pytest.fixture
def other() -> str:
    return str(uuid4())


def test_the_new_owner_has_everything_and_the_one_before_nothing(directory: Any, other: str) -> None:
    listing_id = directory.published()
    publisher = directory.publisher(listing_id)
    publisher.save(tagline="Begun by the owner before")
    before = publisher.look()
    slug = {"slug": before.slug}
    shown = directory.public.GetPublicListing(pb.GetPublicListingRequest(**slug)).listing
    directory.happens(passed_on(listing_id, other))

    after = own(directory, listing_id, other)
    assert (after.organization_id, after.version) == (other, before.version + 1)
    for field in ("live", "slug", "state", "open_revision", "first_published_at", "live_since"):
        assert getattr(after, field) == getattr(before, field), field
    with directory.signed_in(other):
        history = directory.listings.ListRevisions(pb.ListRevisionsRequest(listing_id=listing_id)).revisions
    assert [revision.number for revision in history] == [2, 1]
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        publisher.look()
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        publisher.discard()
    # The public sees the same as before.
    now_shown = directory.public.GetPublicListing(pb.GetPublicListingRequest(**slug)).listing
    assert (now_shown.live, now_shown.live_since) == (shown.live, shown.live_since)
    versions = directory.public.ListVersionsOfListing(pb.ListVersionsOfListingRequest(**slug)).versions
    assert [version.number for version in versions] == [1]


def test_the_new_owner_can_edit_with_the_icon_that_the_listing_has(directory: Any, other: str) -> None:
    listing_id = directory.published()
    icon_id = own(directory, listing_id, directory.organization).live.icon_id
    stranger = str(uuid4())
    with directory.signed_in(other), pytest.raises(NotFound, match="ICON_NOT_FOUND"):
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))
    directory.happens(passed_on(listing_id, other))
    with directory.signed_in(other):
        assert directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id)).icon.icon_id == icon_id
        saved = directory.listings.SaveRevision(
            pb.SaveRevisionRequest(
                listing_id=listing_id,
                version=own(directory, listing_id, other).version,
                content=ListingContent(tagline="Ours now", icon_id=icon_id),
            )
        ).listing
        assert saved.open_revision.content.icon_id == icon_id
    with directory.signed_in(stranger), pytest.raises(NotFound, match="ICON_NOT_FOUND"):
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))
    # The uploader goes on with it in other listings.
    with directory.signed_in():
        directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))


def test_a_relisting_by_the_new_owner_keeps_the_icon(directory: Any, other: str) -> None:
    listing_id = directory.published()
    before = own(directory, listing_id, directory.organization)
    directory.happens(passed_on(listing_id, other))
    directory.happens(directory.moved(listing_id, "DELIST", comment="For now.", organization_id=other))
    words = ListingContent()
    words.CopyFrom(before.live)
    words.tagline = "Back again"
    directory.happens(directory.approval(listing_id, slug=before.slug, listing=words, organization_id=other))
    after = own(directory, listing_id, other)
    assert (after.live.tagline, after.live.icon_id) == ("Back again", before.live.icon_id)


def test_trust_does_not_pass_on(directory: Any, other: str) -> None:
    listing_id = directory.published()
    directory.database.run(
        lambda uow: trust.set_trusted(
            uow, directory.organization, trusted=True, by_name="Op", reason="known", now=datetime.now(UTC)
        )
    )
    directory.happens(passed_on(listing_id, other))
    with directory.database.read() as connection:
        assert not trust.is_trusted(connection, own(directory, listing_id, other).organization_id)


def test_only_an_accepted_transfer_passes_anything_on(directory: Any, other: str) -> None:
    listing_id = directory.published()
    for state in ("OFFERED", "DECLINED", "CANCELED", "EXPIRED"):
        directory.happens(passed_on(listing_id, other, state=state))
    assert own(directory, listing_id, directory.organization).organization_id == directory.organization


def test_the_order_of_transfers_makes_no_difference(directory: Any) -> None:
    for order in permutations(range(3)):
        listing_id = directory.published()
        receivers = [str(uuid4()) for _ in range(3)]
        events = [passed_on(listing_id, receiver, at=at) for at, receiver in enumerate(receivers)]
        for place in (*order, *order):
            directory.happens(events[place])
        assert own(directory, listing_id, receivers[-1]).organization_id == receivers[-1]


def test_a_transfer_of_no_listing_is_put_aside(directory: Any, other: str) -> None:
    with pytest.raises(InvalidInput, match="EVENT_INVALID"):
        directory.happens(passed_on(new_id(), other))


def test_what_listings_say_afterwards_names_the_new_owner(directory: Any, other: str) -> None:
    listing_id = directory.published()
    directory.happens(passed_on(listing_id, other))
    with directory.signed_in(other):
        version = own(directory, listing_id, other).version
        content = ListingContent(tagline="Ours now")
        request = pb.SaveRevisionRequest(listing_id=listing_id, version=version, content=content)
        saved = directory.listings.SaveRevision(request).listing
        directory.listings.SubmitRevision(pb.SubmitRevisionRequest(listing_id=listing_id, version=saved.version))
    assert directory.events(listing_id)[-1].organization_id == other
