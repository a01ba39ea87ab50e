"""What anybody sees: live listings, what is live of them, and nothing else."""

from typing import Any

import pytest
from chassis import paging
from chassis.errors import InvalidInput, NotFound
from chassis.ids import new_id
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


@pytest.mark.parametrize("page_size", [1, 2, 100])
def test_those_that_the_caller_names_come_first(directory: Any, listed: dict[str, str], page_size: int) -> None:
    first = [listed["golf_"], "nonsense", listed["Bravo"], new_id(), listed["golf_"], listed["charlie"]]
    found = names(directory, category="legal", first=first, page_size=page_size)
    assert found[:3] == ["golf_", "Bravo", "charlie"]
    assert [name for name in found[3:] if name.isascii()] == ["alpha", "Foxtrot 100%"]
    assert sorted(found) == sorted(NAMES)


def test_those_that_the_caller_names_alone(directory: Any, listed: dict[str, str]) -> None:
    first = [listed["golf_"], listed["alpha"]]
    assert names(directory, first=first, first_only=True) == ["golf_", "alpha"]
    assert names(directory, first=first, first_only=True, search="alp") == ["alpha"]
    assert names(directory, first_only=True) == []


def test_what_left_the_directory_is_not_first_either(directory: Any, listed: dict[str, str]) -> None:
    gone = directory.published(display_name="left", categories=["legal"])
    directory.happens(directory.moved(gone, "DELIST"))
    assert names(directory, first=[gone, listed["alpha"]], first_only=True) == ["alpha"]


def test_a_page_token_of_the_version_before_goes_on(directory: Any, listed: dict[str, str]) -> None:
    token = paging.encode(pb.ListPublicListingsRequest(), "bravo", listed["Bravo"]).rpartition(".")[2]
    page = directory.public.ListPublicListings(
        pb.ListPublicListingsRequest(category="legal", page_token=token, page_size=1)
    )
    assert [listing.live.display_name for listing in page.listings] == ["charlie"]


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


# The last one is ["\\ud800", id]: half of a surrogate pair, which no database takes.
SURROGATE = "WyJcdWQ4MDAiLCIwMTk5YTAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiXQ"


# [true,"b",id] and [false,"2026-01-01T00:00:00+00:00",id], as the review queue once had them.
TRUE = "W3RydWUsImIiLCIwMTk5YTAwMC0wMDAwLTcwMDAtODAwMC0wMDAwMDAwMDAwMDEiXQ"
FALSE = "W2ZhbHNlLCIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwiMDE5OWEwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIl0"


@pytest.mark.parametrize("order", [[], [new_id()]])
@pytest.mark.parametrize("token", [TRUE, FALSE])
def test_booleans_are_no_places(directory: Any, token: str, order: list[str]) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=token, first=order))


def test_a_page_token_is_good_for_its_own_order_and_question_alone(directory: Any, listed: dict[str, str]) -> None:
    ranked = {"first": [listed["golf_"], listed["alpha"]]}
    by_rank, by_name = (
        directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_size=1, **order)).next_page_token
        for order in (ranked, {})
    )
    for token, asked in ((by_rank, {}), (by_name, ranked), (by_name, {"category": "legal"})):
        with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
            directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=token, **asked))
    ranks_now = {"first": [listed["alpha"], listed["golf_"]]}
    following = directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=by_rank, **ranks_now))
    assert following.listings[0].listing_id == listed["golf_"]


@pytest.mark.parametrize("token", ["x", "WzFd", "WyJhIiwiYiJd", "WzEsMl0", SURROGATE])
def test_foreign_page_tokens_are_refused(directory: Any, token: str) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        directory.public.ListPublicListings(pb.ListPublicListingsRequest(page_token=token))
