"""What a collector takes a second of one core: `.venv/bin/python -m benchmarks.collect`.

The collector is a process of its own, as in production: mutual TLS, a real broker, each batch acknowledged by it. The
processor time is that of this process alone. Beside it, on the same events: a gRPC server that only parses messages,
and the collector's own work without gRPC and Kafka, as it is and event by event from protobuf's messages.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import click
import grpc
import httpx
from chassis.kafka.topics import ensure_topics
from chassis.rpc.tls import channel_credentials
from directory.metrics.v1.usage_collector_pb2 import ReportRequest, ReportResponse, ReportStreamResponse
from embedded import ports
from embedded.certificates import make_certificates
from embedded.keys import make_grant_keys
from kafka import KafkaConsumer, TopicPartition
from metrics.api.reports import Screening, read_slowly, report_of
from metrics.domain.account_hash import AccountHashes, parse_keys
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.otlp_spans import read_spans
from metrics.domain.usage_columns import decode_arrow, encode_arrow
from metrics.domain.usage_wire import Report
from metrics.wiring import USAGE
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from benchmarks.measuring import Run, measured, median, report
from benchmarks.messages import SPANS_AN_EXPORT, export_bodies, report_bodies
from benchmarks.servers import servers
from benchmarks.traffic import Traffic

KEY = "0123456789abcdef" * 4
IN_FLIGHT = 4
_SERVICE = "/directory.metrics.v1.UsageCollector"
_EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
_numbers = count(1)


class Senders:
    """Sends what is made already, a few batches at a time; each answer must say that everything was taken."""

    def __init__(self, tls_dir: Path, grpc_port: int, http_port: int = 0) -> None:
        options = [("grpc.ssl_target_name_override", "metrics")]
        self._channel = grpc.secure_channel(f"127.0.0.1:{grpc_port}", channel_credentials(tls_dir), options)
        grpc.channel_ready_future(self._channel).result(timeout=30)
        self._pool = ThreadPoolExecutor(IN_FLIGHT)
        self._http_port, self._tls = http_port, httpx.create_ssl_context(verify=str(tls_dir / "ca.pem"))
        self._tls.load_cert_chain(tls_dir / "cert.pem", tls_dir / "key.pem")

    def reports(self, batches: Sequence[bytes]) -> int:
        """Events taken, by Report."""
        call = self._channel.unary_unary(f"{_SERVICE}/Report", response_deserializer=ReportResponse.FromString)
        return sum(answer.accepted for answer in self._pool.map(lambda batch: call(batch, timeout=60), batches))

    def stream(self, batches: Sequence[bytes]) -> int:
        """Events taken, by ReportStream."""
        call = self._channel.stream_unary(
            f"{_SERVICE}/ReportStream", response_deserializer=ReportStreamResponse.FromString
        )
        return int(call(iter(batches), timeout=120).accepted)

    def otlp_grpc(self, exports: Sequence[bytes]) -> int:
        """Exports taken."""
        call = self._channel.unary_unary(_EXPORT, response_deserializer=ExportTraceServiceResponse.FromString)
        return sum(not answer.partial_success.rejected_spans for answer in self._pool.map(call, exports))

    def otlp_http(self, exports: Sequence[bytes]) -> int:
        """Exports taken."""
        headers = {"content-type": "application/x-protobuf"}
        url = f"https://localhost:{self._http_port}/v1/traces"
        with httpx.Client(verify=self._tls, trust_env=False, timeout=60) as http:
            answers = self._pool.map(lambda body: http.post(url, content=body, headers=headers), exports)
            return sum(answer.status_code == 200 and not answer.content for answer in answers)

    def close(self) -> None:
        """Ends the connections."""
        self._pool.shutdown()
        self._channel.close()


def numbered(bodies: Sequence[bytes]) -> list[bytes]:
    """The batches under new numbers: none may count as sent again."""
    return [ReportRequest(producer_id="bench", sequence=next(_numbers)).SerializeToString() + b for b in bodies]


def renewed(exports: Sequence[bytes]) -> list[bytes]:
    """The exports with other bytes: none may be taken for a repetition."""
    added = (ResourceSpans(schema_url=str(next(_numbers))) for _ in exports)
    return [
        each + ExportTraceServiceRequest(resource_spans=[one]).SerializeToString()
        for each, one in zip(exports, added, strict=True)
    ]


@contextmanager
def process(module: Sequence[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    """A Python process that answers on a port; its id."""
    started = subprocess.Popen([sys.executable, "-m", *module], env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not _answers(port):
            if started.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{module[0]} does not answer")
            time.sleep(0.05)  # between two questions, until the deadline
        yield started.pid
    finally:
        started.terminate()
        started.wait(30)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def in_memory(batches: Sequence[bytes], read: Callable[[bytes], Report]) -> int:
    """The collector's work without gRPC and Kafka; events that are left."""
    screening = Screening(AccountHashes(parse_keys(KEY)), lambda: time.time_ns() // 1000)
    left = 0
    for batch in batches:
        known = read(batch)
        screened = screening.of(known.columns, known.accounts)
        left += len(screened.columns) + screened.synthetic
        encode_arrow(screened.columns)
    return left


def spans_in_memory(exports: Sequence[bytes]) -> int:
    """The same for spans."""
    screening = Screening(AccountHashes(parse_keys(KEY)), lambda: time.time_ns() // 1000)
    for export in exports:
        known = read_spans(ExportTraceServiceRequest.FromString(export), "client")
        encode_arrow(screening.of(known.columns, known.accounts).columns)
    return len(exports)


def rows_on_the_topic(bootstrap: str) -> int:
    """What the broker has."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partitions = [TopicPartition(USAGE.name, number) for number in range(USAGE.partitions)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    missing, rows = sum(consumer.end_offsets(partitions).values()), 0
    while missing > 0:
        for records in consumer.poll(timeout_ms=1_000).values():
            missing -= len(records)
            rows += sum(len(decode_arrow(record.value, RecordLimits())) for record in records)
    consumer.close()
    return rows


@click.command()
@click.option("--events", default=500_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True, help="Events in a report.")
@click.option("--spans", default=51_200, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, batch: int, spans: int, rounds: int, seed: int) -> None:
    """Measure the collector beside its limits."""
    now = time.time_ns() // 1000
    bodies = report_bodies(Traffic(events // batch * batch, now, seed), batch)
    exports = export_bodies(Traffic(spans // SPANS_AN_EXPORT * SPANS_AN_EXPORT, now, seed))
    amounts = {"otlp_grpc": len(exports) * SPANS_AN_EXPORT, "otlp_http": len(exports) * SPANS_AN_EXPORT}
    amounts |= {"otlp_in_memory": len(exports) * SPANS_AN_EXPORT}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-")))
        make_certificates(folder)
        where = stack.enter_context(servers(postgres=False))
        ensure_topics(where.bootstrap, [USAGE])
        grpc_port, http_port, bare_port = (ports.any_free() for _ in range(3))
        environment = os.environ | {
            "TLS_DIR": str(folder / "metrics"),
            "GRANT_KEYS_FILE": str(make_grant_keys(folder).public_keys),
            "KAFKA_BOOTSTRAP_SERVERS": where.bootstrap,
            "DATABASE_URL_METRICS": "postgresql://not-used",
            "ACCOUNT_KEYS": KEY,
            "GRPC_LISTEN": f"127.0.0.1:{grpc_port}",
            "OTLP_HTTP_LISTEN": f"127.0.0.1:{http_port}",
            "PROMETHEUS_LISTEN": f"127.0.0.1:{ports.any_free()}",
        }
        collector = stack.enter_context(process(["metrics", "collect"], grpc_port, environment))
        bare = stack.enter_context(
            process(["benchmarks.bare_receiver", str(folder / "metrics"), str(bare_port)], bare_port, dict(os.environ))
        )
        ours, theirs = Senders(folder / "proxy", grpc_port, http_port), Senders(folder / "proxy", bare_port)
        works: dict[str, Callable[[], tuple[int, int]]] = {
            "report": lambda: (ours.reports(numbered(bodies)), len(bodies) * batch),
            "stream": lambda: (ours.stream(numbered(bodies)), len(bodies) * batch),
            "otlp_grpc": lambda: (ours.otlp_grpc(renewed(exports)), len(exports)),
            "otlp_http": lambda: (ours.otlp_http(renewed(exports)), len(exports)),
            "bare_grpc_parse": lambda: (theirs.reports(numbered(bodies)), len(bodies) * batch),
            "in_memory": lambda: (in_memory(bodies, report_of), len(bodies) * batch),
            "in_memory_messages": lambda: (in_memory(bodies[:10], read_slowly), len(bodies[:10]) * batch),
            "otlp_in_memory": lambda: (spans_in_memory(exports), len(exports)),
        }
        amounts["in_memory_messages"] = len(bodies[:10]) * batch
        runs: dict[str, list[Run]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                with measured(runs[name], others={"collector": collector, "bare": bare}):
                    taken, wanted = work()
                if taken != wanted:
                    raise SystemExit(f"{name}: {taken} of {wanted} were taken")
        ours.close()
        theirs.close()
        written = rows_on_the_topic(where.bootstrap)
    synthetic = sum(int(b.synthetic.sum()) for b in Traffic(len(bodies) * batch, now, seed).batches(10_000))
    wanted = rounds * 2 * (len(bodies) * batch - synthetic)
    if written != wanted + rounds * 2 * len(exports) * SPANS_AN_EXPORT:
        raise SystemExit(f"{written} rows are on the topic")
    tell(runs, amounts, len(bodies) * batch)


def tell(runs: dict[str, list[Run]], amounts: dict[str, int], events: int) -> None:
    """Events a second, of the clock and of the processor of the process that is looked at."""
    rates, rows = {}, [["work", "events/s", "events/s of processor"]]
    for name, measurements in runs.items():
        run, amount = median(measurements), amounts.get(name, events)
        process = {"bare_grpc_parse": "bare"}.get(name, "collector")
        used = run.cpu if "in_memory" in name else run.others[process]
        rates[name] = amount / used
        rows.append([name, f"{amount / run.wall:,.0f}", f"{rates[name]:,.0f}"])
    for name, limit in (("otlp_http", "otlp_in_memory"), ("otlp_grpc", "otlp_in_memory"), ("stream", "in_memory")):
        ratios = {limit: rates[name] / rates[limit]}
        report(f"collector_{name}_events_per_processor_second", rates[name], "events/s", ratios, rows)
    limits = ("bare_grpc_parse", "in_memory", "in_memory_messages")
    ratios = {name: rates["report"] / rates[name] for name in limits}
    report("collector_report_events_per_processor_second", rates["report"], "events/s", ratios, rows)


if __name__ == "__main__":
    main()
