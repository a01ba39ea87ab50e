"""What alembic runs."""

from chassis.sql.migrations import run_env
from metrics.store.tables import metadata

run_env(metadata)
