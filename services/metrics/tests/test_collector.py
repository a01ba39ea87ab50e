"""UsageCollector: reports and streams, over mutual TLS, onto a real topic."""

import itertools
import threading
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from types import SimpleNamespace

import grpc
import pytest
from chassis import errors
from chassis.rpc.status import from_rpc_error
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from metrics.api.reports import Screening
from metrics.api.usage_batches import Room, UsageBatches
from metrics.api.usage_collector_api import MOST_UNDER_WAY, UsageCollectorApi
from metrics.domain.account_hash import AccountHashes, parse_keys
from metrics.wiring import now_us
from sqlalchemy import text

from .collector_under_test import KEY, refused, running, written
from .records import message
from .traffic import Shape, Traffic
from .worker_under_test import WorkerThread, ledger, plan, total_calls

pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def traffic():
    return Traffic(Shape(3, 4, 2), datetime.now(UTC))


@pytest.fixture
def calls(traffic):
    """calls(number) makes so many good ones."""
    return lambda number: [
        message(traffic.event(traffic.servers[0], 1, kind=1, synthetic=False)) for _ in range(number)
    ]


def test_a_report_is_counted_once_and_accounts_are_hashed(
    collector, database, kafka, usage_topic, traffic, calls, eventually
):
    events = calls(40)
    for number, event in enumerate(events):
        event.account_id = f"ada-{number % 4}"
    bad = message(traffic.event("nowhere", 1, kind=1, synthetic=False))
    late = message(traffic.event(traffic.servers[0], 40, kind=1, synthetic=False))
    bot = message(traffic.event(traffic.servers[0], 1, kind=1, synthetic=True))
    request = ReportRequest(producer_id="proxy-1", sequence=1, events=[*events, bad, late, bot])
    for _ in range(3):
        answer = collector.stub().Report(request)
        assert answer.accepted == 41
        assert dict(answer.rejected) == {"bad_server_id": 1, "late": 1}
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: ledger(database).get("records") == 3)
    assert total_calls(database) == 40
    with database.read() as connection:
        accounts = connection.execute(text("SELECT account FROM server_accounts")).scalars().all()
    assert len(accounts) == 4


def test_a_report_must_keep_its_limits(collector, calls):
    stub, [event] = collector.stub(), calls(1)
    with pytest.raises(errors.InvalidInput, match="TOO_MANY"):
        stub.Report(ReportRequest(events=[event] * 50_001))
    with pytest.raises(errors.InvalidInput, match="FIELDS_INVALID"):
        stub.Report(ReportRequest(producer_id="p", events=[event]))
    with pytest.raises(errors.InvalidInput, match="FIELDS_INVALID"):
        stub.Report(ReportRequest(producer_id="p" * 65, sequence=1, events=[event]))
    with pytest.raises(errors.PermissionDenied):
        collector.stub("gateway").Report(ReportRequest(events=[event]))
    assert stub.Report(ReportRequest()).accepted == 0


def test_what_is_no_report_is_refused(collector):
    raw = grpc.secure_channel(
        collector.address, collector.channel_credentials(), [("grpc.ssl_target_name_override", "metrics")]
    )
    with raw as channel, pytest.raises(grpc.RpcError) as refused:
        channel.unary_unary("/directory.metrics.v1.UsageCollector/Report")(b"\x1a\xff\xff\x01", timeout=5)
    assert from_rpc_error(refused.value).reason == "FIELDS_INVALID"


def test_the_broker_has_all_batches_of_a_stream(collector, kafka, usage_topic, traffic, calls):
    nowhere = message(traffic.event("nowhere", 1, kind=1, synthetic=False))
    batches = [ReportRequest(producer_id="p", sequence=n, events=[*calls(5), nowhere]) for n in range(1, 31)]
    answer = collector.stub().ReportStream(iter(batches), timeout=20)
    assert (answer.batches, answer.acknowledged_sequence, answer.accepted) == (30, 30, 150)
    assert dict(answer.rejected) == {"bad_server_id": 30}
    records = written(kafka, usage_topic)
    assert sorted(int(headers["sequence"]) for headers, _ in records) == list(range(1, 31))
    assert sum(len(columns) for _, columns in records) == 150


def test_a_refused_batch_ends_a_stream_and_tells_what_the_broker_has(
    collector, database, kafka, usage_topic, calls, eventually
):
    batches = [ReportRequest(producer_id="p", sequence=n, events=calls(2)) for n in range(1, 20)]
    for bad in (ReportRequest(producer_id="p", sequence=19), ReportRequest(producer_id="other", sequence=20)):
        with pytest.raises(grpc.RpcError) as broken:
            collector.stub().ReportStream(iter([*batches, bad]), timeout=20)
        error = from_rpc_error(broken.value)
        assert (error.reason, error.metadata["acknowledged_sequence"]) == ("FIELDS_INVALID", "19")
    for unnamed in (ReportRequest(events=calls(1)), ReportRequest(sequence=1)):
        with pytest.raises(grpc.RpcError) as broken:
            collector.stub().ReportStream(iter([unnamed]), timeout=20)
        assert from_rpc_error(broken.value).violations[0].field == "/producer_id"
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: ledger(database).get("records") == 38)
    assert total_calls(database) == 38


def test_a_stream_that_breaks_is_sent_again_and_counts_once(collector, database, kafka, usage_topic, calls, eventually):
    batches = [ReportRequest(producer_id="p", sequence=n, events=calls(2)) for n in range(1, 101)]

    def dying():
        yield from batches[:90]
        eventually(lambda: len(written(kafka, usage_topic)) >= 90 - MOST_UNDER_WAY)
        raise RuntimeError("the sender dies")

    with pytest.raises(grpc.RpcError):
        collector.stub().ReportStream(dying(), timeout=30)
    assert collector.stub().ReportStream(iter(batches), timeout=20).accepted == 200
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: ledger(database).get("records", 0) >= 182 and total_calls(database) == 200)


class Broker:
    """In place of UsageBatches: takes the first `good` batches, then fails. Only what a stream does then is looked at:
    a broker that fails at a chosen batch is none that can be started."""

    def __init__(self, good):
        self.good, self.begun, self.told = good, itertools.count(1), []

    def place(self, size):
        return nullcontext()

    def begin(self, place, value, producer_id, sequence):
        number = next(self.begun)
        self.told.append(f"begin {sequence}")

        def wait():
            self.told.append(f"wait {sequence}")
            if number == self.good + 1:
                raise errors.LimitExceeded("BROKER_SLOW", "slow", retry_after_seconds=2)

        return SimpleNamespace(wait=wait)


def test_a_gap_is_not_acknowledged_though_later_batches_got_through(calls):
    api = UsageCollectorApi(Broker(5), Screening(AccountHashes(parse_keys(KEY.hex())), now_us))
    batches = [ReportRequest(producer_id="p", sequence=n, events=calls(1)).SerializeToString() for n in range(1, 30)]

    with pytest.raises(errors.LimitExceeded) as slow:
        api.ReportStream(iter(batches), SimpleNamespace(cancel=None))
    assert slow.value.metadata == {"retry_after_seconds": "2", "acknowledged_sequence": "5"}


def test_no_batch_of_a_stream_overtakes_one_that_would_then_be_taken_as_counted(calls):
    broker = Broker(5)
    api = UsageCollectorApi(broker, Screening(AccountHashes(parse_keys(KEY.hex())), now_us))
    numbers = (1, 2, 63, 64, 1_000)
    batches = [ReportRequest(producer_id="p", sequence=n, events=calls(1)).SerializeToString() for n in numbers]
    assert api.ReportStream(iter(batches), SimpleNamespace(cancel=None)).batches == 5
    assert ", ".join(broker.told) == (
        "begin 1, begin 2, begin 63, wait 1, begin 64, wait 2, wait 63, wait 64, begin 1000, wait 1000"
    )


def test_a_topic_that_is_away_is_a_slow_broker(certificates, grant_keys, kafka, calls):
    batches = UsageBatches(kafka, "no-such-topic")
    with (
        running(certificates, grant_keys, batches) as collector,
        pytest.raises(errors.LimitExceeded, match="BROKER_SLOW") as slow,
    ):
        collector.stub().Report(ReportRequest(events=calls(1)))
    assert slow.value.metadata == {"retry_after_seconds": "2"}
    batches.close()


def test_what_finds_no_room_is_refused_and_room_comes_back(certificates, grant_keys, kafka, usage_topic, calls):
    room = Room(most_bytes=10_000, most_batches=3)
    batches = UsageBatches(kafka, usage_topic, room)
    with running(certificates, grant_keys, batches) as collector:
        request = ReportRequest(events=calls(2))
        for _ in range(3):
            room.enter(50)
        with pytest.raises(errors.LimitExceeded, match="BROKER_SLOW"):
            collector.stub().Report(request)
        room.leave(50)
        room.leave(50)
        assert collector.stub().Report(request).accepted == 2
        room.enter(9_900)
        with pytest.raises(errors.LimitExceeded, match="BROKER_SLOW"):
            collector.stub().Report(request)
        room.leave(9_900)
        room.leave(50)
        large = ReportRequest(events=calls(1_000))
        assert large.ByteSize() > 10_000
        assert collector.stub().Report(large).accepted == 1_000
    batches.close()


def test_more_streams_than_can_be_are_refused(collector, calls):
    held = []
    stub = collector.stub()
    never = threading.Event()

    def waiting():
        yield ReportRequest(producer_id="p", sequence=1, events=calls(1))
        never.wait(20)

    outcomes, before = Counter(), refused("stream", "TOO_MANY_STREAMS")
    try:
        for _ in range(12):
            held.append(stub.ReportStream.future(waiting(), timeout=20))
        while sum(outcomes.values()) < 4:
            for call in list(held):
                if call.done():
                    held.remove(call)
                    outcomes[from_rpc_error(call.exception()).reason] += 1
    finally:
        never.set()
    assert outcomes == {"TOO_MANY_STREAMS": 4}
    assert refused("stream", "TOO_MANY_STREAMS") == before + 4
    assert sorted(call.result(timeout=20).accepted for call in held) == [1] * 8
