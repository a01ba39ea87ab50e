"""When each organization was last served by the loops that look at servers: they take organizations in turn.

Revision ID: 0010
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Text

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A table alone."""
    op.create_table(
        "turns",
        Column("queue", Text, primary_key=True),
        Column("organization_id", Text, primary_key=True),
        Column("served_at", DateTime(timezone=True), nullable=False),
    )
