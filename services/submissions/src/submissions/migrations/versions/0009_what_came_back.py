"""Edits of listings that came back, and what words of tools were before they were taken over.

Both columns have values for rows that the code before this one writes.

Revision ID: 0009
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, text
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("submissions", Column("edit_returned", Boolean, nullable=False, server_default=text("false")))
    op.add_column("thread_entries", Column("tool_changes", JSONB))
