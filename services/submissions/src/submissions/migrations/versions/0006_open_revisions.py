"""The edits of listings that wait for a decision, found by their submission: the dashboard names them.

Revision ID: 0006
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index alone."""
    op.create_index(
        "review_items_open_revisions",
        "review_items",
        ["submission_id"],
        postgresql_where=text("state = 'open' AND kind = 'revision'"),
    )
