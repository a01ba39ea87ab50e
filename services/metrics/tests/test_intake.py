"""What one record may do to the worker that reads it: nothing."""

import random
from types import SimpleNamespace

import pyarrow as pa
import pytest
import structlog
from metrics.consumers import usage_intake
from metrics.consumers.replay import replay
from metrics.domain.arrow_limits import RecordLimits
from metrics.store import dead_letters, flush
from sqlalchemy import text

from .records import batch, single
from .test_oracle_on_the_database import NOW, TOPIC_ID, Pipeline
from .traffic import Shape, Traffic

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def pipeline(database):
    return Pipeline(database)


@pytest.fixture
def traffic():
    return Traffic(Shape(3, 2, 1), NOW)


def calls(traffic, count):
    return [traffic.event(traffic.servers[0], 1, kind=1, synthetic=False) for _ in range(count)]


def letters(database):
    with database.read() as connection:
        return dead_letters.newest(connection, 10)


def with_a_column_twice(value):
    with pa.ipc.open_stream(value) as reader:
        table = reader.read_all()
    table = table.append_column("kind", table.column("kind"))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def test_a_column_that_is_there_twice_is_a_dead_letter(database, pipeline, traffic):
    value, headers = batch(calls(traffic, 3))
    pipeline.take([(0, with_a_column_twice(value), headers), (0, value, headers)], random.Random(1))
    assert [row.reason for row in letters(database)] == ["column_type"]
    assert pipeline.ledger()["events_counted"] == 3


def test_what_nobody_foresaw_is_a_dead_letter(database, pipeline, traffic, monkeypatch):
    good, bad = batch(calls(traffic, 3)), batch(calls(traffic, 2))
    real = usage_intake.read_batch

    def read_batch(*arguments):
        columns = real(*arguments)
        if len(columns) == 2:
            raise KeyError("unforeseen")
        return columns

    monkeypatch.setattr(usage_intake, "read_batch", read_batch)
    pipeline.take([(0, *bad), (0, *good)], random.Random(1))
    assert [(row.reason, row.detail) for row in letters(database)] == [("unexpected", "KeyError: 'unforeseen'")]
    assert pipeline.ledger()["events_counted"] == 3


def test_headers_of_any_bytes_can_be_written(database, pipeline):
    odd = [("content-type", b"text/\x00pl\x1bain\n")]
    pipeline.take([(0, b"x", odd)], random.Random(1))
    (letter,) = letters(database)
    assert letter.content_type == "text/?pl?ain?"
    assert "\x00" not in letter.detail
    for _ in range(120):
        pipeline.take([(0, b"x", odd)], random.Random(1))
    with database.read() as connection:
        reason = connection.execute(text("SELECT stopped_reason FROM usage_offsets WHERE partition = 0")).scalar_one()
    assert "text/?pl?ain?" in reason


def test_a_letter_says_whose_it_is_whatever_bytes_its_record_has(database, pipeline):
    odd = [(f"trace-\u202e{n}", b"x" * 9_000) for n in range(40)]
    own = [("producer-id", b"edge\x00\xff-7"), ("content-type", b"text/plain"), ("sequence", None)]
    pipeline.take([(0, b"x", [*odd, *own])], random.Random(1))
    (letter,) = letters(database)
    assert letter.headers["producer-id"] == "edge?\\xff-7"
    assert (letter.headers["content-type"], letter.headers["sequence"]) == ("text/plain", "")
    assert letter.headers["trace-?0"] == "x" * 200
    assert len(letter.headers) == 16


def test_a_letter_of_bad_headers_counts_once_it_is_replayed(database, pipeline, traffic):
    value, headers = batch(calls(traffic, 3))
    pipeline.take([(0, value, [*headers, ("producer-id", b"p"), ("sequence", b"0")])], random.Random(1))
    (letter,) = letters(database)
    assert letter.reason == "bad_headers"
    assert replay(database, letter.id, RecordLimits()) == "is counted: 3 of 3 events"


@pytest.mark.parametrize("form", [lambda event: batch([event]), single])
def test_a_producer_that_begins_at_1_again_is_seen(pipeline, traffic, form):
    """It loses records: they are no duplicates, the ledger says so, and the log whose they are."""

    def send(*numbers):
        records = []
        for event, number in zip(calls(traffic, len(numbers)), numbers, strict=True):
            value, headers = form(event)
            records.append((0, value, [*headers, ("producer-id", b"p"), ("sequence", b"%d" % number)]))
        pipeline.poll(0, records)
        pipeline.flush()

    send(1, 2, 64, 65)
    with structlog.testing.capture_logs() as lines:
        send(1, 2, 3, 65)
    assert [(line["partition"], line["producers"]) for line in lines] == [(0, ["p"])]
    assert pipeline.ledger() == {
        "records": 8,
        "records_counted": 5,
        "records_out_of_window": 2,
        "records_duplicate": 1,
        "events": 5,
        "events_counted": 5,
    }


def test_a_flush_between_records_keeps_what_the_rest_of_them_need(database, pipeline, traffic, monkeypatch):
    monkeypatch.setattr(usage_intake, "_MOST_PRODUCERS", 2)
    for number in (1, 2):
        records = [
            SimpleNamespace(offset=5 * (number - 1) + n, key=None, value=value, headers=headers)
            for n, (value, headers) in enumerate(batch(calls(traffic, 1), f"p{n}", number) for n in range(5))
        ]
        pipeline.intake.prepare(0, records)
        for record in records:
            pipeline.intake.take(0, [record], [int(NOW.timestamp() * 10**6)])
            if record.offset % 5 == 1:
                flush.commit(database, pipeline.intake.drain(), "test")
                pipeline.intake.written()
    # not yet written, and many producers: what is remembered of them stays
    again = SimpleNamespace(offset=10, key=None, value=records[4].value, headers=records[4].headers)
    pipeline.intake.prepare(0, [again])
    pipeline.intake.take(0, [again], [int(NOW.timestamp() * 10**6)])
    pipeline.flush()
    assert pipeline.ledger()["events_counted"] == 10
    assert pipeline.ledger()["records_duplicate"] == 1


def test_a_broken_event_among_good_ones_is_the_only_dead_letter(database, pipeline, traffic):
    good = [single(event) for event in calls(traffic, 6)]
    broken = (good[0][0][:-3], good[0][1])
    pipeline.poll(0, [(0, *each) for each in (*good[:3], broken, *good[3:])])
    pipeline.flush()
    assert [(row.position, row.reason) for row in letters(database)] == [(3, "protobuf_unreadable")]
    assert pipeline.ledger()["events_counted"] == 6


def test_numbered_events_count_once(pipeline, traffic):
    numbered = [
        (value, [*headers, ("producer-id", b"p"), ("sequence", b"%d" % number)])
        for number, (value, headers) in enumerate(map(single, calls(traffic, 9)), 1)
    ]
    pipeline.poll(0, [(0, *each) for each in (*numbered[:6], numbered[2])])
    pipeline.flush()
    pipeline.poll(0, [(0, *each) for each in (numbered[5], *numbered[6:], numbered[0])])
    pipeline.flush()
    assert pipeline.ledger()["events_counted"] == 9
    assert pipeline.ledger()["records_duplicate"] == 3


def test_a_flood_stops_in_front_of_the_record_that_made_it_one(pipeline, traffic):
    value, headers = single(calls(traffic, 1)[0])
    numbered = [*headers, ("producer-id", b"p"), ("sequence", b"1")]
    pipeline.poll(0, [(0, b"\xff", headers)] * 99 + [(0, b"\xff", numbered), (0, value, headers)])
    pipeline.flush()
    assert pipeline.intake.positions == {0: 99, 1: 0, 2: 0}
    assert pipeline.ledger() == {"records": 99, "records_dead": 99}
    assert pipeline.windows(TOPIC_ID, 0, ["p"]) == {}  # once it goes on, that record is no duplicate


def test_numbers_of_batches_are_digits(database, pipeline, traffic):
    value, headers = batch(calls(traffic, 1))
    odd = [*headers, ("producer-id", b"p"), ("sequence", b" +1_0")]
    pipeline.take([(0, value, odd)], random.Random(1))
    assert [row.reason for row in letters(database)] == ["bad_headers"]


def test_a_server_error_of_any_status_has_its_name(database, pipeline, traffic):
    failed = [
        traffic.event(traffic.servers[0], 1, kind=1, synthetic=False, outcome=3, error_type="", http_status=s)
        for s in (0, 399, 400, 503, 503)
    ]
    pipeline.take([(0, *batch(failed))], random.Random(1))
    with database.read() as connection:
        found = connection.execute(text("SELECT error_type, calls FROM usage_error_type_days")).all()
    assert {row.error_type: row.calls for row in found} == {"unknown": 2, "400": 1, "503": 2}
