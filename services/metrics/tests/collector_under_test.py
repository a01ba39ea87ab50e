"""A collector in threads, as its process runs it: mutual TLS, real broker."""

import ssl
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import grpc
import pytest
from chassis.process import Stop
from chassis.rpc import client
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub
from kafka import KafkaConsumer, TopicPartition
from metrics.api.usage_batches import UsageBatches
from metrics.domain.account_hash import parse_keys
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.usage_columns import decode_arrow
from metrics.wiring import collector as collector_of
from prometheus_client import REGISTRY

KEY = b"k" * 32
TOKEN = "t" * 32


@contextmanager
def running(certificates, grant_keys, batches, **more):
    """Both servers, until the end of the block."""
    settings = {
        "grpc_listen": "127.0.0.1:0",
        "otlp_http_listen": "127.0.0.1:0",
        "tls_dir": certificates / "metrics",
        "grant_keys_file": grant_keys.public_keys,
        "account_key_ring": parse_keys(KEY.hex()),
        "otlp_span_kind": "client",
        "usage_tokens": [TOKEN],
    }
    rpc, otlp = collector_of(SimpleNamespace(**settings | more), batches)
    stop = Stop()
    threads = [threading.Thread(target=server.serve, args=(stop,)) for server in (rpc, otlp)]
    for thread in threads:
        thread.start()
    try:
        yield Collector(certificates, f"127.0.0.1:{rpc.port}", f"https://localhost:{otlp.port}/v1/traces")
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


class Collector:
    """Where it answers, and how peers reach it."""

    def __init__(self, certificates, address, traces_url):
        self.certificates, self.address, self.traces_url = certificates, address, traces_url

    def stub(self, peer="proxy"):
        """Unary calls raise the kinds of chassis.errors, streams grpc.RpcError."""
        return UsageCollectorStub(client.channel(self.address, "metrics", self.certificates / peer))

    def files(self, peer="proxy"):
        """CA, certificate and key of a peer."""
        return [self.certificates / peer / name for name in ("ca.pem", "cert.pem", "key.pem")]

    def channel_credentials(self, peer="proxy"):
        ca, certificate, key = (file.read_bytes() for file in self.files(peer))
        return grpc.ssl_channel_credentials(ca, key, certificate)

    def tls(self, peer="proxy"):
        """A client's context; without a certificate of its own for None."""
        context = ssl.create_default_context(cafile=self.files()[0])
        if peer:
            context.load_cert_chain(*self.files(peer)[1:])
        return context


@pytest.fixture
def collector(certificates, grant_keys, kafka, usage_topic):
    batches = UsageBatches(kafka, usage_topic)
    with running(certificates, grant_keys, batches) as started:
        yield started
    batches.close()


def written(bootstrap, topic):
    """All records of a topic: headers and columns."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    ends, found = sum(consumer.end_offsets(partitions).values()), []
    while len(found) < ends:
        for records in consumer.poll(timeout_ms=1_000).values():
            found += [(dict(r.headers), decode_arrow(r.value, RecordLimits())) for r in records]
    consumer.close()
    return found


def refused(way, reason):
    """How many batches were not taken so far."""
    return REGISTRY.get_sample_value("usage_refused_batches_total", {"way": way, "reason": str(reason)}) or 0
