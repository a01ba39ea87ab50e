"""Since when a membership is the person's own doing, or an operator's.

Those that are there count as before. The code before this one leaves the column empty: such a membership begins with
its first use, as one that an owner made.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("members", sa.Column("accepted_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE members SET accepted_at = created_at")
