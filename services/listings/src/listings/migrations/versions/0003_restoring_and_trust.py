"""Revisions say which one they restore and whether a person applied them; organizations can be trusted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Both have a value for rows that the code before this one writes.
    op.add_column("revisions", sa.Column("restores_number", sa.BigInteger))
    op.add_column(
        "revisions", sa.Column("applied_by_setting", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.create_table(
        "trust_changes",
        sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("trusted", sa.Boolean, nullable=False),
        sa.Column("by_name", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", _Time, nullable=False),
    )
    op.create_index("trust_changes_of_organization", "trust_changes", ["organization_id", sa.text("change_id DESC")])
    op.execute(
        """
        CREATE FUNCTION keep_trust_changes() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'trust changes are only ever added' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER trust_changes_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON trust_changes"
        " FOR EACH STATEMENT EXECUTE FUNCTION keep_trust_changes()"
    )
