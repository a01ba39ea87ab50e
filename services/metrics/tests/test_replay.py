"""Replaying dead letters while workers count."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from chassis.sql import database as chassis_database
from chassis.sql.database import Database
from metrics.consumers.replay import replay
from metrics.consumers.usage_records import ARROW
from metrics.domain.arrow_limits import RecordLimits
from metrics.store import dead_letters, flush
from metrics.store.offsets import DeadLetter
from sqlalchemy import text

from .records import batch
from .test_oracle_on_the_database import TOPIC_ID
from .worker_under_test import total_calls

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def letter_ids(database, events):
    """Two letters of records that can be read by now."""
    with database.transaction() as uow:
        for position in range(2):
            value, headers = batch(events(3), "p", 1 + position)
            kept = {name: said.decode() for name, said in headers}
            arrived_us = events(1)[0]["arrived_us"]
            dead_letters.add(
                uow.connection,
                [DeadLetter(TOPIC_ID, 0, position, arrived_us, ARROW, value, "record_too_large", "", "p", kept)],
            )
        found = dead_letters.ids(uow.connection)
        uow.commit()
    return found


def waits_for_a_lock(database, name):
    """Longer than its connections do by themselves."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND wait_event_type = 'Lock'"
        " AND clock_timestamp() - query_start > interval '0.3 s'"
    )
    with database.read() as connection:
        return connection.execute(waiting, {"name": name}).scalar_one() > 0


def test_a_letter_waits_for_a_flush_longer_than_a_request_would(database, letter_ids, eventually, monkeypatch):
    monkeypatch.setattr(chassis_database, "LOCK_TIMEOUT_MS", 100)
    impatient = Database(database.url, "impatient")
    with database.transaction() as last_flush, ThreadPoolExecutor(1) as thread:
        last_flush.execute(text("LOCK usage_server_days IN EXCLUSIVE MODE"))
        outcome = thread.submit(replay, impatient, letter_ids[0], RecordLimits())
        eventually(lambda: waits_for_a_lock(database, "impatient"), timeout=10)
        last_flush.commit()
        assert outcome.result(20) == "is counted: 3 of 3 events"
    impatient.dispose()


def test_a_letter_that_is_busy_is_told_and_the_others_count(database, letter_ids, command, monkeypatch):
    monkeypatch.setattr(flush, "LOCK_TIMEOUT", "100ms")
    busy, free = letter_ids
    with database.transaction() as other:
        assert dead_letters.one(other.connection, busy, locked=True)
        said = command("dead-letters", "replay", "--all").splitlines()
        assert "record_too_large" in command("dead-letters", "show", str(busy))
    assert said[0].startswith(f"{busy} is busy: ")
    assert {f"{free} is counted: 3 of 3 events", "1 of 2 counted"} < set(said)
    assert "1 of 1 counted" in command("dead-letters", "replay", "--all")
    assert total_calls(database) == 6
