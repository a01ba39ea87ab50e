"""What happens to listings, as happenings. Their own states follow the submission's, whose moves are told already."""

from __future__ import annotations

from datetime import UTC

from chassis import clock
from chassis.sql.database import UnitOfWork
from directory.listings.v1.listing_events_pb2 import ListingEvent, RevisionClosed, RevisionSubmitted
from directory.listings.v1.listing_pb2 import RevisionState

from notifications.consumers.enum_names import name
from notifications.domain.happenings import DECISION_VOIDED, REVISION_CLOSED, REVISION_SUBMITTED, Actor, Happening
from notifications.store import activities

TOPIC = "directory.listings.v1"

# Decisions are told when reviewers take them, with their comments.
_TOLD_ALREADY = frozenset({RevisionState.REVISION_STATE_REJECTED, RevisionState.REVISION_STATE_CHANGES_REQUESTED})
_BY_SETTING = "applied_by_setting"


class ListingEvents:
    """The consumer's handler."""

    def __init__(self, *, now: clock.Clock = clock.now) -> None:
        self._now = now

    def handle(self, event: ListingEvent, uow: UnitOfWork) -> None:
        """Tells one event."""
        live_name = event.revision_closed.live.display_name
        if live_name:
            activities.remember_name(uow, event.listing_id, live_name)
        happening = _happening(event, live_name or activities.name_of(uow.connection, event.listing_id))
        if happening is not None:
            activities.tell(uow, happening, now=self._now())


def _happening(event: ListingEvent, server_name: str) -> Happening | None:
    actor, actor_id, actor_name, variant = Actor.SYSTEM, "", "", ""
    match event.WhichOneof("event"):
        case "revision_submitted":
            type_, details = REVISION_SUBMITTED, _submitted(event.revision_submitted)
            actor, actor_name = Actor.PUBLISHER, event.revision_submitted.submitted_by_name
        case "revision_closed" if event.revision_closed.state not in _TOLD_ALREADY:
            type_, variant, details = REVISION_CLOSED, _closing(event.revision_closed), _closed(event.revision_closed)
            if variant == _BY_SETTING:
                told = event.revision_closed.applied_by_setting
                actor, actor_id, actor_name = Actor.PUBLISHER, told.submitted_by_id, told.submitted_by_name
        case "decision_voided":
            voided = event.decision_voided
            type_, details = DECISION_VOIDED, {"revision_id": voided.revision_id, "state": _state(voided.state)}
        case _:
            return None
    return Happening(
        event_id=event.event_id,
        occurred_at=event.occurred_at.ToDatetime(tzinfo=UTC),
        organization_id=event.organization_id,
        type=type_,
        variant=variant,
        submission_id=event.listing_id,
        server_name=server_name,
        actor=actor,
        actor_id=actor_id,
        actor_name=actor_name,
        details=details,
    )


def _submitted(submitted: RevisionSubmitted) -> dict[str, str]:
    return {"revision_id": submitted.revision_id, "comment": submitted.message}


def _closing(closed: RevisionClosed) -> str:
    return _BY_SETTING if closed.HasField("applied_by_setting") else _state(closed.state)


def _closed(closed: RevisionClosed) -> dict[str, str]:
    return {
        "revision_id": closed.revision_id,
        "state": _state(closed.state),
        "comment": closed.applied_by_setting.message,
    }


def _state(state: int) -> str:
    return name(RevisionState, state, "REVISION_STATE_")
