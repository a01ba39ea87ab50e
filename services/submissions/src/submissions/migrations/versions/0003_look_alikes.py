"""Keys by which published slugs and names that look alike are found.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Empty keys are made when they are first needed, so that rows of the code before this one count too."""
    op.add_column("submissions", Column("look_alike_keys", ARRAY(Text)))
    op.create_index(
        "submissions_look_alike_keys",
        "submissions",
        ["look_alike_keys"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},  # read as often as written: no list of pending entries to go through
        postgresql_where=text("first_published_at IS NOT NULL"),
    )
    op.create_index(
        "submissions_without_look_alike_keys",
        "submissions",
        ["submission_id"],
        postgresql_where=text("first_published_at IS NOT NULL AND look_alike_keys IS NULL"),
    )
    op.execute(
        """
        CREATE FUNCTION forget_look_alike_keys() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.look_alike_keys := NULL;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER submissions_forget_look_alike_keys BEFORE UPDATE ON submissions FOR EACH ROW
        WHEN (OLD.slug IS DISTINCT FROM NEW.slug OR OLD.display_name IS DISTINCT FROM NEW.display_name)
        EXECUTE FUNCTION forget_look_alike_keys()
        """
    )
