"""The real servers: they start, keep what was written through kill -9, and start again."""

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from embedded import ports
from embedded.kafka import KafkaServer
from embedded.postgres import PostgresServer
from embedded.running import running, start, stop, wait_until_up
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition


def test_fixture_databases_are_fresh_and_apart(new_database: Callable[[str], str]) -> None:
    one, two = new_database("authz"), new_database("authz")
    with psycopg.connect(one) as connection:
        connection.execute("CREATE TABLE things (id int)")
    with psycopg.connect(two) as connection:
        assert connection.execute("SELECT to_regclass('things')").fetchone() == (None,)


def test_data_of_postgres_survive_kill_9(servers_folder: Path) -> None:
    server = PostgresServer(servers_folder / "killed-postgres", ports.any_free())
    output = servers_folder / "killed-postgres.out"
    with running(server, output) as child:
        with psycopg.connect(server.admin_url()) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        child.kill()
        child.wait()
    with running(server, output), psycopg.connect(server.admin_url()) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_postgres_starts_though_its_pid_file_names_another_program(servers_folder: Path) -> None:
    server = PostgresServer(servers_folder / "stale-postgres", ports.any_free())
    output = servers_folder / "stale-postgres.out"
    server.prepare()
    (server.folder / "data" / "postmaster.pid").write_text("1\n")
    with running(server, output):
        assert server.is_up()


def test_fresh_topics_are_empty_and_known_to_no_group(kafka: str, fresh_topics: Callable[..., None]) -> None:
    fresh_topics(["directory.test.v1"])
    _produce(kafka, b"old")
    consumer = KafkaConsumer(
        "directory.test.v1", bootstrap_servers=kafka, group_id="readers", auto_offset_reset="earliest"
    )
    assert consumer.poll(timeout_ms=10_000)
    consumer.commit()
    consumer.close()
    fresh_topics(["directory.test.v1"])
    _produce(kafka, b"new")
    assert _values(kafka, group="readers") == [b"new"]


@pytest.mark.timeout(120)
def test_data_of_kafka_survive_kill_9(tmp_path: Path, eventually: Callable[..., Any]) -> None:
    server = KafkaServer(tmp_path / "kafka", ports.any_free(), ports.any_free(), heap_megabytes=192)
    output = tmp_path / "kafka.out"
    server.prepare()
    child = start(server, output)
    try:
        wait_until_up(server, child, output)
        admin = KafkaAdminClient(bootstrap_servers=server.bootstrap)
        admin.create_topics({"directory.test.v1": {"num_partitions": 1}}, wait_for_metadata=True)
        admin.close()
        _produce(server.bootstrap, b"kept")
        child.kill()
        child.wait()
        child = start(server, output)
        wait_until_up(server, child, output)
        assert _values(server.bootstrap, group="after") == [b"kept"]
    finally:
        stop(server, child)


def _produce(bootstrap: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap, acks="all")
    producer.send("directory.test.v1", value, partition=0).get(timeout=10)
    producer.close()


def _values(bootstrap: str, group: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=group, auto_offset_reset="earliest")
    partition = TopicPartition("directory.test.v1", 0)
    consumer.assign([partition])
    records = consumer.poll(timeout_ms=10_000)
    consumer.close()
    return [record.value for record in records.get(partition, [])]


def test_postgres_runs_below_a_folder_that_is_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    server = PostgresServer(closed / "postgres", ports.any_free(), durable=False)
    try:
        with running(server, tmp_path / "postgres.out"), psycopg.connect(server.admin_url()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        shutil.rmtree(server.folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")
def test_root_runs_a_copy_of_programs_that_others_cannot_reach(
    servers_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PG_BIN_DIR", raising=False)
    monkeypatch.setattr("embedded.postgres_programs.is_reachable", lambda path: False)
    server = PostgresServer(servers_folder / "copied-postgres", ports.any_free(), durable=False)
    with running(server, servers_folder / "copied-postgres.out"):
        assert "/directory-embedded/programs/" in " ".join(server.command())
