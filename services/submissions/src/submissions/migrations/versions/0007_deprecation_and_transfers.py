"""What people are told of deprecated servers, and transfers of servers between organizations.

Columns have values for rows that the code before this one writes.

Revision ID: 0007
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, ForeignKey, Index, Text, Uuid, text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_Time = DateTime(timezone=True)


def upgrade() -> None:
    """Adds the columns and the table."""
    op.add_column("submissions", Column("deprecated_since", _Time))
    for name in ("deprecation_message", "successor"):
        op.add_column("submissions", Column(name, Text, nullable=False, server_default=text("''")))
    op.create_table(
        "transfers",
        Column("transfer_id", Uuid(as_uuid=False), primary_key=True),
        Column(
            "submission_id",
            Uuid(as_uuid=False),
            ForeignKey("submissions.submission_id", name="transfers_submission"),
            nullable=False,
        ),
        Column("from_organization_id", Text, nullable=False),
        Column("to_organization_id", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("display_name", Text, nullable=False),
        Column("slug", Text, nullable=False),
        Column("server_url", Text, nullable=False),
        Column("message", Text, nullable=False),
        Column("offered_by", Text, nullable=False),
        Column("offered_by_name", Text, nullable=False),
        Column("offered_at", _Time, nullable=False),
        Column("expires_at", _Time, nullable=False),
        Column("closed_at", _Time),
        Column("closed_by", Text, nullable=False),
        Column("closed_by_name", Text, nullable=False),
        Index(
            "transfers_one_open_a_submission", "submission_id", unique=True, postgresql_where=text("state = 'offered'")
        ),
        Index("transfers_to_expire", "expires_at", postgresql_where=text("state = 'offered'")),
        Index("transfers_given", "from_organization_id", text("offered_at DESC"), text("transfer_id DESC")),
        Index("transfers_received", "to_organization_id", text("offered_at DESC"), text("transfer_id DESC")),
    )
