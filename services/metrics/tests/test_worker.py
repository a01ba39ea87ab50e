"""What a worker survives."""

import random
import signal
import time
from datetime import UTC, datetime

import pytest
from kafka import KafkaProducer
from metrics.consumers.replay import replay
from metrics.domain.arrow_limits import RecordLimits
from metrics.processes.unread import current_topic_id
from metrics.store import dead_letters, offsets
from metrics.store import flush as flushing
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from .records import batch, single
from .traffic import Shape, Traffic
from .worker_under_test import WorkerThread, ledger, plan, send, total_calls

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def traffic():
    return Traffic(Shape(7, 5, 1), datetime.now(UTC))


def calls(traffic, count):
    return [traffic.event(traffic.servers[n % 5], 1 + n % 20, kind=1, synthetic=False) for n in range(count)]


def batches(traffic, count, size, producer="p", first=1):
    return [(n % 3, *batch(calls(traffic, size), f"{producer}-{n % 3}", first + n)) for n in range(count)]


def test_killed_workers_lose_and_double_nothing(database, kafka, usage_topic, traffic, eventually, worker_process):
    records = batches(traffic, 120, 50)
    chance = random.Random(3)
    processes = [worker_process(database.url, kafka, usage_topic, "w0")]
    for round_number in range(2):
        send(kafka, usage_topic, records[round_number * 40 : (round_number + 1) * 40])
        eventually(lambda n=round_number: total_calls(database) > n * 2000, timeout=40)
        time.sleep(chance.random() * 0.3)  # the moment of the kill is what is random here
        processes.append(worker_process(database.url, kafka, usage_topic, f"w{round_number + 1}"))
        processes[-2].kill()
        processes[-2].wait()
    send(kafka, usage_topic, records[80:])
    eventually(lambda: total_calls(database) >= 6000, timeout=40)
    processes[-1].terminate()
    assert processes[-1].wait(20) == 0
    assert total_calls(database) == 6000
    assert ledger(database)["records_counted"] == 120


def test_a_zombie_is_fenced(database, kafka, usage_topic, traffic, eventually, worker_process):
    """A worker sleeps with records in its memory until the group gave its partitions away; then it wakes up."""
    zombie = worker_process(database.url, kafka, usage_topic, "zombie", seconds=3600)
    eventually(lambda: places(database) == 3)
    time.sleep(2)  # the client joins a second time when it has seen the topic's metadata, and then writes
    send(kafka, usage_topic, batches(traffic, 3, 10))
    time.sleep(1)  # read, but not written
    zombie.send_signal(signal.SIGSTOP)
    assert total_calls(database) == 0
    with WorkerThread(database.url, plan(kafka, usage_topic, "successor")):
        eventually(lambda: total_calls(database) == 30)
        zombie.send_signal(signal.SIGCONT)
        send(kafka, usage_topic, batches(traffic, 3, 10, first=4))
        eventually(lambda: total_calls(database) >= 60)
        zombie.terminate()
        zombie.wait(20)
    assert total_calls(database) == 60


def places(database):
    with database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM usage_offsets")).scalar_one()


def test_the_fence_is_the_offset_row(database, kafka, usage_topic, traffic, eventually):
    send(kafka, usage_topic, batches(traffic, 3, 10))
    with WorkerThread(database.url, plan(kafka, usage_topic, "zombie", seconds=3600)) as zombie:
        eventually(lambda: zombie.worker._intake.events == 30)
        stale = zombie.worker._intake.drain()
        flushing.commit(database, stale, "somebody else")
        with pytest.raises(offsets.Fenced):
            flushing.commit(database, stale, "zombie")
    # stopping, the zombie tried to write what it held
    assert total_calls(database) == 30


def test_a_lost_answer_of_commit_is_decided_by_the_offset_row(
    database, kafka, usage_topic, traffic, eventually, monkeypatch
):
    real, lost = flushing.commit, []

    def commit(where, flush, worker):
        # the first answer is lost after the commit, the second before it
        if len(lost) == 0:
            real(where, flush, worker)
        if len(lost) < 2:
            lost.append(flush)
            import psycopg

            raise OperationalError("COMMIT", {}, psycopg.OperationalError("server closed the connection"))
        return real(where, flush, worker)

    monkeypatch.setattr(flushing, "commit", commit)
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, batches(traffic, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        send(kafka, usage_topic, batches(traffic, 3, 10, first=4))
        eventually(lambda: total_calls(database) == 60)
    assert len(lost) == 2
    assert total_calls(database) == 60


def test_a_topic_that_is_made_again_is_read_from_its_beginning(
    database, kafka, usage_topic, traffic, eventually, fresh_topics
):
    from chassis.kafka.topics import Topic
    from metrics.wiring import USAGE

    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, batches(traffic, 6, 10))
        eventually(lambda: total_calls(database) == 60)
        before = current_topic_id(kafka, usage_topic)
        remake(kafka, Topic(usage_topic, 3, USAGE.config), eventually)
        assert current_topic_id(kafka, usage_topic) != before
        # the same producer and numbers: another topic, so nothing is a duplicate
        send(kafka, usage_topic, batches(traffic, 3, 10))
        eventually(lambda: total_calls(database) == 90, timeout=40)


def remake(kafka, topic, eventually):
    from chassis.kafka.topics import ensure_topics
    from kafka import KafkaAdminClient

    client = KafkaAdminClient(bootstrap_servers=kafka)
    client.delete_topics([topic.name])
    eventually(lambda: topic.name not in client.list_topics())
    client.close()
    ensure_topics(kafka, [topic])


def test_poison_is_kept_and_counted_once_it_can_be_read(database, kafka, usage_topic, traffic, eventually):
    good = batches(traffic, 3, 10)
    big = (0, *batch(calls(traffic, 40), "big", 1))
    broken = (
        0,
        b"\xff\xff\xff\xff\x10\x00\x00\x00nonsense",
        [("content-type", b"application/vnd.apache.arrow.stream")],
    )
    unknown = (0, b"{}", [("content-type", b"application/json")])
    plain = (0, *single(calls(traffic, 1)[0]))
    with WorkerThread(database.url, plan(kafka, usage_topic, limits=RecordLimits(rows=20))):
        send(kafka, usage_topic, [broken, unknown, big, big, (0, b"", []), plain, *good])
        eventually(lambda: ledger(database).get("records") == 9)
    assert ledger(database) == {
        "records": 9,
        "records_counted": 4,
        "records_dead": 4,
        "records_duplicate": 1,
        "events": 31,
        "events_counted": 31,
    }
    with database.read() as connection:
        reasons = {row.reason: row.id for row in dead_letters.newest(connection, 10)}
    assert reasons.keys() == {"arrow_unreadable", "unknown_content_type", "record_too_large"}
    assert "unreadable" in replay(database, reasons["arrow_unreadable"], RecordLimits())
    assert "is counted: 40 of 40" in replay(database, reasons["record_too_large"], RecordLimits())
    assert "is gone" in replay(database, reasons["record_too_large"], RecordLimits())
    assert total_calls(database) == 71
    assert ledger(database)["records_dead"] == 3


def test_a_flood_of_poison_stops_the_partition_until_somebody_looks(database, kafka, usage_topic, traffic, eventually):
    poison = [(0, b"poison", [("content-type", b"text/plain")])] * 150
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, [*poison, *batches(traffic, 6, 10)])
        eventually(lambda: stopped(database))
        eventually(lambda: total_calls(database) == 40)
        assert ledger(database)["records_dead"] == 99
    with WorkerThread(database.url, plan(kafka, usage_topic)):  # another worker does not go on either
        with database.transaction() as uow:
            assert offsets.resume(uow.connection, current_topic_id(kafka, usage_topic), 0)
            uow.commit()
        eventually(lambda: total_calls(database) == 60)
    assert ledger(database)["records_dead"] == 150


def stopped(database):
    with database.read() as connection:
        return connection.execute(text("SELECT stopped_reason FROM usage_offsets WHERE partition = 0")).scalar()


def test_the_database_may_be_away_for_a_while(database, kafka, usage_topic, traffic, eventually, postgres):
    import psycopg
    from psycopg import sql

    name = database.engine.url.database
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, batches(traffic, 3, 10))
        eventually(lambda: total_calls(database) == 30)
        with psycopg.connect(postgres, autocommit=True) as admin:
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(sql.Identifier(name)))
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            send(kafka, usage_topic, batches(traffic, 3, 10, first=4))
            time.sleep(1.5)
            admin.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(sql.Identifier(name)))
        eventually(lambda: total_calls(database) == 60)


def test_ends_of_transactions_are_no_loss(database, kafka, usage_topic, traffic, eventually):
    """What ends a transaction takes an offset, so that every batch of such a producer begins after a gap."""
    producer = KafkaProducer(bootstrap_servers=kafka, transactional_id=f"proxy-{usage_topic}")
    producer.init_transactions()
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        for number in range(60):
            producer.begin_transaction()
            for partition, value, headers in batches(traffic, 3, 1, first=1 + 3 * number):
                producer.send(usage_topic, partition=partition, value=value, headers=headers)
            producer.commit_transaction()
        producer.close()
        eventually(lambda: ledger(database).get("records", 0) >= 180)
    assert ledger(database)["records_counted"] == 180
