"""Events of topic directory.submissions.v1, written to the outbox in the transaction of the change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chassis.ids import new_id
from chassis.kafka.topics import Topic
from chassis.sql.database import UnitOfWork
from directory.submissions.v1.submission_events_pb2 import (
    EndpointHealthChanged,
    MessagePosted,
    RevisionDecided,
    SubmissionEvent,
    SubmissionMoved,
    ToolDriftDecided,
    ToolDriftFound,
    TransferChanged,
)

from submissions.domain.endpoint_health import EndpointHealth
from submissions.domain.lifecycle import Move, State, Step
from submissions.domain.review import ReviewItem
from submissions.domain.transfers import Transfer
from submissions.store.actors import Author, Role
from submissions.store.submissions import Submission

TOPIC = Topic("directory.submissions.v1", 6)

_IN_DIRECTORY = frozenset({State.APPROVED, State.PUBLISHED})


def moved(
    uow: UnitOfWork,
    submission: Submission,
    row: Step,
    *,
    by: Author,
    comment: str,
    now: datetime,
    reason_code: str = "",
    successor: str = "",
) -> None:
    """Says that `submission`, as it is after the move, took `row`."""
    # `from` is a word of Python: it can only be given by its name.
    fields: dict[str, Any] = {"from": state_name(row.source), "to": state_name(row.target)}
    event = SubmissionMoved(
        **fields,
        move=move_name(row.move),
        comment=comment,
        actor=role_name(by.role),
        kind=f"SUBMISSION_KIND_{submission.kind.upper()}",
        reason_code=reason_code,
        successor=successor,
    )
    if row.changes_state and row.target in _IN_DIRECTORY and submission.form is not None:
        event.listing.CopyFrom(submission.form.listing)
        event.slug = submission.form.slug
        event.server_url = submission.form.server_url
        event.transport = submission.form.transport
    _emit(uow, submission, SubmissionEvent(moved=event), now, by)


def revision_decided(uow: UnitOfWork, submission: Submission, item: ReviewItem, *, now: datetime) -> None:
    """Says what a reviewer decided on a revision."""
    event = RevisionDecided(
        revision_id=item.revision_id or "",
        decision=f"DECISION_{item.decision.upper()}" if item.decision else None,
        comment=item.comment,
        reason_code=item.reason_code,
        reviewer_name=item.decided_by_name,
    )
    _emit(uow, submission, SubmissionEvent(revision_decided=event), now)


def message_posted(uow: UnitOfWork, submission: Submission, entry_id: str, *, by: Author, now: datetime) -> None:
    """Says that somebody wrote in the thread; not what."""
    event = MessagePosted(entry_id=entry_id, author_role=role_name(by.role))
    _emit(uow, submission, SubmissionEvent(message_posted=event), now, by)


def transfer_changed(uow: UnitOfWork, submission: Submission, transfer: Transfer, *, by: Author, now: datetime) -> None:
    """Says where a transfer stands; `submission` is of its owner afterwards.

    Who did it is there by id alone, so that they are told nothing: neither side learns the other's people.
    """
    event = TransferChanged(
        transfer_id=transfer.transfer_id,
        state=f"TRANSFER_STATE_{transfer.state.upper()}",
        from_organization_id=transfer.from_organization_id,
        to_organization_id=transfer.to_organization_id,
        display_name=transfer.display_name,
        actor=role_name(by.role),
    )
    event.expires_at.FromDatetime(transfer.expires_at)
    _emit(uow, submission, SubmissionEvent(transfer_changed=event), now, replace(by, name=""))


def endpoint_health_changed(
    uow: UnitOfWork, submission: Submission, changed: EndpointHealthChanged, *, now: datetime
) -> None:
    """Says that a server answers otherwise than before."""
    _emit(uow, submission, SubmissionEvent(endpoint_health_changed=changed), now)


def tool_drift_found(uow: UnitOfWork, submission: Submission, found: ToolDriftFound, *, now: datetime) -> None:
    """Says that tools are not as they were approved."""
    _emit(uow, submission, SubmissionEvent(tool_drift_found=found), now)


def tool_drift_decided(uow: UnitOfWork, submission: Submission, decided: ToolDriftDecided, *, now: datetime) -> None:
    """Says how a drift of tools ended."""
    _emit(uow, submission, SubmissionEvent(tool_drift_decided=decided), now)


def state_name(state: State | None) -> str:
    """The contract's name of a state."""
    return f"SUBMISSION_STATE_{state.upper()}" if state else "SUBMISSION_STATE_UNSPECIFIED"


def move_name(move: Move | None) -> str:
    """The contract's name of a move."""
    return f"MOVE_{move.upper()}" if move else "MOVE_UNSPECIFIED"


def role_name(role: Role) -> str:
    """The contract's name of a role."""
    return f"ACTOR_ROLE_{role.upper()}"


def health_name(health: EndpointHealth | None) -> str:
    """The contract's name of an endpoint's health."""
    return f"ENDPOINT_HEALTH_{health.name}" if health else "ENDPOINT_HEALTH_UNSPECIFIED"


def _emit(
    uow: UnitOfWork, submission: Submission, event: SubmissionEvent, now: datetime, by: Author | None = None
) -> None:
    event.event_id = new_id()
    event.occurred_at.FromDatetime(now)
    event.submission_id = submission.submission_id
    event.organization_id = submission.organization_id
    event.display_name = submission.display_name
    if by is not None and by.role is Role.PUBLISHER:
        event.publisher_id, event.publisher_name = by.person_id, by.name
    uow.emit(TOPIC.name, submission.submission_id, event)
