"""What stood in the directory: versions, when they come into being, and who finds them how."""

import threading
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound
from chassis.ids import new_id
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.listings.v1.listing_pb2 import LISTING_STATE_DELISTED, LISTING_STATE_LIVE, LISTING_STATE_SUSPENDED
from directory.listings.v1.listing_version_pb2 import ListingVersion
from listings.consumers import submission_events
from sqlalchemy import text


@pytest.fixture
def listing_id(directory: Any) -> str:
    return str(directory.published(tagline="First"))


def slug_of(listing_id: str) -> str:
    return f"weather-{listing_id[-12:]}"


def versions(directory: Any, listing_id: str, **request: Any) -> list[ListingVersion]:
    """Every version of a listing, asked for page by page."""
    found: list[ListingVersion] = []
    token = ""
    while True:
        page = directory.public.ListVersionsOfListing(
            pb.ListVersionsOfListingRequest(slug=slug_of(listing_id), page_token=token, page_size=2, **request)
        )
        found += page.versions
        token = page.next_page_token
        if not token:
            return found


def all_versions(directory: Any, *, page_size: int = 100, **request: Any) -> list[ListingVersion]:
    found: list[ListingVersion] = []
    token = ""
    while True:
        page = directory.public.ListVersions(pb.ListVersionsRequest(page_token=token, page_size=page_size, **request))
        found += page.versions
        token = page.next_page_token
        if not token:
            return found


def get(directory: Any, listing_id: str, number: int = 0, **request: Any) -> ListingVersion:
    asked = pb.GetVersionRequest(slug=slug_of(listing_id), number=number, **request)
    version: ListingVersion = directory.public.GetVersion(asked).version
    return version


def edit(directory: Any, listing_id: str, decision: str, **fields: Any) -> None:
    with directory.signed_in():
        own = directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing
        saved = directory.listings.SaveRevision(
            pb.SaveRevisionRequest(listing_id=listing_id, version=own.version, content=ListingContent(**fields))
        ).listing
        sent = directory.listings.SubmitRevision(
            pb.SubmitRevisionRequest(listing_id=listing_id, version=saved.version)
        ).listing
    directory.happens(directory.decided(listing_id, sent.open_revision.revision_id, decision))


def told(found: list[ListingVersion]) -> list[tuple[int, str, bool]]:
    return [(version.number, version.content.tagline, version.is_latest) for version in found]


def test_nothing_is_a_version_before_it_is_published(directory: Any) -> None:
    listing_id = new_id()
    for tagline in ("Approved", "Approved later"):
        content = directory.content(tagline=tagline)
        directory.happens(directory.approval(listing_id, slug=slug_of(listing_id), listing=content))
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        versions(directory, listing_id, taken_off_too=True)
    directory.happens(directory.moved(listing_id, "PUBLISH", slug=slug_of(listing_id)))
    assert told(versions(directory, listing_id)) == [(1, "Approved later", True)]


def test_an_approved_edit_is_the_next_version_and_the_old_one_stays(directory: Any, listing_id: str) -> None:
    first = get(directory, listing_id)
    edit(directory, listing_id, "APPROVE", tagline="Second")
    edit(directory, listing_id, "APPROVE", tagline="Third")
    assert told(versions(directory, listing_id)) == [(3, "Third", True), (2, "Second", False), (1, "First", False)]
    assert get(directory, listing_id).number == 3
    old = get(directory, listing_id, 1)
    assert (old.content, old.server_url, old.published_at) == (first.content, first.server_url, first.published_at)
    assert old.updated_at.ToDatetime(UTC) > first.updated_at.ToDatetime(UTC), "it is no longer the latest"
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        get(directory, listing_id, 4)


@pytest.mark.parametrize("decision", ["REJECT", "REQUEST_CHANGES"])
def test_what_was_not_approved_is_no_version(directory: Any, listing_id: str, decision: str) -> None:
    edit(directory, listing_id, decision, tagline="Never shown")
    assert told(versions(directory, listing_id)) == [(1, "First", True)]
    assert "Never shown" not in {version.content.tagline for version in all_versions(directory, taken_off_too=True)}


@pytest.mark.parametrize(
    ("move", "state", "message"),
    [("SUSPEND", LISTING_STATE_SUSPENDED, ""), ("DELIST", LISTING_STATE_DELISTED, "Use the other one.")],
)
def test_taken_off_it_is_found_by_those_who_ask_for_it(
    directory: Any, listing_id: str, move: str, state: int, message: str
) -> None:
    before = get(directory, listing_id)
    # What a reviewer writes on a suspension is for the publisher alone.
    directory.happens(directory.moved(listing_id, move, comment=message or "A secret of the review."))
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        get(directory, listing_id)
    with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
        versions(directory, listing_id)
    assert listing_id not in {version.listing_id for version in all_versions(directory)}
    gone = get(directory, listing_id, taken_off_too=True)
    assert (gone.state, gone.state_message, gone.number) == (state, message, 1)
    assert gone.state_changed_at.ToDatetime(UTC) > before.state_changed_at.ToDatetime(UTC)
    assert gone.updated_at == gone.state_changed_at
    assert listing_id in {version.listing_id for version in all_versions(directory, taken_off_too=True)}


def test_reinstated_it_is_the_same_version(directory: Any, listing_id: str) -> None:
    directory.happens(directory.moved(listing_id, "SUSPEND"))
    directory.happens(directory.moved(listing_id, "REINSTATE"))
    back = get(directory, listing_id)
    assert (back.number, back.state) == (1, LISTING_STATE_LIVE)


def test_relisted_at_another_address_it_is_another_version(directory: Any, listing_id: str) -> None:
    directory.happens(directory.moved(listing_id, "DELIST"))
    moved_to = "https://elsewhere.example.com/mcp"
    content = directory.content(tagline="Approved, not back yet")
    directory.happens(directory.approval(listing_id, slug=slug_of(listing_id), listing=content, server_url=moved_to))
    assert told(versions(directory, listing_id, taken_off_too=True)) == [(1, "First", True)]
    directory.happens(directory.moved(listing_id, "PUBLISH", slug=slug_of(listing_id)))
    assert told(versions(directory, listing_id)) == [(2, "Approved, not back yet", True), (1, "First", False)]
    assert get(directory, listing_id).server_url == moved_to
    assert get(directory, listing_id, 1).server_url == "https://mcp.example.com/mcp"


@pytest.mark.parametrize("page_size", [1, 2, 100])
def test_all_versions_come_once_in_the_order_of_their_updates(directory: Any, page_size: int) -> None:
    ids = [directory.published() for _ in range(3)]
    edit(directory, ids[0], "APPROVE", tagline="Again")
    found = [(one.listing_id, one.number) for one in all_versions(directory, page_size=page_size)]
    assert len(found) == len(set(found))
    mine = [one for one in found if one[0] in ids]
    assert mine == [(ids[1], 1), (ids[2], 1), (ids[0], 1), (ids[0], 2)]


def test_what_changes_while_pages_are_turned_comes_again(directory: Any) -> None:
    first, second = (directory.published() for _ in range(2))
    since = get(directory, first).updated_at.ToDatetime(UTC).replace(microsecond=0)
    request = pb.ListVersionsRequest(page_size=1, updated_since=since, taken_off_too=True)
    seen = directory.public.ListVersions(request)
    while seen.versions[0].listing_id != first:
        request.page_token = seen.next_page_token
        seen = directory.public.ListVersions(request)
    directory.happens(directory.moved(first, "DELIST"))
    rest = []
    while seen.next_page_token:
        request.page_token = seen.next_page_token
        seen = directory.public.ListVersions(request)
        rest += [(one.listing_id, one.state) for one in seen.versions]
    assert rest[-2:] == [(second, LISTING_STATE_LIVE), (first, LISTING_STATE_DELISTED)]


def test_since_the_last_update_nothing_is_new(directory: Any, listing_id: str) -> None:
    last = all_versions(directory, taken_off_too=True)[-1].updated_at
    assert all_versions(directory, taken_off_too=True, updated_since=last) == []
    edit(directory, listing_id, "APPROVE", tagline="New")
    news = all_versions(directory, taken_off_too=True, updated_since=last)
    assert sorted(told(news)) == [(1, "First", False), (2, "New", True)]


def test_an_update_waits_until_those_before_it_can_be_seen(
    directory: Any, listing_id: str, eventually: Callable[..., Any]
) -> None:
    """Who asks for what came after the last update that they saw would miss an earlier one that is committed later."""
    other = directory.published()
    waiting = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    thread = threading.Thread(target=directory.happens, args=(directory.moved(other, "SUSPEND"),))
    with directory.database.transaction() as uow:
        submission_events.handle(directory.moved(listing_id, "SUSPEND"), uow)
        thread.start()
        eventually(lambda: directory.database.run_read(lambda reading: reading.execute(waiting).first()), timeout=15)
        uow.commit()
    thread.join()
    earlier, later = (get(directory, one, taken_off_too=True).updated_at.ToDatetime(UTC) for one in (listing_id, other))
    assert earlier < later
    assert [one.listing_id for one in all_versions(directory, taken_off_too=True, updated_since=earlier)] == [other]


def test_latest_alone_and_numbers(directory: Any, listing_id: str) -> None:
    edit(directory, listing_id, "APPROVE", tagline="Second")
    latest = [one.number for one in all_versions(directory, latest_only=True) if one.listing_id == listing_id]
    first = [one.number for one in all_versions(directory, number=1) if one.listing_id == listing_id]
    assert (latest, first) == ([2], [1])
    assert all_versions(directory, number=1 << 40) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("COM.EXAMPLE/Weather-", True),
        ("éTé", True),
        ("in summer", True),
        ("com.example", True),
        ("com.example/other-", False),
        ("%", False),
        ("'; DROP TABLE versions; --", False),
    ],
)
def test_search_looks_at_names_and_words(directory: Any, search: str, found: bool) -> None:
    listing_id = directory.published(display_name="Été", tagline="In summer")
    ids = {one.listing_id for one in all_versions(directory, search=search, name_prefix="com.example/")}
    assert (listing_id in ids) is found


@pytest.mark.parametrize("slug", ["", "nothing-here", "UPPER", "a\0b", "x" * 5000])
def test_a_slug_of_nobody_is_not_found(directory: Any, slug: str) -> None:
    for call, request in (
        (directory.public.ListVersionsOfListing, pb.ListVersionsOfListingRequest(slug=slug)),
        (directory.public.GetVersion, pb.GetVersionRequest(slug=slug)),
    ):
        with pytest.raises(NotFound, match="LISTING_NOT_FOUND"):
            call(request)


# No token; [1]; ["a","b"]; a time that is none, and one without a zone, with an id and a number; true for the number.
FOREIGN = [
    "x",
    "WzFd",
    "WyJhIiwiYiJd",
    "WyJ4IiwiMDE5OWEwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwxXQ",
    "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwiMDE5OWEwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIiwxXQ",
    "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwiMDE5OWEwMDAtMDAwMC03MDAwLTgwMDAtMDAwMDAwMDAwMDAxIix0cnVlXQ",
]


@pytest.mark.parametrize("token", FOREIGN)
def test_foreign_page_tokens_are_refused(directory: Any, token: str) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        directory.public.ListVersions(pb.ListVersionsRequest(page_token=token))


@pytest.mark.parametrize("token", ["x", "WzBd", "WyJhIl0", "W3RydWVd"])
def test_foreign_page_tokens_of_one_listing_are_refused(directory: Any, listing_id: str, token: str) -> None:
    with pytest.raises(InvalidInput, match="PAGE_TOKEN_INVALID"):
        directory.public.ListVersionsOfListing(
            pb.ListVersionsOfListingRequest(slug=slug_of(listing_id), page_token=token)
        )
