"""Runs of the automatic checks: who has one, until when, and what the last finished one brought.

A run is taken for a while in one transaction and finished in another; in between the server is spoken to, and nothing
is locked. Whoever takes a run over gives it a new id, and a result counts only while the row still names its run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chassis.ids import new_id
from sqlalchemy import ColumnElement, Connection, Row, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from submissions.domain.checks import Finding
from submissions.domain.lifecycle import State
from submissions.domain.probe_report import Cause, Reach, Report, Tool, digest, read_tools, snapshot
from submissions.store import submissions as rows
from submissions.store import turns
from submissions.store.submissions import Submission, findings_json, read_findings
from submissions.store.tables import server_checks as table
from submissions.store.tables import submissions
from submissions.store.turns import Queue

LEASE = timedelta(seconds=30)
"""For which a run is one worker's; longer than a look at a server may take."""

BY_HAND = frozenset({State.DRAFT, State.CHANGES_REQUESTED})
"""States in which a publisher may run the checks; they lead nowhere from there."""

# Conditions of what waits, and since when it does.
_Waiting = tuple[list[ColumnElement[bool]], ColumnElement[Any]]


class Purpose(StrEnum):
    """What a run is for; the values are stored."""

    SUBMIT = "submit"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Run:
    """A run that the caller has, and the submission as it was when they took it."""

    run_id: str
    purpose: Purpose
    attempt: int
    submission: Submission


@dataclass(frozen=True, slots=True)
class Checks:
    """A row. Everything from `finished_at` on is of the last finished run, and empty where there was none."""

    run_id: str
    purpose: Purpose
    asked_at: datetime
    due_at: datetime | None
    finished_at: datetime | None
    submission_version: int
    reach: Reach | None
    cause: Cause
    findings: tuple[Finding, ...]
    server_name: str
    server_version: str
    protocol_version: str
    tools: tuple[Tool, ...]

    @property
    def running(self) -> bool:
        """Whether a run was asked for that has not finished."""
        return self.due_at is not None


def take(connection: Connection, *, now: datetime, by_hand_first: bool = False) -> Run | None:
    """A run that waits, for the caller alone until LEASE is over; None when none waits.

    Organizations have theirs in turn, and of each the run that waits longest comes first.
    """
    purposes = (Purpose.BY_HAND, Purpose.SUBMIT) if by_hand_first else (Purpose.SUBMIT, Purpose.BY_HAND)
    return _take(connection, purposes[0], now) or _take(connection, purposes[1], now)


def ask(connection: Connection, submission: Submission, *, now: datetime) -> None:
    """Asks for a run by hand; what the last one brought stays until it has finished. Lock the submission first."""
    _begin(connection, submission, Purpose.BY_HAND, attempt=0, asked_at=now, due_at=now)


def find(connection: Connection, submission_id: str) -> Checks | None:
    """The row of a submission; None when no run was ever asked for."""
    row = connection.execute(select(table).where(table.c.submission_id == submission_id)).one_or_none()
    return None if row is None else _read(row)


def is_current(connection: Connection, run: Run, submission: Submission) -> bool:
    """Whether a run still counts: nobody took it over, and the submission stands where it stood."""
    checks = find(connection, run.submission.submission_id)
    same_round = submission.state_changed_at == run.submission.state_changed_at
    return (
        checks is not None and checks.run_id == run.run_id and submission.state is run.submission.state and same_round
    )


def try_again(connection: Connection, run: Run, *, at: datetime) -> None:
    """Gives a run back, to be taken again from `at` on."""
    _update(connection, run, {"due_at": at})


def finish(
    connection: Connection, run: Run, report: Report, findings: Sequence[Finding], *, version: int, now: datetime
) -> None:
    """Keeps what a run brought; `version` is the submission's, with the move that the run led to."""
    values = {
        "due_at": None,
        "finished_at": now,
        "submission_version": version,
        "server_url": run.submission.form.server_url if run.submission.form else "",
        "reach": report.reach.value,
        "cause": report.cause.value,
        "findings": findings_json(findings),
        "server_name": report.server_name,
        "server_version": report.server_version,
        "protocol_version": report.protocol_version,
        "tools": snapshot(report.tools) if report.saw_tools else None,
        "tools_digest": digest(report.tools) if report.saw_tools else None,
    }
    _update(connection, run, values)


def give_up(connection: Connection, submission_id: str) -> None:
    """Ends a run that nobody needs any more; what the last finished one brought stays."""
    connection.execute(update(table).where(table.c.submission_id == submission_id).values(due_at=None))


def forget(connection: Connection, submission_id: str) -> None:
    """Removes the row of a deleted draft."""
    connection.execute(delete(table).where(table.c.submission_id == submission_id))


def _take(connection: Connection, purpose: Purpose, now: datetime) -> Run | None:
    conditions, since = _waiting_to_submit(now) if purpose is Purpose.SUBMIT else _asked_by_hand(now)
    queue = Queue(purpose.value)
    submission = rows.next_waiting(connection, *conditions, order=[turns.first(queue), since])
    if submission is None:
        return None
    # Only with the submission locked is the row sure to be the latest: another worker may have taken it just now.
    row = connection.execute(select(table).where(table.c.submission_id == submission.submission_id)).one_or_none()
    same = row is not None and row.purpose == purpose.value and row.round == submission.state_changed_at
    if row is not None and same and (row.due_at is None or row.due_at > now):
        return None
    turns.note(connection, queue, submission.organization_id, now=now)
    attempt = row.attempt + 1 if row is not None and same else 1
    asked_at = row.asked_at if row is not None and same else now
    run_id = _begin(connection, submission, purpose, attempt=attempt, asked_at=asked_at, due_at=now + LEASE)
    return Run(run_id, purpose, attempt, submission)


def _waiting_to_submit(now: datetime) -> _Waiting:
    of_this_round = (
        table.c.submission_id == submissions.c.submission_id,
        table.c.purpose == Purpose.SUBMIT.value,
        table.c.round == submissions.c.state_changed_at,
    )
    taken = exists().where(*of_this_round, or_(table.c.due_at > now, table.c.due_at.is_(None)))
    return [submissions.c.state == State.CHECKING.value, ~taken], submissions.c.state_changed_at


def _asked_by_hand(now: datetime) -> _Waiting:
    due = select(table.c.submission_id).where(table.c.purpose == Purpose.BY_HAND.value, table.c.due_at <= now)
    states = submissions.c.state.in_([state.value for state in BY_HAND])
    due_at = select(table.c.due_at).where(table.c.submission_id == submissions.c.submission_id)
    return [submissions.c.submission_id.in_(due), states], due_at.correlate(submissions).scalar_subquery()


def _begin(
    connection: Connection,
    submission: Submission,
    purpose: Purpose,
    *,
    attempt: int,
    asked_at: datetime,
    due_at: datetime,
) -> str:
    run_id = new_id()
    run = {
        "run_id": run_id,
        "purpose": purpose.value,
        "round": submission.state_changed_at,
        "attempt": attempt,
        "asked_at": asked_at,
        "due_at": due_at,
    }
    nothing_yet: dict[str, Any] = {
        "submission_id": submission.submission_id,
        "submission_version": submission.version,
        "findings": [],
        **dict.fromkeys(("server_url", "reach", "cause", "server_name", "server_version", "protocol_version"), ""),
    }
    query = insert(table).values({**nothing_yet, **run})
    connection.execute(query.on_conflict_do_update(index_elements=[table.c.submission_id], set_=run))
    return run_id


def _update(connection: Connection, run: Run, values: dict[str, Any]) -> None:
    mine = (table.c.submission_id == run.submission.submission_id, table.c.run_id == run.run_id)
    connection.execute(update(table).where(*mine).values(values))


def _read(row: Row[Any]) -> Checks:
    return Checks(
        run_id=row.run_id,
        purpose=Purpose(row.purpose),
        asked_at=row.asked_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
        submission_version=row.submission_version,
        reach=Reach(row.reach) if row.reach else None,
        cause=Cause(row.cause),
        findings=read_findings(row.findings),
        server_name=row.server_name,
        server_version=row.server_version,
        protocol_version=row.protocol_version,
        tools=read_tools(row.tools or "[]"),
    )
