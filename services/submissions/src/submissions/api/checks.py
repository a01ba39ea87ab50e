"""The contract's message of the automatic checks, and when they may be run again."""

from __future__ import annotations

from datetime import datetime, timedelta

from chassis.errors import Conflict, LimitExceeded
from directory.submissions.v1 import submission_pb2

from submissions.api.messages import findings_messages
from submissions.domain.probe_report import Tool, canonical
from submissions.store.server_checks import BY_HAND, Checks, Purpose
from submissions.store.submissions import Submission

AGAIN_AFTER = timedelta(minutes=1)


def require_checks_possible(submission: Submission, checks: Checks | None, now: datetime) -> None:
    """Raises Conflict CHECKS_NOT_POSSIBLE or LimitExceeded CHECKS_TOO_OFTEN."""
    if submission.state not in BY_HAND:
        message = "The checks can be run on drafts, and on submissions that came back with feedback."
        raise Conflict("CHECKS_NOT_POSSIBLE", message, state=submission.state.value)
    again_at = _again_from(checks) if checks is not None else None
    require_rested(again_at, now, "The checks were asked for a moment ago. Run them again")


def require_rested(again_at: datetime | None, now: datetime, words: str) -> None:
    """Raises LimitExceeded CHECKS_TOO_OFTEN before `again_at`; its message says when, behind `words`."""
    if again_at is not None and again_at > now:
        wait = int((again_at - now).total_seconds()) + 1
        raise LimitExceeded("CHECKS_TOO_OFTEN", f"{words} in {wait} seconds.", retry_after_seconds=wait)


def checks_message(checks: Checks | None) -> submission_pb2.Checks:
    """Empty where no run was ever asked for."""
    if checks is None:
        return submission_pb2.Checks()
    message = submission_pb2.Checks(
        running=checks.running,
        asked_at=checks.asked_at,
        again_at=_again_from(checks),
        reach=f"SERVER_REACH_{checks.reach.name}" if checks.reach else None,
    )
    if checks.finished_at is not None:
        message.finished_at.FromDatetime(checks.finished_at)
        message.submission_version = checks.submission_version
        message.findings.extend(findings_messages(checks.findings))
        message.tools.extend(_tool(tool) for tool in checks.tools)
        message.server_name = checks.server_name
        message.server_version = checks.server_version
        message.protocol_version = checks.protocol_version
    return message


def _again_from(checks: Checks) -> datetime | None:
    """From when the publisher may run the checks again: a minute after the last time, and not while they run."""
    if checks.purpose is Purpose.SUBMIT and not checks.running:
        return None
    return max(checks.asked_at + AGAIN_AFTER, checks.due_at or checks.asked_at)


def _tool(tool: Tool) -> submission_pb2.ServerTool:
    return submission_pb2.ServerTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=canonical(tool.input_schema),
        output_schema=canonical(tool.output_schema) if tool.output_schema is not None else "",
        annotations=canonical(tool.annotations) if tool.annotations else "",
        read_only_hint=tool.hint("readOnlyHint"),
        destructive_hint=tool.hint("destructiveHint"),
    )
