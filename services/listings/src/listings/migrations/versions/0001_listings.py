"""Listings, revisions, icons; the slug is permanent from the first publication on."""

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
    _create_listings()
    _lock_slugs()
    _create_revisions()
    _create_icons()


def _create_listings() -> None:
    op.create_table(
        "listings",
        sa.Column("listing_id", _Id, primary_key=True),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("slug", sa.Text),
        sa.Column("live", JSONB, nullable=False),
        sa.Column("sort_name", sa.Text(collation="C"), nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("server_url", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("last_number", sa.BigInteger, nullable=False),
        sa.Column("first_published_at", _Time),
        sa.Column("live_since", _Time),
        sa.Column("state_message", sa.Text, nullable=False),
        sa.UniqueConstraint("slug", name="listings_slug_taken"),
        sa.CheckConstraint("state IN ('unpublished', 'live', 'suspended', 'delisted')", name="listings_state_known"),
        sa.CheckConstraint(
            "state = 'unpublished' OR (slug IS NOT NULL AND first_published_at IS NOT NULL AND live_since IS NOT NULL)",
            name="listings_published_whole",
        ),
    )
    op.create_index(
        "listings_by_name", "listings", ["sort_name", "listing_id"], postgresql_where=sa.text("state = 'live'")
    )


def _lock_slugs() -> None:
    op.execute(
        """
        CREATE FUNCTION keep_published_slug() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF OLD.first_published_at IS NULL THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            IF TG_OP = 'UPDATE' AND NEW.slug = OLD.slug AND NEW.first_published_at = OLD.first_published_at THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'the slug of a listing is permanent once it was published'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'listings_slug_permanent', TABLE = 'listings';
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER listings_slug_permanent BEFORE UPDATE OR DELETE ON listings"
        " FOR EACH ROW EXECUTE FUNCTION keep_published_slug()"
    )


def _create_revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("revision_id", _Id, primary_key=True),
        sa.Column("listing_id", _Id, sa.ForeignKey("listings.listing_id", name="revisions_listing"), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("editor_id", sa.Text, nullable=False),
        sa.Column("editor_name", sa.Text, nullable=False),
        sa.Column("unsent", JSONB),
        sa.Column("unsent_editor_id", sa.Text, nullable=False),
        sa.Column("unsent_editor_name", sa.Text, nullable=False),
        sa.Column("changed_fields", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("submitter_id", sa.Text, nullable=False),
        sa.Column("submitter_name", sa.Text, nullable=False),
        sa.Column("decided_by_name", sa.Text, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.Column("submitted_at", _Time),
        sa.Column("closed_at", _Time),
        sa.UniqueConstraint("listing_id", "number", name="revisions_number"),
        sa.CheckConstraint(
            "state IN ('editing', 'pending', 'applied', 'rejected', 'changes_requested', 'discarded', 'superseded')",
            name="revisions_state_known",
        ),
    )
    op.create_index(
        "revisions_one_open_a_listing",
        "revisions",
        ["listing_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('editing', 'pending', 'changes_requested')"),
    )


def _create_icons() -> None:
    op.create_table(
        "icons",
        sa.Column("icon_id", _Id, primary_key=True),
        sa.Column("organization_id", sa.Text, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        sa.Column("uploaded_by", sa.Text, nullable=False),
        sa.Column("created_at", _Time, nullable=False),
        sa.UniqueConstraint("organization_id", "sha256", name="icons_upload"),
    )
    op.create_table(
        "icon_images",
        sa.Column("icon_id", _Id, sa.ForeignKey("icons.icon_id", name="icon_images_icon"), primary_key=True),
        sa.Column("size", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
    )
