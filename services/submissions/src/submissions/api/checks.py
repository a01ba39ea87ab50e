"""The contract's message of the automatic checks, and when they may be run again."""

from __future__ import annotations

from datetime import datetime, timedelta

from directory.submissions.v1 import submission_pb2

from submissions.api.messages import findings_messages, timestamp
from submissions.domain.probe_report import Reach, Tool, canonical
from submissions.store.server_checks import Checks

AGAIN_AFTER = timedelta(minutes=1)


def again_from(checks: Checks) -> datetime:
    """From when the publisher may run the checks again: after a minute, and not before a run has ended or was lost."""
    return max(checks.asked_at + AGAIN_AFTER, checks.due_at or checks.asked_at)


def checks_message(checks: Checks | None) -> submission_pb2.Checks:
    """Empty where no run was ever asked for."""
    if checks is None:
        return submission_pb2.Checks()
    message = submission_pb2.Checks(
        running=checks.running,
        asked_at=timestamp(checks.asked_at),
        again_at=timestamp(again_from(checks)),
    )
    if checks.finished_at is not None:
        message.finished_at.FromDatetime(checks.finished_at)
        message.submission_version = checks.submission_version
        message.reach = submission_pb2.ServerReach.Value(_reach_name(checks.reach))
        message.findings.extend(findings_messages(checks.findings))
        message.tools.extend(_tool(tool) for tool in checks.tools)
        message.server_name = checks.server_name
        message.server_version = checks.server_version
        message.protocol_version = checks.protocol_version
    return message


def _reach_name(reach: Reach | None) -> str:
    return f"SERVER_REACH_{reach.name if reach else 'UNSPECIFIED'}"


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
