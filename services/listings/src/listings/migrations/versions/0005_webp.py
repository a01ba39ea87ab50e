"""Icons are kept as WebP beside PNG. Those of before have none until the work process fills it in."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    # The code before this one writes rows without it.
    op.add_column("icon_images", sa.Column("webp", sa.LargeBinary))
    op.create_index("icon_images_without_webp", "icon_images", ["icon_id"], postgresql_where=sa.text("webp IS NULL"))
