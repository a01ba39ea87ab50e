"""Taking a move: everything that a move of the lifecycle writes, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork

from submissions.domain.checks import Finding
from submissions.domain.lifecycle import Move, State, Step
from submissions.store import approved_tools, audit, drift_moves, events, kept_items, server_checks, submissions, thread
from submissions.store.actors import Author, Role
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

_WIPED: dict[str, Any] = {
    "form": {},
    "server_url": None,
    "server_url_digest": None,
    "slug": None,
    "display_name": "",
    "tagline": "",
    "sealed_access": None,
    "has_instructions": False,
    "has_credentials": False,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What goes with a move: the comment, the reason of a rejection, what takes the place of a deprecated server,
    findings, and what the audit should know."""

    comment: str = ""
    reason_code: str = ""
    successor: str = ""
    findings: Sequence[Finding] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


def create(uow: UnitOfWork, values: dict[str, Any], row: Step, *, author: Author, now: datetime) -> Submission:
    """A new submission with its first audit entry, thread entry and event."""
    submission = submissions.add(uow.connection, values)
    audit.record(uow.connection, submission, action=row.move, author=author, now=now)
    _tell(uow, submission, row, author=author, now=now, said=Said())
    return submission


def take(
    uow: UnitOfWork,
    submission: Submission,
    row: Step,
    *,
    author: Author,
    now: datetime,
    said: Said | None = None,
    values: Mapping[str, Any] | None = None,
) -> Submission:
    """Takes the move `row` and changes the columns `values` along with it; returns the submission afterwards.

    1. state and version, 2. audit, 3. thread and event where the move is told, 4. the review items. Results of checks
    go with a deleted draft.
    """
    said = said or Said()
    after = submissions.change(uow.connection, submission, {**_state_columns(submission, row, now), **(values or {})})
    audit.record(
        uow.connection,
        after,
        action=row.move,
        author=author,
        now=now,
        from_state=submission.state,
        detail=said.detail,
        deleted=row.target is None,
    )
    if row.target is None:
        server_checks.forget(uow.connection, submission.submission_id)
    elif row.move is Move.WITHDRAW:
        server_checks.give_up(uow.connection, submission.submission_id)
    elif row.move is Move.APPROVE:
        approved_tools.approve_checked(uow.connection, submission.submission_id, now=now)
    elif row.move is Move.DELIST:
        drift_moves.void_open(uow, after, author=author, now=now)
    if row.is_told:
        _tell(uow, after, row, author=author, now=now, said=said)
        kept_items.follow(uow, after, row, now=now, findings=said.findings or after.findings)
    return after


def _state_columns(submission: Submission, row: Step, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {"updated_at": now}
    if row.target is None:
        return {**columns, **_WIPED, "deleted_at": now}
    if row.changes_state:
        columns |= {"state": row.target.value, "state_changed_at": now}
    if row.target is State.IN_REVIEW:
        columns["submitted_at"] = now
    if row.target is State.PUBLISHED and not submission.ever_published:
        columns["first_published_at"] = now
    if row.move in (Move.DELIST, Move.UNDEPRECATE):
        columns |= {"deprecated_since": None, "deprecation_message": "", "successor": ""}
    if row.move in (Move.REJECT, Move.APPEAL):
        columns["appealed"] = row.move is Move.APPEAL
    return columns


def _tell(uow: UnitOfWork, submission: Submission, row: Step, *, author: Author, now: datetime, said: Said) -> None:
    thread.append(
        uow.connection,
        submission.submission_id,
        kind=_entry_kind(author, said),
        author=author,
        now=now,
        body=f"{said.comment}\n\nSuccessor: {said.successor}" if said.successor else said.comment,
        move=row.move,
        state=row.target,
        reason_code=said.reason_code,
        findings=said.findings,
    )
    events.moved(
        uow,
        submission,
        row,
        by=author,
        comment=said.comment,
        now=now,
        reason_code=said.reason_code,
        successor=said.successor,
    )


def _entry_kind(author: Author, said: Said) -> EntryKind:
    if said.findings:
        return EntryKind.FINDINGS
    return EntryKind.DECISION if author.role is Role.REVIEWER else EntryKind.MOVE
