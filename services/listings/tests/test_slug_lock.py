"""The slug is permanent from the first publication on, and one listing's alone."""

from typing import Any

import pytest
from chassis.errors import InvalidInput
from chassis.ids import new_id
from chassis.sql.database import constraint_name, sql_state
from directory.listings.v1 import listings_service_pb2 as pb
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError


def slug_of(directory: Any, listing_id: str) -> str:
    with directory.signed_in():
        return directory.listings.GetListing(pb.GetListingRequest(listing_id=listing_id)).listing.slug


def attempt(directory: Any, *statements: str, **parameters: str) -> None:
    with directory.database.transaction() as uow:
        for statement in statements:
            uow.execute(text(statement), {name: parameters[name] for name in parameters if f":{name}" in statement})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE listings SET slug = 'other' WHERE listing_id = :id",
        "UPDATE listings SET slug = NULL, state = 'unpublished' WHERE listing_id = :id",
        "UPDATE listings SET first_published_at = NULL, state = 'unpublished' WHERE listing_id = :id",
        "UPDATE listings SET first_published_at = now() WHERE listing_id = :id",
        "DELETE FROM revisions WHERE listing_id = :id; DELETE FROM listings WHERE listing_id = :id",
    ],
)
def test_the_database_itself_refuses_to_change_a_published_slug(directory: Any, statement: str) -> None:
    listing_id = directory.published()
    with pytest.raises(IntegrityError) as refused:
        attempt(directory, *statement.split(";"), id=listing_id)
    assert sql_state(refused.value) == "23514"
    assert constraint_name(refused.value) == "listings_slug_permanent"


def test_the_database_refuses_one_slug_twice(directory: Any) -> None:
    first, second = directory.published(), directory.published()
    unlock = "ALTER TABLE listings DISABLE TRIGGER listings_slug_permanent"
    take = "UPDATE listings SET slug = (SELECT slug FROM listings WHERE listing_id = :first) WHERE listing_id = :second"
    with pytest.raises(IntegrityError) as refused:
        attempt(directory, unlock, take, first=first, second=second)
    assert constraint_name(refused.value) == "listings_slug_taken"


def test_the_slug_follows_approvals_until_publication_and_then_stays(directory: Any) -> None:
    listing_id, last = new_id(), new_id()[-12:]
    directory.happens(directory.approval(listing_id, slug=f"a-{last}"))
    directory.happens(directory.approval(listing_id, slug=f"b-{last}"))
    assert slug_of(directory, listing_id) == f"b-{last}"
    directory.happens(directory.moved(listing_id, "PUBLISH", slug=f"b-{last}"))
    directory.happens(directory.moved(listing_id, "DELIST", comment="moving"))
    directory.happens(directory.approval(listing_id, slug=f"c-{last}"))
    directory.happens(directory.moved(listing_id, "PUBLISH", slug=f"c-{last}"))
    assert slug_of(directory, listing_id) == f"b-{last}"


def test_a_listing_that_was_never_published_gives_its_slug_to_who_has_it_now(directory: Any) -> None:
    """Its publisher went back to the draft and chose another; the new slug comes with the next approval."""
    outdated, owner, slug = new_id(), new_id(), f"taken-{new_id()[-12:]}"
    directory.happens(directory.approval(outdated, slug=slug))
    directory.happens(directory.approval(owner, slug=slug))
    assert slug_of(directory, outdated) == ""
    assert slug_of(directory, owner) == slug
    directory.happens(directory.moved(owner, "PUBLISH", slug=slug))
    directory.happens(directory.approval(outdated, slug=f"{slug}-2"))
    assert slug_of(directory, outdated) == f"{slug}-2"


def test_a_slug_that_is_taken_for_good_is_never_given_again(directory: Any) -> None:
    owner, late, slug = new_id(), new_id(), f"kept-{new_id()[-12:]}"
    directory.happens(directory.approval(owner, slug=slug))
    directory.happens(directory.moved(owner, "PUBLISH", slug=slug))
    directory.happens(directory.moved(owner, "DELIST"))
    directory.happens(directory.approval(late, slug=slug))
    assert slug_of(directory, late) == ""
    with pytest.raises(InvalidInput, match="SLUG_TAKEN"):
        directory.happens(directory.moved(late, "PUBLISH", slug=slug))
    assert slug_of(directory, owner) == slug
