"""What a worker does not do: grow, stand still, keep partitions that it leaves."""

import json
import time
from contextlib import closing
from dataclasses import replace

import psycopg
import pytest
from chassis.process import Stop
from kafka import KafkaAdminClient
from metrics.consumers import usage_intake, worker_metrics
from metrics.consumers.usage_worker import UsageWorker
from metrics.consumers.worker_health import Stalled
from metrics.processes.unread import current_topic_id
from metrics.store import offsets
from metrics.store.offsets import Move
from prometheus_client import REGISTRY
from psycopg import sql
from sqlalchemy import text

from .records import batch
from .worker_under_test import WorkerThread, ledger, plan, send, total_calls

pytestmark = pytest.mark.usefixtures("emptied")


def batches(events, count, size, first=1):
    return [(n % 3, *batch(events(size), f"p-{n % 3}", first + n)) for n in range(count)]


def waiting_for_a_lock(admin, database):
    query = "SELECT 1 FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
    return admin.execute(query, [database.engine.url.database]).fetchone()


def test_while_the_database_is_away_memory_stays_within_its_limit(
    database, kafka, usage_topic, events, eventually, postgres
):
    name = sql.Identifier(database.engine.url.database)
    limited = replace(plan(kafka, usage_topic), waiting_bytes=25 * usage_intake._EVENT_BYTES)
    failures = REGISTRY.get_sample_value("usage_flush_failures_total")
    with WorkerThread(database.url, limited) as thread:
        send(kafka, usage_topic, batches(events, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        with psycopg.connect(postgres, autocommit=True) as admin, closing(psycopg.connect(database.url)) as reader:
            # It goes away in the middle of a flush, whatever else the worker does at the time.
            reader.execute("LOCK TABLE usage_server_days")
            send(kafka, usage_topic, batches(events, 3, 10, first=4))
            eventually(lambda: waiting_for_a_lock(admin, database))
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [database.engine.url.database],
            )
            send(kafka, usage_topic, batches(events, 24, 10, first=7))
            eventually(lambda: len(thread.worker._consumer.paused()) == 3)
            assert thread.worker._intake.events <= 30
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))
        eventually(lambda: total_calls(database) >= 300, timeout=60)
    assert total_calls(database) == 300
    assert REGISTRY.get_sample_value("usage_paused_seconds_total") > 0
    assert REGISTRY.get_sample_value("usage_flush_failures_total") > failures


def test_while_the_broker_does_not_name_the_topic_memory_stays_within_its_limit(
    database, kafka, usage_topic, events, eventually, monkeypatch
):
    with WorkerThread(database.url, plan(kafka, usage_topic, events=25)) as thread:
        send(kafka, usage_topic, batches(events, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        monkeypatch.setattr(thread.worker._topic, "is_still", lambda _: None)
        send(kafka, usage_topic, batches(events, 30, 10, first=4))
        eventually(lambda: thread.worker._intake.events >= 25 and len(thread.worker._consumer.paused()) == 3)
        assert thread.worker._intake.events <= 40
        monkeypatch.undo()
        eventually(lambda: total_calls(database) >= 330)
    assert total_calls(database) == 330


def test_large_dead_letters_are_written_before_they_fill_memory(database, kafka, usage_topic, eventually):
    limited = replace(plan(kafka, usage_topic, seconds=3600), waiting_bytes=1_000_000)
    with WorkerThread(database.url, limited):
        send(kafka, usage_topic, [(0, bytes(400_000), [("content-type", b"text/plain")])] * 7)
        eventually(lambda: ledger(database).get("records_dead", 0) >= 3)


def test_a_partition_that_is_not_fetched_any_more_ends_the_worker_and_loses_nothing(
    database, kafka, usage_topic, events, eventually, monkeypatch
):
    """As kafka-python 3.0 did after some rebalances: polls go on, and nothing comes."""
    thread = WorkerThread(database.url, replace(plan(kafka, usage_topic), stall_seconds=1.2))
    with thread:
        send(kafka, usage_topic, batches(events, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        eventually(lambda: thread.worker.health.parts() == {"kafka": True, "moving": True})
        monkeypatch.setattr(thread.worker._consumer._fetcher, "send_fetches", list)
        send(kafka, usage_topic, batches(events, 60, 1, first=4))
        eventually(lambda: not thread.thread.is_alive())
        failure, thread.failure = thread.failure, None
    assert isinstance(failure, Stalled)
    assert thread.worker.health.parts()["moving"] is False
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: total_calls(database) >= 90)
    assert total_calls(database) == 90


def test_a_stopped_partition_shows_what_waits_and_since_when(database, kafka, usage_topic, events, eventually, command):
    looking = replace(plan(kafka, usage_topic), stall_seconds=1.5)
    poison = [(0, b"poison", [("content-type", b"text/plain")])] * 150

    def shown(name):
        return REGISTRY.get_sample_value(name, {"partition": "0"}) or 0

    def agrees():
        told = json.loads(command("status", "--json"))["partitions"][0]
        assert told["lag_records"] == 51
        return shown("usage_lag_records") == 51 and abs(shown("usage_lag_seconds") - told["lag_seconds"]) < 3

    with WorkerThread(database.url, looking):
        send(kafka, usage_topic, [*poison, *batches(events, 6, 10)[1:3]])
        sent = time.monotonic()
        eventually(lambda: ledger(database).get("records_dead") == 99)
        eventually(lambda: shown("usage_lag_seconds") > 4)
        assert shown("usage_lag_seconds") < time.monotonic() - sent + 2
        eventually(agrees)
    worker_metrics.lags({}, {}, ())
    with WorkerThread(database.url, looking):  # who takes it over reads nothing of it
        eventually(lambda: shown("usage_lag_seconds") > 4)
        eventually(agrees)


def test_a_worker_that_stops_leaves_its_partitions_at_once(database, kafka, usage_topic, events, eventually):
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    group = f"group-{usage_topic}"

    def members():
        return admin.describe_groups([group])[group]["members"]

    with WorkerThread(database.url, plan(kafka, usage_topic, "leaver")):
        send(kafka, usage_topic, batches(events, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        assert [each["client_id"] for each in members()] == ["leaver"]
        assert REGISTRY.get_sample_value("usage_lag_records", {"partition": "2"}) is not None
    assert members() == []  # a member that was killed would stay for its session of 6 s
    admin.close()


def test_who_takes_partitions_over_waits_for_the_last_flush_of_the_former_owner(
    database, kafka, usage_topic, events, eventually
):
    send(kafka, usage_topic, batches(events, 3, 10))
    current = current_topic_id(kafka, usage_topic)
    fenced = REGISTRY.get_sample_value("usage_fenced_total")
    with database.transaction() as uow:
        offsets.places(uow.connection, current, {0: 0, 1: 0, 2: 0})
        uow.commit()
    with database.transaction() as last_flush:
        offsets.move(last_flush.connection, [Move(current, 1, 0, 1)], "former")
        with WorkerThread(database.url, plan(kafka, usage_topic, "successor")):
            eventually(lambda: waits_for_a_lock(database, "successor"))
            last_flush.commit()
            eventually(lambda: total_calls(database) == 20)
    assert REGISTRY.get_sample_value("usage_fenced_total") == fenced


def waits_for_a_lock(database, name):
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND wait_event_type = 'Lock'")
    with database.read() as connection:
        return connection.execute(waiting, {"name": name}).scalar_one() > 0


def test_without_kafka_a_worker_waits_and_says_so(database):
    worker, stop = UsageWorker(database, plan("127.0.0.1:1", "nowhere"), lambda: 0), Stop()
    assert worker.health.parts()["kafka"] is False
    stop.set()
    worker.run(stop)
