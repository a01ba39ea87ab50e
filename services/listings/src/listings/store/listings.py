"""Reading and writing listings with their open revision."""

import unicodedata
from typing import Any

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, Select, and_, delete, insert, select, text, update

from listings.domain.listing import Content, Deprecation, Listing, ListingState
from listings.store import revisions as revision_rows
from listings.store.tables import listings, revisions

_SLUG_CLAIMS = 0x736C7567  # an advisory lock that nothing else of this database takes


def get_own(connection: Connection, listing_id: str, organization_id: str, *, lock: bool = False) -> Listing:
    """The listing if that organization owns it; `lock` keeps others from changing it until the transaction ends.

    Raises NotFound LISTING_NOT_FOUND, without a difference between absent and foreign.
    """
    row = None
    if is_uuid(listing_id):
        row = connection.execute(
            _by_id(listing_id, lock=lock).where(listings.c.organization_id == organization_id)
        ).one_or_none()
    if row is None:
        raise not_found(listing_id)
    return _whole(connection, row)


def find_locked(uow: UnitOfWork, listing_id: str) -> Listing | None:
    """The listing, whoever owns it, locked until the transaction ends."""
    row = uow.execute(_by_id(listing_id, lock=True)).one_or_none()
    return _whole(uow.connection, row) if row else None


def get_live(connection: Connection, slug: str) -> Listing:
    """The live listing under a slug, without its revisions. Raises NotFound LISTING_NOT_FOUND."""
    row = connection.execute(
        select(listings).where(listings.c.slug == slug, listings.c.state == ListingState.LIVE)
    ).one_or_none()
    if row is None:
        raise not_found()
    return from_row(row)


def claim_slug(uow: UnitOfWork, slug: str, listing_id: str) -> str | None:
    """Takes the slug for a listing that was never published; None if another one has it for good.

    The submissions service gives a slug to one submission at a time, so a listing that was never published and still
    bears it is out of date: it goes without until its own next approval or publication. Claims wait for each other
    (one lock for all, taken before any row), so that two of them cannot block or trip each other.
    """
    uow.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _SLUG_CLAIMS})
    others = and_(listings.c.slug == slug, listings.c.listing_id != listing_id)
    holder = uow.execute(select(listings.c.first_published_at).where(others).with_for_update()).one_or_none()
    if holder is None:
        return slug
    if holder.first_published_at is not None:
        return None
    uow.execute(update(listings).where(others).values(slug=None, version=listings.c.version + 1))
    return slug


def was_published(connection: Connection, listing_id: str) -> bool:
    """Whether the listing has its slug for good."""
    query = select(listings.c.first_published_at).where(listings.c.listing_id == listing_id)
    return connection.execute(query).scalar_one_or_none() is not None


def remove_unpublished(uow: UnitOfWork, listing_id: str) -> None:
    """Removes a listing whose submission was deleted before it was ever published, with what was approved for it."""
    mine = listings.c.listing_id == listing_id
    never = and_(mine, listings.c.first_published_at.is_(None))
    if uow.execute(select(listings.c.listing_id).where(never).with_for_update()).one_or_none():
        uow.execute(delete(revisions).where(revisions.c.listing_id == listing_id))
        uow.execute(delete(listings).where(never))


def add(uow: UnitOfWork, listing: Listing) -> None:
    """Inserts the row of a new listing."""
    uow.execute(insert(listings).values(**_values(listing)))


def store(uow: UnitOfWork, listing: Listing) -> None:
    """Writes the row of a listing that this transaction has locked."""
    uow.execute(update(listings).where(listings.c.listing_id == listing.listing_id).values(**_values(listing)))


def not_found(listing_id: str = "") -> NotFound:
    """The error of a listing that is not there for the caller."""
    return NotFound("LISTING_NOT_FOUND", "There is no such listing.", listing_id=listing_id)


def folded(words: str) -> str:
    """Words as they are sorted and searched: case apart, accents beside their letters."""
    return unicodedata.normalize("NFKD", words.casefold())


def from_row(row: Row[Any], open_revision: Any = None) -> Listing:
    """The listing of a row."""
    content: Content = row.live
    return Listing(
        listing_id=row.listing_id,
        organization_id=row.organization_id,
        state=ListingState(row.state),
        slug=row.slug,
        live=content,
        server_url=row.server_url,
        transport=row.transport,
        version=row.version,
        last_number=row.last_number,
        open_revision=open_revision,
        first_published_at=row.first_published_at,
        live_since=row.live_since,
        state_message=row.state_message,
        deprecation=deprecation_of(row),
        owner_since=row.owner_since,
    )


def deprecation_of(row: Row[Any]) -> Deprecation | None:
    """What the columns of a listing say of its deprecation."""
    if row.deprecated_since is None:
        return None
    return Deprecation(row.deprecation_message, row.successor, row.deprecated_since)


def _by_id(listing_id: str, *, lock: bool) -> Select[Any]:
    query = select(listings).where(listings.c.listing_id == listing_id)
    return query.with_for_update() if lock else query


def _whole(connection: Connection, row: Row[Any]) -> Listing:
    return from_row(row, revision_rows.find_open(connection, row.listing_id))


def _values(listing: Listing) -> dict[str, Any]:
    name = str(listing.live.get("display_name", ""))
    deprecation = listing.deprecation
    return {
        "listing_id": listing.listing_id,
        "organization_id": listing.organization_id,
        "state": listing.state.value,
        "slug": listing.slug,
        "live": dict(listing.live),
        "sort_name": folded(name),
        "search_text": folded(f"{name}\n{listing.live.get('tagline', '')}"),
        "server_url": listing.server_url,
        "transport": listing.transport,
        "version": listing.version,
        "last_number": listing.last_number,
        "first_published_at": listing.first_published_at,
        "live_since": listing.live_since,
        "state_message": listing.state_message,
        "deprecated_since": deprecation.since if deprecation else None,
        "deprecation_message": deprecation.message if deprecation else "",
        "successor": deprecation.successor if deprecation else "",
        "owner_since": listing.owner_since,
    }
