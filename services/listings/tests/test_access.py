"""Who may call what, and whose listings they see."""

from typing import Any

import pytest
from chassis.errors import NotFound, PermissionDenied, Unauthenticated
from chassis.ids import new_id
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1 import listings_service_pb2_grpc as rpc
from directory.listings.v1.listing_content_pb2 import ListingContent


def publisher_calls(directory: Any, listing_id: str) -> list[Any]:
    listings = directory.listings
    edit = ListingContent(tagline="x")
    return [
        lambda: listings.GetListing(pb.GetListingRequest(listing_id=listing_id)),
        lambda: listings.SaveRevision(pb.SaveRevisionRequest(listing_id=listing_id, version=2, content=edit)),
        lambda: listings.SubmitRevision(pb.SubmitRevisionRequest(listing_id=listing_id, version=2)),
        lambda: listings.DiscardRevision(pb.DiscardRevisionRequest(listing_id=listing_id, version=2)),
        lambda: listings.ListRevisions(pb.ListRevisionsRequest(listing_id=listing_id)),
        lambda: listings.GetRevision(pb.GetRevisionRequest(listing_id=listing_id, revision_id=new_id())),
        lambda: listings.RestoreRevision(
            pb.RestoreRevisionRequest(listing_id=listing_id, version=2, revision_id=new_id())
        ),
    ]


def test_another_organizations_listing_is_not_there(directory: Any) -> None:
    owned = directory.published()
    with directory.signed_in("another organization"):
        for listing_id in (owned, new_id(), "", "no-uuid", "\0", owned.upper()):
            for call in publisher_calls(directory, listing_id):
                with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
                    call()


def test_directory_management_is_needed_for_everything(directory: Any) -> None:
    listing_id = directory.published()
    calls = [
        *publisher_calls(directory, listing_id),
        lambda: directory.icons.UploadIcon(pb.UploadIconRequest(image=directory.icon_file())),
        lambda: directory.icons.GetIcon(pb.GetIconRequest(icon_id=new_id())),
    ]
    for call in calls:
        with directory.signed_in(allowed=False), pytest.raises(PermissionDenied, match="PLAN_WITHOUT_DASHBOARD"):
            call()
        with directory.signed_in(""), pytest.raises(PermissionDenied, match="DIRECTORY_MANAGEMENT_REQUIRED"):
            call()
        with pytest.raises(Unauthenticated, match="GRANT_REQUIRED"):
            call()


def test_peers_reach_only_what_is_theirs(directory: Any) -> None:
    icon_id, listing_id = directory.icon(), directory.published()
    for peer in ("submissions", "metrics", "proxy"):
        channel = directory.channel_of(peer)
        refused = [
            lambda channel=channel: rpc.ListingsServiceStub(channel).GetListing(
                pb.GetListingRequest(listing_id=listing_id)
            ),
            lambda channel=channel: rpc.PublicListingsServiceStub(channel).ListPublicListings(
                pb.ListPublicListingsRequest()
            ),
            lambda channel=channel: rpc.IconServiceStub(channel).UploadIcon(pb.UploadIconRequest(image=b"x")),
            lambda channel=channel: rpc.IconServiceStub(channel).GetIcon(pb.GetIconRequest(icon_id=icon_id)),
        ]
        for call in refused:
            with directory.signed_in(), pytest.raises(PermissionDenied):
                call()


def test_icons_belong_to_their_organization_and_their_pictures_to_everybody(directory: Any) -> None:
    with directory.signed_in():
        upload = directory.icons.UploadIcon(pb.UploadIconRequest(image=directory.icon_file("green", 128))).icon
        again = directory.icons.UploadIcon(pb.UploadIconRequest(image=directory.icon_file("green", 128))).icon
    assert list(upload.sizes) == [64, 128]
    assert again == upload
    with directory.signed_in("another organization"):
        theirs = directory.icons.UploadIcon(pb.UploadIconRequest(image=directory.icon_file("green", 128))).icon
        for icon_id in (upload.icon_id, new_id(), "no-uuid", ""):
            with pytest.raises(NotFound, match="ICON_NOT_FOUND"):
                directory.icons.GetIcon(pb.GetIconRequest(icon_id=icon_id))
    assert theirs.icon_id != upload.icon_id
    image = directory.icons.GetIconImage(pb.GetIconImageRequest(icon_id=upload.icon_id, size=128))
    assert image.png.startswith(b"\x89PNG")
    for size in (0, 63, 256, 4_000_000_000):
        with pytest.raises(NotFound, match="ICON_NOT_FOUND"):
            directory.icons.GetIconImage(pb.GetIconImageRequest(icon_id=upload.icon_id, size=size))
