"""Transfers: reading them for either side, and one change at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from chassis.formats import is_uuid
from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, tuple_, update

from submissions.domain.transfers import Side, Transfer, TransferState, not_found
from submissions.store.tables import submissions
from submissions.store.tables import transfers as table

# The fields of a domain transfer are columns of the same names.
_NAMES = tuple(Transfer.__dataclass_fields__)


def add(connection: Connection, transfer: Transfer) -> None:
    """Inserts a new offer. The submission is locked and has no other open one."""
    connection.execute(insert(table).values(_values(transfer)))


def save(connection: Connection, transfer: Transfer) -> None:
    """Writes over the row of a transfer that this transaction has locked."""
    query = update(table).where(table.c.transfer_id == transfer.transfer_id)
    connection.execute(query.values(_values(transfer)))


def get(connection: Connection, transfer_id: str, *, organization_id: str, lock: bool = False) -> Transfer:
    """A transfer from or to `organization_id`. Raises NotFound TRANSFER_NOT_FOUND for anything else."""
    row = None
    if is_uuid(transfer_id):  # the database refuses to compare others
        query = select(table).where(table.c.transfer_id == transfer_id, _of(organization_id, None))
        row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_found(transfer_id)
    return _read(row)


def open_of(connection: Connection, submission_id: str) -> Transfer | None:
    """The offer of a submission that nobody has closed, locked; it may have expired."""
    query = select(table).where(table.c.submission_id == submission_id, table.c.state == TransferState.OFFERED.value)
    row = connection.execute(query.with_for_update()).one_or_none()
    return None if row is None else _read(row)


def page(
    connection: Connection,
    organization_id: str,
    *,
    side: Side | None,
    states: Collection[TransferState],
    submission_id: str | None,
    now: datetime,
    size: int,
    after: tuple[datetime, str] | None,
) -> list[Transfer]:
    """At most `size` transfers of an organization behind `after`, latest first; what is overdue has expired."""
    query = select(table).where(_of(organization_id, side))
    if states:
        query = query.where(or_(*(_stands_at(state, now) for state in states)))
    if submission_id is not None:
        query = query.where(table.c.submission_id == submission_id)
    if after is not None:
        query = query.where(tuple_(table.c.offered_at, table.c.transfer_id) < after)
    query = query.order_by(table.c.offered_at.desc(), table.c.transfer_id.desc()).limit(size)
    return [_read(row) for row in connection.execute(query)]


def authentications(connection: Connection, submission_ids: Collection[str]) -> dict[str, str]:
    """How people authenticate to each of these submissions' servers, as the form says it; empty where it does not."""
    mode = submissions.c.form["authentication"].astext
    query = select(submissions.c.submission_id, mode).where(submissions.c.submission_id.in_(submission_ids))
    return {submission_id: found or "" for submission_id, found in connection.execute(query)}


def offered_since(connection: Connection, organization_id: str, since: datetime) -> Sequence[datetime]:
    """When the organization offered servers since then, latest first.

    Holds a lock on the organization's offers until the transaction ends, so that two cannot count the same.
    """
    lock = func.pg_advisory_xact_lock(func.hashtext("transfers.offered"), func.hashtext(organization_id))
    connection.execute(select(lock))
    query = select(table.c.offered_at).where(
        table.c.from_organization_id == organization_id, table.c.offered_at > since
    )
    return connection.execute(query.order_by(table.c.offered_at.desc())).scalars().all()


def next_overdue(connection: Connection, now: datetime) -> str | None:
    """The submission whose offer expired first of those that nobody has noted as expired."""
    query = select(table.c.submission_id).where(table.c.state == TransferState.OFFERED.value, table.c.expires_at <= now)
    return connection.execute(query.order_by(table.c.expires_at).limit(1)).scalar_one_or_none()


def _of(organization_id: str, side: Side | None) -> ColumnElement[bool]:
    giving, receiving = table.c.from_organization_id == organization_id, table.c.to_organization_id == organization_id
    if side is None:
        return or_(giving, receiving)
    return giving if side is Side.GIVING else receiving


def _stands_at(state: TransferState, now: datetime) -> ColumnElement[bool]:
    stored, overdue = table.c.state == state.value, table.c.expires_at <= now
    if state is TransferState.OFFERED:
        return stored & ~overdue
    if state is TransferState.EXPIRED:
        return stored | ((table.c.state == TransferState.OFFERED.value) & overdue)
    return stored


def _read(row: Row[Any]) -> Transfer:
    values = {name: row._mapping[name] for name in _NAMES}
    return Transfer(**{**values, "state": TransferState(values["state"])})


def _values(transfer: Transfer) -> dict[str, Any]:
    return {**{name: getattr(transfer, name) for name in _NAMES}, "state": transfer.state.value}
