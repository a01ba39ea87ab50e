"""Versions: what stood in the directory. A trigger keeps them, so that code without this migration keeps them too."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_Time = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_versions()
    # Making the trigger locks the listings: from here to the end of the transaction none of them changes.
    _keep_versions()
    _fill_in_the_past()


def _create_versions() -> None:
    op.create_table(
        "versions",
        sa.Column(
            "listing_id",
            sa.Uuid(as_uuid=False),
            sa.ForeignKey("listings.listing_id", name="versions_listing"),
            primary_key=True,
        ),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("search_text", sa.Text, nullable=False),
        sa.Column("server_url", sa.Text, nullable=False),
        sa.Column("transport", sa.Text, nullable=False),
        sa.Column("is_latest", sa.Boolean, nullable=False),
        sa.Column("published_at", _Time, nullable=False),
        sa.Column("updated_at", _Time, nullable=False),
        sa.Column("state_changed_at", _Time, nullable=False),
    )
    op.create_index(
        "versions_one_latest", "versions", ["listing_id"], unique=True, postgresql_where=sa.text("is_latest")
    )
    op.create_index("versions_by_update", "versions", ["updated_at", "listing_id", "number"])


def _keep_versions() -> None:
    op.execute(
        """
        CREATE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
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
            IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state THEN
                UPDATE versions SET updated_at = moment, state_changed_at = moment WHERE listing_id = NEW.listing_id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER listings_keep_versions AFTER INSERT OR UPDATE ON listings"
        " FOR EACH ROW EXECUTE FUNCTION keep_versions()"
    )


def _fill_in_the_past() -> None:
    # What was applied last before the first publication, and everything since. Addresses of the past are not known:
    # the present one stands in their place.
    op.execute(
        """
        INSERT INTO versions (
            listing_id, number, content, search_text, server_url, transport,
            is_latest, published_at, updated_at, state_changed_at
        )
        SELECT listing_id, row_number() OVER past, content, search_text, server_url, transport,
            row_number() OVER (PARTITION BY listing_id ORDER BY closed_at DESC, number DESC) = 1,
            greatest(closed_at, first_published_at), clock_timestamp(), greatest(closed_at, first_published_at)
        FROM (
            SELECT l.listing_id, l.search_text, l.server_url, l.transport, l.first_published_at,
                r.number, r.content, r.closed_at,
                lead(r.closed_at) OVER (PARTITION BY r.listing_id ORDER BY r.closed_at, r.number) AS followed_at
            FROM revisions r JOIN listings l USING (listing_id)
            WHERE r.state = 'applied' AND l.first_published_at IS NOT NULL
        ) AS applied
        WHERE followed_at IS NULL OR followed_at > first_published_at
        WINDOW past AS (PARTITION BY listing_id ORDER BY closed_at, number)
        """
    )
