"""Outbox, relay and consumer on a real PostgreSQL and a real Kafka."""

import socket
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
import structlog
from chassis import request_id
from chassis.errors import InvalidInput, Unavailable
from chassis.ids import new_id
from chassis.kafka import relay as relay_module
from chassis.kafka.connection import connected
from chassis.kafka.consumer import EventConsumer, follow
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import Topic, TopicAdmin, ensure_topics
from directory.listings.v1.listing_events_pb2 import ListingEvent
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError
from prometheus_client import REGISTRY
from sqlalchemy import text


@pytest.fixture
def topic(fresh_topics):
    topic = Topic(f"chassis.tests.{new_id()}", 3)
    fresh_topics([topic])
    return topic


@pytest.fixture(autouse=True)
def empty(database):
    with database.transaction() as uow:
        uow.execute(text("TRUNCATE outbox, inbox, dead_letters, things"))
        uow.commit()


def event(key="k", organization="o"):
    return ListingEvent(event_id=new_id(), listing_id=key, organization_id=organization)


def emit(database, topic, *events):
    with database.transaction() as uow:
        for each in events:
            uow.emit(topic.name, each.listing_id, each)
        uow.commit()


def everything_in(kafka, topic):
    """All records that a topic has now, by partition and offset."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, enable_auto_commit=False, group_id=None)
    try:
        partitions = [TopicPartition(topic.name, number) for number in consumer.partitions_for_topic(topic.name)]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        found = []
        while any(consumer.position(partition) < end for partition, end in ends.items()):
            found += [record for records in consumer.poll(timeout_ms=700).values() for record in records]
        return found
    finally:
        consumer.close()


def unpublished(database):
    with database.read() as connection:
        return connection.execute(text("SELECT count(*) FROM outbox WHERE topic_id IS NULL")).scalar_one()


def oldest_unpublished():
    return REGISTRY.get_sample_value("outbox_oldest_unpublished_seconds")


def an_hour_ago(database):
    with database.transaction() as uow:
        uow.execute(text("UPDATE outbox SET created_at = created_at - interval '1 hour'"))
        uow.commit()


def id_of(kafka, topic):
    with TopicAdmin(kafka) as admin:
        return admin.ids([topic.name])[topic.name]


def rows(database, statement):
    with database.read() as connection:
        return connection.execute(text(statement)).all()


def test_topics_are_made_once_and_told_apart_by_id(kafka, topic):
    ensure_topics(kafka, [topic])
    with TopicAdmin(kafka) as admin:
        admin.ensure([made := Topic(f"{topic.name}.made", 2, {"retention.ms": "60000"})])
        assert set(admin.ids([made.name, "no.such.topic"])) == {made.name}
        admin._client.delete_topics([made.name])


def test_settings_of_a_topic_that_was_there_are_told_and_left(kafka, fresh_topics):
    there = Topic(f"chassis.tests.{new_id()}", 1, {"retention.ms": "60000", "max.message.bytes": "2000"})
    fresh_topics([there])
    wanted = replace(there, config={"retention.ms": "90000", "max.message.bytes": "2000", "cleanup.policy": "delete"})
    for _ in range(2):
        with structlog.testing.capture_logs() as lines:
            ensure_topics(kafka, [wanted])
        [line] = lines
        assert (line["topic"], line["name"], line["theirs"], line["ours"]) == (
            there.name,
            "retention.ms",
            "60000",
            "90000",
        )
        assert line["what_to_do"].endswith(f"--topic {there.name} --add-config retention.ms=90000")
    with structlog.testing.capture_logs() as lines:
        ensure_topics(kafka, [there])
    assert lines == []
    with TopicAdmin(kafka) as admin:
        assert admin.other_settings(replace(there, name="no.such.topic")) is None


def test_events_of_a_key_arrive_in_order_with_their_request_id(database, kafka, topic, looping, eventually):
    """More than a batch, with keys that come again and again."""
    keys = [f"key-{number % 7}" for number in range(700)]
    events = [event(key, str(number)) for number, key in enumerate(keys)]
    with request_id.bind("request-5"):
        emit(database, topic, *events)
    looping(OutboxRelay(database, kafka, [topic]).run)

    eventually(lambda: unpublished(database) == 0)

    records = everything_in(kafka, topic)
    assert len(records) == 700
    assert {dict(record.headers)["request-id"] for record in records} == {b"request-5"}
    for key in set(keys):
        order = [
            int(ListingEvent.FromString(record.value).organization_id)
            for record in records
            if record.key == key.encode()
        ]
        assert order == sorted(order)
        assert len(order) == 100


def test_a_transaction_that_commits_late_is_not_skipped(database, kafka, topic, looping, eventually):
    looping(OutboxRelay(database, kafka, [topic]).run)
    with database.transaction() as slow:
        slow.emit(topic.name, "early id", late := event("early id"))
        emit(database, topic, event("late id"))
        eventually(lambda: rows(database, "SELECT 1 FROM outbox WHERE topic_id IS NOT NULL"))
        slow.commit()

    eventually(lambda: unpublished(database) == 0)
    found = [ListingEvent.FromString(record.value).event_id for record in everything_in(kafka, topic)]
    assert late.event_id in found
    assert len(found) == 2


def test_two_relays_send_everything_once(database, kafka, topic, looping, eventually):
    for _ in range(2):
        looping(OutboxRelay(database, kafka, [topic]).run)
    for _ in range(10):
        emit(database, topic, event(), event("other"))
    eventually(lambda: unpublished(database) == 0)
    assert len(everything_in(kafka, topic)) == 20


def test_events_that_wait_are_told_while_kafka_is_away(database, kafka, topic, looping, eventually):
    emit(database, topic, event())
    an_hour_ago(database)
    away = looping(OutboxRelay(database, "127.0.0.1:1", [topic]).run)
    eventually(lambda: oldest_unpublished() > 3600)

    away.stop.set()
    away.thread.join(20)
    looping(OutboxRelay(database, kafka, [topic]).run)
    eventually(lambda: oldest_unpublished() == 0, timeout=30)
    assert unpublished(database) == 0


def test_events_that_wait_are_told_by_a_relay_that_stands_by(database, kafka, topic, looping, eventually):
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as another:
        another.execute(text(f"SELECT pg_advisory_lock({relay_module._LOCK})"))
        looping(OutboxRelay(database, kafka, [topic]).run)
        eventually(lambda: oldest_unpublished() == 0)
        emit(database, topic, event())
        an_hour_ago(database)
        eventually(lambda: oldest_unpublished() > 3600)
        assert unpublished(database) == 1
        another.execute(text("SELECT pg_advisory_unlock_all()"))


def test_the_standby_takes_over_when_the_first_is_cut_off(database, kafka, topic, looping, eventually):
    first = looping(OutboxRelay(database, kafka, [topic]).run)
    looping(OutboxRelay(database, kafka, [topic]).run)
    emit(database, topic, event())
    eventually(lambda: unpublished(database) == 0)

    holders = (
        "FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with database.engine.connect() as killer:
        assert killer.execute(text(f"SELECT pg_terminate_backend(pid, 5000) {holders}")).all() == [(True,)]
    emit(database, topic, event())

    eventually(lambda: unpublished(database) == 0)
    assert first.raised is None


def test_a_topic_made_anew_is_filled_again(database, kafka, topic, fresh_topics, looping, eventually, monkeypatch):
    monkeypatch.setattr(relay_module, "_SECONDS_BETWEEN_TOPIC_CHECKS", 0.2)
    events = [event(f"key-{number}") for number in range(20)]
    emit(database, topic, *events)
    looping(OutboxRelay(database, kafka, [topic]).run)
    eventually(lambda: unpublished(database) == 0)
    old = id_of(kafka, topic)

    fresh_topics([topic])

    new = id_of(kafka, topic)
    eventually(lambda: {row.topic_id for row in rows(database, "SELECT topic_id FROM outbox")} == {new})
    assert old != new
    found = {ListingEvent.FromString(record.value).event_id for record in everything_in(kafka, topic)}
    assert found == {each.event_id for each in events}


def test_old_published_rows_are_purged(database, kafka, topic, looping, eventually):
    emit(database, topic, event())
    with database.transaction() as uow:
        long_ago = text(
            "UPDATE outbox SET topic_id = :id, published_at = now(), created_at = now() - interval '15 days'"
        )
        uow.execute(long_ago, {"id": id_of(kafka, topic)})
        remembered = "INSERT INTO inbox VALUES ('purge', 'old', now() - interval '61 days'), ('purge', 'young', now())"
        uow.execute(text(remembered))
        uow.commit()
    looping(OutboxRelay(database, kafka, [topic]).run)
    emit(database, topic, kept := event())
    eventually(lambda: [row.event_id for row in rows(database, "SELECT event_id FROM outbox")] == [kept.event_id])
    inbox = "SELECT event_id FROM inbox WHERE consumer = 'purge'"
    eventually(lambda: [row.event_id for row in rows(database, inbox)] == ["young"])


@pytest.fixture
def send(kafka, topic):
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all")

    def send(value, key=b"k"):
        headers = [("request-id", b"request-6")]
        producer.send(topic.name, value=value, key=key, headers=headers).get(timeout=10)

    yield send
    producer.close()


@pytest.fixture
def note():
    """A handler that writes the event down in its transaction."""

    def handler(event, uow):
        handler.seen.append((event.listing_id, request_id.current()))
        if handler.troubles:
            raise handler.troubles.pop(0)
        uow.execute(
            text("INSERT INTO things (id, note) VALUES (:id, :note)"), {"id": new_id(), "note": event.listing_id}
        )

    handler.seen = []
    handler.troubles = []
    return handler


@pytest.fixture
def consuming(database, kafka, topic, note, looping):
    group = f"group-{new_id()}"
    return SimpleNamespace(
        group=group,
        start=lambda: looping(EventConsumer(kafka, group, {topic.name: (ListingEvent, note)}, database).run),
    )


def notes(database):
    return sorted(row.note for row in rows(database, "SELECT note FROM things"))


def test_an_event_takes_effect_once_however_often_it_comes(database, note, consuming, send, eventually):
    once = event("once").SerializeToString()
    consuming.start()
    for _ in range(3):
        send(once)
    send(event("last").SerializeToString())
    eventually(lambda: notes(database) == ["last", "once"])
    assert note.seen == [("once", "request-6"), ("last", "request-6")]


def test_a_restart_goes_on_where_it_stopped(database, note, consuming, send, eventually):
    first = consuming.start()
    send(event("one").SerializeToString())
    eventually(lambda: notes(database) == ["one"])
    first.stop.set()
    first.thread.join(10)
    assert first.raised is None
    with database.transaction() as uow:  # without the inbox, only the offsets keep it from coming again
        uow.execute(text("TRUNCATE inbox"))
        uow.commit()

    consuming.start()
    send(event("two").SerializeToString())
    eventually(lambda: notes(database) == ["one", "two"])
    assert len(note.seen) == 2


def test_poison_becomes_a_dead_letter_and_the_next_event_goes_on(database, note, consuming, send, eventually):
    note.troubles.append(InvalidInput("THING_UNKNOWN", "no such thing"))
    consuming.start()
    send(event("refused by the handler").SerializeToString())
    send(b"\xff\xffnot protobuf", key=None)
    send(b"")
    send(event("good").SerializeToString())

    eventually(lambda: notes(database) == ["good"])
    letters = rows(database, "SELECT value, reason FROM dead_letters ORDER BY id")
    assert {bytes(letter.value) for letter in letters} > {b"\xff\xffnot protobuf", b""}
    assert len(letters) == 3
    assert {letter.reason.partition(":")[0] for letter in letters} == {"THING_UNKNOWN", "EVENT_UNREADABLE"}


def test_a_part_that_is_away_is_waited_for_in_order(database, note, consuming, send, eventually):
    note.troubles += [Unavailable("AUTHZ_AWAY", "x"), Unavailable("AUTHZ_AWAY", "x")]
    consuming.start()
    for name in ("1", "2", "3"):
        send(event(name).SerializeToString())
    eventually(lambda: notes(database) == ["1", "2", "3"])
    assert [name for name, _ in note.seen] == ["1", "1", "1", "2", "3"]


def test_connections_killed_in_the_middle_cost_nothing(database, note, consuming, send, eventually):
    consuming.start()
    kill = text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = current_database()")  # fmt: skip
    for number in range(12):
        send(event(f"{number:02}").SerializeToString())
        if number % 4 == 0:
            with database.engine.connect() as killer:
                killer.execute(kill)
    eventually(lambda: notes(database) == [f"{number:02}" for number in range(12)])


def test_an_unexpected_error_ends_the_loop_and_loses_nothing(database, note, consuming, send, eventually):
    note.troubles.append(RuntimeError("a mistake"))
    first = consuming.start()
    send(event("one").SerializeToString())
    eventually(lambda: first.raised is not None)
    assert notes(database) == []

    consuming.start()
    eventually(lambda: notes(database) == ["one"])


def test_a_topic_made_anew_is_read_from_its_beginning(
    database, kafka, topic, note, consuming, send, fresh_topics, eventually
):
    consuming.start()
    for number in range(5):
        send(event(f"old {number}").SerializeToString())
    eventually(lambda: len(notes(database)) == 5)

    fresh_topics([topic])
    for number in range(7):
        send(event(f"new {number}").SerializeToString())

    eventually(lambda: len(notes(database)) == 12)


def test_following_gives_every_event_from_now_on(kafka, topic, send, looping, eventually):
    send(event("before").SerializeToString())
    seen = [[], []]
    for mine in seen:
        looping(
            lambda stop, mine=mine: follow(
                kafka, {topic.name: ListingEvent}, lambda each: mine.append(each.listing_id), stop
            )
        )

    def started():
        send(event("probe").SerializeToString())
        return all(seen)

    eventually(started)
    send(b"\xff\xff")
    send(event("after").SerializeToString())
    eventually(lambda: all("after" in mine for mine in seen))
    assert not any("before" in mine for mine in seen)


@pytest.mark.parametrize("make", [KafkaConsumer, KafkaAdminClient])
def test_of_a_client_that_gets_no_answer_nothing_stays(make):
    def clients():
        return [thread for thread in threading.enumerate() if thread.name.startswith("kafka-io")]

    with socket.create_server(("127.0.0.1", 0)) as silent:
        before = clients()
        with pytest.raises(KafkaError):
            connected(make, f"127.0.0.1:{silent.getsockname()[1]}", bootstrap_timeout_ms=200)
    assert clients() == before
