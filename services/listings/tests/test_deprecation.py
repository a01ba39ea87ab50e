"""What the public is told of a deprecated listing, and who keeps a copy of the directory hears of it."""

from datetime import UTC
from typing import Any

import pytest
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_version_pb2 import ListingVersion


@pytest.fixture
def listing_id(directory: Any) -> str:
    return str(directory.published())


def deprecate(directory: Any, listing_id: str, message: str = "We moved.", successor: str = "") -> None:
    directory.happens(directory.moved(listing_id, "DEPRECATE", comment=message, successor=successor))


def public(directory: Any, listing_id: str) -> listing_pb2.Listing:
    slug = f"weather-{listing_id[-12:]}"
    listing: listing_pb2.Listing = directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=slug)).listing
    return listing


def version(directory: Any, listing_id: str) -> ListingVersion:
    request = pb.GetVersionRequest(slug=f"weather-{listing_id[-12:]}", taken_off_too=True)
    found: ListingVersion = directory.public.GetVersion(request).version
    return found


def updated_since(directory: Any, moment: Any) -> list[str]:
    page = directory.public.ListVersions(pb.ListVersionsRequest(updated_since=moment))
    return [one.listing_id for one in page.versions]


def test_it_is_told_and_stays_live(directory: Any, listing_id: str) -> None:
    before, shown = version(directory, listing_id), public(directory, listing_id)
    assert not before.HasField("deprecation")
    deprecate(directory, listing_id, successor="other-server")
    listing, after = public(directory, listing_id), version(directory, listing_id)
    assert (listing.deprecation.message, listing.deprecation.successor) == ("We moved.", "other-server")
    assert listing.state == listing_pb2.LISTING_STATE_LIVE
    assert (listing.live, listing.version) == (shown.live, shown.version + 1)
    assert after.deprecation == listing.deprecation
    assert (after.number, after.content, after.is_latest) == (before.number, before.content, True)
    # A copy of the directory is kept up to date by what was updated since.
    assert after.updated_at.ToDatetime(UTC) > before.updated_at.ToDatetime(UTC)
    assert after.state_changed_at == after.updated_at
    assert updated_since(directory, before.updated_at) == [listing_id]
    assert updated_since(directory, after.updated_at) == []


def test_other_words_and_none(directory: Any, listing_id: str) -> None:
    deprecate(directory, listing_id)
    first = version(directory, listing_id)
    deprecate(directory, listing_id, "In other words.", "https://example.com/next")
    second = version(directory, listing_id)
    assert second.deprecation.since == first.deprecation.since
    assert (second.deprecation.message, second.deprecation.successor) == (
        "In other words.",
        "https://example.com/next",
    )
    assert second.updated_at.ToDatetime(UTC) > first.updated_at.ToDatetime(UTC)
    directory.happens(directory.moved(listing_id, "UNDEPRECATE"))
    assert not public(directory, listing_id).HasField("deprecation")
    assert version(directory, listing_id).updated_at.ToDatetime(UTC) > second.updated_at.ToDatetime(UTC)


def test_suspension_keeps_it_and_delisting_ends_it(directory: Any, listing_id: str) -> None:
    deprecate(directory, listing_id)
    directory.happens(directory.moved(listing_id, "SUSPEND", comment="Unsafe."))
    directory.happens(directory.moved(listing_id, "REINSTATE"))
    assert public(directory, listing_id).deprecation.message == "We moved."
    directory.happens(directory.moved(listing_id, "DELIST", comment="Gone."))
    gone = version(directory, listing_id)
    assert (gone.state_message, gone.HasField("deprecation")) == ("Gone.", False)


def test_edits_of_its_words_leave_it(directory: Any, listing_id: str) -> None:
    deprecate(directory, listing_id)
    publisher = directory.publisher(listing_id)
    publisher.save(tagline="Tells it still")
    sent = publisher.submit()
    publisher.decided(sent.open_revision.revision_id, "APPROVE")
    listing = public(directory, listing_id)
    assert (listing.live.tagline, listing.deprecation.message) == ("Tells it still", "We moved.")
