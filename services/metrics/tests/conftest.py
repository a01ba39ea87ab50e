"""What the tests of metrics share."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from chassis.kafka.topics import Topic
from chassis.sql import migrations
from chassis.sql.database import Database
from metrics.wiring import USAGE
from sqlalchemy import text

from .collector_under_test import collector
from .worker_under_test import worker_process

__all__ = ["collector", "worker_process"]


@pytest.fixture(scope="module")
def database(new_database: Callable[[str], str]) -> Iterator[Database]:
    url = new_database("metrics")
    migrations.upgrade("metrics", url)
    database = Database(url, "tests")
    yield database
    database.dispose()


@pytest.fixture
def emptied(database: Database) -> Database:
    """The database without rows."""
    empty(database)
    return database


def empty(database: Database) -> None:
    with database.transaction() as uow:
        tables = (
            uow.execute(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'")
            )
            .scalars()
            .all()
        )
        # quicker than TRUNCATE for a few rows; snapshots point at generations
        for table in sorted(tables, key=lambda name: name == "generations"):
            uow.execute(text(f"DELETE FROM {table}"))
        uow.commit()


@pytest.fixture
def usage_topic(kafka: str, fresh_topics: Callable[..., None]) -> str:
    """A fresh usage topic of three partitions."""
    name = f"usage-{secrets.token_hex(4)}"
    fresh_topics([Topic(name, 3, USAGE.config)])
    return name
