"""The audit: who did what to a submission, for ever. Never holds a form's values or access for reviewers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis import request_id
from chassis.ids import new_id
from sqlalchemy import Connection, insert

from submissions.domain.lifecycle import State
from submissions.store.actors import Author
from submissions.store.submissions import Submission
from submissions.store.tables import audit_entries as table

REQUEST_TOOL_CHANGES = "request_tool_changes"
"""A reviewer's decision on a drift that stays open; `waiting_since` of its detail is when the item was opened."""


def record(
    connection: Connection,
    submission: Submission,
    *,
    action: str,
    author: Author,
    now: datetime,
    from_state: State | None = None,
    detail: Mapping[str, Any] | None = None,
    deleted: bool = False,
) -> None:
    """Writes an entry about `submission` as it is after the action."""
    connection.execute(
        insert(table).values(
            entry_id=new_id(),
            submission_id=submission.submission_id,
            at=now,
            actor_role=author.role.value,
            actor_id=author.person_id,
            actor_name=author.name,
            action=action,
            from_state=from_state.value if from_state else None,
            to_state=None if deleted else submission.state.value,
            version=submission.version,
            detail=dict(detail or {}),
            request_id=request_id.current(),
        )
    )
