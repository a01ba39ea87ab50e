"""Looks at published servers, the approved tools, and review items for tools that differ from them.

Beside the submissions, so that code of before, which knows no such tables, works on.

Revision ID: 0005
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_Time = DateTime(timezone=True)
_Id = Uuid(as_uuid=False)


def upgrade() -> None:
    """Makes the tables; rows of servers that are published already are made by the work process."""
    op.create_index(
        "submissions_published", "submissions", ["submission_id"], postgresql_where=text("state = 'published'")
    )
    op.create_table(
        "server_probes",
        Column(
            "submission_id",
            _Id,
            ForeignKey("submissions.submission_id", name="server_probes_submission"),
            primary_key=True,
        ),
        Column("run_id", _Id, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("due_at", _Time, nullable=False),
        Column("taken", Boolean, nullable=False),
        Column("asked_at", _Time),
        Column("asked_last_at", _Time),
        Column("looked_at", _Time),
        Column("health", Text),
        Column("since", _Time),
        Column("failures", Integer, nullable=False),
        Column("told", Text),
        Column("remark", Text, nullable=False),
        Column("tools_count", Integer),
        Column("tools_seen_at", _Time),
        Index("server_probes_due", "due_at"),
    )
    op.create_table(
        "approved_tools",
        Column(
            "submission_id",
            _Id,
            ForeignKey("submissions.submission_id", name="approved_tools_submission"),
            primary_key=True,
        ),
        Column("tools", Text, nullable=False),
        Column("tools_digest", Text, nullable=False),
        Column("since", _Time, nullable=False),
    )
    op.create_table(
        "tool_drifts",
        Column(
            "review_item_id",
            _Id,
            ForeignKey("review_items.review_item_id", name="tool_drifts_review_item"),
            primary_key=True,
        ),
        Column("approved", Text, nullable=False),
        Column("offered", Text, nullable=False),
        Column("offered_digest", Text, nullable=False),
        Column("changed_at", _Time, nullable=False),
        Column("findings", JSONB, nullable=False),
        Column("changes_requested_at", _Time),
        Column("request", Text, nullable=False),
    )
    op.create_table(
        "tool_drift_steps",
        Column(
            "review_item_id",
            _Id,
            ForeignKey("tool_drifts.review_item_id", name="tool_drift_steps_drift"),
            primary_key=True,
        ),
        Column("number", Integer, primary_key=True),
        Column("at", _Time, nullable=False),
        Column("offered_digest", Text, nullable=False),
        Column("summary", Text, nullable=False),
    )
    op.create_index(
        "review_items_one_open_drift",
        "review_items",
        ["submission_id"],
        unique=True,
        postgresql_where=text("state = 'open' AND kind = 'drift'"),
    )
