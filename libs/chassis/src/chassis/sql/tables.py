"""Tables that every service with a database has: outbox, inbox, idempotency keys, dead letters."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)


def shared_tables(metadata: MetaData) -> None:
    """Define the shared tables on a service's metadata; `migrations.create_shared_tables` makes the same ones."""
    if "outbox" in metadata.tables:
        return
    _outbox(metadata)
    _inbox(metadata)
    _idempotency_keys(metadata)
    _dead_letters(metadata)


def _outbox(metadata: MetaData) -> None:
    """Events on their way to Kafka. `topic_id` is the mark: the id of the very topic that acknowledged the row."""
    outbox = Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("topic", Text, nullable=False),
        Column("key", Text, nullable=False),
        Column("event_id", Text, nullable=False, unique=True),
        Column("payload", LargeBinary, nullable=False),
        Column("request_id", Text, nullable=False),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("topic_id", Text),
        Column("published_at", DateTime(timezone=True)),
    )
    Index("outbox_unpublished", outbox.c.id, postgresql_where=text("topic_id IS NULL"))
    Index("outbox_created_at", outbox.c.created_at)
    Index("outbox_topic_id", outbox.c.topic, outbox.c.topic_id)


def _inbox(metadata: MetaData) -> None:
    """Events that took effect here, by consumer group."""
    inbox = Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Text, primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    Index("inbox_received_at", inbox.c.received_at)


def _idempotency_keys(metadata: MetaData) -> None:
    """Answers to requests that carried an idempotency key."""
    keys = Table(
        "idempotency_keys",
        metadata,
        Column("person_id", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("response_type", Text),
        Column("response", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    Index("idempotency_keys_created_at", keys.c.created_at)


def _dead_letters(metadata: MetaData) -> None:
    """Records that could not be read, whole, with the reason. Offsets start anew when a topic does, hence the time."""
    Table(
        "dead_letters",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("position", BigInteger, nullable=False),
        Column("record_at", DateTime(timezone=True), nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary),
        Column("reason", Text, nullable=False),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        UniqueConstraint("consumer", "topic", "partition", "position", "record_at", name="dead_letters_record"),
    )
