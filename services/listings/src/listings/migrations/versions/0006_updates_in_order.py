"""Versions are updated in the order in which their transactions end: readers of what was updated since miss none."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # As in the fourth migration, but that a moment is taken when nobody else's is still to be committed: otherwise a
    # reader could see a later one first, ask for what came after it, and never see the earlier.
    op.execute(
        """
        CREATE OR REPLACE FUNCTION keep_versions() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            moment timestamptz;
            latest versions;
            is_new boolean;
            is_told boolean;
        BEGIN
            IF NEW.first_published_at IS NULL THEN
                RETURN NULL;
            END IF;
            SELECT * INTO latest FROM versions WHERE listing_id = NEW.listing_id AND is_latest;
            is_new := NEW.state = 'live' AND (latest.content, latest.server_url, latest.transport)
                IS DISTINCT FROM (NEW.live, NEW.server_url, NEW.transport);
            is_told := TG_OP = 'UPDATE' AND (NEW.state, NEW.deprecated_since, NEW.deprecation_message, NEW.successor)
                IS DISTINCT FROM (OLD.state, OLD.deprecated_since, OLD.deprecation_message, OLD.successor);
            IF NOT is_new AND NOT is_told THEN
                RETURN NULL;
            END IF;
            PERFORM pg_advisory_xact_lock(hashtext('versions.updated'));
            moment := clock_timestamp();
            IF is_new THEN
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
            IF is_told THEN
                UPDATE versions SET updated_at = moment, state_changed_at = moment WHERE listing_id = NEW.listing_id;
            END IF;
            RETURN NULL;
        END $$
        """
    )
