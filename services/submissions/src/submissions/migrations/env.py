"""Entry of alembic."""

from chassis.sql.migrations import run_env

from submissions.store.tables import metadata

run_env(metadata)
