"""What happened, as it is told: one shape for every event, and who did it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from chassis.reasons import REASONS, Reason


class Topic(StrEnum):
    """What people choose e-mails by; the values are stored."""

    STATUS = "status"
    FEEDBACK = "feedback"
    LISTING = "listing"
    HEALTH = "health"
    WEBHOOKS = "webhooks"


class Actor(StrEnum):
    """Who did it; the values are stored."""

    PUBLISHER = "publisher"
    REVIEWER = "reviewer"
    SYSTEM = "system"


STATUS_CHANGED: Final = "submission.status_changed"
MESSAGE_POSTED: Final = "submission.message_posted"
REVISION_SUBMITTED: Final = "listing.revision_submitted"
REVISION_DECIDED: Final = "listing.revision_decided"
REVISION_CLOSED: Final = "listing.revision_closed"
DECISION_VOIDED: Final = "listing.decision_voided"
HEALTH_CHANGED: Final = "server.health_changed"
ENDPOINT_HEALTH_CHANGED: Final = "server.endpoint_health_changed"
TOOLS_CHANGED: Final = "server.tools_changed"
TOOLS_DECIDED: Final = "server.tools_decided"
TRANSFER_CHANGED: Final = "server.transfer_changed"
WEBHOOK_DISABLED: Final = "webhook.disabled"
TEST: Final = "webhook.test"

WEBHOOK_TYPES: Final = (
    STATUS_CHANGED,
    MESSAGE_POSTED,
    REVISION_SUBMITTED,
    REVISION_DECIDED,
    REVISION_CLOSED,
    DECISION_VOIDED,
    HEALTH_CHANGED,
    ENDPOINT_HEALTH_CHANGED,
    TOOLS_CHANGED,
    TOOLS_DECIDED,
    TRANSFER_CHANGED,
)
"""What endpoints can ask for. Tests need no asking, and that an endpoint is disabled is told by e-mail alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event. `variant` is what its words depend on (the move, the decision, the health), `details` go to webhooks.

    `actor_id` and `actor_name` are those of a publisher; reviewers have neither here. The id is shown to nobody, and
    stands for itself where even the name is not told (transfers).
    """

    event_id: str
    occurred_at: datetime
    organization_id: str
    type: str
    variant: str
    submission_id: str = ""
    server_name: str = ""
    actor: Actor = Actor.SYSTEM
    actor_id: str = ""
    actor_name: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def comment(self) -> str:
        """What was said with it."""
        return self.details.get("comment", "")

    @property
    def reason(self) -> Reason | None:
        """Why reviewers decided so; None where the comment alone says it, and for reasons newer than this code."""
        return REASONS.get(self.details.get("reason_code", ""))
