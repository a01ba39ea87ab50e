"""What was found in a listing edit, why other tools are asked for, and requests for them found by their time.

Columns have values for rows that the code before this one writes.

Revision ID: 0008
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, text
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns and the index."""
    op.add_column("review_items", Column("findings", JSONB, nullable=False, server_default=text("'[]'")))
    op.add_column("tool_drifts", Column("reason_code", Text, nullable=False, server_default=text("''")))
    op.create_index(
        "audit_entries_tool_requests",
        "audit_entries",
        ["at"],
        postgresql_where=text("action = 'request_tool_changes'"),
    )
