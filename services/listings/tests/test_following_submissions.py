"""Listings as the submissions' events make them."""

from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound
from chassis.ids import new_id
from directory.listings.v1 import listing_pb2
from directory.listings.v1 import listings_service_pb2 as pb
from directory.submissions.v1 import submission_pb2


def own(directory: Any, listing_id: str) -> listing_pb2.Listing:
    with directory.signed_in():
        return directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing


def history(directory: Any, listing_id: str) -> list[tuple[int, str]]:
    with directory.signed_in():
        answer = directory.listings.ListRevisions(pb.ListRevisionsRequest(listing_id=listing_id))
    return [(each.number, listing_pb2.RevisionState.Name(each.state)[15:]) for each in answer.revisions]


def transitions(directory: Any, listing_id: str) -> list[str]:
    changed = [event.state_changed for event in directory.events(listing_id) if event.HasField("state_changed")]
    return [listing_pb2.ListingState.Name(each.to)[14:] for each in changed]


def test_the_whole_life_of_a_listing(directory: Any) -> None:
    listing_id, slug = new_id(), f"life-{new_id()[-12:]}"
    content = directory.content()
    directory.happens(directory.approval(listing_id, slug=slug, listing=content))
    listing = own(directory, listing_id)
    assert listing.state == listing_pb2.LISTING_STATE_UNPUBLISHED
    assert (listing.live, listing.server_url, listing.transport) == (
        content,
        "https://mcp.example.com/mcp",
        "streamable_http",
    )
    assert not listing.slug_locked
    assert not listing.HasField("first_published_at")
    with pytest.raises(NotFound):
        directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=slug))

    directory.happens(directory.moved(listing_id, "PUBLISH", slug=slug))
    listing = own(directory, listing_id)
    assert listing.slug_locked
    assert listing.first_published_at == listing.live_since
    assert directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=slug)).listing == listing

    directory.happens(directory.moved(listing_id, "SUSPEND", comment="Unsafe."))
    assert own(directory, listing_id).state_message == "Unsafe."
    with pytest.raises(NotFound):
        directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=slug))
    directory.happens(directory.moved(listing_id, "REINSTATE"))
    assert own(directory, listing_id).state_message == ""
    directory.happens(directory.moved(listing_id, "DELIST", comment="Gone fishing."))
    directory.happens(directory.moved(listing_id, "RELIST"))
    assert own(directory, listing_id).state_message == "Gone fishing."
    assert transitions(directory, listing_id) == ["UNPUBLISHED", "LIVE", "SUSPENDED", "LIVE", "DELISTED"]


def test_each_approval_before_publication_replaces_the_words_and_stays_in_history(directory: Any) -> None:
    listing_id, slug = new_id(), f"again-{new_id()[-12:]}"
    for tagline in ("One", "Two", "Two"):
        directory.happens(
            directory.approval(
                listing_id, slug=slug, listing=directory.content(tagline=tagline), server_url=f"https://{tagline}"
            )
        )
    assert own(directory, listing_id).live.tagline == "Two"
    assert own(directory, listing_id).server_url == "https://Two"
    assert history(directory, listing_id) == [(2, "APPLIED"), (1, "APPLIED")]


def test_once_published_the_applied_revisions_win_for_what_comes_back_without_approval(directory: Any) -> None:
    listing_id = directory.published(tagline="Mine")
    before = own(directory, listing_id)
    form = {"slug": "other", "listing": directory.content(tagline="Form"), "server_url": "https://new"}
    directory.happens(directory.approval(listing_id, **form))
    directory.happens(directory.moved(listing_id, "SUSPEND"))
    directory.happens(directory.approval(listing_id, **form))
    directory.happens(directory.moved(listing_id, "REINSTATE", **form))
    after = own(directory, listing_id)
    assert (after.live, after.server_url, after.slug) == (before.live, before.server_url, before.slug)
    assert after.first_published_at == before.first_published_at


def test_what_is_approved_for_relisting_is_what_comes_back(directory: Any) -> None:
    listing_id = directory.published(tagline="Before")
    before = own(directory, listing_id)
    directory.happens(directory.moved(listing_id, "DELIST"))
    form = {
        "slug": before.slug,
        "listing": directory.content(tagline="After"),
        "server_url": "https://new",
        "transport": submission_pb2.TRANSPORT_SSE,
    }
    directory.happens(directory.moved(listing_id, "RELIST"))
    directory.happens(directory.approval(listing_id, **form))
    directory.happens(directory.moved(listing_id, "PUBLISH", **form))
    after = directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=before.slug)).listing
    assert (after.live.tagline, after.server_url, after.transport) == ("After", "https://new", "sse")
    assert (after.slug, after.first_published_at) == (before.slug, before.first_published_at)
    assert after.live_since.ToDatetime() > before.live_since.ToDatetime()
    assert history(directory, listing_id) == [(2, "APPLIED"), (1, "APPLIED")]
    closed = [event.revision_closed for event in directory.events(listing_id) if event.HasField("revision_closed")]
    assert [(each.state, each.live) for each in closed] == [(listing_pb2.REVISION_STATE_APPLIED, form["listing"])]


def test_relisting_with_the_same_words_adds_nothing_to_the_history(directory: Any) -> None:
    listing_id = directory.published()
    before = own(directory, listing_id)
    directory.happens(directory.moved(listing_id, "DELIST"))
    directory.happens(directory.approval(listing_id, slug=before.slug, listing=before.live))
    directory.happens(directory.moved(listing_id, "PUBLISH", slug=before.slug))
    after = own(directory, listing_id)
    assert (after.live, after.live_since, after.state) == (before.live, before.live_since, before.state)
    assert history(directory, listing_id) == [(1, "APPLIED")]


@pytest.mark.parametrize(
    "kind", [submission_pb2.SUBMISSION_KIND_DESKTOP_EXTENSION, submission_pb2.SUBMISSION_KIND_CUSTOM_CONNECTOR]
)
def test_only_remote_servers_are_listed(directory: Any, kind: int) -> None:
    listing_id = new_id()
    directory.happens(directory.approval(listing_id, slug=f"k-{listing_id[-12:]}", kind=kind))
    directory.happens(directory.moved(listing_id, "PUBLISH", kind=kind))
    with pytest.raises(NotFound):
        own(directory, listing_id)


def test_an_unknown_icon_is_left_out(directory: Any) -> None:
    foreign = directory.icon("another organization")
    for icon_id in (new_id(), foreign):
        listing_id = directory.published(icon_id=icon_id)
        assert not own(directory, listing_id).live.HasField("icon_id")


def test_a_listing_whose_draft_is_deleted_goes_with_it(directory: Any) -> None:
    listing_id = new_id()
    directory.happens(directory.approval(listing_id, slug=f"draft-{listing_id[-12:]}"))
    directory.happens(directory.moved(listing_id, "DELETE"))
    with pytest.raises(NotFound):
        own(directory, listing_id)
    published = directory.published()
    directory.happens(directory.moved(published, "DELETE"))
    assert own(directory, published).state == listing_pb2.LISTING_STATE_LIVE


def test_what_submissions_never_sends_is_put_aside(directory: Any) -> None:
    listing_id = directory.published()
    for wrong in (
        directory.moved(new_id(), "PUBLISH"),
        directory.moved(new_id(), "DELIST"),
        directory.moved("not-a-uuid", "PUBLISH"),
        directory.decided(listing_id, new_id(), "APPROVE"),
        directory.decided(listing_id, "not-a-uuid", "APPROVE"),
        directory.decided(new_id(), new_id(), "REJECT"),
    ):
        with pytest.raises(InvalidInput):
            directory.happens(wrong)
