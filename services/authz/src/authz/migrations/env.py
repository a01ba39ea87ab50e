"""Runs the revisions beside this file."""

from authz.store.tables import metadata
from chassis.sql.migrations import run_env

run_env(metadata)
