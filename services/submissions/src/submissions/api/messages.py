"""The contract's messages made from what the store holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.errors import Violation
from directory.listings.v1 import deprecation_pb2
from directory.submissions.v1 import review_service_pb2, submission_pb2, tool_change_pb2
from directory.submissions.v1.review_service_pb2 import FieldDifference
from google.protobuf.message import Message

from submissions.domain.checks import Finding
from submissions.domain.deprecation import Deprecation
from submissions.domain.lifecycle import ITEM_MOVES, Move, State
from submissions.domain.review import Decision, ItemKind, ItemState
from submissions.domain.tool_drift import ToolChange
from submissions.store.actors import Role
from submissions.store.completeness import problems
from submissions.store.events import move_name, role_name, state_name
from submissions.store.review_items import QueuedItem
from submissions.store.submissions import Submission
from submissions.store.thread import Entry
from submissions.store.waiting import NOTHING_WAITS, Waiting

# Publishers never learn who reviewed.
REVIEWERS_NAME = "Directory review"


def submission_message(
    submission: Submission,
    moves: Iterable[Move],
    *,
    taken: Sequence[Violation] = (),
    waiting: Waiting = NOTHING_WAITS,
) -> submission_pb2.Submission:
    """With form, problems and findings where the store read them; never with access for reviewers.

    `taken` are the fields that another submission has, `waiting` what of it waits for whom.
    """
    message = submission_pb2.Submission(
        submission_id=submission.submission_id,
        organization_id=submission.organization_id,
        kind=f"SUBMISSION_KIND_{submission.kind.upper()}",
        state=state_name(submission.state),
        version=submission.version,
        reviewer_access_provided=submission.has_instructions or submission.has_credentials,
        moves=[move_name(move) for move in moves if move not in ITEM_MOVES],
        display_name=submission.display_name,
        tagline=submission.tagline,
        icon_id=submission.icon_id,
        created_at=submission.created_at,
        updated_at=submission.updated_at,
        state_changed_at=submission.state_changed_at,
        first_published_at=submission.first_published_at,
        submitted_at=submission.submitted_at,
        findings=findings_messages(submission.findings),
        deprecation=_deprecation(submission.deprecation),
        edit_pending=waiting.edit_pending,
        edit_returned=submission.edit_returned and submission.state is State.PUBLISHED,
        tool_changes_requested=waiting.tool_changes_requested,
        appeal_pending=waiting.appeal_pending,
    )
    if submission.form is not None:
        message.form.CopyFrom(submission.form)
        found = [*_problems(submission), *taken]
        message.problems.extend(
            submission_pb2.FieldProblem(field=each.field, code=each.code, message=each.message) for each in found
        )
    return message


def _deprecation(deprecation: Deprecation | None) -> deprecation_pb2.Deprecation | None:
    if deprecation is None:
        return None
    return deprecation_pb2.Deprecation(
        message=deprecation.message, successor=deprecation.successor, since=deprecation.since
    )


def entry_message(entry: Entry, *, for_publisher: bool) -> submission_pb2.ThreadEntry:
    """An entry of the thread, with reviewers' names for reviewers only."""
    hidden = for_publisher and entry.author_role is Role.REVIEWER
    return submission_pb2.ThreadEntry(
        entry_id=entry.entry_id,
        position=entry.position,
        kind=f"THREAD_ENTRY_KIND_{entry.kind.upper()}",
        author_role=role_name(entry.author_role),
        author_name=REVIEWERS_NAME if hidden else entry.author_name,
        at=entry.at,
        body=entry.body,
        move=move_name(entry.move),
        state=state_name(entry.state),
        reason_code=entry.reason_code,
        findings=findings_messages(entry.findings),
        revision_id=entry.revision_id or "",
        tool_changes=[tool_change_message(change) for change in entry.tool_changes],
        tool_changes_left_out=entry.tool_changes_left_out,
    )


def tool_change_message(change: ToolChange) -> tool_change_pb2.ToolChange:
    """A tool that is not as it was."""
    fields = [
        tool_change_pb2.ToolFieldChange(
            field=field.field, before=field.before, after=field.after, words_only=field.words_only
        )
        for field in change.fields
    ]
    return tool_change_pb2.ToolChange(
        name=change.name,
        kind=f"TOOL_CHANGE_KIND_{change.kind.name}",
        fields=fields,
        loosens_hints=change.loosens_hints,
        fields_left_out=change.fields_left_out,
    )


def item_message(queued: QueuedItem, *, now: datetime, due: timedelta) -> review_service_pb2.ReviewItem:
    """An item of the queue, which may wait for `due`. A claim that has ended is none."""
    item = queued.item
    held = item.holder_at(now) is not None
    is_open = item.state is ItemState.OPEN
    return review_service_pb2.ReviewItem(
        review_item_id=item.review_item_id,
        kind=kind_name(item.kind),
        state=f"REVIEW_ITEM_STATE_{item.state.upper()}",
        submission_id=item.submission_id,
        revision_id=item.revision_id or "",
        organization_id=item.organization_id,
        display_name=queued.display_name,
        company_name=queued.company_name,
        server_url=queued.server_url,
        slug=queued.slug,
        appealed=item.appealed,
        opened_at=item.opened_at,
        due_at=item.opened_at + due if is_open and not queued.waits_for_publisher else None,
        claimed_by=(item.claimed_by or "") if held else "",
        claimed_by_name=item.claimed_by_name if held else "",
        claim_expires_at=item.claim_expires_at if held else None,
        assigned_to=item.assigned_to or "",
        assigned_to_name=item.assigned_to_name,
        replied_at=item.replied_at if is_open else None,
        decision=decision_name(item.decision),
        decided_by_name=item.decided_by_name,
        decided_at=item.closed_at if item.decision else None,
        comment=item.comment,
        reason_code=item.reason_code,
        proposed_by=item.proposed_by or "",
        proposed_by_name=item.proposed_by_name,
        proposed_at=item.proposed_at,
        returned_by_name=item.returned_by_name,
        returned_comment=item.returned_comment,
        version=item.version,
        warnings=item.warnings,
        blocks=item.blocks,
    )


def kind_name(kind: ItemKind) -> str:
    """The contract's name of a kind."""
    return f"REVIEW_ITEM_KIND_{kind.upper()}"


def decision_name(decision: Decision | None) -> str:
    """The contract's name of a decision."""
    return f"DECISION_{decision.upper()}" if decision else "DECISION_UNSPECIFIED"


def differences(before: Message, after: Message, at: str = "") -> list[FieldDifference]:
    """Fields in which two messages of one kind differ, in the contract's order."""
    found = []
    for field in before.DESCRIPTOR.fields:
        old, new, pointer = getattr(before, field.name), getattr(after, field.name), f"{at}/{field.name}"
        if field.message_type is not None:
            found += differences(old, new, pointer)
        elif old != new:
            found.append(FieldDifference(field=pointer, before=_as_text(field, old), after=_as_text(field, new)))
    return found


def _as_text(field: Any, value: Any) -> str:
    if field.is_repeated:
        return ", ".join(value)
    if field.enum_type is not None:
        prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
        known = field.enum_type.values_by_number.get(value)
        return known.name.removeprefix(prefix).lower() if known and value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _problems(submission: Submission) -> list[Violation]:
    return problems(
        submission.form or submission_pb2.SubmissionForm(),
        has_instructions=submission.has_instructions,
        has_credentials=submission.has_credentials,
    )


def findings_messages(findings: Sequence[Finding]) -> list[submission_pb2.Finding]:
    """Findings in their order."""
    return [
        submission_pb2.Finding(
            code=found.code,
            grade=f"FINDING_GRADE_{found.grade.upper()}",
            field=found.field,
            message=found.message,
        )
        for found in findings
    ]
