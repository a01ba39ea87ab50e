"""What the tests of metrics share."""

import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from chassis.kafka.topics import Topic
from chassis.sql import migrations
from chassis.sql.database import Database
from click.testing import CliRunner
from metrics import operator_commands, wiring
from metrics.__main__ import main
from metrics.wiring import USAGE
from sqlalchemy import text

from .collector_under_test import collector
from .traffic import Shape, Traffic
from .worker_under_test import worker_process

__all__ = ["collector", "worker_process"]

_LOGGED = re.compile(r"20\d\d-\d\d-\d\d \d\d:")


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


@pytest.fixture
def events():
    traffic = Traffic(Shape(7, 5, 1), datetime.now(UTC))
    return lambda count: [
        traffic.event(traffic.servers[n % 5], 1 + n % 20, kind=1, synthetic=False) for n in range(count)
    ]


@pytest.fixture
def command(database, kafka, usage_topic, certificates, grant_keys, monkeypatch):
    """command("status", "--json") -> its output; KAFKA_BOOTSTRAP_SERVERS and others can be given as keywords."""
    monkeypatch.setattr(operator_commands, "USAGE", replace(wiring.USAGE, name=usage_topic))
    monkeypatch.setattr(operator_commands, "INGEST_GROUP", f"group-{usage_topic}")
    variables = {
        "TLS_DIR": str(certificates / "metrics"),
        "GRANT_KEYS_FILE": str(grant_keys.public_keys),
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "DATABASE_URL_METRICS": database.url,
    }

    def run(*arguments, fails=0, **changes):
        result = CliRunner().invoke(main, arguments, env={**variables, **changes}, catch_exceptions=False)
        assert result.exit_code == int(fails), result.output
        # the worker of the test is a thread of this process, and logs to the same place
        return "".join(line for line in result.output.splitlines(True) if not _LOGGED.match(line))

    return run
