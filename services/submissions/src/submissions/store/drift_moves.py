"""What happens to the tools of a published server: state, audit, thread and event, in the caller's transaction.

The caller holds the submission's lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.sql.database import UnitOfWork
from directory.submissions.v1.submission_events_pb2 import ToolDriftDecided, ToolDriftFound

from submissions.domain import drift_review, drift_words
from submissions.domain.checks import Finding
from submissions.domain.probe_report import Tool, digest
from submissions.domain.review import Decision, ItemKind, Reviewer, ReviewItem, void
from submissions.domain.tool_drift import ToolChange, needs_lead_reviewer
from submissions.store import approved_tools, audit, events, review_items, thread, tool_drifts
from submissions.store.actors import SYSTEM, Author
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind
from submissions.store.tool_drifts import Drift


def open_or_replace(
    uow: UnitOfWork,
    submission: Submission,
    *,
    approved: tuple[Tool, ...],
    offered: tuple[Tool, ...],
    changes: Sequence[ToolChange],
    findings: Sequence[Finding],
    now: datetime,
) -> None:
    """The server offers other tools than the approved ones: an item is opened, or the open one is about them now."""
    item = tool_drifts.open_item(uow.connection, submission.submission_id)
    before = tool_drifts.get(uow.connection, item.review_item_id) if item is not None else None
    if before is not None and before.offered_digest == digest(offered):
        return
    current = _about_others(uow, submission, item, before, changes, findings, now)
    drift = Drift(
        review_item_id=current.review_item_id,
        approved=approved,
        offered=offered,
        offered_digest=digest(offered),
        changed_at=now,
        findings=tuple(findings),
    )
    summary = drift_words.summary(changes)
    keep = tool_drifts.add if item is None else tool_drifts.replace
    keep(uow.connection, drift, summary)
    _tell_found(uow, submission, current, drift, summary, again=item is not None, now=now)


def resolve(uow: UnitOfWork, submission: Submission, *, now: datetime) -> None:
    """The server offers the approved tools again; there is nothing to decide any more."""
    item = tool_drifts.open_item(uow.connection, submission.submission_id)
    if item is None:
        return
    review_items.save(uow.connection, void(item, now=now))
    _audit(uow, submission, "resolve_tool_drift", SYSTEM, now, review_item_id=item.review_item_id)
    body = "The server offers the approved tools again, in these or other words. Nothing is left to decide."
    _say(uow, submission, SYSTEM, EntryKind.MESSAGE, body, now)
    _tell_decided(uow, submission, item.review_item_id, "RESOLVED", now)


def take_over_words(
    uow: UnitOfWork, submission: Submission, tools: tuple[Tool, ...], changes: Sequence[ToolChange], *, now: datetime
) -> None:
    """Only titles and descriptions differ: they need nobody's decision, and are the approved ones from now on."""
    body = f"Titles or descriptions of tools changed, and need no review. {drift_words.summary(changes)}"
    _approve(uow, submission, tools, "take_over_tool_words", SYSTEM, now)
    _announce(uow, submission, body, now, changes)


def take_over_first(uow: UnitOfWork, submission: Submission, tools: tuple[Tool, ...], *, now: datetime) -> None:
    """Tools that nobody has seen before, because the server asked for authentication or was away."""
    body = (
        f"The server showed its tools for the first time: {len(tools)} of them. Later changes are told by comparison "
        "with these."
    )
    _approve(uow, submission, tools, "take_over_first_tools", SYSTEM, now)
    _announce(uow, submission, body, now)


def decide(
    uow: UnitOfWork,
    submission: Submission,
    item: ReviewItem,
    reviewer: Reviewer,
    *,
    decision: Decision,
    comment: str,
    reason_code: str,
    version: int,
    author: Author,
    now: datetime,
) -> ReviewItem:
    """The item after a reviewer's decision, and what it means. Raises as `drift_review.decide`."""
    after = drift_review.decide(
        item, reviewer, decision=decision, comment=comment, reason_code=reason_code, version=version, now=now
    )
    review_items.save(uow.connection, after)
    if decision is Decision.APPROVE:
        drift = tool_drifts.get(uow.connection, item.review_item_id)
        _approve(uow, submission, drift.offered, "accept_tools", author, now, review_item_id=item.review_item_id)
        outcome, told = "ACCEPTED", "The tools as they are now are accepted."
    else:
        tool_drifts.wait_for_publisher(
            uow.connection, item.review_item_id, request=comment, reason_code=reason_code, now=now
        )
        detail = {"review_item_id": item.review_item_id, "waiting_since": item.opened_at.isoformat()}
        _audit(uow, submission, audit.REQUEST_TOOL_CHANGES, author, now, **detail)
        outcome, told = "CHANGES_REQUESTED", "The tools as they are now are not accepted; please change them."
    body = f"{told}\n\n{comment}".strip()
    _say(uow, submission, author, EntryKind.DECISION, body, now, reason_code=reason_code)
    _tell_decided(uow, submission, item.review_item_id, outcome, now, comment=comment, reason_code=reason_code)
    return after


def void_open(uow: UnitOfWork, submission: Submission, *, author: Author, now: datetime) -> None:
    """The publisher took the server out of the directory: its tools are reviewed when it comes back."""
    item = tool_drifts.open_item(uow.connection, submission.submission_id)
    if item is not None:
        review_items.save(uow.connection, void(item, now=now))
        _audit(uow, submission, "void_review_item", author, now, review_item_id=item.review_item_id)


def _about_others(
    uow: UnitOfWork,
    submission: Submission,
    item: ReviewItem | None,
    before: Drift | None,
    changes: Sequence[ToolChange],
    findings: Sequence[Finding],
    now: datetime,
) -> ReviewItem:
    """A new item, or the next version of the open one: whoever decides has seen what it is about now."""
    lead_reviewer = needs_lead_reviewer(changes)
    if item is None or before is None:
        current = review_items.opened(
            submission, ItemKind.DRIFT, now=now, findings=findings, lead_reviewer=lead_reviewer
        )
        review_items.add(uow.connection, current)
    else:
        current = drift_review.about_others(
            item,
            findings=findings,
            lead_reviewer=lead_reviewer,
            was_with_publisher=before.changes_requested_at is not None,
            now=now,
        )
        review_items.save(uow.connection, current)
    return current


def _approve(
    uow: UnitOfWork,
    submission: Submission,
    tools: tuple[Tool, ...],
    action: str,
    author: Author,
    now: datetime,
    **detail: str,
) -> None:
    before = approved_tools.find(uow.connection, submission.submission_id)
    approved_tools.approve(uow.connection, submission.submission_id, tools, now=now)
    digests = {"tools_digest": digest(tools), "tools_digest_before": before.digest if before else ""}
    _audit(uow, submission, action, author, now, **digests, **detail)


def _tell_found(
    uow: UnitOfWork,
    submission: Submission,
    item: ReviewItem,
    drift: Drift,
    summary: str,
    *,
    again: bool,
    now: datetime,
) -> None:
    action = "change_tool_drift" if again else "find_tool_drift"
    detail = {"review_item_id": drift.review_item_id, "tools_digest": drift.offered_digest}
    _audit(uow, submission, action, SYSTEM, now, **detail)
    start = "The tools changed again" if again else "The server’s tools are not as they were approved"
    who = "A lead reviewer" if item.lead_reviewer else "A reviewer"
    body = f"{start}. {summary} {who} looks at it; the server stays published meanwhile."
    thread.append(
        uow.connection,
        submission.submission_id,
        kind=EntryKind.FINDINGS if drift.findings else EntryKind.MESSAGE,
        author=SYSTEM,
        now=now,
        body=body,
        findings=drift.findings,
    )
    found = ToolDriftFound(
        review_item_id=drift.review_item_id, changed_again=again, lead_reviewer=item.lead_reviewer, summary=summary
    )
    events.tool_drift_found(uow, submission, found, now=now)


def _tell_decided(
    uow: UnitOfWork, submission: Submission, review_item_id: str, outcome: str, now: datetime, **words: str
) -> None:
    decided = ToolDriftDecided(review_item_id=review_item_id, outcome=f"TOOL_DRIFT_OUTCOME_{outcome}", **words)
    events.tool_drift_decided(uow, submission, decided, now=now)


def _announce(
    uow: UnitOfWork, submission: Submission, body: str, now: datetime, changes: Sequence[ToolChange] = ()
) -> None:
    """A note that no other event tells of, with what changed where nothing else keeps that."""
    entry_id = _say(uow, submission, SYSTEM, EntryKind.MESSAGE, body, now, changes=changes)
    events.message_posted(uow, submission, entry_id, by=SYSTEM, now=now)


def _say(
    uow: UnitOfWork,
    submission: Submission,
    author: Author,
    kind: EntryKind,
    body: str,
    now: datetime,
    *,
    reason_code: str = "",
    changes: Sequence[ToolChange] = (),
) -> str:
    entry = thread.append(
        uow.connection,
        submission.submission_id,
        kind=kind,
        author=author,
        now=now,
        body=body,
        reason_code=reason_code,
        tool_changes=changes,
    )
    return entry.entry_id


def _audit(uow: UnitOfWork, submission: Submission, action: str, author: Author, now: datetime, **detail: str) -> None:
    audit.record(
        uow.connection,
        submission,
        action=action,
        author=author,
        now=now,
        from_state=submission.state,
        detail=detail,
    )
