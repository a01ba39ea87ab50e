"""An organization's icons of the last day are counted, and those that nothing names can be removed.

What is there, and what the code before this one uploads, counts as used now.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    used_at = sa.Column("used_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
    op.add_column("icons", used_at)
    op.create_index("icons_made_lately", "icons", ["organization_id", "created_at"])
