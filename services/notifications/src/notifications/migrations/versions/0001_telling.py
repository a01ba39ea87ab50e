"""Activities, e-mails with their preferences, webhooks with their deliveries."""

import sqlalchemy as sa
from alembic import op
from chassis.sql.migrations import create_shared_tables
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

_Id = sa.Uuid(as_uuid=False)
_Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_shared_tables(op)
    _create_installation()
    _create_server_names()
    _create_activities()
    _create_mails()
    _create_preferences()
    _create_webhooks()
    _create_deliveries()
    _create_delivery_attempts()


def _create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("since", _Time, nullable=False),
    )

    op.execute("INSERT INTO installation (since) VALUES (now())")


def _create_server_names() -> None:
    op.create_table(
        "server_names",
        sa.Column("submission_id", sa.Text, primary_key=True),
        sa.Column("display_name", sa.Text, nullable=False),
    )


def _create_activities() -> None:
    op.create_table(
        "activities",
        sa.Column("activity_id", sa.Text, primary_key=True),
        sa.Column("occurred_at", _Time, nullable=False),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("variant", sa.Text, nullable=False),
        sa.Column("submission_id", sa.Text, nullable=False),
        sa.Column("server_name", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("details", JSONB, nullable=False),
        sa.Column("is_unaddressed", sa.Boolean, nullable=False),
    )
    op.create_index(
        "activities_of_organization",
        "activities",
        ["organization_id", sa.text("occurred_at DESC"), sa.text("activity_id DESC")],
    )
    op.create_index("activities_unaddressed", "activities", ["occurred_at"], postgresql_where=sa.text("is_unaddressed"))
    op.create_index("activities_by_age", "activities", ["occurred_at"])


def _create_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("mail_id", _Id, primary_key=True),
        sa.Column(
            "activity_id", sa.Text, sa.ForeignKey("activities.activity_id", name="mails_activity"), nullable=False
        ),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("organization_name", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _Time),
        sa.Column("last_error", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("finished_at", _Time),
        sa.UniqueConstraint("activity_id", "person_id", name="mails_once_a_person"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="mails_state_known"),
        sa.CheckConstraint("(state = 'waiting') = (next_attempt_at IS NOT NULL)", name="mails_waiting_until"),
    )
    op.create_index("mails_waiting", "mails", ["next_attempt_at"], postgresql_where=sa.text("state = 'waiting'"))


def _create_preferences() -> None:
    op.create_table(
        "preferences",
        sa.Column("person_id", sa.Text, primary_key=True),
        sa.Column("organization_id", sa.Text, primary_key=True),
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("email", sa.Boolean, nullable=False),
        sa.Column("changed_at", _Time, nullable=False),
    )


def _create_webhooks() -> None:
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", _Id, primary_key=True),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("disabled_reason", sa.Text, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary, nullable=False),
        sa.Column("sealed_former_secret", sa.LargeBinary),
        sa.Column("former_secret_until", _Time),
        sa.Column("failing_since", _Time),
        sa.Column("busy_until", _Time),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("created_by_name", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.CheckConstraint(
            "disabled_reason IN ('', 'by_publisher', 'gone', 'failing')", name="webhooks_disabled_reason_known"
        ),
        sa.CheckConstraint(
            "(sealed_former_secret IS NULL) = (former_secret_until IS NULL)", name="webhooks_former_secret_ends"
        ),
    )
    op.create_index("webhooks_of_organization", "webhooks", ["organization_id", "created_at"])


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", _Id, primary_key=True),
        sa.Column(
            "webhook_id",
            _Id,
            sa.ForeignKey("webhooks.webhook_id", name="deliveries_webhook", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", _Time),
        sa.Column("created_at", _Time, nullable=False),
        sa.UniqueConstraint("webhook_id", "message_id", name="deliveries_once_an_endpoint"),
        sa.CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="deliveries_state_known"),
        sa.CheckConstraint("(state = 'waiting') = (next_attempt_at IS NOT NULL)", name="deliveries_waiting_until"),
    )
    op.create_index(
        "deliveries_waiting", "deliveries", ["next_attempt_at"], postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index(
        "deliveries_of_webhook", "deliveries", ["webhook_id", sa.text("created_at DESC"), sa.text("delivery_id DESC")]
    )
    op.create_index("deliveries_by_age", "deliveries", ["created_at"])


def _create_delivery_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("attempt_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "delivery_id",
            _Id,
            sa.ForeignKey("deliveries.delivery_id", name="delivery_attempts_delivery", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("at", _Time, nullable=False),
        sa.Column("status_code", sa.Integer, nullable=False),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("response", sa.Text, nullable=False),
    )
    op.create_index("delivery_attempts_of_delivery", "delivery_attempts", ["delivery_id", "attempt_id"])
