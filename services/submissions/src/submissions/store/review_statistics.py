"""How the desk goes: the queue now, and what was decided week by week and by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Row,
    Select,
    Subquery,
    cast,
    func,
    literal,
    not_,
    select,
    union_all,
)

from submissions.domain.review import Decision, ItemKind, ItemState
from submissions.store.audit import REQUEST_TOOL_CHANGES
from submissions.store.review_items import WAITS_FOR_PUBLISHER, every, queued
from submissions.store.review_queue import nobodys, overdue
from submissions.store.tables import audit_entries
from submissions.store.tables import review_items as table

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Queue:
    """Open items of one kind; ages in seconds, 0 where all of them wait for their publishers."""

    kind: ItemKind
    open: int
    overdue: int
    unclaimed: int
    median_age: int
    oldest_age: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Decisions in all and by what was decided; `median_waiting` in seconds, None where no waiting is known."""

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
    """Open items of every kind that has any, the largest first; ages without those that wait for their publisher."""
    age = func.extract("epoch", now - table.c.opened_at)
    waits_here = not_(WAITS_FOR_PUBLISHER.element)
    median = func.percentile_cont(0.5).within_group(age).filter(waits_here)
    columns = (
        table.c.kind,
        func.count().label("open"),
        func.count().filter(overdue(now, due)).label("overdue"),
        func.count().filter(nobodys(now)).label("unclaimed"),
        func.coalesce(median, 0).label("median_age"),
        func.coalesce(func.max(age).filter(waits_here), 0).label("oldest_age"),
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
    opened_query = every((_week_of(table.c.opened_at), func.count().label("opened")))
    opened_query = opened_query.where(table.c.opened_at >= since).group_by("monday")
    opened = {_day(row.monday): row.opened for row in connection.execute(opened_query)}
    decisions = _decisions(since)
    decided_query = _counted(decisions, due, _week_of(decisions.c.closed_at)).group_by("monday")
    decided = {_day(row.monday): _outcomes(row) for row in connection.execute(decided_query)}
    mondays = [(monday - WEEK * back).date() for back in range(number)]
    return [Week(day, opened.get(day, 0), decided.get(day, NOTHING)) for day in mondays]


def by_reviewer(connection: Connection, *, now: datetime, due: timedelta, number: int) -> list[ByReviewer]:
    """Everybody's decisions of the last `number` weeks, most first."""
    since = _monday(now) - WEEK * (number - 1)
    decisions = _decisions(since)
    who = (decisions.c.decided_by, func.max(decisions.c.decided_by_name).label("name"))
    query = _counted(decisions, due, *who).group_by(decisions.c.decided_by)
    rows = connection.execute(query.order_by(func.count().desc(), decisions.c.decided_by))
    return [ByReviewer(row.decided_by, row.name, _outcomes(row)) for row in rows]


def _decisions(since: datetime) -> Subquery:
    """Every decision since then. Of requests for other tools, which leave their items open, the audit alone has all."""
    items = (table.c.opened_at, table.c.closed_at, table.c.decision, table.c.decided_by, table.c.decided_by_name)
    decided = every(items).where(table.c.state == ItemState.DECIDED.value, table.c.closed_at >= since)
    entries = audit_entries.c
    requests = select(
        cast(entries.detail["waiting_since"].astext, DateTime(timezone=True)),
        entries.at,
        literal(Decision.REQUEST_CHANGES.value),
        entries.actor_id,
        entries.actor_name,
    ).where(entries.action == REQUEST_TOOL_CHANGES, entries.at >= since)
    return union_all(decided, requests).subquery("decisions")


def _counted(decisions: Subquery, due: timedelta, *columns: Any) -> Select[Any]:
    waited = decisions.c.closed_at - decisions.c.opened_at
    outcomes = [
        func.count().filter(decisions.c.decision == decision.value).label(decision.value) for decision in Decision
    ]
    figures = (
        func.count().label("decided"),
        func.count().filter(waited > due).label("late"),
        func.percentile_cont(0.5).within_group(func.extract("epoch", waited)).label("median_waiting"),
    )
    return select(*columns, *figures, *outcomes)


def _outcomes(row: Row[Any]) -> Outcomes:
    values = row._mapping
    by_decision = {decision: values[decision.value] for decision in Decision}
    # Requests for other tools from before the audit said since when their items waited.
    median_waiting = None if row.median_waiting is None else int(row.median_waiting)
    return Outcomes(row.decided, by_decision, row.late, median_waiting)


def _week_of(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.date_trunc("week", column, "UTC").label("monday")


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _monday(now: datetime) -> datetime:
    at = now.astimezone(UTC)
    return datetime(at.year, at.month, at.day, tzinfo=UTC) - timedelta(days=at.weekday())
