"""Maintainers who act in the same moment: one of them wins, the other is told; the database stays whole."""

import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis.errors import Conflict, DirectoryError, VersionMismatch
from chassis.ids import new_id
from directory.listings.v1 import listings_service_pb2 as pb
from directory.listings.v1.listing_content_pb2 import ListingContent
from sqlalchemy import text


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    def attempt(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except DirectoryError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(contextvars.copy_context().run, attempt, call) for call in calls]
        return [future.result() for future in futures]


def test_one_of_many_saves_of_the_same_version_wins(directory: Any) -> None:
    listing_id = directory.published()
    with directory.signed_in():
        version = directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing.version

        def save(tagline: str) -> Any:
            content = ListingContent(tagline=tagline)
            request = pb.SaveRevisionRequest(listing_id=listing_id, version=version, content=content)
            return directory.listings.SaveRevision(request)

        answers = at_once([lambda words=f"Words {number}": save(words) for number in range(6)])
    lost = [answer for answer in answers if isinstance(answer, VersionMismatch)]
    won = [answer for answer in answers if not isinstance(answer, DirectoryError)]
    assert (len(won), len(lost)) == (1, 5)
    assert {error.metadata["current_version"] for error in lost} == {str(version + 1)}


def test_a_decision_and_a_discard_in_the_same_moment(directory: Any) -> None:
    for _ in range(5):
        listing_id = directory.published()
        with directory.signed_in():
            version = directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing.version
            content = ListingContent(tagline="New")
            directory.listings.SaveRevision(
                pb.SaveRevisionRequest(listing_id=listing_id, version=version, content=content)
            )
            submit = pb.SubmitRevisionRequest(listing_id=listing_id, version=version + 1)
            revision_id = directory.listings.SubmitRevision(submit).listing.open_revision.revision_id
            discard = pb.DiscardRevisionRequest(listing_id=listing_id, version=version + 2)
            decision = directory.decided(listing_id, revision_id, "APPROVE")
            answers = at_once(
                [lambda d=discard: directory.listings.DiscardRevision(d), lambda e=decision: directory.happens(e)]
            )
            listing = directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing
        discarded = not isinstance(answers[0], VersionMismatch | Conflict)
        assert answers[1] is None
        assert listing.live.tagline == ("Tells the weather" if discarded else "New")
        last = directory.events(listing_id)[-1].WhichOneof("event")
        assert last == ("decision_voided" if discarded else "revision_closed")


def test_claims_of_one_slug_in_the_same_moment(directory: Any) -> None:
    slug = f"race-{new_id()[-12:]}"
    ids = [new_id() for _ in range(4)]
    approvals = [directory.approval(listing_id, slug=slug) for listing_id in ids]
    answers = at_once([lambda each=each: directory.happens(each) for each in approvals])
    assert answers == [None] * 4
    with directory.database.read() as connection:
        query = text("SELECT count(*) FROM listings WHERE slug = :slug")
        assert connection.execute(query, {"slug": slug}).scalar_one() == 1
