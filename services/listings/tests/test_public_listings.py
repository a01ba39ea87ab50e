"""What anybody sees: live listings, what is live of them, and nothing else."""

from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_content_pb2 import ListingContent

NAMES = ["alpha", "Bravo", "charlie", "Émile", "Foxtrot 100%", "golf_"]


@pytest.fixture(scope="module")
def listed(directory: Any) -> dict[str, str]:
    ids = {name: directory.published(display_name=name, tagline=f"Is {name}", categories=["legal"]) for name in NAMES}
    gone = directory.published(display_name="gone", categories=["legal"])
    directory.happens(directory.moved(gone, "SUSPEND"))
    directory.published(display_name="hotel", tagline="Rooms", categories=["travel"])
    return ids


def names(directory: Any, **request: Any) -> list[str]:
    found: list[str] = []
    token = ""
    while True:
        page = directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=token, **request))
        found += [listing.live.display_name for listing in page.listings]
        token = page.next_page_token
        if not token:
            return found


@pytest.mark.parametrize("page_size", [1, 2, 6, 100])
def test_live_listings_by_name_page_by_page(directory: Any, listed: dict[str, str], page_size: int) -> None:
    found = names(directory, category="legal", page_size=page_size)
    assert sorted(found) == sorted(NAMES)
    assert [name for name in found if name.isascii()] == ["alpha", "Bravo", "charlie", "Foxtrot 100%", "golf_"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("ALPHA", ["alpha"]),
        ("émile", ["Émile"]),
        ("is br", ["Bravo"]),
        ("0%", ["Foxtrot 100%"]),
        ("%", ["Foxtrot 100%"]),
        ("_", ["golf_"]),
        ("rooms", ["hotel"]),
        ("gone", []),
        ("'; DROP TABLE listings; --", []),
        ("alpha\0", ["alpha"]),
        ("x" * 10_000, []),
    ],
)
def test_search_takes_words_as_they_are(
    directory: Any, listed: dict[str, str], search: str, expected: list[str]
) -> None:
    assert names(directory, search=search) == expected


def test_unknown_categories_list_nothing(directory: Any, listed: dict[str, str]) -> None:
    assert names(directory, category="nonsense") == []
    assert names(directory, category="travel") == ["hotel"]


def test_pending_values_are_shown_to_nobody(directory: Any, listed: dict[str, str]) -> None:
    with directory.signed_in():
        own = directory.listings.GetListing(pb.GetListingRequest(listing_id=listed["alpha"])).listing
        edit = ListingContent(tagline="Is not approved")
        directory.listings.SaveRevision(
            pb.SaveRevisionRequest(listing_id=own.listing_id, version=own.version, content=edit)
        )
        directory.listings.SubmitRevision(pb.SubmitRevisionRequest(listing_id=own.listing_id, version=own.version + 1))
    shown = directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=own.slug)).listing
    assert shown.live == own.live
    assert not shown.HasField("open_revision")
    assert names(directory, search="not approved") == []


@pytest.mark.parametrize("slug", ["", "nothing-here", "UPPER", "a\0b", "../etc", "x" * 5000])
def test_a_slug_of_nobody_is_not_found(directory: Any, slug: str) -> None:
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        directory.public.GetPublicListing(pb.GetPublicListingRequest(slug=slug))


@pytest.mark.parametrize("token", ["x", "WzFd", "WyJhIiwiYiJd", "WzEsMl0"])
def test_foreign_page_tokens_are_refused(directory: Any, token: str) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=token))
