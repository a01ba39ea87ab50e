"""A broker that a test may stop and start, and what lies in a topic."""

import secrets
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from embedded import ports
from kafka import KafkaConsumer, TopicPartition
from metrics.wiring import USAGE
from usage_client import UsageClient

from .stoppable_broker import StoppableBroker

KEYS = "000102030405060708090a0b0c0d0e0f"
SERVER = "0198c0de-0000-7000-8000-000000000001"
NOBODY_LISTENS = "127.0.0.1:1"
INGEST_TESTS = Path(__file__).parents[3] / "services" / "metrics" / "tests"

worker_under_test = ModuleType("worker_under_test")
SourceFileLoader("worker_under_test", str(INGEST_TESTS / "worker_under_test.py")).exec_module(worker_under_test)


@pytest.fixture
def usage_topic(kafka, fresh_topics):
    """A fresh usage topic of three partitions on the broker that all tests share."""
    name = f"usage-{secrets.token_hex(4)}"
    fresh_topics([type(USAGE)(name, 3, USAGE.config)])
    return name


@pytest.fixture(scope="session")
def broker(servers_folder):
    """A broker of these tests alone, behind a TCP proxy."""
    own = StoppableBroker(servers_folder / "stoppable", *(ports.any_free() for _ in range(4)))
    yield own
    own.close()


@pytest.fixture
def new_client(tmp_path):
    """new_client(bootstrap, topic) makes clients that use one spill folder; all are closed at the end."""
    made = []

    def make(bootstrap=NOBODY_LISTENS, topic="usage", **more):
        arguments = {"account_keys": KEYS, "spill_folder": tmp_path / "spill"} | more
        made.append(UsageClient(bootstrap_servers=bootstrap, topic=topic, **arguments))
        return made[-1]

    yield make
    for client in made:
        client.close(timeout=0)


def call(client, number=0, **more):
    """Records a call."""
    fields = {"server_id": SERVER, "product": "claude_ai", "tool": "search", "account_id": f"person-{number % 7}"}
    client.tool_call(**fields | {"outcome": "ok", "duration": 0.0125, "http_status": 200} | more)


def records_of(bootstrap, topic):
    """Every record of a topic, in order within partitions."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    places = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
    consumer.assign(places)
    consumer.seek_to_beginning(*places)
    ends = consumer.end_offsets(places)
    found = []
    while any(consumer.position(place) < ends[place] for place in places):
        for batch in consumer.poll(timeout_ms=500).values():
            found += batch
    consumer.close()
    return found


def numbers_of(records):
    """(producer id, sequence) of each record."""
    headers = [dict(record.headers) for record in records]
    return [(found["producer-id"].decode(), int(found["sequence"])) for found in headers]
