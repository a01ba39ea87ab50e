"""Batches that Kafka's client cannot take apart stop their partition alone, and an operator gets past them."""

import json
import time

import pytest
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from metrics.consumers.unreadable_batches import arrived_us, first_there, is_readable, readable_again

from .records import batch
from .worker_under_test import WorkerThread, kept_worker, ledger, plan, send, total_calls

pytestmark = pytest.mark.usefixtures("emptied")


class NoText(str):
    """A header's key that is not UTF-8, as a producer written in C may send it."""

    def encode(self, *_):
        return b"\xff\xfe"


def send_one_batch(kafka, topic, partition, records):
    """All in one batch of Kafka's."""
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=2_000, batch_size=1024 * 1024)
    sent = [producer.send(topic, partition=partition, value=value, headers=headers) for value, headers in records]
    producer.flush()
    assert [each.get(timeout=20).offset for each in sent] == list(
        range(sent[0].value.offset, sent[-1].value.offset + 1)
    )
    producer.close()


def test_what_can_be_read_is_found_again(kafka, usage_topic):
    good, bad = (b"x", [("content-type", b"text/plain")]), (b"x", [(NoText("k"), b"v")])
    send_one_batch(kafka, usage_topic, 0, [good] * 3)
    send_one_batch(kafka, usage_topic, 0, [good, bad, *[good] * 9])
    send_one_batch(kafka, usage_topic, 0, [good] * 2)
    where = TopicPartition(usage_topic, 0)
    assert [is_readable(kafka, where, offset) for offset in (0, 3, 4, 5, 13, 14, 16)] == [
        *(True, True, False, False, False, True, True)
    ]
    assert readable_again(kafka, where, 4) == 14
    assert all(abs(arrived_us(kafka, where, offset) / 1e6 - time.time()) < 60 for offset in (0, 4, 15))
    assert arrived_us(kafka, where, 16) == 0
    send_one_batch(kafka, usage_topic, 0, [bad])
    assert readable_again(kafka, where, 16) == 17
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_records({where: 5})  # as retention does
    admin.close()
    assert first_there(kafka, where) == 5
    assert not is_readable(kafka, where, 0)
    assert readable_again(kafka, where, 0) == 14


def test_nothing_readable_between_two_of_them_is_passed_over(kafka, usage_topic):
    good, bad = (b"x", [("content-type", b"text/plain")]), (b"x", [(NoText("k"), b"v")])
    where = TopicPartition(usage_topic, 0)
    send_one_batch(kafka, usage_topic, 0, [bad, *[good] * 9])
    send_one_batch(kafka, usage_topic, 0, [bad])
    send_one_batch(kafka, usage_topic, 0, [good])
    send_one_batch(kafka, usage_topic, 0, [bad, *[good] * 99])
    assert readable_again(kafka, where, 0) == 11
    assert readable_again(kafka, where, 12) == 112


# Where the group changes just when such a batch came, Kafka's client loses its error and turns in a circle: the
# worker's process ends after a minute, and the next one meets the batch again.
LONG = 200


@pytest.mark.timeout(900)
def test_the_others_go_on_and_nothing_before_or_behind_is_lost(
    database, kafka, usage_topic, events, eventually, command, worker_process
):
    with kept_worker(lambda: worker_process(database.url, kafka, usage_topic, "worker")):
        send(kafka, usage_topic, [(0, *batch(events(5), "p", 1))])
        eventually(lambda: total_calls(database) == 5, LONG)
        first, headers = batch(events(6), "p", 2)
        send_one_batch(
            kafka, usage_topic, 0, [(first, headers), (b"x", [(NoText("k"), b"v")]), batch(events(7), "p", 3)]
        )
        eventually(lambda: "cannot read on at offset 2" in command("status"), LONG)
        send(kafka, usage_topic, [(0, *batch(events(20), "p", 4)), (1, *batch(events(40), "q", 1))])
        eventually(lambda: total_calls(database) == 51, LONG)
        assert "1 stopped: " in command("status")
        assert "goes on" in command("skip", "0", "--yes")
        eventually(lambda: total_calls(database) == 71, LONG)
        partitions = json.loads(command("status", "--json"))["partitions"]
    assert [each["stopped_reason"] for each in partitions] == [None, None, None]
    counted = ledger(database)
    assert (counted["records"], counted["records_counted"], counted["records_skipped"]) == (6, 4, 2)
    assert "is not stopped" in command("skip", "0", "--yes", fails=True)


def test_a_flood_is_not_skipped(database, kafka, usage_topic, eventually, command):
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        send(kafka, usage_topic, [(0, b"poison", [("content-type", b"text/plain")])] * 100)
        eventually(lambda: "flood" in command("status"))
        assert "`metrics resume 0`" in command("skip", "0", "--yes", fails=True)
