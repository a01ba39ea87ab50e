"""Reading pages of the directory: live listings by name, or in an order that the caller gives."""

from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, FromClause, func, literal, select, tuple_

from listings.domain.listing import Listing, ListingState
from listings.store.listings import folded, from_row
from listings.store.tables import listings

Place = tuple[int, str, str]
"""Where a listing stands: its place among the first (0 where nobody is first), its name and its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which listings, and which of them come first (no id twice)."""

    search: str = ""
    category: str = ""
    first: tuple[str, ...] = ()
    first_only: bool = False


def list_live(
    connection: Connection, wanted: Wanted, *, after: Place | None, limit: int
) -> list[tuple[Place, Listing]]:
    """Live listings, those of `first` in that order and then the others by name; `after` is the last place before."""
    source, place = _placed(wanted)
    by_name = (listings.c.sort_name, listings.c.listing_id)
    # Where nobody is first, the order is that of the index.
    order = by_name if place is None else (place, *by_name)
    query = select(listings, literal(0) if place is None else place).select_from(source).where(*_conditions(wanted))
    if after:
        types = (BigInteger(), *(column.type for column in by_name))
        query = query.where(tuple_(*order) > tuple_(*after[-len(order) :], types=types[-len(order) :]))
    rows = connection.execute(query.order_by(*order).limit(limit))
    return [((row[-1], row.sort_name, row.listing_id), from_row(row)) for row in rows]


def _placed(wanted: Wanted) -> tuple[FromClause, ColumnElement[int] | None]:
    if not wanted.first and not wanted.first_only:
        return listings, None
    ids = literal(list(wanted.first), ARRAY(listings.c.listing_id.type))
    named = func.unnest(ids).table_valued("listing_id", with_ordinality="place").render_derived(name="named")
    joined = listings.join(named, listings.c.listing_id == named.c.listing_id, isouter=not wanted.first_only)
    return joined, func.coalesce(named.c.place, len(wanted.first) + 1)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [listings.c.state == ListingState.LIVE]
    if wanted.search:
        conditions.append(func.strpos(listings.c.search_text, folded(wanted.search)) > 0)
    if wanted.category:
        conditions.append(listings.c.live["categories"].contains([wanted.category]))
    return conditions
