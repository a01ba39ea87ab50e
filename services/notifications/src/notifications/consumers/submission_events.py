"""What happens to submissions, as happenings. What this code does not know yet is passed over."""

from __future__ import annotations

from datetime import UTC

from chassis import clock
from chassis.sql.database import UnitOfWork
from directory.submissions.v1.review_service_pb2 import Decision
from directory.submissions.v1.submission_events_pb2 import RevisionDecided, SubmissionEvent, SubmissionMoved
from directory.submissions.v1.submission_pb2 import ActorRole, Move, SubmissionState

from notifications.consumers.enum_names import name
from notifications.domain.happenings import MESSAGE_POSTED, REVISION_DECIDED, STATUS_CHANGED, Actor, Happening
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
        happening = _happening(event, event.display_name or activities.name_of(uow.connection, event.submission_id))
        if happening is not None:
            activities.tell(uow, happening, now=self._now())


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
        "comment": moved.comment,
    }


def _decided(decided: RevisionDecided) -> dict[str, str]:
    return {
        "revision_id": decided.revision_id,
        "decision": name(Decision, decided.decision, "DECISION_"),
        "reason_code": decided.reason_code,
        "comment": decided.comment,
    }
