"""Reading versions. A trigger of the database writes them; see the second migration."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import NotFound
from sqlalchemy import Connection, Row, Select, func, literal, or_, select, tuple_

from listings.domain.listing import ListingState
from listings.domain.versions import Version
from listings.store.listings import deprecation_of, folded, not_found
from listings.store.tables import listings, versions

Place = tuple[datetime, str, int]
"""Where a version stands among all: when it was updated, its listing and its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which versions; a search looks at words and at `name_prefix` with the slug behind it."""

    search: str = ""
    name_prefix: str = ""
    updated_since: datetime | None = None
    latest_only: bool = False
    number: int | None = None
    taken_off_too: bool = False


def list_updated(connection: Connection, wanted: Wanted, *, after: Place | None, limit: int) -> list[Version]:
    """Versions of all listings, updated longest ago first; `after` is the place of the last one before."""
    order = (versions.c.updated_at, versions.c.listing_id, versions.c.number)
    query = _narrowed(_readable(taken_off_too=wanted.taken_off_too), wanted)
    if after is not None:
        query = query.where(tuple_(*order) > tuple_(*after, types=[column.type for column in order]))
    return [_version(row) for row in connection.execute(query.order_by(*order).limit(limit))]


def list_of_listing(
    connection: Connection, slug: str, *, taken_off_too: bool, below: int | None, limit: int
) -> list[Version]:
    """Versions of one listing, latest first; `below` is the last number of the page before.

    Raises NotFound LISTING_NOT_FOUND.
    """
    query = _readable(taken_off_too=taken_off_too).where(listings.c.slug == slug)
    if below is not None:
        query = query.where(versions.c.number < below)
    found = [_version(row) for row in connection.execute(query.order_by(versions.c.number.desc()).limit(limit))]
    if not found and below is None:
        raise not_found()
    return found


def get(connection: Connection, slug: str, number: int | None, *, taken_off_too: bool) -> Version:
    """One version of a listing, the latest for None. Raises NotFound LISTING_NOT_FOUND."""
    query = _readable(taken_off_too=taken_off_too).where(listings.c.slug == slug)
    query = query.where(versions.c.is_latest) if number is None else query.where(versions.c.number == number)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("LISTING_NOT_FOUND", "There is no such listing, or it has no such version.")
    return _version(row)


def _readable(*, taken_off_too: bool) -> Select[Any]:
    of_listing = ("slug", "state", "state_message", "deprecated_since", "deprecation_message", "successor")
    query = select(versions, *(listings.c[name] for name in of_listing)).join_from(versions, listings)
    return query if taken_off_too else query.where(listings.c.state == ListingState.LIVE)


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.search:
        name = literal(wanted.name_prefix.lower()) + listings.c.slug
        words = func.strpos(versions.c.search_text, folded(wanted.search)) > 0
        query = query.where(or_(words, func.strpos(name, wanted.search.lower()) > 0))
    if wanted.updated_since is not None:
        query = query.where(versions.c.updated_at > wanted.updated_since)
    if wanted.latest_only:
        query = query.where(versions.c.is_latest)
    if wanted.number is not None:
        query = query.where(versions.c.number == wanted.number)
    return query


def _version(row: Row[Any]) -> Version:
    return Version(
        listing_id=row.listing_id,
        slug=row.slug,
        number=row.number,
        content=row.content,
        server_url=row.server_url,
        transport=row.transport,
        is_latest=row.is_latest,
        state=ListingState(row.state),
        state_message=row.state_message,
        published_at=row.published_at,
        updated_at=row.updated_at,
        state_changed_at=row.state_changed_at,
        deprecation=deprecation_of(row),
    )
