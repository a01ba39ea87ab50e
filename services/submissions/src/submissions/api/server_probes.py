"""The contract's messages of looks at published servers, and when a publisher may ask for one."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Conflict
from directory.submissions.v1 import server_probe_pb2 as contract
from sqlalchemy import Connection

from submissions.api.checks import AGAIN_AFTER, require_rested
from submissions.api.messages import findings_messages, tool_change_message
from submissions.domain.lifecycle import State
from submissions.domain.review import ReviewItem
from submissions.domain.tool_drift import Bounds, bounded, compare
from submissions.store import approved_tools, server_probes, tool_drifts
from submissions.store.events import health_name
from submissions.store.server_probes import BY_HAND, Probe
from submissions.store.submissions import Submission
from submissions.store.tool_drifts import Step

# What is compared is always the whole; what is shown of it must not be too much for a message or a page.
_BOUNDS = Bounds(changes=200, fields=400, characters=200_000)


def probe_message(connection: Connection, submission: Submission, now: datetime) -> contract.ServerProbe:
    """Everything about the looks at a server; empty for one that was never published."""
    approved = approved_tools.find(connection, submission.submission_id)
    message = contract.ServerProbe(approved_at=approved.since if approved else None)
    probe = server_probes.find(connection, submission.submission_id)
    if probe is not None:
        _put(message, probe, submission, now)
    item = tool_drifts.open_item(connection, submission.submission_id, lock=False)
    if item is not None:
        message.drift.CopyFrom(drift_message(connection, item))
    return message


def drift_message(connection: Connection, item: ReviewItem) -> contract.ToolDrift:
    """What an item of kind drift is about."""
    drift = tool_drifts.get(connection, item.review_item_id)
    changes = sorted(compare(drift.approved, drift.offered), key=lambda change: not change.loosens_hints)
    shown = bounded(changes, _BOUNDS)
    return contract.ToolDrift(
        review_item_id=item.review_item_id,
        opened_at=item.opened_at,
        changed_at=drift.changed_at,
        changes=[tool_change_message(change) for change in shown],
        changes_left_out=len(changes) - len(shown),
        findings=findings_messages(drift.findings),
        lead_reviewer=item.lead_reviewer,
        changes_requested_at=drift.changes_requested_at,
        request=drift.request,
        reason_code=drift.reason_code,
        steps=[_step(step) for step in tool_drifts.steps(connection, item.review_item_id)],
    )


def summary_message(probe: Probe) -> contract.EndpointSummary:
    """The endpoint of one server, for lists."""
    return contract.EndpointSummary(
        submission_id=probe.submission_id,
        health=health_name(probe.standing.health),
        since=probe.standing.since,
        looked_at=probe.looked_at,
    )


def require_look_possible(submission: Submission, probe: Probe | None, now: datetime) -> None:
    """Raises Conflict CHECKS_NOT_POSSIBLE or LimitExceeded CHECKS_TOO_OFTEN."""
    if submission.state not in BY_HAND:
        message = "Published servers are looked at; the checks of drafts are something else."
        raise Conflict("CHECKS_NOT_POSSIBLE", message, state=submission.state.value)
    again_at = _again_from(probe) if probe is not None else None
    require_rested(again_at, now, "A look was asked for a moment ago. Ask again")


def _put(message: contract.ServerProbe, probe: Probe, submission: Submission, now: datetime) -> None:
    standing, possible = probe.standing, submission.state in BY_HAND
    running = probe.running and possible
    again_at = _again_from(probe) if possible else None
    planned = submission.state is State.PUBLISHED and not running
    message.MergeFrom(
        contract.ServerProbe(
            health=health_name(standing.health),
            since=standing.since,
            looked_at=probe.looked_at,
            remark=probe.remark,
            failures=standing.failures,
            tools_count=probe.tools_count,
            tools_seen_at=probe.tools_seen_at,
            running=running,
            next_at=probe.due_at if planned else None,
            again_at=again_at if again_at is not None and again_at > now else None,
        )
    )


def _again_from(probe: Probe) -> datetime | None:
    """From when the publisher may ask for a look: a minute after the last time. One that is under way is overtaken."""
    return None if probe.asked_last_at is None else probe.asked_last_at + AGAIN_AFTER


def _step(step: Step) -> contract.ToolDriftStep:
    return contract.ToolDriftStep(at=step.at, summary=step.summary)
