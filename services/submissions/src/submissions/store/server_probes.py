"""Looks at published servers: when each is due, who has one, until when, and what the last one found.

As with the runs of checks a look is taken for a while in one transaction and finished in another; in between the server
is spoken to, and nothing is locked. A result counts only while the row still names its run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chassis.ids import new_id
from sqlalchemy import Connection, Row, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from submissions.domain.endpoint_health import EndpointHealth, Standing
from submissions.domain.lifecycle import State
from submissions.domain.probe_report import Report
from submissions.domain.probe_schedule import first_look, missed_after, next_look
from submissions.store import submissions as rows
from submissions.store import turns
from submissions.store.server_checks import LEASE
from submissions.store.submissions import REMOTE_MCP, Submission
from submissions.store.tables import server_probes as table
from submissions.store.tables import submissions
from submissions.store.turns import Queue

BY_HAND = frozenset({State.PUBLISHED, State.SUSPENDED})
"""States in which a publisher may ask for a look: who was suspended shows that the server is in order again."""

# Servers that are put on the list, or put off after down time, in one transaction.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Look:
    """A look that the caller has, and the submission as it was when they took it."""

    run_id: str
    attempt: int
    by_hand: bool
    submission: Submission


@dataclass(frozen=True, slots=True)
class Probe:
    """A row."""

    submission_id: str
    run_id: str
    due_at: datetime
    running: bool
    asked_last_at: datetime | None
    looked_at: datetime | None
    standing: Standing
    remark: str
    tools_count: int | None
    tools_seen_at: datetime | None


def enrol(connection: Connection, *, now: datetime, interval: timedelta) -> int:
    """Gives published servers that are new here their first time; returns how many."""
    known = exists().where(table.c.submission_id == submissions.c.submission_id)
    published = (submissions.c.state == State.PUBLISHED.value, submissions.c.kind == REMOTE_MCP)
    query = select(submissions.c.submission_id).where(*published, ~known).limit(_AT_ONCE)
    new = [
        _new_row(submission_id, first_look(submission_id, now, interval))
        for submission_id in connection.execute(query).scalars().all()
    ]
    if new:
        connection.execute(insert(table).on_conflict_do_nothing(), new)
    return len(new)


def put_off(connection: Connection, *, now: datetime, interval: timedelta) -> int:
    """Looks that were missed, after down time, wait for their next time; returns how many."""
    missed = (table.c.due_at < now - missed_after(interval), table.c.asked_at.is_(None))
    joined = table.join(submissions, submissions.c.submission_id == table.c.submission_id)
    query = (
        select(table.c.submission_id).select_from(joined).where(*missed, submissions.c.state == State.PUBLISHED.value)
    )
    query = query.limit(_AT_ONCE).with_for_update(of=table, skip_locked=True)
    late = connection.execute(query).scalars().all()
    for submission_id in late:
        at = first_look(submission_id, now, interval)
        put_off_to = {"due_at": at, "taken": False, "attempt": 0}
        connection.execute(update(table).where(table.c.submission_id == submission_id).values(put_off_to))
    return len(late)


def ask(connection: Connection, submission: Submission, *, now: datetime) -> None:
    """Asks for a look by hand; what the last one found stays until it has finished."""
    asked = {"run_id": new_id(), "attempt": 0, "due_at": now, "taken": False, "asked_at": now, "asked_last_at": now}
    query = insert(table).values({**_new_row(submission.submission_id, now), **asked})
    connection.execute(query.on_conflict_do_update(index_elements=[table.c.submission_id], set_=asked))


def take(connection: Connection, *, now: datetime, by_hand_first: bool = True) -> Look | None:
    """A look that is due, for the caller alone until LEASE is over: one by hand or a daily one first, then the others.

    Daily ones are taken by how long they are due. For looks by hand organizations have their turns.
    """
    return _take(connection, now, by_hand=by_hand_first) or _take(connection, now, by_hand=not by_hand_first)


def find(connection: Connection, submission_id: str) -> Probe | None:
    """The row of a submission; None for one that was never published."""
    row = connection.execute(select(table).where(table.c.submission_id == submission_id)).one_or_none()
    return None if row is None else _read(row)


def of_all(connection: Connection, submission_ids: Collection[str]) -> list[Probe]:
    """The rows of these submissions that were looked at."""
    query = select(table).where(table.c.submission_id.in_(submission_ids), table.c.health.is_not(None))
    return [_read(row) for row in connection.execute(query)]


def try_again(connection: Connection, look: Look, *, at: datetime) -> None:
    """Gives a look back, to be taken again from `at` on."""
    _update(connection, look, {"due_at": at, "taken": False})


def finish(connection: Connection, look: Look, *, now: datetime, interval: timedelta) -> None:
    """Ends a look; the next one comes at the server's own time."""
    at = next_look(look.submission.submission_id, now, interval)
    _update(connection, look, {"due_at": at, "taken": False, "asked_at": None, "attempt": 0})


def keep(connection: Connection, look: Look, standing: Standing, report: Report, *, remark: str, now: datetime) -> None:
    """Keeps what a look found."""
    values: dict[str, Any] = {
        "looked_at": now,
        "health": standing.health,
        "since": standing.since,
        "failures": standing.failures,
        "told": standing.told,
        "remark": remark,
    }
    if report.saw_tools:
        values |= {"tools_count": len(report.tools), "tools_seen_at": now}
    _update(connection, look, values)


def keep_remark(connection: Connection, look: Look, remark: str) -> None:
    """Keeps why a look says nothing; what the one before found stays."""
    _update(connection, look, {"remark": remark})


def _take(connection: Connection, now: datetime, *, by_hand: bool) -> Look | None:
    states, order = (BY_HAND, [turns.first(Queue.LOOK)]) if by_hand else ({State.PUBLISHED}, [])
    asked = table.c.asked_at.is_not(None) if by_hand else table.c.asked_at.is_(None)
    joined = table.join(submissions, submissions.c.submission_id == table.c.submission_id)
    query = select(table).select_from(joined).where(table.c.due_at <= now, asked, submissions.c.deleted_at.is_(None))
    query = query.where(submissions.c.state.in_([state.value for state in states])).order_by(*order, table.c.due_at)
    row = connection.execute(query.limit(1).with_for_update(of=table, skip_locked=True)).one_or_none()
    if row is None:
        return None
    run_id, attempt = new_id(), row.attempt + 1
    values = {"run_id": run_id, "attempt": attempt, "due_at": now + LEASE, "taken": True}
    connection.execute(update(table).where(table.c.submission_id == row.submission_id).values(values))
    submission = rows.of_anybody(connection, row.submission_id)
    if by_hand:
        turns.note(connection, Queue.LOOK, submission.organization_id, now=now)
    return Look(run_id, attempt, by_hand, submission)


def _update(connection: Connection, look: Look, values: Mapping[str, Any]) -> None:
    mine = (table.c.submission_id == look.submission.submission_id, table.c.run_id == look.run_id)
    connection.execute(update(table).where(*mine).values(values))


def _new_row(submission_id: str, due_at: datetime) -> dict[str, Any]:
    return {
        "submission_id": submission_id,
        "run_id": new_id(),
        "attempt": 0,
        "due_at": due_at,
        "taken": False,
        "failures": 0,
        "remark": "",
    }


def _read(row: Row[Any]) -> Probe:
    return Probe(
        submission_id=row.submission_id,
        run_id=row.run_id,
        due_at=row.due_at,
        running=row.taken or row.asked_at is not None,
        asked_last_at=row.asked_last_at,
        looked_at=row.looked_at,
        standing=Standing(
            EndpointHealth(row.health) if row.health else None,
            row.since,
            row.failures,
            EndpointHealth(row.told) if row.told else None,
        ),
        remark=row.remark,
        tools_count=row.tools_count,
        tools_seen_at=row.tools_seen_at,
    )
