"""Runs of the automatic checks: who has one, what the last one brought, and the snapshot of the server's tools.

Beside the submissions, so that code of before, which knows no such table, works on.

Revision ID: 0002
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_Time = DateTime(timezone=True)


def upgrade() -> None:
    """Makes the table."""
    op.create_table(
        "server_checks",
        Column(
            "submission_id",
            Uuid(as_uuid=False),
            ForeignKey("submissions.submission_id", name="server_checks_submission"),
            primary_key=True,
        ),
        Column("run_id", Uuid(as_uuid=False), nullable=False),
        Column("purpose", Text, nullable=False),
        Column("round", _Time, nullable=False),
        Column("attempt", Integer, nullable=False),
        Column("asked_at", _Time, nullable=False),
        Column("due_at", _Time),
        Column("finished_at", _Time),
        Column("submission_version", BigInteger, nullable=False),
        Column("server_url", Text, nullable=False),
        Column("reach", Text, nullable=False),
        Column("cause", Text, nullable=False),
        Column("findings", JSONB, nullable=False),
        Column("server_name", Text, nullable=False),
        Column("server_version", Text, nullable=False),
        Column("protocol_version", Text, nullable=False),
        Column("tools", Text),
        Column("tools_digest", Text),
        Index("server_checks_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )
