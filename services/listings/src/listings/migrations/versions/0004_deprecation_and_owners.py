"""Listings say that they are deprecated and since when they are their owner's; icons pass on with them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    # All have a value for rows that the code before this one writes.
    op.add_column("listings", sa.Column("deprecated_since", _Time))
    for name in ("deprecation_message", "successor"):
        op.add_column("listings", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("listings", sa.Column("owner_since", _Time))
    op.create_table(
        "shared_icons",
        sa.Column(
            "icon_id",
            sa.Uuid(as_uuid=False),
            sa.ForeignKey("icons.icon_id", name="shared_icons_icon"),
            primary_key=True,
        ),
        sa.Column("organization_id", sa.Text, primary_key=True),
    )
    _note_deprecations()


def _note_deprecations() -> None:
    # As in the second migration, but for the last condition: a deprecation is told of all versions, as a state is.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            -- Not the moment at which the transaction began: readers of what was updated since must not miss it.
            moment timestamptz := clock_timestamp();
            latest versions;
        BEGIN
            IF NEW.first_published_at IS NULL THEN
                RETURN NULL;
            END IF;
            SELECT * INTO latest FROM versions WHERE listing_id = NEW.listing_id AND is_latest;
            IF NEW.state = 'live' AND (latest.content, latest.server_url, latest.transport)
                IS DISTINCT FROM (NEW.live, NEW.server_url, NEW.transport)
            THEN
                UPDATE versions SET is_latest = false, updated_at = moment
                    WHERE listing_id = NEW.listing_id AND is_latest;
                INSERT INTO versions (
                    listing_id, number, content, search_text, server_url, transport,
                    is_latest, published_at, updated_at, state_changed_at
                ) VALUES (
                    NEW.listing_id, coalesce(latest.number, 0) + 1, NEW.live, NEW.search_text, NEW.server_url,
                    NEW.transport, true, moment, moment, coalesce(latest.state_changed_at, moment)
                );
            END IF;
            IF TG_OP = 'UPDATE' AND (NEW.state, NEW.deprecated_since, NEW.deprecation_message, NEW.successor)
                IS DISTINCT FROM (OLD.state, OLD.deprecated_since, OLD.deprecation_message, OLD.successor)
            THEN
                UPDATE versions SET updated_at = moment, state_changed_at = moment WHERE listing_id = NEW.listing_id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
