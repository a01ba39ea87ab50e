"""What review items of kind drift are about: the approved tools, those that the server offers, how these changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from submissions.domain.checks import Finding
from submissions.domain.probe_report import Tool, digest, read_tools, snapshot
from submissions.domain.review import ItemKind, ItemState, ReviewItem
from submissions.store import review_items
from submissions.store.submissions import findings_json, read_findings
from submissions.store.tables import review_items as items
from submissions.store.tables import tool_drift_steps as steps_table
from submissions.store.tables import tool_drifts as table

_STEPS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Drift:
    """What an item is about. `changes_requested_at` is set while it waits for its publisher."""

    review_item_id: str
    approved: tuple[Tool, ...]
    offered: tuple[Tool, ...]
    offered_digest: str
    changed_at: datetime
    findings: tuple[Finding, ...]
    changes_requested_at: datetime | None = None
    request: str = ""
    reason_code: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A list of tools that was seen while the item was open."""

    at: datetime
    summary: str


def open_item(connection: Connection, submission_id: str, *, lock: bool = True) -> ReviewItem | None:
    """The open item of a server; None where no drift waits."""
    query = select(items.c.review_item_id).where(
        items.c.submission_id == submission_id,
        items.c.state == ItemState.OPEN.value,
        items.c.kind == ItemKind.DRIFT.value,
    )
    review_item_id = connection.execute(query).scalar_one_or_none()
    return None if review_item_id is None else review_items.get(connection, review_item_id, lock=lock).item


def get(connection: Connection, review_item_id: str) -> Drift:
    """What an item of kind drift is about."""
    row = connection.execute(select(table).where(table.c.review_item_id == review_item_id)).one()
    return Drift(
        review_item_id=row.review_item_id,
        approved=read_tools(row.approved),
        offered=read_tools(row.offered),
        offered_digest=row.offered_digest,
        changed_at=row.changed_at,
        findings=read_findings(row.findings),
        changes_requested_at=row.changes_requested_at,
        request=row.request,
        reason_code=row.reason_code,
    )


def is_accepted(
    connection: Connection, submission_id: str, offered: tuple[Tool, ...], findings: Sequence[Finding]
) -> bool:
    """Whether these very tools were accepted last, by a reviewer who saw these findings."""
    item = review_items.last_decided(connection, submission_id, ItemKind.DRIFT)
    if item is None:
        return False
    accepted = get(connection, item.review_item_id)
    return (accepted.offered_digest, accepted.findings) == (digest(offered), tuple(findings))


def add(connection: Connection, drift: Drift, summary: str) -> None:
    """What a new item is about."""
    connection.execute(insert(table).values(review_item_id=drift.review_item_id, **_columns(drift)))
    _add_step(connection, drift, summary)


def replace(connection: Connection, drift: Drift, summary: str) -> None:
    """The item is about other tools now, and waits for a reviewer; what was seen before stays among the steps."""
    _update(connection, drift.review_item_id, _columns(drift))
    _add_step(connection, drift, summary)


def wait_for_publisher(
    connection: Connection, review_item_id: str, *, request: str, reason_code: str, now: datetime
) -> None:
    """A reviewer asked for changes."""
    values = {"changes_requested_at": now, "request": request, "reason_code": reason_code}
    _update(connection, review_item_id, values)


def steps(connection: Connection, review_item_id: str) -> Sequence[Step]:
    """The last lists of tools that were seen, oldest first."""
    query = select(steps_table.c.at, steps_table.c.summary).where(steps_table.c.review_item_id == review_item_id)
    rows = connection.execute(query.order_by(steps_table.c.number.desc()).limit(_STEPS_SHOWN)).all()
    return [Step(row.at, row.summary) for row in reversed(rows)]


def _add_step(connection: Connection, drift: Drift, summary: str) -> None:
    mine = steps_table.c.review_item_id == drift.review_item_id
    last = connection.execute(select(func.max(steps_table.c.number)).where(mine)).scalar_one() or 0
    connection.execute(
        insert(steps_table).values(
            review_item_id=drift.review_item_id,
            number=last + 1,
            at=drift.changed_at,
            offered_digest=drift.offered_digest,
            summary=summary,
        )
    )


def _columns(drift: Drift) -> dict[str, Any]:
    return {
        "approved": snapshot(drift.approved),
        "offered": snapshot(drift.offered),
        "offered_digest": digest(drift.offered),
        "changed_at": drift.changed_at,
        "findings": findings_json(drift.findings),
        "changes_requested_at": drift.changes_requested_at,
        "request": drift.request,
        "reason_code": drift.reason_code,
    }


def _update(connection: Connection, review_item_id: str, values: dict[str, Any]) -> None:
    connection.execute(update(table).where(table.c.review_item_id == review_item_id).values(values))
