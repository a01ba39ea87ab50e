"""MetricsService as its process serves it: mutual TLS, grants."""

import socket
import threading
from datetime import UTC, datetime, timedelta
from itertools import permutations
from types import SimpleNamespace

import pytest
from chassis import errors
from chassis.grants import GrantSigner, GrantVerifier
from chassis.ids import new_id
from chassis.process import Stop
from chassis.rpc import client
from chassis.rpc.server import build_server
from directory.metrics.v1 import metrics_service_pb2 as pb
from directory.metrics.v1 import ranking_service_pb2, server_metrics_pb2
from directory.metrics.v1.metrics_service_pb2_grpc import MetricsServiceStub, add_MetricsServiceServicer_to_server
from directory.metrics.v1.ranking_service_pb2_grpc import RankingServiceStub, add_RankingServiceServicer_to_server
from directory.submissions.v1 import submission_pb2, transfer_pb2
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent
from metrics.api.metrics_api import MetricsApi
from metrics.api.otlp_http_server import OtlpHttpServer
from metrics.api.ranking_api import RankingApi
from metrics.consumers.published_servers import keep_server
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from sqlalchemy import event as sql_event
from sqlalchemy import text

from .test_oracle_on_the_database import ORGANIZATION, grant

METRICS = pb.DESCRIPTOR.services_by_name["MetricsService"]
RANKING = ranking_service_pb2.DESCRIPTOR.services_by_name["RankingService"]


pytestmark = pytest.mark.usefixtures("emptied")


@pytest.fixture
def served(certificates, grant_keys, database):
    settings = SimpleNamespace(grpc_listen="127.0.0.1:0", tls_dir=certificates / "metrics")
    server = build_server(
        settings,
        [
            (add_MetricsServiceServicer_to_server, MetricsApi(database, [("claude_ai", "Claude.ai")]), METRICS),
            (add_RankingServiceServicer_to_server, RankingApi(database), RANKING),
        ],
        verifier=GrantVerifier(grant_keys.public_keys),
        peers={METRICS.full_name: frozenset({"gateway"}), RANKING.full_name: frozenset({"gateway"})},
    )
    stop = Stop()
    thread = threading.Thread(target=server.serve, args=(stop,))
    thread.start()
    yield f"127.0.0.1:{server.port}"
    stop.set()
    thread.join(20)


def stub(kind, served, certificates, peer):
    return kind(client.channel(served, "metrics", certificates / peer))


def moved(server_id, to, *, organization_id=ORGANIZATION, kind=submission_pb2.SUBMISSION_KIND_REMOTE_MCP, move=0, at=0):
    event = SubmissionEvent(event_id=new_id(), submission_id=server_id, organization_id=organization_id)
    event.occurred_at.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=at))
    event.moved.to, event.moved.kind, event.moved.move = to, kind, move
    return event


def passed_on(server_id, organization_id, *, at):
    event = SubmissionEvent(event_id=new_id(), submission_id=server_id, organization_id=organization_id)
    event.occurred_at.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=at))
    event.transfer_changed.state = transfer_pb2.TRANSFER_STATE_ACCEPTED
    event.transfer_changed.to_organization_id = organization_id
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


def test_figures_pass_on_with_their_server(served, certificates, grant_keys, database):
    signer = GrantSigner(grant_keys.signing_key)
    metrics = stub(MetricsServiceStub, served, certificates, "gateway")
    given, taken = new_id(), new_id()
    handle(database, moved(given, PUBLISHED), moved(taken, PUBLISHED, organization_id=new_id()))
    offered = passed_on(given, new_id(), at=4)
    offered.transfer_changed.state = transfer_pb2.TRANSFER_STATE_OFFERED
    handle(database, offered)
    with client.grant(signer.sign(grant())):
        metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=given))
        handle(database, passed_on(given, new_id(), at=5), passed_on(taken, ORGANIZATION, at=5))
        with pytest.raises(errors.NotFound, match="SERVER_NOT_FOUND"):
            metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=given))
        answer = metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=taken))
        assert answer.metrics.health == server_metrics_pb2.HEALTH_COLLECTING


def test_the_order_of_news_about_a_server_makes_no_difference(database):
    first, second, third = (new_id() for _ in range(3))

    def news(server_id):
        return [
            moved(server_id, PUBLISHED, organization_id=first, at=1),
            passed_on(server_id, second, at=2),
            moved(server_id, DELISTED, organization_id=second, at=3),
            passed_on(server_id, third, at=4),
        ]

    for order in permutations(range(4)):
        server_id = new_id()
        told = news(server_id)
        # Each twice: what is told again changes nothing.
        handle(database, *(told[place] for place in order), *(told[place] for place in order))
        with database.read() as connection:
            row = connection.execute(text("SELECT * FROM servers WHERE server_id = :id"), {"id": server_id}).one()
        assert (str(row.organization_id), row.published) == (third, False), order


def test_the_order_of_servers_needs_no_grant_but_a_gateway(served, certificates, database):
    server_id = new_id()
    handle(database, moved(server_id, PUBLISHED))
    with database.transaction() as uow:
        uow.execute(text("INSERT INTO generations (as_of, policy, started_at, computed_at, servers) VALUES"
                         " ('2026-03-09', 'p/1', now(), now(), 1)"))  # fmt: skip
        uow.execute(text("INSERT INTO snapshots SELECT as_of, generation FROM generations"))
        uow.execute(
            text("INSERT INTO server_snapshots (generation, server_id, active_30, active_7, active_previous_7, rank,"
                 " health, ranked, trending) SELECT generation, :id, 40, 40, 0, 1, 3, true, true FROM generations"),
            {"id": server_id},
        )  # fmt: skip
        uow.commit()
    ranking = stub(RankingServiceStub, served, certificates, "gateway")
    place = ranking_service_pb2.RankedServer(server_id=server_id, rank=1, trending=True)
    assert list(ranking.ListServersByRank(ranking_service_pb2.ListServersByRankRequest()).servers) == [place]
    assert list(ranking.ListTrendingServers(ranking_service_pb2.ListTrendingServersRequest()).servers) == [place]
    with pytest.raises(errors.PermissionDenied, match="PEER_NOT_ALLOWED"):
        stub(RankingServiceStub, served, certificates, "proxy").ListServersByRank(
            ranking_service_pb2.ListServersByRankRequest()
        )


def test_one_statement_serves_a_server_and_a_whole_dashboard(served, certificates, grant_keys, database):
    ids = [new_id() for _ in range(200)]
    handle(database, *(moved(i, PUBLISHED) for i in ids))
    metrics = stub(MetricsServiceStub, served, certificates, "gateway")
    asked = []

    def note(_connection, _cursor, statement, *_):
        asked.append(statement)

    sql_event.listen(database.engine, "before_cursor_execute", note)
    with client.grant(GrantSigner(grant_keys.signing_key).sign(grant())):
        metrics.GetServerMetrics(pb.GetServerMetricsRequest(server_id=ids[0]))
        assert len(asked) == 1
        answer = metrics.BatchGetServerSummaries(pb.BatchGetServerSummariesRequest(server_ids=ids))
        assert (len(asked), len(answer.summaries)) == (2, 200)
        metrics.GetServerHistory(pb.GetServerHistoryRequest(server_id=ids[0]))
        assert len(asked) == 3  # no snapshot, so no history to ask for
    sql_event.remove(database.engine, "before_cursor_execute", note)


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


# cheroot forgets the socket that it could not bind
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_port_of_otlp_that_is_in_use_is_one_sentence(certificates):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SystemExit, match=f"^OTLP_HTTP_LISTEN is wrong: nothing can listen at {address}"):
            OtlpHttpServer(address, certificates / "metrics", None)
