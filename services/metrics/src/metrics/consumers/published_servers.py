"""Events of submissions: which remote MCP servers are published, and whose they are."""

from datetime import UTC

from chassis.sql.database import UnitOfWork
from directory.submissions.v1 import submission_pb2, transfer_pb2
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent

from metrics.store import servers

TOPIC = "directory.submissions.v1"
GROUP = "metrics"
_NOT_LISTED = (
    submission_pb2.SUBMISSION_KIND_DESKTOP_EXTENSION,
    submission_pb2.SUBMISSION_KIND_CUSTOM_CONNECTOR,
)


def keep_server(event: SubmissionEvent, uow: UnitOfWork) -> None:
    """Handler of the topic; events of other things than moves and new owners are none of ours."""
    if event.transfer_changed.state == transfer_pb2.TRANSFER_STATE_ACCEPTED:
        servers.pass_on(
            uow.connection,
            event.submission_id,
            organization_id=event.transfer_changed.to_organization_id,
            at=event.occurred_at.ToDatetime(UTC),
        )
        return
    if event.WhichOneof("event") != "moved" or event.moved.kind in _NOT_LISTED:
        return
    if event.moved.move == submission_pb2.MOVE_DELETE:
        servers.forget(uow.connection, event.submission_id)
        return
    servers.record(
        uow.connection,
        event.submission_id,
        organization_id=event.organization_id,
        published=event.moved.to == submission_pb2.SUBMISSION_STATE_PUBLISHED,
        changed_at=event.occurred_at.ToDatetime(UTC),
    )
