"""Submissions, their threads and audit, and the review queue.

Revision ID: 0001
"""

from __future__ import annotations

from alembic import op
from chassis.sql.migrations import create_shared_tables
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_LIVE = "state IN ('checking', 'in_review', 'changes_requested', 'approved', 'published', 'suspended', 'delisted')"
_Time = DateTime(timezone=True)


def upgrade() -> None:
    """Makes everything."""
    create_shared_tables(op)
    _submissions()
    _thread_entries()
    _audit_entries()
    _review_items()
    _append_only("thread_entries")
    _append_only("audit_entries")


def _append_only(table: str) -> None:
    # For ever means for ever: not even this service can change or remove an entry.
    op.execute(
        f"""
        CREATE FUNCTION {table}_are_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '{table} are only ever added' USING ERRCODE = 'restrict_violation';
        END $$
        """
    )
    op.execute(
        f"""
        CREATE TRIGGER {table}_are_for_ever BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION {table}_are_for_ever()
        """
    )


def _submissions() -> None:
    op.create_table(
        "submissions",
        Column("submission_id", Uuid(as_uuid=False), primary_key=True),
        Column("organization_id", Text, nullable=False),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("form", JSONB, nullable=False),
        Column("server_url", Text),
        Column("server_url_digest", Text),
        Column("slug", Text),
        Column("display_name", Text, nullable=False),
        Column("tagline", Text, nullable=False),
        Column("sealed_access", LargeBinary),
        Column("has_instructions", Boolean, nullable=False),
        Column("has_credentials", Boolean, nullable=False),
        Column("findings", JSONB, nullable=False),
        Column("thread_length", BigInteger, nullable=False),
        Column("created_by", Text, nullable=False),
        Column("created_at", _Time, nullable=False),
        Column("updated_at", _Time, nullable=False),
        Column("state_changed_at", _Time, nullable=False),
        Column("submitted_at", _Time),
        Column("first_published_at", _Time),
        Column("deleted_at", _Time),
        CheckConstraint("version > 0", name="submissions_version_positive"),
        Index(
            "submissions_slug_taken",
            "slug",
            unique=True,
            postgresql_where=text(f"{_LIVE} OR first_published_at IS NOT NULL"),
        ),
        Index("submissions_server_url_taken", "server_url_digest", unique=True, postgresql_where=text(_LIVE)),
        Index(
            "submissions_of_organization",
            "organization_id",
            text("updated_at DESC"),
            text("submission_id DESC"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
        Index("submissions_made_lately", "organization_id", "created_at"),
        Index("submissions_to_check", "state_changed_at", postgresql_where=text("state = 'checking'")),
    )


def _thread_entries() -> None:
    op.create_table(
        "thread_entries",
        Column("entry_id", Uuid(as_uuid=False), primary_key=True),
        Column(
            "submission_id",
            Uuid(as_uuid=False),
            ForeignKey("submissions.submission_id", name="thread_entries_submission"),
            nullable=False,
        ),
        Column("position", BigInteger, nullable=False),
        Column("kind", Text, nullable=False),
        Column("author_role", Text, nullable=False),
        Column("author_id", Text, nullable=False),
        Column("author_name", Text, nullable=False),
        Column("at", _Time, nullable=False),
        Column("body", Text, nullable=False),
        Column("move", Text),
        Column("state", Text),
        Column("reason_code", Text, nullable=False),
        Column("findings", JSONB, nullable=False),
        Column("revision_id", Uuid(as_uuid=False)),
        UniqueConstraint("submission_id", "position", name="thread_entries_position"),
    )


def _audit_entries() -> None:
    op.create_table(
        "audit_entries",
        Column("entry_id", Uuid(as_uuid=False), primary_key=True),
        Column("submission_id", Uuid(as_uuid=False), nullable=False),
        Column("at", _Time, nullable=False),
        Column("actor_role", Text, nullable=False),
        Column("actor_id", Text, nullable=False),
        Column("actor_name", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("from_state", Text),
        Column("to_state", Text),
        Column("version", BigInteger, nullable=False),
        Column("detail", JSONB, nullable=False),
        Column("request_id", Text, nullable=False),
        Index("audit_entries_of_submission", "submission_id", "at"),
    )


def _review_items() -> None:
    op.create_table(
        "review_items",
        Column("review_item_id", Uuid(as_uuid=False), primary_key=True),
        Column("kind", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column(
            "submission_id",
            Uuid(as_uuid=False),
            ForeignKey("submissions.submission_id", name="review_items_submission"),
            nullable=False,
        ),
        Column("revision_id", Uuid(as_uuid=False)),
        Column("organization_id", Text, nullable=False),
        Column("opened_at", _Time, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("warnings", Integer, nullable=False),
        Column("claimed_by", Text),
        Column("claimed_by_name", Text, nullable=False),
        Column("claim_expires_at", _Time),
        Column("decision", Text),
        Column("decided_by", Text),
        Column("decided_by_name", Text, nullable=False),
        Column("closed_at", _Time),
        Column("comment", Text, nullable=False),
        Column("reason_code", Text, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Index(
            "review_items_one_open_a_submission",
            "submission_id",
            unique=True,
            postgresql_where=text("state = 'open' AND kind = 'submission'"),
        ),
        Index(
            "review_items_one_open_a_revision",
            "revision_id",
            unique=True,
            postgresql_where=text("state = 'open' AND kind = 'revision'"),
        ),
        Index("review_items_queue", "opened_at", "review_item_id", postgresql_where=text("state = 'open'")),
        Index("review_items_closed", "state", text("closed_at DESC"), text("review_item_id DESC")),
    )
