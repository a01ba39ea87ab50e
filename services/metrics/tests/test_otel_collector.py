"""The OpenTelemetry Collector itself in front of ours: gRPC, HTTP with protobuf, HTTP with JSON.

`make otel-collector` builds one with Go and runs this. Elsewhere it runs where OTELCOL names a Collector with
otlpreceiver, batchprocessor, otlpexporter and otlphttpexporter, or `otelcol` is in the PATH."""

import os
import shutil
import socket
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chassis.ids import new_id
from embedded import ports
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import REGISTRY

from .collector_under_test import TOKEN, written
from .spans import provider, tell
from .traffic import Shape, Traffic

CONFIGURATION = Path(__file__).parent / "otelcol.yaml"
PROGRAM = os.environ.get("OTELCOL") or shutil.which("otelcol")

pytestmark = pytest.mark.skipif(not PROGRAM, reason="there is no OpenTelemetry Collector here: OTELCOL names none")


@pytest.fixture
def in_front(collector, certificates, eventually):
    """The port at which the Collector takes spans."""
    port = ports.any_free()
    environment = os.environ | {
        "RECEIVE_PORT": str(port),
        "COLLECTOR_GRPC": f"localhost:{collector.address.rpartition(':')[2]}",
        "COLLECTOR_HTTP": collector.traces_url,
        "TLS_DIR": str(certificates / "proxy"),
        "COLLECTOR_TOKEN": TOKEN,
    }
    process = subprocess.Popen([PROGRAM, "--config", str(CONFIGURATION)], env=environment)
    eventually(lambda: socket.create_connection(("127.0.0.1", port)).close() is None)
    yield port
    process.terminate()
    process.wait(20)


def test_it_hands_on_by_every_way(in_front, kafka, usage_topic, eventually):
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{in_front}", insecure=True)
    sdk = provider(BatchSpanProcessor(exporter))
    traffic = Traffic(Shape(1, 1, 1), datetime.now(UTC))
    for _ in range(30):
        tell(sdk.get_tracer("proxy"), traffic.event(new_id(), 1, kind=1, outcome=1, synthetic=False, http_status=200))
    assert sdk.force_flush(20_000)
    sdk.shutdown()
    # gRPC and HTTP bring the same bytes, which are one export that came twice; JSON brings others
    eventually(lambda: sum(len(columns) for _, columns in written(kafka, usage_topic)) == 60)
    for way in ("otlp_grpc", "otlp_http"):
        eventually(lambda way=way: told(way, "accepted") + told(way, "repeated") > 0)


def told(way, what):
    name, labels = "usage_reported_total", {"way": way, "outcome": what}
    if what == "repeated":
        name, labels = "usage_repeated_exports_total", {"way": way}
    return REGISTRY.get_sample_value(name, labels) or 0
