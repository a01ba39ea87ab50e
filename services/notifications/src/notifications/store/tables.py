"""Tables of the notifications database. Migrations make them; a test compares the two."""

from chassis.sql.tables import shared_tables
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
shared_tables(metadata)

_Id = Uuid(as_uuid=False)
_Time = DateTime(timezone=True)

# One row: what happened before belongs to the feed alone, so that a new installation does not send old news.
installation = Table("installation", metadata, Column("since", _Time, nullable=False))

# What servers are called: events of listings and metrics do not say it.
server_names = Table(
    "server_names",
    metadata,
    Column("submission_id", Text, primary_key=True),
    Column("display_name", Text, nullable=False),
)

# People, organizations and submissions are other services': their ids are texts here.
activities = Table(
    "activities",
    metadata,
    Column("activity_id", Text, primary_key=True),
    Column("occurred_at", _Time, nullable=False),
    Column("organization_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("submission_id", Text, nullable=False),
    Column("server_name", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("details", JSONB, nullable=False),
    # Whether its e-mails have yet to be addressed.
    Column("is_unaddressed", Boolean, nullable=False),
    Index("activities_of_organization", "organization_id", text("occurred_at DESC"), text("activity_id DESC")),
    Index("activities_unaddressed", "occurred_at", postgresql_where=text("is_unaddressed")),
    Index("activities_by_age", "occurred_at"),
)

mails = Table(
    "mails",
    metadata,
    Column("mail_id", _Id, primary_key=True),
    Column("activity_id", Text, ForeignKey("activities.activity_id", name="mails_activity"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("organization_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    # While it is waiting; a sender that takes it puts it off by the lease, so that one that dies loses nothing.
    Column("next_attempt_at", _Time),
    Column("last_error", Text, nullable=False),
    Column("created_at", _Time, nullable=False),
    Column("finished_at", _Time),
    UniqueConstraint("activity_id", "person_id", name="mails_once_a_person"),
    CheckConstraint("state IN ('waiting', 'sent', 'failed')", name="mails_state_known"),
    CheckConstraint("(state = 'waiting') = (next_attempt_at IS NOT NULL)", name="mails_waiting_until"),
    Index("mails_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
)

# What is not here is on.
preferences = Table(
    "preferences",
    metadata,
    Column("person_id", Text, primary_key=True),
    Column("organization_id", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("email", Boolean, nullable=False),
    Column("changed_at", _Time, nullable=False),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", _Id, primary_key=True),
    Column("organization_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("disabled_reason", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("sealed_former_secret", LargeBinary),
    Column("former_secret_until", _Time),
    Column("failing_since", _Time),
    # One message at a time goes to an endpoint: a slow one holds nobody else up.
    Column("busy_until", _Time),
    Column("version", BigInteger, nullable=False),
    Column("created_by_name", Text, nullable=False),
    Column("created_at", _Time, nullable=False),
    CheckConstraint(
        "disabled_reason IN ('', 'by_publisher', 'gone', 'failing')", name="webhooks_disabled_reason_known"
    ),
    CheckConstraint(
        "(sealed_former_secret IS NULL) = (former_secret_until IS NULL)", name="webhooks_former_secret_ends"
    ),
    Index("webhooks_of_organization", "organization_id", "created_at"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("delivery_id", _Id, primary_key=True),
    Column(
        "webhook_id",
        _Id,
        ForeignKey("webhooks.webhook_id", name="deliveries_webhook", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("message_id", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    # Of the present round; redelivering begins a new one. All attempts stand in delivery_attempts.
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", _Time),
    Column("created_at", _Time, nullable=False),
    UniqueConstraint("webhook_id", "message_id", name="deliveries_once_an_endpoint"),
    CheckConstraint("state IN ('waiting', 'delivered', 'failed')", name="deliveries_state_known"),
    CheckConstraint("(state = 'waiting') = (next_attempt_at IS NOT NULL)", name="deliveries_waiting_until"),
    Index("deliveries_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    Index("deliveries_of_webhook", "webhook_id", text("created_at DESC"), text("delivery_id DESC")),
    Index("deliveries_by_age", "created_at"),
)

delivery_attempts = Table(
    "delivery_attempts",
    metadata,
    Column("attempt_id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "delivery_id",
        _Id,
        ForeignKey("deliveries.delivery_id", name="delivery_attempts_delivery", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", _Time, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("error", Text, nullable=False),
    Column("response", Text, nullable=False),
    Index("delivery_attempts_of_delivery", "delivery_id", "attempt_id"),
)
