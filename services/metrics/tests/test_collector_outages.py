"""A collector while its broker is frozen, back, and gone: a broker of its own, which others do not feel."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from chassis import errors
from chassis.ids import new_id
from chassis.kafka.topics import ensure_topics
from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from embedded import ports
from embedded.kafka import KafkaServer
from embedded.running import running as running_server
from metrics.wiring import USAGE

from .collector_under_test import KEY, Collector, written
from .records import message
from .test_otlp import PROTOBUF, call, export
from .traffic import Shape, Traffic


@pytest.fixture
def broker(servers_folder):
    """Bootstrap servers and process of a broker."""
    folder = servers_folder / f"kafka-{new_id()}"
    server = KafkaServer(folder, ports.any_free(), ports.any_free(), heap_megabytes=128)
    with running_server(server, servers_folder / f"{folder.name}.out") as process:
        ensure_topics(server.bootstrap, [USAGE])
        yield server.bootstrap, process
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGCONT)


@pytest.fixture
def collector_process(broker, certificates, grant_keys, eventually):
    """`python -m metrics collect`."""
    rpc, otlp, telemetry = (ports.any_free() for _ in range(3))
    environment = os.environ | {
        "TLS_DIR": str(certificates / "metrics"),
        "GRANT_KEYS_FILE": str(grant_keys.public_keys),
        "KAFKA_BOOTSTRAP_SERVERS": broker[0],
        "DATABASE_URL_METRICS": "postgresql://not-used",
        "ACCOUNT_KEYS": KEY.hex(),
        "GRPC_LISTEN": f"127.0.0.1:{rpc}",
        "OTLP_HTTP_LISTEN": f"127.0.0.1:{otlp}",
        "PROMETHEUS_LISTEN": f"127.0.0.1:{telemetry}",
    }
    with subprocess.Popen([sys.executable, "-m", "metrics", "collect"], env=environment) as process:
        try:
            ready = f"http://127.0.0.1:{telemetry}/readyz"
            eventually(lambda: httpx.get(ready, trust_env=False).status_code == 200, 60)
            yield Collector(certificates, f"127.0.0.1:{rpc}", f"https://localhost:{otlp}/v1/traces")
            process.terminate()
            assert process.wait(30) == 0
        finally:
            process.kill()


def stands_still(pid):
    """Whether every thread of a stopped process has come to its end."""
    stats = [stat.read_text() for stat in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(stat.rpartition(") ")[2].startswith("T") for stat in stats)


def test_senders_are_told_and_nothing_is_lost_or_doubled(broker, collector_process, eventually):
    (bootstrap, process), collector = broker, collector_process
    traffic = Traffic(Shape(1, 1, 1), datetime.now(UTC))
    events = [message(traffic.event(new_id(), 1, kind=2, synthetic=False))]
    first, second = (ReportRequest(producer_id="p", sequence=n, events=events) for n in (1, 2))
    with httpx.Client(verify=collector.tls(), trust_env=False, timeout=20) as http:

        def post(number):
            content = export(call(number)).SerializeToString()
            answer = http.post(collector.traces_url, content=content, headers=PROTOBUF)
            return answer.status_code, answer.headers.get("retry-after")

        assert collector.stub().Report(first).accepted == 1
        os.kill(process.pid, signal.SIGSTOP)
        eventually(lambda: stands_still(process.pid))
        with pytest.raises(errors.LimitExceeded, match="BROKER_SLOW"):
            collector.stub().Report(second)
        assert post(1) == (429, "2")
        os.kill(process.pid, signal.SIGCONT)
        eventually(lambda: collector.stub().Report(second).accepted == 1)  # it has to find its way back first
        eventually(lambda: post(1) == (200, None))
        numbers = {(headers["producer-id"], headers["sequence"]) for headers, _ in written(bootstrap, USAGE.name)}
        assert len(numbers) == 3
        process.kill()
        process.wait(10)
        with pytest.raises(errors.Unavailable, match="BROKER_AWAY") as away:
            collector.stub().Report(first)
        assert away.value.metadata == {"retry_after_seconds": "2"}
        assert post(2) == (503, "2")
