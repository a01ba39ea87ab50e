import os
import subprocess
import sys
from pathlib import Path

import pytest
from chassis.errors import Unavailable
from chassis.sql import migrations
from chassis.sql.database import Database, constraint_name, sql_state
from chassis.sql.tables import shared_tables
from directory.listings.v1.listing_events_pb2 import DecisionVoided, ListingEvent
from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, IntegrityError

INSERT = text("INSERT INTO things (id) VALUES (:id)")


def count(database):
    with database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM things")).scalar_one()


def test_nothing_is_saved_without_commit(database):
    before = count(database)
    with database.transaction() as uow:
        uow.execute(INSERT, {"id": "a"})
    assert count(database) == before
    with database.transaction() as uow:
        uow.execute(INSERT, {"id": "a"})
        uow.commit()
    assert count(database) == before + 1


def test_reading_connections_cannot_write(database):
    with database.read() as connection, pytest.raises(DBAPIError) as caught:
        connection.execute(INSERT, {"id": "b"})
    assert sql_state(caught.value) == "25006"


def test_a_lookup_is_one_statement_and_leaves_no_transaction(database):
    with database.lookup() as connection:
        assert connection.execute(text("SELECT pg_current_xact_id_if_assigned()")).scalar_one() is None
        assert connection.connection.dbapi_connection.info.transaction_status.name == "IDLE"
    with database.read() as connection:
        assert connection.execute(text("SHOW transaction_isolation")).scalar_one() == "repeatable read"
    with database.transaction() as uow:
        uow.execute(INSERT, {"id": "after a lookup"})
    assert database.run_read(
        lambda c: c.execute(text("SELECT count(*) FROM things")).scalar_one(), single=True
    ) == count(database)


def test_the_broken_constraint_is_known_by_name(database):
    with database.transaction() as uow, pytest.raises(IntegrityError) as caught:
        uow.execute(text("INSERT INTO things (id) VALUES ('twice'), ('twice')"))
    assert (sql_state(caught.value), constraint_name(caught.value)) == ("23505", "things_pkey")


def test_statements_locks_and_idle_transactions_have_limits(database):
    with database.read() as connection:
        limits = [
            connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
        ]
    assert limits == ["10s", "5s", "30s", "chassis-tests"]


def test_a_database_that_is_away_is_unavailable():
    away = Database("postgresql://nobody:nothing@127.0.0.1:1/none", "tests")
    assert not away.is_up()
    for attempt in (lambda: away.run(lambda uow: None), lambda: away.run_read(lambda connection: None)):
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.reason == "DATABASE_UNAVAILABLE"


def test_a_full_pool_is_unavailable_and_says_so_in_time(new_database, monkeypatch):
    small = Database(new_database("small"), "tests", pool_size=1)
    monkeypatch.setattr(small.engine.pool, "_timeout", 0.1)
    with small.read() as connection:
        connection.execute(text("SELECT 1"))
        with pytest.raises(Unavailable):
            small.run_read(lambda other: other.execute(text("SELECT 1")))
    small.dispose()


def test_no_connection_outlives_the_block_however_it_ends(database, new_database, eventually):
    closing = Database(new_database("closing"), "closing-tests")

    def fail():
        with closing:
            assert closing.is_up()
            assert connections_of(database, "closing-tests") == 1
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    eventually(lambda: connections_of(database, "closing-tests") == 0)


def connections_of(database, name):
    query = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name")
    return database.run_read(lambda connection: connection.execute(query, {"name": name}).scalar_one())


def test_a_wrong_statement_is_a_mistake_and_no_outage(database):
    with pytest.raises(DBAPIError):
        database.run(lambda uow: uow.execute(text("SELECT no_such_column")))


def test_the_pool_gets_over_killed_connections(database):
    with database.read() as connection:
        connection.execute(text("SELECT 1"))
    with database.engine.connect() as killer:
        killer.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                 " AND datname = current_database()")
        )  # fmt: skip
    assert database.is_up()


def test_an_event_too_large_for_kafka_is_refused_at_once(database):
    event = ListingEvent(event_id="e", decision_voided=DecisionVoided(revision_id="x" * 1_000_000))
    with database.transaction() as uow, pytest.raises(ValueError, match="too large"):
        uow.emit("topic", "key", event)


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A service's package with a migration, importable under a name of its own."""
    name = "migrated_service"
    tree = tmp_path / name
    (tree / "migrations" / "versions").mkdir(parents=True)
    files = {
        "__init__.py": "",
        "tables.py": "from sqlalchemy import Column, MetaData, Table, Text\n"
        "from chassis.sql.tables import shared_tables\n"
        "metadata = MetaData()\nshared_tables(metadata)\n"
        "Table('gadgets', metadata, Column('id', Text, primary_key=True))\n",
        "migrations/env.py": "from chassis.sql.migrations import run_env\n"
        f"from {name}.tables import metadata\n\nrun_env(metadata)\n",
        "migrations/versions/0001_first.py": "import sqlalchemy as sa\nfrom alembic import op\n"
        "from chassis.sql.migrations import create_shared_tables\n"
        "revision = '0001'\ndown_revision = None\n\n\ndef upgrade():\n    create_shared_tables(op)\n"
        "    op.create_table('gadgets', sa.Column('id', sa.Text, primary_key=True))\n",
    }
    for path, content in files.items():
        Path(tree / path).write_text(content)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for loaded in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[loaded]


def test_migrations_make_what_the_tables_say_at_any_number_at_once(package, new_database, tmp_path):
    url = new_database("migrated")
    program = f"from chassis.sql import migrations; migrations.upgrade({package!r}, {url!r})"
    migrators = [
        subprocess.Popen([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(tmp_path)})
        for _ in range(3)
    ]
    assert [migrator.wait(30) for migrator in migrators] == [0, 0, 0]
    migrations.upgrade(package, url)

    from migrated_service.tables import metadata  # type: ignore[import-not-found]

    assert migrations.check(metadata, url) == []
    assert any("gadgets" in difference for difference in migrations.check(MetaData(), url))


def test_the_shared_tables_are_defined_once(database):
    metadata = MetaData()
    shared_tables(metadata)
    shared_tables(metadata)
    assert set(metadata.tables) == {"outbox", "inbox", "idempotency_keys", "dead_letters"}
