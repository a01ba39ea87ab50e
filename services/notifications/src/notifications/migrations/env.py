"""What alembic runs; see chassis.sql.migrations."""

from chassis.sql.migrations import run_env
from notifications.store.tables import metadata

run_env(metadata)
