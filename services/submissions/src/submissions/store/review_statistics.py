"""How the desk goes: the queue now, and what was decided week by week and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func

from submissions.domain.review import Decision, ItemKind, ItemState
from submissions.store.review_items import queued
from submissions.store.review_queue import nobodys, overdue
from submissions.store.tables import review_items as table

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """Open items of one kind; ages in seconds."""

    kind: ItemKind
    open: int
    overdue: int
    unclaimed: int
    median_age: int
    oldest_age: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Decisions in all and by what was decided; `median_waiting` in seconds, None without decisions."""

    decided: int
    by_decision: Mapping[Decision, int]
    late: int
    median_waiting: int | None


NOTHING = Outcomes(0, {}, 0, None)


@dataclass(frozen=True, slots=True)
class Week:
    """A week by its Monday, in UTC."""

    monday: date
    opened: int
    outcomes: Outcomes


@dataclass(frozen=True, slots=True)
class ByReviewer:
    """One reviewer's decisions."""

    person_id: str
    name: str
    outcomes: Outcomes


def queue(connection: Connection, *, now: datetime, due: timedelta) -> list[Queue]:
    """Open items of every kind that has any, the largest first."""
    age = func.extract("epoch", now - table.c.opened_at)
    columns = (
        table.c.kind,
        func.count().label("open"),
        func.count().filter(overdue(now, due)).label("overdue"),
        func.count().filter(nobodys(now)).label("unclaimed"),
        func.percentile_cont(0.5).within_group(age).label("median_age"),
        func.max(age).label("oldest_age"),
    )
    query = queued(columns).where(table.c.state == ItemState.OPEN.value).group_by(table.c.kind)
    rows = connection.execute(query.order_by(func.count().desc(), table.c.kind))
    return [
        Queue(ItemKind(row.kind), row.open, row.overdue, row.unclaimed, int(row.median_age), int(row.oldest_age))
        for row in rows
    ]


def weeks(connection: Connection, *, now: datetime, due: timedelta, number: int) -> list[Week]:
    """The last `number` weeks, the present one first, also those without anything."""
    monday = _monday(now)
    since = monday - WEEK * (number - 1)
    opened_query = queued((_week_of(table.c.opened_at), func.count().label("opened")))
    opened_query = opened_query.where(table.c.opened_at >= since).group_by("monday")
    opened = {_day(row.monday): row.opened for row in connection.execute(opened_query)}
    decided_query = _decided(since, due, _week_of(table.c.closed_at)).group_by("monday")
    decided = {_day(row.monday): _outcomes(row) for row in connection.execute(decided_query)}
    mondays = [(monday - WEEK * back).date() for back in range(number)]
    return [Week(day, opened.get(day, 0), decided.get(day, NOTHING)) for day in mondays]


def by_reviewer(connection: Connection, *, now: datetime, due: timedelta, number: int) -> list[ByReviewer]:
    """Everybody's decisions of the last `number` weeks, most first."""
    since = _monday(now) - WEEK * (number - 1)
    who = (table.c.decided_by, func.max(table.c.decided_by_name).label("name"))
    query = _decided(since, due, *who).group_by(table.c.decided_by)
    rows = connection.execute(query.order_by(func.count().desc(), table.c.decided_by))
    return [ByReviewer(row.decided_by, row.name, _outcomes(row)) for row in rows]


def _decided(since: datetime, due: timedelta, *columns: Any) -> Select[Any]:
    waited = table.c.closed_at - table.c.opened_at
    counted = [func.count().filter(table.c.decision == decision.value).label(decision.value) for decision in Decision]
    figures = (
        func.count().label("decided"),
        func.count().filter(waited > due).label("late"),
        func.percentile_cont(0.5).within_group(func.extract("epoch", waited)).label("median_waiting"),
    )
    is_decided = and_(table.c.state == ItemState.DECIDED.value, table.c.closed_at >= since)
    return queued((*columns, *figures, *counted)).where(is_decided)


def _outcomes(row: Row[Any]) -> Outcomes:
    values = row._mapping
    by_decision = {decision: values[decision.value] for decision in Decision}
    return Outcomes(row.decided, by_decision, row.late, int(row.median_waiting))


def _week_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.date_trunc("week", column, "UTC").label("monday")


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _monday(now: datetime) -> datetime:
    at = now.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) - timedelta(days=at.weekday())
