"""Changes of health, as happenings."""

from __future__ import annotations

from datetime import UTC

from chassis import clock
from chassis.sql.database import UnitOfWork
from directory.metrics.v1.metrics_events_pb2 import MetricsEvent
from directory.metrics.v1.server_metrics_pb2 import Health

from notifications.consumers.enum_names import name
from notifications.domain.happenings import HEALTH_CHANGED, Happening
from notifications.store import activities

TOPIC = "directory.metrics.v1"


def handle(event: MetricsEvent, uow: UnitOfWork) -> None:
    """Tells one event."""
    if event.WhichOneof("event") != "health_changed":
        return
    changed = event.health_changed
    after = name(Health, changed.to, "HEALTH_")
    happening = Happening(
        event_id=event.event_id,
        occurred_at=event.occurred_at.ToDatetime(tzinfo=UTC),
        organization_id=changed.organization_id,
        type=HEALTH_CHANGED,
        variant=after,
        submission_id=event.server_id,
        server_name=activities.name_of(uow.connection, event.server_id),
        details={"from": name(Health, getattr(changed, "from"), "HEALTH_"), "to": after},
    )
    activities.tell(uow, happening, now=clock.now())
