"""An organization's icons of the last day are counted."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("icons_made_lately", "icons", ["organization_id", "created_at"])
