"""The real processes: they migrate, become ready, work, and stop when told to."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from embedded.ports import any_free
from kafka import KafkaAdminClient, KafkaConsumer
from submissions.store.events import TOPIC


@pytest.fixture(scope="module")
def start(world, kafka, fresh_topics):
    """start(command) -> the process and the port of its telemetry."""
    fresh_topics(["directory.listings.v1"])
    started = []

    def go(command):
        port, grpc_port = any_free(), any_free()
        settings = world.settings
        environment = {
            "PATH": os.environ["PATH"],
            "ENVIRONMENT": "development",
            "GRPC_LISTEN": f"127.0.0.1:{grpc_port}",
            "PROMETHEUS_LISTEN": f"127.0.0.1:{port}",
            "TLS_DIR": str(settings.tls_dir),
            "GRANT_KEYS_FILE": str(settings.grant_keys_file),
            "KAFKA_BOOTSTRAP_SERVERS": kafka,
            "DATABASE_URL_SUBMISSIONS": settings.database_url,
            "SEALING_KEYS": ",".join(settings.sealing_key_ring),
            "PROBE_ALLOWED_NETWORKS": "127.0.0.0/8",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "submissions", command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process, port

    yield go
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def is_ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return json.load(answer)["ready"]
    except urllib.error.URLError:
        return False


def test_migrate_makes_the_topic_and_can_be_repeated(start, kafka):
    for _ in range(2):
        process, _ = start("migrate")
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0, output
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    (topic,) = admin.describe_topics([TOPIC.name])
    admin.close()
    assert len(topic["partitions"]) == TOPIC.partitions


@pytest.mark.parametrize("command", ["serve", "work"])
def test_ready_and_stopped(start, eventually, command):
    process, port = start(command)
    eventually(lambda: is_ready(port))
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    assert all(json.loads(line)["service"] == "submissions" for line in output.splitlines())


def test_work_checks_what_waits_and_publishes_every_move(start, world, eventually, kafka):
    process, _ = start("work")
    person = world.owner()
    submission = world.move(person, world.create(person), "SUBMIT")
    wanted = submission_pb2.SUBMISSION_STATE_IN_REVIEW
    eventually(lambda: world.get(person, submission.submission_id).state == wanted)
    moves = eventually(lambda: moves_on_topic(kafka, submission.submission_id, 3))
    assert moves == [submission_pb2.MOVE_CREATE, submission_pb2.MOVE_SUBMIT, submission_pb2.MOVE_PASS_CHECKS]
    process.terminate()
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output


def moves_on_topic(kafka, submission_id, count):
    consumer = KafkaConsumer(
        TOPIC.name, bootstrap_servers=kafka, auto_offset_reset="earliest", consumer_timeout_ms=2_000
    )
    moves = []
    try:
        for record in consumer:
            if record.key.decode() == submission_id:
                moves.append(SubmissionEvent.FromString(record.value).moved.move)
                if len(moves) == count:
                    return moves
    finally:
        consumer.close()
    return None
