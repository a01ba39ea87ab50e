"""A dead letter says whose it is: its record's key and headers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("usage_dead_letters", sa.Column("key", sa.Text()))
    op.add_column("usage_dead_letters", sa.Column("headers", JSONB(), server_default=sa.text("'{}'"), nullable=False))
