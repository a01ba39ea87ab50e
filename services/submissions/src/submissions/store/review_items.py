"""Review items, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.ids import new_id
from directory.listings.v1.listing_content_pb2 import ListingContent
from directory.submissions.v1.submission_pb2 import SubmissionForm
from sqlalchemy import ColumnElement, Connection, Label, Row, Select, and_, case, exists, insert, select, update

from submissions.domain import checks
from submissions.domain.checks import Finding
from submissions.domain.refusals import version_mismatch
from submissions.domain.review import Decision, ItemKind, ItemState, ReviewItem
from submissions.domain.transfers import TransferState
from submissions.store.forms import content_json, form_json, read_content, read_form
from submissions.store.submissions import REMOTE_MCP, Submission, findings_json, read_findings
from submissions.store.tables import review_items as table
from submissions.store.tables import submissions, tool_drifts, transfers

# The fields of a domain item are columns of the same names, but for the transfer's.
_ITEM = [table.c[name] for name in ReviewItem.__dataclass_fields__ if name != "offered_to"]
_IS_OVER = and_(table.c.state != ItemState.OPEN.value, table.c.handed_in.is_not(None))


def _as_reviewed(now: ColumnElement[Any], *path: str) -> Label[Any]:
    """A field of the form: of a review that is over, as it was handed in for it."""
    return case((_IS_OVER, table.c.handed_in[path].astext), else_=now).label(path[-1])


COMPANY_NAME = _as_reviewed(submissions.c.form["listing"]["company_name"].astext, "listing", "company_name")
_OF_SUBMISSION = [
    _as_reviewed(submissions.c.display_name, "listing", "display_name"),
    COMPANY_NAME,
    _as_reviewed(submissions.c.server_url, "server_url"),
    _as_reviewed(submissions.c.slug, "slug"),
]
# Changes were asked for and the publisher has not said a word since: nobody at the desk is late.
WAITS_FOR_PUBLISHER = and_(
    table.c.state == ItemState.OPEN.value,
    table.c.replied_at.is_(None),
    exists().where(
        tool_drifts.c.review_item_id == table.c.review_item_id, tool_drifts.c.changes_requested_at.is_not(None)
    ),
).label("waits_for_publisher")
# One that has expired, for the moments until that is noted, is an open offer here.
OFFERED_TO = (
    select(transfers.c.to_organization_id)
    .where(transfers.c.submission_id == table.c.submission_id, transfers.c.state == TransferState.OFFERED.value)
    .scalar_subquery()
    .label("offered_to")
)

_QUEUED = (*_ITEM, *_OF_SUBMISSION, WAITS_FOR_PUBLISHER, OFFERED_TO)


@dataclass(frozen=True, slots=True)
class QueuedItem:
    """An item with what its submission's form says of the server."""

    item: ReviewItem
    display_name: str
    company_name: str
    server_url: str
    slug: str
    waits_for_publisher: bool
    """Whether changes of tools were asked for, and neither came nor were answered."""


def not_found(review_item_id: str) -> NotFound:
    """It does not exist."""
    return NotFound("REVIEW_ITEM_NOT_FOUND", "There is no such review item.", review_item_id=review_item_id)


def opened(
    submission: Submission,
    kind: ItemKind,
    *,
    now: datetime,
    findings: Sequence[Finding] = (),
    revision_id: str | None = None,
    **more: Any,
) -> ReviewItem:
    """A new item about `submission`, not inserted yet, which counts `findings`; `more` are further fields of it."""
    warnings, blocks = checks.counts(findings)
    return ReviewItem(
        review_item_id=new_id(),
        kind=kind,
        state=ItemState.OPEN,
        submission_id=submission.submission_id,
        revision_id=revision_id,
        organization_id=submission.organization_id,
        opened_at=now,
        version=1,
        warnings=warnings,
        blocks=blocks,
        **more,
    )


def add(
    connection: Connection,
    item: ReviewItem,
    *,
    before: ListingContent | None = None,
    after: ListingContent | None = None,
    handed_in: SubmissionForm | None = None,
    findings: Sequence[Finding] = (),
) -> None:
    """Inserts a new item; `findings` are of a revision."""
    contents = {
        "handed_in": form_json(handed_in) if handed_in is not None else None,
        "before": content_json(before) if before is not None else None,
        "after": content_json(after) if after is not None else None,
        "findings": findings_json(findings),
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
    query = queued().where(table.c.review_item_id == review_item_id)
    row = connection.execute(query.with_for_update(of=table) if lock else query).one_or_none()
    if row is None:
        raise not_found(review_item_id)
    return read_queued(row)


def open_item(connection: Connection, *, submission_id: str, revision_id: str) -> ReviewItem | None:
    """The open item of a revision, locked."""
    query = select(*_ITEM).where(
        table.c.submission_id == submission_id,
        table.c.state == ItemState.OPEN.value,
        table.c.kind == ItemKind.REVISION.value,
        table.c.revision_id == revision_id,
    )
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else _item(row)


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


def findings(connection: Connection, review_item_id: str) -> tuple[Finding, ...]:
    """What the checks found in the words of a revision's item, gravest first."""
    query = select(table.c.findings).where(table.c.review_item_id == review_item_id)
    return read_findings(connection.execute(query).scalar_one())


def forms(connection: Connection, item: ReviewItem) -> tuple[SubmissionForm | None, SubmissionForm | None]:
    """The form of the submission's review before, and the one handed in for this item; None where there is none."""
    query = select(table.c.handed_in).where(
        table.c.submission_id == item.submission_id,
        table.c.kind == ItemKind.SUBMISSION.value,
        table.c.handed_in.is_not(None),
        table.c.opened_at <= item.opened_at,
    )
    latest = query.order_by(table.c.opened_at.desc(), table.c.review_item_id.desc()).limit(2)
    found = [read_form(row.handed_in) for row in connection.execute(latest)]
    after, before = [*found, None, None][:2]
    return before, after


def before(connection: Connection, submission_id: str, revision_id: str) -> ListingContent | None:
    """What was live when a revision was submitted; None when it never was."""
    query = select(table.c.before).where(table.c.submission_id == submission_id, table.c.revision_id == revision_id)
    row = connection.execute(query.order_by(table.c.opened_at.desc()).limit(1)).one_or_none()
    return None if row is None else read_content(row.before)


def open_items(connection: Connection, submission_id: str) -> list[ReviewItem]:
    """Every open item of a submission, locked."""
    query = select(*_ITEM).where(table.c.submission_id == submission_id, table.c.state == ItemState.OPEN.value)
    rows = connection.execute(query.order_by(table.c.review_item_id).with_for_update())
    return [_item(row) for row in rows]


def last_decided(connection: Connection, submission_id: str, kind: ItemKind) -> ReviewItem | None:
    """The item of this kind that was decided last."""
    query = select(*_ITEM).where(
        table.c.submission_id == submission_id,
        table.c.kind == kind.value,
        table.c.state == ItemState.DECIDED.value,
    )
    row = connection.execute(query.order_by(table.c.closed_at.desc()).limit(1)).one_or_none()
    return None if row is None else _item(row)


def answered(connection: Connection, submission_id: str) -> None:
    """A reviewer wrote to the publisher: nobody of these waits for an answer any more. Replies are decided instead."""
    query = update(table).where(
        table.c.submission_id == submission_id,
        table.c.state == ItemState.OPEN.value,
        table.c.kind != ItemKind.REPLY.value,
    )
    connection.execute(query.values(replied_at=None))


def queued(columns: Sequence[Any] = _QUEUED) -> Select[Any]:
    """Items that reviewers see, with what `read_queued` needs; or these columns of them."""
    return every(columns).where(submissions.c.deleted_at.is_(None))


def every(columns: Sequence[Any]) -> Select[Any]:
    """These columns of all items, also of drafts that were deleted since."""
    joined = table.join(submissions, submissions.c.submission_id == table.c.submission_id)
    return select(*columns).select_from(joined).where(submissions.c.kind == REMOTE_MCP)


def read_queued(row: Row[Any]) -> QueuedItem:
    """The item of a row of `queued`."""
    values = {column.name: row._mapping[column.name] or "" for column in _OF_SUBMISSION}
    return QueuedItem(item=_item(row), waits_for_publisher=row._mapping["waits_for_publisher"], **values)


def _item(row: Row[Any]) -> ReviewItem:
    values = {column.name: row._mapping[column.name] for column in _ITEM}
    decision = values["decision"]
    return ReviewItem(
        **{
            **values,
            "kind": ItemKind(values["kind"]),
            "state": ItemState(values["state"]),
            "decision": Decision(decision) if decision else None,
            "barred": tuple(values["barred"]),
            "offered_to": row._mapping.get("offered_to"),
        }
    )


def _values(item: ReviewItem) -> dict[str, Any]:
    values = {column.name: getattr(item, column.name) for column in _ITEM}
    return {name: list(value) if name == "barred" else _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    return value.value if isinstance(value, ItemKind | ItemState | Decision) else value
