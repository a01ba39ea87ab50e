"""Where reading a partition starts when records are missing: told once, and gone past."""

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from metrics.consumers.usage_partitions import Starts
from metrics.store.offsets import Place
from prometheus_client import REGISTRY

from .records import batch
from .worker_under_test import WorkerThread, ledger, plan, send, total_calls

pytestmark = pytest.mark.usefixtures("emptied")
STORED = Place(100, 0, None)


def gaps():
    return REGISTRY.get_sample_value("usage_gaps_total")


def test_a_log_that_begins_with_a_marker_is_read_from_its_first_record():
    """Retention removed what was stored; 500 is a marker, 501 the first record. What is sought is read again once."""
    starts, before = Starts(), gaps()
    assert starts.of(STORED, 0, 500) == 500
    assert starts.is_gap(0, STORED.next_offset, 501)
    assert starts.of(STORED, 0, 500) == 500
    assert not starts.is_gap(0, STORED.next_offset, 501)
    assert gaps() == before + 2


def test_a_later_loss_is_told_again():
    starts, before = Starts(), gaps()
    assert starts.of(STORED, 0, 500) == 500
    assert starts.of(STORED, 0, 700) == 700
    assert gaps() == before + 2


def test_a_worker_goes_past_records_that_were_removed_and_the_marker_behind_them(
    database, kafka, usage_topic, events, eventually
):
    producer = KafkaProducer(bootstrap_servers=kafka, transactional_id=f"proxy-{usage_topic}")
    producer.init_transactions()
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, [(0, *batch(events(5), "p", 1))])
        eventually(lambda: total_calls(database) == 5)
    for number in (2, 3):  # at 1 and 3, their markers at 2 and 4
        producer.begin_transaction()
        value, headers = batch(events(7), "p", number)
        producer.send(usage_topic, partition=0, value=value, headers=headers)
        producer.commit_transaction()
    producer.close()
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_records({TopicPartition(usage_topic, 0): 2})
    admin.close()
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: total_calls(database) == 12)
    assert ledger(database)["records_counted"] == 2
