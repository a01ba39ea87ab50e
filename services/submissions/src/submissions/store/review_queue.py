"""The queue: which items are shown, in which order, and how many wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, not_, or_, tuple_

from submissions.domain.review import ItemKind, ItemState
from submissions.store.review_items import (
    COMPANY_NAME,
    OFFERED_TO,
    WAITS_FOR_PUBLISHER,
    QueuedItem,
    queued,
    read_queued,
)
from submissions.store.tables import review_items as table
from submissions.store.tables import submissions

# As `ReviewItem.appealed`.
_APPEALED = or_(
    table.c.kind == ItemKind.APPEAL.value,
    and_(table.c.kind == ItemKind.SUBMISSION.value, func.cardinality(table.c.barred) > 0),
)

Position = tuple[bool, datetime, str]
"""Where a page ended: whether the item is with its publisher, when it was opened (closed), its id."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items to list, and open ones latest first or longest waiting first.

    `held_by` is the person whose items are meant: held or assigned, and once decided, decided by them.
    """

    state: ItemState = ItemState.OPEN
    kind: ItemKind | None = None
    search: str = ""
    held_by: Sequence[str] = ()
    organization_id: str = ""
    category: str = ""
    unclaimed: bool = False
    overdue: bool = False
    appealed: bool = False
    replied: bool = False
    proposed: bool = False
    with_publisher: bool = False
    own_organizations: Sequence[str] = ()
    """The caller's: what is proposed on items that concern them is not told."""
    newest_first: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items are open, and of these overdue, nobody's, the caller's, and with their publishers."""

    open: int
    overdue: int
    unclaimed: int
    mine: int
    with_publisher: int


def page(
    connection: Connection,
    wanted: Filter,
    *,
    now: datetime,
    due: timedelta,
    size: int,
    after: Position | None,
) -> list[QueuedItem]:
    """At most `size` items behind `after`: open ones as the filter says, closed ones latest first.

    Longest waiting first, what is with its publisher comes last.
    """
    query = queued().where(table.c.state == wanted.state.value, *_conditions(wanted, now, due))
    is_open = wanted.state is ItemState.OPEN
    at = table.c.opened_at if is_open else table.c.closed_at
    latest_first = wanted.newest_first or not is_open
    places = (at, table.c.review_item_id) if latest_first else (WAITS_FOR_PUBLISHER.element, at, table.c.review_item_id)
    if after is not None:
        query = query.where(tuple_(*places) < after[1:] if latest_first else tuple_(*places) > after)
    order = [place.desc() for place in places] if latest_first else places
    return [read_queued(row) for row in connection.execute(query.order_by(*order).limit(size))]


def counts(connection: Connection, *, person_id: str, now: datetime, due: timedelta) -> Counts:
    """Of all open items."""
    columns = (
        func.count().label("open"),
        func.count().filter(overdue(now, due)).label("overdue"),
        func.count().filter(nobodys(now)).label("unclaimed"),
        func.count().filter(_held_by(person_id, now)).label("mine"),
        func.count().filter(WAITS_FOR_PUBLISHER.element).label("with_publisher"),
    )
    row = connection.execute(queued(columns).where(table.c.state == ItemState.OPEN.value)).one()
    return Counts(**row._mapping)


def overdue(now: datetime, due: timedelta) -> ColumnElement[bool]:
    """Open items that the desk should have decided on by now."""
    return and_(table.c.opened_at < now - due, not_(WAITS_FOR_PUBLISHER.element))


def nobodys(now: datetime) -> ColumnElement[bool]:
    """Open items that wait for somebody at the desk: nobody holds them or has been assigned them."""
    held = and_(table.c.claimed_by.is_not(None), table.c.claim_expires_at > now)
    return and_(table.c.assigned_to.is_(None), held.is_not(True), not_(WAITS_FOR_PUBLISHER.element))


def _held_by(person_id: str, now: datetime) -> ColumnElement[bool]:
    return or_(
        and_(table.c.claimed_by == person_id, table.c.claim_expires_at > now),
        and_(table.c.assigned_to == person_id, table.c.state == ItemState.OPEN.value),
        table.c.decided_by == person_id,
    )


def _conditions(wanted: Filter, now: datetime, due: timedelta) -> list[ColumnElement[bool]]:
    listing: Any = submissions.c.form["listing"]
    chosen: list[tuple[bool, ColumnElement[bool]]] = [
        (wanted.kind is not None, table.c.kind == (wanted.kind.value if wanted.kind else "")),
        (bool(wanted.organization_id), table.c.organization_id == wanted.organization_id),
        (bool(wanted.category), listing["categories"].has_key(wanted.category)),
        (wanted.unclaimed, nobodys(now)),
        (wanted.overdue, overdue(now, due)),
        (wanted.appealed, _APPEALED),
        (wanted.replied, table.c.replied_at.is_not(None)),
        (wanted.proposed, table.c.proposed_by.is_not(None)),
        (wanted.proposed, table.c.organization_id.not_in(wanted.own_organizations)),
        (wanted.proposed, func.coalesce(OFFERED_TO.element, "").not_in(wanted.own_organizations)),
        (wanted.with_publisher, WAITS_FOR_PUBLISHER.element),
    ]
    conditions = [condition for is_chosen, condition in chosen if is_chosen]
    conditions += [_held_by(person_id, now) for person_id in wanted.held_by]
    if wanted.search:
        columns = (submissions.c.display_name, submissions.c.slug, submissions.c.server_url, COMPANY_NAME.element)
        conditions.append(or_(*(column.icontains(wanted.search, autoescape=True) for column in columns)))
    return conditions
