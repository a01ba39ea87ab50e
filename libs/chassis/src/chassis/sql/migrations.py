"""Migrations: one alembic tree a service, in its package under `migrations/`, with `versions/` below.

A service's `migrations/env.py` is:

    from chassis.sql.migrations import run_env
    from <service>.store.tables import metadata

    run_env(metadata)
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command, context
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, NullPool, create_engine, text
from sqlalchemy.schema import CreateIndex, CreateTable

from chassis.sql.database import sqlalchemy_url
from chassis.sql.tables import shared_tables

_LOCK = 0x646972  # any number that nothing else in these databases locks
_LOCK_TIMEOUT = "10s"


def upgrade(package: str, url: str, revision: str = "head") -> None:
    """Bring the database up to date. Safe to run again, and at the same time as others."""
    command.upgrade(_config(package, url), revision)


def check(metadata: MetaData, url: str) -> list[str]:
    """Differences between the migrated database and `metadata`, as text; empty when they agree."""
    with _connect(url) as connection:
        options = {"compare_type": True, "compare_server_default": False}
        return [
            str(difference)
            for difference in compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        ]


def run_env(metadata: MetaData) -> None:
    """What alembic calls through a service's env.py: all pending revisions in one locked transaction."""
    url = context.config.attributes["url"]
    with _connect(url) as connection:
        context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
        with context.begin_transaction():
            # The transaction's lock, not the session's: it ends with the transaction, whatever happens.
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            # After the wait for other migrators, which may take long: tables in use are not waited for at length.
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))
            context.run_migrations()


def create_shared_tables(operations: Any) -> None:
    """Make outbox, inbox, idempotency_keys and dead_letters: the first thing in a service's first revision.

    `operations` is alembic's `op`.
    """
    metadata = MetaData()
    shared_tables(metadata)
    for table in metadata.sorted_tables:
        operations.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            operations.execute(CreateIndex(index))


def _config(package: str, url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(str(files(package))) / "migrations"))
    config.attributes["url"] = url
    return config


def _connect(url: str) -> Connection:
    return create_engine(sqlalchemy_url(url), poolclass=NullPool).connect()
