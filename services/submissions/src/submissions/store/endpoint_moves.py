"""Telling a publisher that their server answers otherwise than before: audit, thread and event in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.sql.database import UnitOfWork
from directory.submissions.v1.submission_events_pb2 import EndpointHealthChanged

from submissions.domain.endpoint_health import EndpointHealth, Standing
from submissions.store import audit, events, thread
from submissions.store.actors import SYSTEM
from submissions.store.submissions import Submission
from submissions.store.thread import EntryKind

_ANSWERS = {
    EndpointHealth.ALIVE: "The server answers and shows its tools. They are compared with the approved ones.",
    EndpointHealth.GATED: "The server answers and asks for authentication first. Its tools are not seen, so nobody "
    "compares them with the approved ones.",
}


def tell(
    uow: UnitOfWork, submission: Submission, before: Standing, after: Standing, *, remark: str, now: datetime
) -> None:
    """Says what the publisher does not know yet: `after.told`."""
    if after.told is None or after.since is None:
        raise ValueError("there is nothing to tell")
    audit.record(
        uow.connection,
        submission,
        action="endpoint_health",
        author=SYSTEM,
        now=now,
        from_state=submission.state,
        detail={"from": before.told or "", "to": after.told},
    )
    body = _failing(after, remark) if after.told.fails else _ANSWERS[after.told]
    thread.append(uow.connection, submission.submission_id, kind=EntryKind.MESSAGE, author=SYSTEM, now=now, body=body)
    fields: dict[str, Any] = {
        "from": events.health_name(before.told),
        "to": events.health_name(after.told),
    }  # `from` is a word of Python
    changed = EndpointHealthChanged(**fields, failures=after.failures, remark=remark)
    changed.since.FromDatetime(after.since)
    events.endpoint_health_changed(uow, submission, changed, now=now)


def _failing(after: Standing, remark: str) -> str:
    looks = "The last look" if after.failures == 1 else f"The last {after.failures} looks"
    return f"{looks} could not use the server. {remark} It stays published; people who use it see errors."
