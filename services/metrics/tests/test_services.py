"""Both gRPC services as processes serve them: mutual TLS, grants, Kafka."""

import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from chassis import errors
from chassis.grants import GrantSigner, GrantVerifier
from chassis.ids import new_id
from chassis.process import Stop
from chassis.rpc import client
from chassis.rpc.server import build_server
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import server_metrics_pb2, usage_collector_pb2
from directory.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub, add_MetricsServiceServicer_to_server
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub, add_UsageCollectorServicer_to_server
from directory.submissions.v1 import submission_pb2
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from metrics.api.metrics_api import MetricsApi
from metrics.api.usage_batches import UsageBatches
from metrics.api.usage_collector_api import UsageCollectorApi
from metrics.consumers.published_servers import keep_server
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from metrics.wiring import now_us
from sqlalchemy import text

from .conftest import empty
from .records import message
from .test_oracle_on_the_database import ORGANIZATION, grant
from .traffic import Shape, Traffic
from .worker_under_test import WorkerThread, ledger, plan, total_calls

METRICS = pb.DESCRIPTOR.services_by_name["MetricsService"]
COLLECTOR = usage_collector_pb2.DESCRIPTOR.services_by_name["UsageCollector"]


@pytest.fixture(autouse=True)
def clean(database):
    empty(database)


@pytest.fixture
def served(certificates, grant_keys, database, kafka, usage_topic):
    settings = SimpleNamespace(grpc_listen="127.0.0.1:0", tls_dir=certificates / "metrics")
    batches = UsageBatches(kafka, usage_topic)
    server = build_server(
        settings,
        [
            (add_MetricsServiceServicer_to_server, MetricsApi(database, [("claude_ai", "Claude.ai")]), METRICS),
            (add_UsageCollectorServicer_to_server, UsageCollectorApi(batches.write, b"k" * 32, now_us), COLLECTOR),
        ],
        verifier=GrantVerifier(grant_keys.public_keys),
        peers={METRICS.full_name: frozenset({"gateway"}), COLLECTOR.full_name: frozenset({"proxy"})},
    )
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    yield f"127.0.0.1:{server.port}"
    stop.set()
    thread.join(20)
    batches.close()


@pytest.fixture
def traffic():
    return Traffic(Shape(3, 4, 2), datetime.now(UTC))


def stub(kind, served, certificates, peer):
    return kind(client.channel(served, "metrics", certificates / peer))


def moved(server_id, to, *, organization_id=ORGANIZATION, kind=submission_pb2.SUBMISSION_KIND_REMOTE_MCP, move=0, at=0):
    event = SubmissionEvent(event_id=new_id(), submission_id=server_id, organization_id=organization_id)
    event.occurred_at.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=at))
    event.moved.to, event.moved.kind, event.moved.move = to, kind, move
    return event


def handle(database, *events):
    for event in events:
        database.run(lambda uow, event=event: keep_server(event, uow))


PUBLISHED, DELISTED = submission_pb2.SUBMISSION_STATE_PUBLISHED, submission_pb2.SUBMISSION_STATE_DELISTED


def test_figures_are_for_the_owner_alone(served, certificates, grant_keys, database):
    signer = GrantSigner(grant_keys.signing_key)
    metrics = stub(MetricsServiceStub, served, certificates, "gateway")
    mine, unpublished, theirs, unknown = (new_id() for _ in range(4))
    handle(
        database,
        moved(mine, PUBLISHED),
        moved(unpublished, DELISTED),
        moved(theirs, PUBLISHED, organization_id=new_id()),
    )

    def health(server_id):
        return metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=server_id)).metrics.health

    with client.grant(signer.sign(grant())):
        assert health(mine) == server_metrics_pb2.HEALTH_COLLECTING
        assert health(unpublished) == health(unknown) == server_metrics_pb2.HEALTH_NOT_LIVE
        with pytest.raises(errors.NotFound, match="SERVER_NOT_FOUND"):
            health(theirs)
        with pytest.raises(errors.InvalidInput, match="FIELDS_INVALID"):
            health("x")
        request = pb.BatchGetServerSummariesRequest(server_ids=[unknown, theirs, mine])
        assert [s.server_id for s in metrics.BatchGetServerSummaries(request).summaries] == [unknown, mine]
        with pytest.raises(errors.InvalidInput, match="TOO_MANY"):
            metrics.BatchGetServerSummaries(pb.BatchGetServerSummariesRequest(server_ids=[mine] * 201))
        answer = metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=mine))
        assert [(p.key, p.name) for p in answer.products] == [("claude_ai", "Claude.ai")]
    with pytest.raises(errors.Unauthenticated):
        health(mine)
    denied = grant()
    object.__setattr__(denied, "directory_management", False)
    with client.grant(signer.sign(denied)), pytest.raises(errors.PermissionDenied):
        health(mine)
    with client.grant(signer.sign(grant())), pytest.raises(errors.PermissionDenied):
        stub(MetricsServiceStub, served, certificates, "proxy").GetServerMetrics(
            pb.GetServerMetricsRequest(server_id=mine)
        )


def test_delisting_hides_figures_at_once(served, certificates, grant_keys, database):
    server_id = new_id()
    handle(database, moved(server_id, PUBLISHED))
    now = datetime.now(UTC)
    Compute(database, POLICIES["disconnect_rate"], lambda: now).day(now.date() - timedelta(days=1), Stop())
    metrics = stub(MetricsServiceStub, served, certificates, "gateway")
    with client.grant(GrantSigner(grant_keys.signing_key).sign(grant())):
        request = pb.GetServerMetricsRequest(server_id=server_id)
        before = metrics.GetServerMetrics(request).metrics
        assert (before.health, len(before.daily)) == (server_metrics_pb2.HEALTH_COLLECTING, 30)
        handle(database, moved(server_id, DELISTED, at=2), moved(server_id, PUBLISHED, at=1))
        after = metrics.GetServerMetrics(request).metrics
        assert (after.health, len(after.daily)) == (server_metrics_pb2.HEALTH_NOT_LIVE, 0)


def test_only_remote_servers_are_kept(database):
    kinds = (
        submission_pb2.SUBMISSION_KIND_DESKTOP_EXTENSION,
        submission_pb2.SUBMISSION_KIND_CUSTOM_CONNECTOR,
        submission_pb2.SUBMISSION_KIND_REMOTE_MCP,
    )
    ids = [new_id() for _ in kinds]
    handle(database, *(moved(i, PUBLISHED, kind=kind) for i, kind in zip(ids, kinds, strict=True)))
    handle(database, SubmissionEvent(event_id=new_id(), submission_id=new_id()))

    def kept():
        with database.read() as connection:
            return [str(i) for i in connection.execute(text("SELECT server_id FROM servers")).scalars()]

    assert kept() == [ids[2]]
    handle(database, moved(ids[2], 0, move=submission_pb2.MOVE_DELETE, at=5))
    assert kept() == []


def test_a_report_is_counted_once_and_accounts_are_hashed(
    served, certificates, database, kafka, usage_topic, traffic, eventually
):
    collector = stub(UsageCollectorStub, served, certificates, "proxy")
    events = [message(traffic.event(traffic.servers[0], 1, kind=1, synthetic=False)) for _ in range(40)]
    for number, event in enumerate(events):
        event.account_id = f"ada-{number % 4}"
    bad = message(traffic.event("nowhere", 1, kind=1, synthetic=False))
    late = message(traffic.event(traffic.servers[0], 40, kind=1, synthetic=False))
    bot = message(traffic.event(traffic.servers[0], 1, kind=1, synthetic=True))
    request = ReportRequest(producer_id="proxy-1", sequence=1, events=[*events, bad, late, bot])
    for _ in range(3):
        answer = collector.Report(request)
        assert answer.accepted == 41
        assert dict(answer.rejected) == {"bad_server_id": 1, "late": 1}
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: ledger(database).get("records") == 3)
    assert total_calls(database) == 40
    with database.read() as connection:
        accounts = connection.execute(text("SELECT account FROM server_accounts")).scalars().all()
    assert len(accounts) == 4


def test_a_report_must_keep_its_limits(served, certificates, traffic):
    collector = stub(UsageCollectorStub, served, certificates, "proxy")
    event = message(traffic.event(traffic.servers[0], 1))
    with pytest.raises(errors.InvalidInput, match="TOO_MANY"):
        UsageCollectorApi(lambda *_: True, b"k" * 32, now_us).Report(ReportRequest(events=[event] * 50_001), None)
    with pytest.raises(errors.InvalidInput, match="FIELDS_INVALID"):
        collector.Report(ReportRequest(producer_id="p", events=[event]))
    with pytest.raises(errors.PermissionDenied):
        stub(UsageCollectorStub, served, certificates, "gateway").Report(ReportRequest(events=[event]))
    assert collector.Report(ReportRequest()).accepted == 0


def test_a_slow_broker_is_said(traffic):
    api = UsageCollectorApi(lambda *_: False, b"k" * 32, now_us)
    event = message(traffic.event(traffic.servers[0], 1, kind=1, synthetic=False))
    with pytest.raises(errors.LimitExceeded, match="BROKER_SLOW") as slow:
        api.Report(ReportRequest(events=[event]), None)
    assert slow.value.metadata == {"retry_after_seconds": "2"}


def test_a_topic_that_is_away_is_a_slow_broker(kafka):
    batches = UsageBatches(kafka, "no-such-topic")
    try:
        assert batches.write(b"x", "p", 1) is False
    finally:
        batches.close()
