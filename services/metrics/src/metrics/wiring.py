"""How each process of the service is put together."""

import os
import socket
import time
from datetime import date
from typing import TYPE_CHECKING

from chassis import clock, process, telemetry
from chassis.grants import GrantVerifier
from chassis.ids import new_id
from chassis.kafka.consumer import EventConsumer
from chassis.kafka.relay import OutboxRelay
from chassis.kafka.topics import Topic, ensure_topics
from chassis.process import Stop
from chassis.rpc.server import RpcServer, build_server
from chassis.sql import migrations
from chassis.sql.database import Database
from directory.metrics.v1 import metrics_service_pb2, ranking_service_pb2
from directory.metrics.v1.metrics_service_pb2_grpc import add_MetricsServiceServicer_to_server
from directory.metrics.v1.ranking_service_pb2_grpc import add_RankingServiceServicer_to_server
from directory.submissions.v1.submission_events_pb2 import SubmissionEvent

from metrics.api.metrics_api import MetricsApi
from metrics.api.otlp_exports import OtlpExports
from metrics.api.otlp_http import OtlpHttp
from metrics.api.otlp_http_server import OtlpHttpServer
from metrics.api.otlp_traces_api import OtlpTracesApi, TraceServiceDescriptor, add_trace_service
from metrics.api.ranking_api import RankingApi
from metrics.api.reports import Screening
from metrics.api.usage_batches import UsageBatches
from metrics.api.usage_collector_api import UsageCollectorApi, UsageCollectorDescriptor, add_usage_collector
from metrics.consumers import published_servers
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from metrics.domain.account_hash import AccountHashes
from metrics.domain.export_lanes import ExportLanes
from metrics.domain.health import POLICIES
from metrics.processes.compute import TOPIC as EVENTS_TOPIC
from metrics.processes.compute import Compute
from metrics.processes.uncounted import Uncounted
from metrics.settings import Settings

if TYPE_CHECKING:
    from metrics.processes.daily import Daily

INGEST_GROUP = "metrics-ingest"
USAGE_PEERS = frozenset({"proxy"})
COLLECTOR_WORKERS = 24  # most of them wait for the broker; MOST_STREAMS of them may belong to streams
EVENTS = Topic(EVENTS_TOPIC, 6)
USAGE = Topic(
    "directory.usage.v1",
    12,
    {
        # ages are measured against the broker's clock, so that reading again decides the same
        "message.timestamp.type": "LogAppendTime",
        # so that the broker sees how long records really are, and refuses those that would be too long for a worker;
        # batches are compressed by themselves
        "compression.type": "uncompressed",
        "max.message.bytes": str(4 * 1024 * 1024 + 64 * 1024),
        "retention.ms": str(7 * 86_400_000),
    },
)


def now_us() -> int:
    """The present moment in microseconds since 1970."""
    return time.time_ns() // 1000


def migrate(settings: Settings) -> None:
    """Brings the database and the topics up to date."""
    migrations.upgrade("metrics", settings.database_url)
    ensure_topics(settings.kafka, [EVENTS, USAGE])


def collect(settings: Settings) -> int:
    """UsageCollector and OpenTelemetry's TraceService over gRPC, OTLP over HTTP."""
    if not settings.account_key_ring:
        raise SystemExit("ACCOUNT_KEYS is not set: accounts cannot be hashed.")
    batches = UsageBatches(settings.kafka, USAGE.name)
    grpc, otlp = collector(settings, batches)
    about = telemetry.loop(
        settings.prometheus_listen,
        lambda: {"grpc": grpc.is_serving, "otlp": otlp.is_serving, "kafka": batches.is_connected()},
    )
    try:
        return process.run({"telemetry": about, "grpc": grpc.serve, "otlp": otlp.serve})
    finally:
        batches.close()


def collector(settings: Settings, batches: UsageBatches) -> tuple[RpcServer, OtlpHttpServer]:
    """Both servers of the collector, which write to the same producer."""
    screening = Screening(AccountHashes(settings.account_key_ring), now_us)
    exports = OtlpExports(batches, screening, ExportLanes(new_id()), settings.otlp_span_kind)
    grpc = build_server(
        settings,
        [
            (add_usage_collector, UsageCollectorApi(batches, screening), UsageCollectorDescriptor),
            (add_trace_service, OtlpTracesApi(exports), TraceServiceDescriptor),
        ],
        verifier=GrantVerifier(settings.grant_keys_file),
        peers={each.full_name: USAGE_PEERS for each in (UsageCollectorDescriptor, TraceServiceDescriptor)},
        workers=COLLECTOR_WORKERS,
    )
    application = OtlpHttp(exports, USAGE_PEERS, settings.usage_tokens)
    return grpc, OtlpHttpServer(settings.otlp_http_listen, settings.tls_dir, application)


def ingest(settings: Settings) -> int:
    """An ingest worker."""
    with Database(settings.database_url, "metrics-ingest", pool_size=2) as database:
        plan = WorkerPlan(
            settings.kafka,
            USAGE.name,
            INGEST_GROUP,
            f"{socket.gethostname()}-{os.getpid()}",
            settings.flush_seconds,
            settings.flush_events,
            waiting_bytes=settings.waiting_bytes,
        )
        worker = UsageWorker(database, plan, now_us)
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), **worker.health.parts()}
        )
        return process.run({"telemetry": about, "ingest": worker.run, "watch": worker.health.watch})


def compute(settings: Settings) -> int:
    """The daily computation, and what belongs to it: the outbox and the list of published servers."""
    with Database(settings.database_url, "metrics-compute") as database:
        relay = OutboxRelay(database, settings.kafka, [EVENTS])
        consumer = EventConsumer(
            settings.kafka,
            published_servers.GROUP,
            {published_servers.TOPIC: (SubmissionEvent, published_servers.keep_server)},
            database,
        )
        daily = _daily(settings, database)
        about = telemetry.loop(settings.prometheus_listen, lambda: {"database": database.is_up()})
        return process.run(
            {"telemetry": about, "relay": relay.run, "submissions-events": consumer.run, "daily": daily.run}
        )


def compute_days(settings: Settings, days: list[date]) -> None:
    """Computes some days."""
    with Database(settings.database_url, "metrics-compute") as database:
        if given_up := _daily(settings, database).compute_now(days, Stop()):
            raise SystemExit(f"{given_up} is not computed: another process, of another policy perhaps, began it anew.")


def serve(settings: Settings) -> int:
    """MetricsService and RankingService."""
    with Database(settings.database_url, "metrics-serve") as database:
        figures = metrics_service_pb2.DESCRIPTOR.services_by_name["MetricsService"]
        ranking = ranking_service_pb2.DESCRIPTOR.services_by_name["RankingService"]
        server = build_server(
            settings,
            [
                (add_MetricsServiceServicer_to_server, MetricsApi(database, settings.product_names), figures),
                (add_RankingServiceServicer_to_server, RankingApi(database), ranking),
            ],
            verifier=GrantVerifier(settings.grant_keys_file),
            peers={service.full_name: frozenset({"gateway"}) for service in (figures, ranking)},
            workers=4,  # a read is mostly Python: more threads would only wait for one another
        )
        about = telemetry.loop(
            settings.prometheus_listen, lambda: {"database": database.is_up(), "grpc": server.is_serving}
        )
        return process.run({"telemetry": about, "grpc": server.serve})


def _daily(settings: Settings, database: Database) -> "Daily":
    # here, since an alert notices that nobody exports how many days wait: no other process may do so
    from metrics.processes.daily import Daily

    policy = POLICIES[settings.health_policy]
    compute = Compute(database, policy, clock.now, workers=settings.compute_workers)
    uncounted = Uncounted(database, settings.kafka, topic=USAGE.name)
    return Daily(database, compute, clock.now, uncounted)
