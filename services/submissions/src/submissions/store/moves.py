"""Taking a move: everything that a move of the lifecycle writes, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chassis.ids import new_id
from chassis.sql.database import UnitOfWork

from submissions.domain.checks import Finding, Grade
from submissions.domain.lifecycle import Move, State, Step
from submissions.domain.review import ItemKind, ItemState, ReviewItem, void
from submissions.store import audit, events, review_items, server_checks, submissions, thread
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
    """What goes with a move: the comment, the reason of a rejection, findings, and what the audit should know."""

    comment: str = ""
    reason_code: str = ""
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

    1. state and version, 2. audit, 3. thread and event where the state changed, 4. the review item. Results of checks
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
    if row.changes_state:
        _tell(uow, after, row, author=author, now=now, said=said)
        _keep_review_item(uow, after, row, now=now, said=said)
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
    return columns


def _tell(uow: UnitOfWork, submission: Submission, row: Step, *, author: Author, now: datetime, said: Said) -> None:
    thread.append(
        uow.connection,
        submission.submission_id,
        kind=_entry_kind(author, said),
        author=author,
        now=now,
        body=said.comment,
        move=row.move,
        state=row.target,
        reason_code=said.reason_code,
        findings=said.findings,
    )
    events.moved(uow, submission, row, role=author.role, comment=said.comment, now=now, by=author)


def _entry_kind(author: Author, said: Said) -> EntryKind:
    if said.findings:
        return EntryKind.FINDINGS
    return EntryKind.DECISION if author.role is Role.REVIEWER else EntryKind.MOVE


def _keep_review_item(uow: UnitOfWork, submission: Submission, row: Step, *, now: datetime, said: Said) -> None:
    if row.target is State.IN_REVIEW:
        warnings = sum(finding.grade is Grade.WARN for finding in said.findings)
        review_items.add(uow.connection, _new_item(submission, warnings, now))
    elif row.move is Move.WITHDRAW:
        item = review_items.open_item(uow.connection, submission_id=submission.submission_id, revision_id=None)
        if item is not None:
            review_items.save(uow.connection, void(item, now=now))


def _new_item(submission: Submission, warnings: int, now: datetime) -> ReviewItem:
    return ReviewItem(
        review_item_id=new_id(),
        kind=ItemKind.SUBMISSION,
        state=ItemState.OPEN,
        submission_id=submission.submission_id,
        revision_id=None,
        organization_id=submission.organization_id,
        opened_at=now,
        version=1,
        warnings=warnings,
    )
