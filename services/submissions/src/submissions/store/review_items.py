"""Review items: the queue and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import NotFound
from chassis.formats import is_uuid
from directory.listings.v1.listing_content_pb2 import ListingContent
from sqlalchemy import Connection, Row, Select, and_, case, exists, func, insert, or_, select, tuple_, update

from submissions.domain.review import Decision, ItemKind, ItemState, ReviewItem, version_mismatch
from submissions.store.forms import content_json, read_content
from submissions.store.submissions import REMOTE_MCP
from submissions.store.tables import review_items as table
from submissions.store.tables import submissions

# The fields of a domain item are columns of the same names.
_ITEM = [table.c[name] for name in ReviewItem.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item with the name of its server."""

    item: ReviewItem
    display_name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items to list. `held_by` is the person whose claims (or, once decided, decisions) are meant."""

    state: ItemState = ItemState.OPEN
    kind: ItemKind | None = None
    search: str = ""
    held_by: str | None = None


def not_found(review_item_id: str) -> NotFound:
    """It does not exist."""
    return NotFound("REVIEW_ITEM_NOT_FOUND", "There is no such review item.", review_item_id=review_item_id)


def add(
    connection: Connection,
    item: ReviewItem,
    *,
    before: ListingContent | None = None,
    after: ListingContent | None = None,
) -> None:
    """Inserts a new item."""
    contents = {
        "before": content_json(before) if before is not None else None,
        "after": content_json(after) if after is not None else None,
    }
    connection.execute(insert(table).values({**_values(item), **contents}))


def save(connection: Connection, item: ReviewItem) -> None:
    """Writes an item that the domain made from the version before. Raises VersionMismatch when that is gone."""
    query = update(table).where(table.c.review_item_id == item.review_item_id, table.c.version == item.version - 1)
    if connection.execute(query.values(_values(item))).rowcount != 1:
        raise version_mismatch(get(connection, item.review_item_id).item.version)


def get(connection: Connection, review_item_id: str, *, lock: bool = False) -> QueuedItem:
    """One item. Raises NotFound."""
    if not is_uuid(review_item_id):  # the database refuses to compare others
        raise not_found(review_item_id)
    query = _queued().where(table.c.review_item_id == review_item_id)
    row = connection.execute(query.with_for_update(of=table) if lock else query).one_or_none()
    if row is None:
        raise not_found(review_item_id)
    return _read(row)


def with_open_revision(connection: Connection, submission_ids: Sequence[str]) -> frozenset[str]:
    """Those of the submissions whose listing has an edit that waits for a decision."""
    query = select(table.c.submission_id).where(
        table.c.submission_id.in_(submission_ids),
        table.c.kind == ItemKind.REVISION.value,
        table.c.state == ItemState.OPEN.value,
    )
    return frozenset(connection.execute(query).scalars())


def open_item(connection: Connection, *, submission_id: str, revision_id: str | None) -> ReviewItem | None:
    """The open item of a submission (`revision_id` None) or of a revision, locked."""
    query = select(*_ITEM).where(table.c.submission_id == submission_id, table.c.state == ItemState.OPEN.value)
    if revision_id is None:
        query = query.where(table.c.kind == ItemKind.SUBMISSION.value)
    else:
        query = query.where(table.c.kind == ItemKind.REVISION.value, table.c.revision_id == revision_id)
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else _item(row)


def has_open_revision(connection: Connection, submission_id: str) -> bool:
    """Whether reviewers have a revision of the submission's listing."""
    query = select(
        exists().where(
            table.c.submission_id == submission_id,
            table.c.kind == ItemKind.REVISION.value,
            table.c.state == ItemState.OPEN.value,
        )
    )
    return bool(connection.execute(query).scalar_one())


def pass_on(connection: Connection, submission_id: str, organization_id: str) -> None:
    """Every item of a submission gets its new owner; of open ones a reviewer has to look at the present version."""
    is_open = table.c.state == ItemState.OPEN.value
    version = case((is_open, table.c.version + 1), else_=table.c.version)
    query = update(table).where(table.c.submission_id == submission_id)
    connection.execute(query.values(organization_id=organization_id, version=version))


def contents(connection: Connection, review_item_id: str) -> tuple[ListingContent, ListingContent]:
    """What is live and what is asked for, of a revision's item."""
    query = select(table.c.before, table.c.after).where(table.c.review_item_id == review_item_id)
    before, after = connection.execute(query).one()
    return read_content(before), read_content(after)


def before(connection: Connection, submission_id: str, revision_id: str) -> ListingContent | None:
    """What was live when a revision was submitted; None when it never was."""
    query = select(table.c.before).where(table.c.submission_id == submission_id, table.c.revision_id == revision_id)
    row = connection.execute(query.order_by(table.c.opened_at.desc()).limit(1)).one_or_none()
    return None if row is None else read_content(row.before)


def page(
    connection: Connection, wanted: Filter, *, now: datetime, size: int, after: tuple[datetime, str] | None
) -> list[QueuedItem]:
    """At most `size` items behind `after`: open ones longest waiting first, closed ones latest first."""
    query = _queued().where(table.c.state == wanted.state.value)
    if wanted.kind is not None:
        query = query.where(table.c.kind == wanted.kind.value)
    if wanted.search:
        query = query.where(submissions.c.display_name.icontains(wanted.search, autoescape=True))
    if wanted.held_by is not None:
        held = and_(table.c.claimed_by == wanted.held_by, table.c.claim_expires_at > now)
        query = query.where(or_(held, table.c.decided_by == wanted.held_by))
    is_open = wanted.state is ItemState.OPEN
    at = table.c.opened_at if is_open else table.c.closed_at
    position = tuple_(at, table.c.review_item_id)
    if after is not None:
        query = query.where(position > after if is_open else position < after)
    order = (at, table.c.review_item_id) if is_open else (at.desc(), table.c.review_item_id.desc())
    return [_read(row) for row in connection.execute(query.order_by(*order).limit(size))]


def open_count(connection: Connection) -> int:
    """How many items wait for a decision."""
    query = select(func.count()).select_from(table).where(table.c.state == ItemState.OPEN.value)
    number: int = connection.execute(query).scalar_one()
    return number


def _queued() -> Select[Any]:
    joined = table.join(submissions, submissions.c.submission_id == table.c.submission_id)
    query = select(*_ITEM, submissions.c.display_name).select_from(joined)
    return query.where(submissions.c.kind == REMOTE_MCP, submissions.c.deleted_at.is_(None))


def _read(row: Row[Any]) -> QueuedItem:
    return QueuedItem(item=_item(row), display_name=row._mapping["display_name"])


def _item(row: Row[Any]) -> ReviewItem:
    values = {column.name: row._mapping[column.name] for column in _ITEM}
    decision = values["decision"]
    return ReviewItem(
        **{
            **values,
            "kind": ItemKind(values["kind"]),
            "state": ItemState(values["state"]),
            "decision": Decision(decision) if decision else None,
        }
    )


def _values(item: ReviewItem) -> dict[str, Any]:
    values = {column.name: getattr(item, column.name) for column in _ITEM}
    return {
        name: value.value if isinstance(value, ItemKind | ItemState | Decision) else value
        for name, value in values.items()
    }
