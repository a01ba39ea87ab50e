"""Messages to endpoints: in line once an endpoint and event, taken one at a time an endpoint, and every attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chassis.errors import NotFound
from chassis.formats import is_uuid
from chassis.ids import new_id
from chassis.sql.database import UnitOfWork
from sqlalchemy import Connection, Row, Select, case, func, insert, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert as insert_once

from notifications.domain.happenings import Happening
from notifications.domain.webhooks import MOST_AT_ONCE, Answer, DeliveryState, Outcome, payload, wanted
from notifications.store.tables import deliveries, delivery_attempts, webhooks

LEASE: Final = timedelta(seconds=60)
"""Longer than any attempt takes."""
Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Taken:
    """A message to send now, with what its endpoint's row said."""

    delivery_id: str
    message_id: str
    payload: str
    attempts: int
    webhook_id: str
    organization_id: str
    url: str
    sealed_secret: bytes
    sealed_former_secret: bytes | None
    former_secret_until: datetime | None
    failing_since: datetime | None


def put_in_line(uow: UnitOfWork, happening: Happening, *, now: datetime) -> None:
    """One message to each endpoint of the organization that is enabled and wants the type."""
    query = select(webhooks.c.webhook_id, webhooks.c.event_types).where(
        webhooks.c.organization_id == happening.organization_id, webhooks.c.disabled_reason == ""
    )
    # Locked, so that none is deleted under its new delivery.
    locked = query.order_by(webhooks.c.webhook_id).with_for_update(read=True, key_share=True)
    for row in uow.execute(locked).all():
        if wanted(tuple(row.event_types), happening.type):
            add(uow, row.webhook_id, happening, now=now)


def add(uow: UnitOfWork, webhook_id: str, happening: Happening, *, now: datetime) -> str:
    """One message; the id of its delivery."""
    delivery_id = new_id()
    row = {
        "delivery_id": delivery_id,
        "webhook_id": webhook_id,
        "message_id": happening.event_id,
        "event_type": happening.type,
        "payload": payload(happening),
        "state": DeliveryState.WAITING.value,
        "attempts": 0,
        "next_attempt_at": now,
        "created_at": now,
    }
    uow.execute(insert_once(deliveries).values(row).on_conflict_do_nothing(constraint="deliveries_once_an_endpoint"))
    return delivery_id


def take(uow: UnitOfWork, *, now: datetime) -> Taken | None:
    """The message that has been due longest among endpoints that nobody sends to now; its endpoint is busy then.

    The lease is the endpoint's: who waited for its lock sees in the row that it is busy, and takes another. An
    organization whose endpoints are slow holds only some of the senders.
    """
    due = (deliveries.c.state == DeliveryState.WAITING.value) & (deliveries.c.next_attempt_at <= now)
    free = (webhooks.c.disabled_reason == "") & or_(webhooks.c.busy_until.is_(None), webhooks.c.busy_until <= now)
    having_enough = (
        select(webhooks.c.organization_id)
        .where(webhooks.c.busy_until > now)
        .group_by(webhooks.c.organization_id)
        .having(func.count() >= MOST_AT_ONCE)
    )
    query = (
        select(deliveries, webhooks)
        .join(webhooks, webhooks.c.webhook_id == deliveries.c.webhook_id)
        .where(due, free, webhooks.c.organization_id.not_in(having_enough))
        .order_by(deliveries.c.next_attempt_at, deliveries.c.delivery_id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    row = uow.execute(query).one_or_none()
    if row is None:
        return None
    uow.execute(update(webhooks).where(webhooks.c.webhook_id == row.webhook_id).values(busy_until=now + LEASE))
    former = row.sealed_former_secret
    return Taken(
        delivery_id=row.delivery_id,
        message_id=row.message_id,
        payload=row.payload,
        attempts=row.attempts,
        webhook_id=row.webhook_id,
        organization_id=row.organization_id,
        url=row.url,
        sealed_secret=bytes(row.sealed_secret),
        sealed_former_secret=bytes(former) if former else None,
        former_secret_until=row.former_secret_until,
        failing_since=row.failing_since,
    )


def finish(uow: UnitOfWork, taken: Taken, answer: Answer, outcome: Outcome, *, at: datetime) -> None:
    """What came of an attempt that began at `at`. An endpoint or delivery that was deleted meanwhile stays so,
    and what came of its old URL says nothing of an endpoint that has another one by now.
    """
    # 1. The endpoint, whose lock comes first everywhere.
    failing_since = None if answer.arrived else taken.failing_since or at
    endpoint = update(webhooks).where(webhooks.c.webhook_id == taken.webhook_id)
    said_of_it = case((webhooks.c.url == taken.url, failing_since), else_=webhooks.c.failing_since)
    if not uow.execute(endpoint.values(busy_until=None, failing_since=said_of_it)).rowcount:
        return
    # 2. The delivery.
    mine = (deliveries.c.delivery_id == taken.delivery_id) & (deliveries.c.attempts == taken.attempts)
    uow.execute(
        update(deliveries)
        .where(mine, deliveries.c.state == DeliveryState.WAITING.value)
        .values(state=outcome.state.value, attempts=taken.attempts + 1, next_attempt_at=outcome.next_attempt_at)
    )
    # 3. The log.
    uow.execute(
        insert(delivery_attempts).values(
            delivery_id=taken.delivery_id,
            at=at,
            status_code=answer.status_code,
            duration_ms=round(answer.duration / timedelta(milliseconds=1)),
            error=answer.error,
            response=answer.response,
        )
    )


def count_since(connection: Connection, webhook_id: str, event_type: str, since: datetime) -> int:
    """How many deliveries of a type an endpoint was given since then."""
    query = select(func.count()).where(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.event_type == event_type,
        deliveries.c.created_at > since,
    )
    return connection.execute(query).scalar_one()


def count_attempts(connection: Connection, webhook_id: str, since: datetime) -> int:
    """How often an endpoint was tried since then, and how many deliveries wait for their first attempt."""
    tried = (
        select(func.count())
        .join_from(delivery_attempts, deliveries)
        .where(deliveries.c.webhook_id == webhook_id, delivery_attempts.c.at > since)
    )
    waiting = select(func.count()).where(
        deliveries.c.webhook_id == webhook_id,
        deliveries.c.state == DeliveryState.WAITING.value,
        deliveries.c.attempts == 0,
    )
    counted: int = connection.execute(select(tried.scalar_subquery() + waiting.scalar_subquery())).scalar_one()
    return counted


def latest(connection: Connection, webhook_id: str, *, after: Place | None, limit: int) -> Sequence[Row[Any]]:
    """Deliveries of an endpoint, latest first, each with its latest attempt."""
    query = _with_latest_attempt().where(deliveries.c.webhook_id == webhook_id)
    if after is not None:
        query = query.where(tuple_(deliveries.c.created_at, deliveries.c.delivery_id) < tuple_(*after))
    query = query.order_by(deliveries.c.created_at.desc(), deliveries.c.delivery_id.desc()).limit(limit)
    return connection.execute(query).all()


def get(connection: Connection, webhook_id: str, delivery_id: str) -> Row[Any]:
    """One delivery of an endpoint with its latest attempt. Raises NotFound DELIVERY_NOT_FOUND."""
    row = None
    if is_uuid(delivery_id):
        mine = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.delivery_id == delivery_id)
        row = connection.execute(_with_latest_attempt().where(mine)).one_or_none()
    if row is None:
        raise NotFound("DELIVERY_NOT_FOUND", "There is no such delivery.", delivery_id=delivery_id)
    return row


def attempts_of(connection: Connection, delivery_id: str) -> Sequence[Row[Any]]:
    """Every attempt, oldest first."""
    query = select(delivery_attempts).where(delivery_attempts.c.delivery_id == delivery_id)
    return connection.execute(query.order_by(delivery_attempts.c.attempt_id)).all()


def begin_again(uow: UnitOfWork, delivery_id: str, *, now: datetime) -> None:
    """Puts a delivery that is over in line again, under the same id of the message."""
    uow.execute(
        update(deliveries)
        .where(deliveries.c.delivery_id == delivery_id)
        .values(state=DeliveryState.WAITING.value, attempts=0, next_attempt_at=now)
    )


def give_up(uow: UnitOfWork, webhook_id: str) -> None:
    """Ends everything that waits for an endpoint: it was disabled. Each can be sent again by hand."""
    waiting = (deliveries.c.webhook_id == webhook_id) & (deliveries.c.state == DeliveryState.WAITING.value)
    uow.execute(update(deliveries).where(waiting).values(state=DeliveryState.FAILED.value, next_attempt_at=None))


def _with_latest_attempt() -> Select[Any]:
    newest = (
        select(delivery_attempts.c.status_code, delivery_attempts.c.error)
        .where(delivery_attempts.c.delivery_id == deliveries.c.delivery_id)
        .order_by(delivery_attempts.c.attempt_id.desc())
        .limit(1)
        .lateral()
    )
    return select(deliveries, newest.c.status_code, newest.c.error).outerjoin(newest, true())
