"""What becomes of the offer of a server: two organisations hear of it, each in its own words."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID, uuid5

from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from directory.submissions.v1.transfer_pb2 import TransferState

from notifications.consumers.enum_names import name
from notifications.domain.happenings import TRANSFER_CHANGED, Happening

# Words that depend on the side; of other states both read the same.
_GIVING = {"offered": "offered_by_you"}
_RECEIVING = {"offered": "offered_to_you", "accepted": "accepted_by_you"}


def both_sides(event: SubmissionEvent) -> list[Happening]:
    """What the owner hears under the event's own id, and what the other side does, which may be no organisation at all.

    Who did it is not said: neither side learns the other's people. The id alone is kept, since nobody is sent a mail
    about what they did themselves; events of before name nobody. The submission is named to its owner alone.
    """
    changed = event.transfer_changed
    state = name(TransferState, changed.state, "TRANSFER_STATE_")
    sides = {changed.from_organization_id: _GIVING, changed.to_organization_id: _RECEIVING}
    return [
        Happening(
            event_id=event.event_id if is_owner else str(uuid5(UUID(event.event_id), "the other side")),
            occurred_at=event.occurred_at.ToDatetime(tzinfo=UTC),
            organization_id=organization_id,
            type=TRANSFER_CHANGED,
            variant=words.get(state, state),
            submission_id=event.submission_id if is_owner else "",
            server_name=changed.display_name,
            actor_id=event.publisher_id,
            details={"transfer_id": changed.transfer_id, "state": state},
        )
        for organization_id, words in sides.items()
        for is_owner in (organization_id == event.organization_id,)
    ]
