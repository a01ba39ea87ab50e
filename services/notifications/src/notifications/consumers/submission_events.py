"""What happens to submissions, as happenings. What this code does not know yet is passed over."""

from __future__ import annotations

from datetime import UTC

from chassis import clock
from chassis.sql.database import UnitOfWork
from directory.submissions.v1.review_service_pb2 import Decision
from directory.submissions.v1.server_probe_pb2 import EndpointHealth
from directory.submissions.v1.submission_events_pb2 import (
    EndpointHealthChanged,
    RevisionDecided,
    SubmissionEvent,
    SubmissionMoved,
    ToolDriftOutcome,
)
from directory.submissions.v1.submission_pb2 import ActorRole, Move, SubmissionState

from notifications.consumers import transfers
from notifications.consumers.enum_names import name
from notifications.domain.happenings import (
    ENDPOINT_HEALTH_CHANGED,
    MESSAGE_POSTED,
    REVISION_DECIDED,
    STATUS_CHANGED,
    TOOLS_CHANGED,
    TOOLS_DECIDED,
    Actor,
    Happening,
)
from notifications.store import activities

TOPIC = "directory.submissions.v1"

_ACTORS = {ActorRole.ACTOR_ROLE_PUBLISHER: Actor.PUBLISHER, ActorRole.ACTOR_ROLE_REVIEWER: Actor.REVIEWER}


class SubmissionEvents:
    """The consumer's handler."""

    def __init__(self, *, now: clock.Clock = clock.now) -> None:
        self._now = now

    def handle(self, event: SubmissionEvent, uow: UnitOfWork) -> None:
        """Tells one event."""
        if event.display_name:
            activities.remember_name(uow, event.submission_id, event.display_name)
        server_name = event.display_name or activities.name_of(uow.connection, event.submission_id)
        for happening in _happenings(event, server_name):
            activities.tell(uow, happening, now=self._now())


def _happenings(event: SubmissionEvent, server_name: str) -> list[Happening]:
    """Of transfers both sides hear."""
    if event.WhichOneof("event") == "transfer_changed":
        return transfers.both_sides(event)
    happening = _happening(event, server_name)
    return [] if happening is None else [happening]


def _happening(event: SubmissionEvent, server_name: str) -> Happening | None:
    match event.WhichOneof("event"):
        case "moved":
            type_, variant, details = STATUS_CHANGED, _move(event.moved), _moved(event.moved)
            actor = _ACTORS.get(event.moved.actor, Actor.SYSTEM)
        case "message_posted":
            actor = _ACTORS.get(event.message_posted.author_role, Actor.SYSTEM)
            type_, variant, details = MESSAGE_POSTED, actor.value, {}
        case "revision_decided":
            type_, variant = REVISION_DECIDED, name(Decision, event.revision_decided.decision, "DECISION_")
            actor, details = Actor.REVIEWER, _decided(event.revision_decided)
        case "endpoint_health_changed":
            actor, type_ = Actor.SYSTEM, ENDPOINT_HEALTH_CHANGED
            variant, details = _health(event.endpoint_health_changed.to), _answers(event.endpoint_health_changed)
        case "tool_drift_found":
            actor, type_, variant = Actor.SYSTEM, TOOLS_CHANGED, ""
            details = _drift(event.tool_drift_found.review_item_id, event.tool_drift_found.summary)
        case "tool_drift_decided":
            drift = event.tool_drift_decided
            type_, variant = TOOLS_DECIDED, name(ToolDriftOutcome, drift.outcome, "TOOL_DRIFT_OUTCOME_")
            actor = Actor.SYSTEM if drift.outcome == ToolDriftOutcome.TOOL_DRIFT_OUTCOME_RESOLVED else Actor.REVIEWER
            details = _drift(drift.review_item_id, drift.comment) | {
                "outcome": variant,
                "reason_code": drift.reason_code,
            }
        case _:
            return None
    is_publisher = actor is Actor.PUBLISHER
    return Happening(
        event_id=event.event_id,
        occurred_at=event.occurred_at.ToDatetime(tzinfo=UTC),
        organization_id=event.organization_id,
        type=type_,
        variant=variant,
        submission_id=event.submission_id,
        server_name=server_name,
        actor=actor,
        actor_id=event.publisher_id if is_publisher else "",
        actor_name=event.publisher_name if is_publisher else "",
        details=details,
    )


def _move(moved: SubmissionMoved) -> str:
    return name(Move, moved.move, "MOVE_")


def _moved(moved: SubmissionMoved) -> dict[str, str]:
    return {
        "move": _move(moved),
        "from": name(SubmissionState, getattr(moved, "from"), "SUBMISSION_STATE_"),
        "to": name(SubmissionState, moved.to, "SUBMISSION_STATE_"),
        "reason_code": moved.reason_code,
        "comment": moved.comment,
        "successor": moved.successor,
    }


def _health(health: int) -> str:
    return name(EndpointHealth, health, "ENDPOINT_HEALTH_")


def _answers(changed: EndpointHealthChanged) -> dict[str, str]:
    before, after = _health(getattr(changed, "from")), _health(changed.to)
    return {"from": before, "to": after, "failures": str(changed.failures), "comment": changed.remark}


def _drift(review_item_id: str, comment: str) -> dict[str, str]:
    return {"review_item_id": review_item_id, "comment": comment}


def _decided(decided: RevisionDecided) -> dict[str, str]:
    return {
        "revision_id": decided.revision_id,
        "decision": name(Decision, decided.decision, "DECISION_"),
        "reason_code": decided.reason_code,
        "comment": decided.comment,
    }
