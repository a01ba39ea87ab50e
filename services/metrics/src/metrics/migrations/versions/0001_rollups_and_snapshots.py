"""The first tables of the metrics service."""

import sqlalchemy as sa
from alembic import op
from chassis.sql.migrations import create_shared_tables
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_shared_tables(op)
    op.create_table(
        "generations",
        sa.Column("generation", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("servers", sa.Integer(), nullable=False),
        sa.Column("ranked_servers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("complete", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("generation"),
    )
    op.create_index(
        "generations_unfinished", "generations", ["as_of"], unique=True, postgresql_where=sa.text("computed_at IS NULL")
    )
    op.create_table(
        "server_accounts",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("account", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("called", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("server_id", "account"),
    )
    op.create_table(
        "servers",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("organization_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("server_id"),
    )
    op.create_index("servers_published", "servers", ["server_id"], unique=False, postgresql_where=sa.text("published"))
    op.create_table(
        "usage_dead_letters",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("topic_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("arrived_us", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "usage_error_type_days",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("error_type", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("server_id", "day", "error_type"),
    )
    op.create_index("usage_error_type_days_day", "usage_error_type_days", ["day"], unique=False)
    op.create_table(
        "usage_ledger",
        sa.Column("topic_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", "entry"),
    )
    op.create_table(
        "usage_offsets",
        sa.Column("topic_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("dead_in_a_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stopped_reason", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition"),
    )
    op.create_table(
        "usage_producers",
        sa.Column("topic_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("producer_id", sa.Text(), nullable=False),
        sa.Column("highest", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("topic_id", "partition", "producer_id"),
    )
    op.create_index("usage_producers_moved_at", "usage_producers", ["moved_at"], unique=False)
    op.create_table(
        "usage_product_days",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tool_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("durations", sa.LargeBinary(), server_default=sa.text("''"), nullable=False),
        sa.Column("compacted_bytes", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("server_id", "day", "product"),
    )
    # they hardly compress, and trying costs half of a flush
    op.execute("ALTER TABLE usage_product_days ALTER durations SET STORAGE EXTERNAL")
    op.create_index("usage_product_days_day", "usage_product_days", ["day"], unique=False)
    op.create_table(
        "usage_server_days",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tool_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("auth_rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("http_4xx", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("http_5xx", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("messages", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("removals", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("server_id", "day"),
    )
    op.create_index("usage_server_days_day", "usage_server_days", ["day"], unique=False)
    op.create_table(
        "usage_tool_days",
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tool_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("request_errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("server_id", "day", "tool"),
    )
    op.create_index("usage_tool_days_day", "usage_tool_days", ["day"], unique=False)
    op.create_table(
        "generation_portions",
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("portion", sa.Integer(), nullable=False),
        sa.Column("server_ids", postgresql.JSONB(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["generation"], ["generations.generation"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation", "portion"),
    )
    op.create_table(
        "server_snapshots",
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("active_30", sa.BigInteger(), nullable=False),
        sa.Column("active_7", sa.BigInteger(), nullable=False),
        sa.Column("active_previous_7", sa.BigInteger(), nullable=False),
        sa.Column("calls_30", sa.BigInteger(), nullable=True),
        sa.Column("error_rate_30", sa.Double(), nullable=True),
        sa.Column("disconnect_rate_30", sa.Double(), nullable=True),
        sa.Column("oldest_calls", sa.BigInteger(), nullable=True),
        sa.Column("oldest_active_users", sa.BigInteger(), nullable=True),
        sa.Column("oldest_error_rate", sa.Double(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("health", sa.SmallInteger(), nullable=False),
        sa.Column("ranked", sa.Boolean(), nullable=False),
        sa.Column("trending", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["generation"], ["generations.generation"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation", "server_id"),
    )
    op.create_index(
        "server_snapshots_rank",
        "server_snapshots",
        ["generation", "rank", "server_id"],
        unique=False,
        postgresql_where=sa.text("rank IS NOT NULL"),
    )
    op.create_index(
        "server_snapshots_trending",
        "server_snapshots",
        ["generation"],
        unique=False,
        postgresql_where=sa.text("trending"),
    )
    op.create_table(
        "server_figures",
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("server_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("figures", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["generation"], ["generations.generation"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("generation", "server_id"),
    )
    op.create_table(
        "snapshots",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["generation"],
            ["generations.generation"],
        ),
        sa.PrimaryKeyConstraint("as_of"),
    )
