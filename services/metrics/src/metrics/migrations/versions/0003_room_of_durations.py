"""The room of durations that were replaced is used again soon.

A flush writes the durations of every product row that it touches anew, some 20 MiB a second, out of line. PostgreSQL's
autovacuum waits between pages by default and falls behind that: 31 GiB for 50,000 rows after half an hour.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE usage_product_days SET (toast.autovacuum_vacuum_cost_delay = 0,"
        " toast.autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_threshold = 10000)"
    )
