"""OpenTelemetry's own exporters, and plain HTTP, against a collector and a real broker."""

import gzip
import json
import socket
import ssl
import threading
import zlib
from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta

import grpc
import httpx
import pytest
from chassis.ids import new_id
from chassis.kafka.topics import Topic
from google.protobuf import json_format
from metrics.api import otlp_http_server, usage_batches
from metrics.api.otlp_exports import LARGEST_EXPORT
from metrics.api.usage_batches import Room, UsageBatches
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.health import POLICIES
from metrics.processes.compute import Compute
from metrics.wiring import USAGE
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

from .collector_under_test import TOKEN, refused, running, written
from .conftest import empty
from .oracle import Oracle
from .spans import provider, sayable, tell
from .test_oracle_on_the_database import agree, publish
from .test_otlp_spans import CALL, pairs
from .traffic import Shape, Traffic
from .worker_under_test import WorkerThread, plan, total_calls

PROTOBUF, JSON = {"content-type": "application/x-protobuf"}, {"content-type": "application/json"}


@pytest.fixture(autouse=True)
def own_authorities(monkeypatch):
    """With these set, the HTTP exporter's library believes them instead of what the exporter names."""
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def grpc_exporter(collector, peer="proxy", **more):
    endpoint = f"https://localhost:{collector.address.rpartition(':')[2]}"
    return GrpcExporter(endpoint=endpoint, credentials=collector.channel_credentials(peer), **more)


def http_exporter(collector, **more):
    ca, certificate, key = map(str, collector.files())
    own = {"client_certificate_file": certificate, "client_key_file": key} if "headers" not in more else {}
    return HttpExporter(endpoint=collector.traces_url, certificate_file=ca, **own, **more)


@pytest.fixture
def post(collector):
    """post(content, headers, peer="proxy") is the answer of a collector that writes to a topic of this test alone."""
    return poster(collector)


@pytest.fixture(scope="module")
def standing(certificates, grant_keys, kafka, fresh_topics):
    """One collector for all tests that do not look at the topic."""
    topic = f"usage-{new_id()}"
    fresh_topics([Topic(topic, 1, USAGE.config)])
    batches = UsageBatches(kafka, topic)
    with running(certificates, grant_keys, batches) as started:
        yield started
    batches.close()


def poster(collector):
    def send(content, headers=PROTOBUF, *, peer="proxy", url=None, method="POST"):
        with httpx.Client(verify=collector.tls(peer), trust_env=False) as http:
            return http.request(method, url or collector.traces_url, content=content, headers=headers)

    return send


def export(*spans):
    request = ExportTraceServiceRequest()
    request.resource_spans.add().scope_spans.add().spans.extend(spans)
    return request


def call(number=0, **more):
    began = int(datetime.now(UTC).timestamp()) * 10**9
    attributes = pairs(CALL | {"gen_ai.tool.name": f"tool-{number}"} | more)
    return Span(
        kind=Span.SPAN_KIND_CLIENT,
        trace_id=number.to_bytes(16, "big"),
        span_id=number.to_bytes(8, "big"),
        start_time_unix_nano=began,
        end_time_unix_nano=began + 5_000_000,
        attributes=attributes,
    )


@pytest.mark.parametrize("seed", [3, 4])
def test_what_the_sdk_exports_ends_in_the_oracles_figures(collector, database, kafka, usage_topic, eventually, seed):
    empty(database)
    now = datetime.now(UTC)
    traffic = Traffic(Shape(seed, 6, 6), now)
    publish(database, traffic)
    events = [event for event in map(sayable, traffic.first() + traffic.late()) if event]
    exporter = (grpc_exporter if seed % 2 else http_exporter)(collector)
    sdk = provider(BatchSpanProcessor(exporter, max_queue_size=max(len(events), 512)))
    for event in events:
        tell(sdk.get_tracer("proxy"), event)
    assert sdk.force_flush(60_000)
    sdk.shutdown()
    oracle = Oracle(events, traffic.published)
    with WorkerThread(database.url, plan(kafka, usage_topic)):
        eventually(lambda: total_calls(database) == sum(event["kind"] == 1 for event in oracle.events))
    compute = Compute(database, POLICIES["disconnect_rate"], lambda: now)
    agree(database, oracle, compute, now.date() - timedelta(days=1))


@pytest.mark.parametrize(
    "make",
    [
        lambda collector: http_exporter(collector, compression=Compression.Gzip),
        lambda collector: http_exporter(collector, compression=Compression.Deflate),
        lambda collector: http_exporter(collector, headers={"authorization": f"Bearer {TOKEN}"}),
        lambda collector: grpc_exporter(collector, compression=grpc.Compression.Gzip),
    ],
    ids=["http-gzip", "http-deflate", "http-token", "grpc-gzip"],
)
def test_exporters_compress_and_show_tokens(collector, kafka, usage_topic, make):
    sdk = provider(BatchSpanProcessor(make(collector)), **{"mcpdir.server.id": new_id()})
    began = int(datetime.now(UTC).timestamp()) * 10**9
    for _ in range(20):
        attributes = {"mcp.method.name": "tools/list"}
        sdk.get_tracer("proxy").start_span("tools/list", attributes=attributes, start_time=began).end()
    assert sdk.force_flush(20_000)
    sdk.shutdown()
    assert [len(columns) for _, columns in written(kafka, usage_topic)] == [20]


@pytest.mark.parametrize("make", [grpc_exporter, http_exporter])
def test_an_exporter_waits_while_the_broker_is_slow(certificates, grant_keys, kafka, usage_topic, make):
    room = Room(most_batches=1)
    room.enter(1)
    batches = UsageBatches(kafka, usage_topic, room)
    with running(certificates, grant_keys, batches) as collector:
        exporter = make(collector, timeout=20)
        sdk = provider(BatchSpanProcessor(exporter))
        tell(sdk.get_tracer("proxy"), sayable(Traffic(Shape(1, 1, 1), datetime.now(UTC)).event(new_id(), 1, kind=2)))
        later = threading.Timer(1.0, room.leave, [1])
        later.start()
        assert sdk.force_flush(20_000)
        later.join()
        sdk.shutdown()
        assert len(written(kafka, usage_topic)) == 1
    batches.close()


def test_an_export_that_comes_again_is_written_once(collector, post, kafka, usage_topic):
    one, other = (export(call(1), call(2)).SerializeToString(), export(call(3)).SerializeToString())
    for body in (one, other, one, one, other):
        assert post(body).status_code == 200
    assert post(gzip.compress(one), PROTOBUF | {"content-encoding": "gzip"}).status_code == 200
    records = written(kafka, usage_topic)
    assert sorted(len(columns) for _, columns in records) == [1, 2]
    numbers = {(headers["producer-id"], headers["sequence"]) for headers, _ in records}
    assert len(numbers) == 2


def test_json_means_the_same(post, kafka, usage_topic):
    request = export(call(1))
    body = json_format.MessageToDict(request)
    [span] = body["resourceSpans"][0]["scopeSpans"][0]["spans"]
    span |= {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "kind": 3, "unheardOf": [{}]}
    answer = post(json.dumps(body), JSON)
    assert (answer.status_code, answer.headers["content-type"], answer.json()) == (200, "application/json", {})
    assert post(request.SerializeToString()).status_code == 200
    (_, first), (_, second) = written(kafka, usage_topic)
    assert first.tool.values == second.tool.values == ["tool-1"]
    assert first.time.tolist() == second.time.tolist()


def test_more_events_than_ingest_reads_at_once_are_refused(standing, monkeypatch):
    monkeypatch.setattr(usage_batches, "_LIMITS", RecordLimits(rows=3))
    assert poster(standing)(export(*map(call, range(3))).SerializeToString()).status_code == 200
    assert poster(standing)(export(*map(call, range(4))).SerializeToString()).status_code == 400


def test_what_cannot_be_counted_is_told(post, kafka, usage_topic):
    nowhere = call(1, **{"mcpdir.server.id": "nowhere"})
    homeless = Span(attributes=pairs({"mcp.method.name": "tools/call"}))
    old = call(2)
    old.start_time_unix_nano -= 36 * 86_400 * 10**9
    other_thing = Span(attributes=pairs({"http.request.method": "GET"}))
    request = export(nowhere, homeless, old, other_thing, call(3))
    answer = ExportTraceServiceResponse.FromString(post(request.SerializeToString()).content)
    assert answer.partial_success.rejected_spans == 3
    for words in ("1 bad_server_id: ", "1 no_server_id: set mcpdir.server.id", "1 late: ", "docs/opentelemetry.md"):
        assert words in answer.partial_success.error_message
    assert [len(columns) for _, columns in written(kafka, usage_topic)] == [1]
    assert post(export(homeless).SerializeToString(), PROTOBUF).status_code == 200
    told = post(json_format.MessageToJson(export(homeless)), JSON).json()["partialSuccess"]
    assert (told["rejectedSpans"], told["errorMessage"][:2]) == ("1", "1 ")


def test_the_side_that_does_not_count_is_warned_about(post, kafka, usage_topic):
    span = call(1)
    span.kind = Span.SPAN_KIND_SERVER
    answer = ExportTraceServiceResponse.FromString(post(export(span).SerializeToString()).content)
    assert answer.partial_success.rejected_spans == 0
    assert "OTLP_SPAN_KIND" in answer.partial_success.error_message
    assert written(kafka, usage_topic) == []


BOMB = gzip.compress(b"\0" * (LARGEST_EXPORT + 10))
GZIP = PROTOBUF | {"content-encoding": "gzip"}


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        pytest.param(b"", PROTOBUF, 200, id="no spans"),
        pytest.param(b"{}", JSON, 200, id="no spans in JSON"),
        pytest.param(b"\xff\xff", PROTOBUF, 400, id="not protobuf"),
        pytest.param(b"[]", JSON, 400, id="a list"),
        pytest.param(b"null", JSON, 400, id="null"),
        pytest.param(b'{"resourceSpans": 7}', JSON, 400, id="a number for a list"),
        pytest.param(b"\xff", JSON, 400, id="not UTF-8"),
        pytest.param(b"[" * 100_000, JSON, 400, id="deep lists"),
        pytest.param(b'{"resourceSpans":' * 2_000, JSON, 400, id="deep objects"),
        pytest.param(b"hello", {"content-type": "text/plain"}, 415, id="text"),
        pytest.param(b"hello", {}, 415, id="no type"),
        pytest.param(b"x", PROTOBUF | {"content-encoding": "br"}, 415, id="brotli"),
        pytest.param(b"not gzip", GZIP, 400, id="not gzip"),
        pytest.param(gzip.compress(b"x" * 9_999)[:-9], GZIP, 400, id="gzip cut off"),
        pytest.param(zlib.compress(b""), PROTOBUF | {"content-encoding": "deflate"}, 200, id="deflate"),
        pytest.param(BOMB, GZIP, 413, id="a bomb"),
        pytest.param(gzip.compress(b"\0" * LARGEST_EXPORT) + gzip.compress(b"\0"), GZIP, 413, id="a bomb of two members"),
        pytest.param(gzip.compress(b"") + b"and more", GZIP, 400, id="more after gzip"),
    ],
)
def test_bodies_that_are_no_exports(standing, content, headers, status):
    assert poster(standing)(content, headers).status_code == status


def test_a_body_of_chunks_is_read_to_its_end(post, kafka, usage_topic):
    body = export(*map(call, range(50))).SerializeToString()
    assert post(iter([body[:100], body[100:2_000], body[2_000:]])).status_code == 200
    assert [len(columns) for _, columns in written(kafka, usage_topic)] == [50]
    assert post(iter([b"\0" * 1024 * 1024] * 17)).status_code == 413


def test_gzip_in_several_members_is_read_to_its_end(post, kafka, usage_topic):
    members = [gzip.compress(export(call(number)).SerializeToString()) for number in range(3)]
    assert post(b"".join(members), GZIP).status_code == 200
    assert [len(columns) for _, columns in written(kafka, usage_topic)] == [3]


def said_to(collector, *parts, cut=False):
    """What the collector answers to these bytes before it ends the connection; nothing where the sender cuts it."""
    port = int(collector.traces_url.rpartition(":")[2].partition("/")[0])
    with collector.tls().wrap_socket(socket.create_connection(("localhost", port)), server_hostname="localhost") as tls:
        for part in parts:
            tls.sendall(part)
        if cut:
            socket.socket.shutdown(tls, socket.SHUT_WR)
        tls.settimeout(15)
        with suppress(ssl.SSLError) if cut else nullcontext():
            return b"".join(iter(lambda: tls.recv(65_536), b""))


def head(path="/v1/traces", **headers):
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


KIND = PROTOBUF["content-type"]


def test_a_body_that_is_cut_off_is_not_taken(collector, kafka, usage_topic):
    first, second = export(call(1)).SerializeToString(), export(call(2)).SerializeToString()
    opening = head(Content_Type=KIND, Content_Length=len(first) + len(second))
    said_to(collector, opening, first, cut=True)
    ending = opening.replace(b"Host", b"Connection: close\r\nHost")
    assert said_to(collector, ending, first, second).startswith(b"HTTP/1.1 200")
    assert [len(columns) for _, columns in written(kafka, usage_topic)] == [2]


@pytest.mark.parametrize(
    "body", [b"xyz\r\n", b"5\r\nhello555", b"fffffff0\r\n"], ids=["no-number", "no-end", "too-large"]
)
def test_chunks_that_make_no_sense_end_the_connection(standing, body):
    answer = said_to(standing, head(Content_Type=KIND, Transfer_Encoding="chunked"), body)
    assert answer.startswith(b"HTTP/1.1 400")
    assert answer.count(b"HTTP/1.1") == answer.count(b"Connection: close") == 1


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [("/v1/logs", {"Content_Type": KIND}, 404), ("/v1/traces", {"Content_Type": "text/plain"}, 415)],
)
def test_a_refusal_does_not_wait_for_the_body(standing, path, headers, status):
    answer = said_to(standing, head(path, Content_Length=LARGEST_EXPORT, **headers), b"the beginning")
    assert answer.startswith(b"HTTP/1.1 %d" % status)
    assert b"Connection: close" in answer


def test_who_sends_slowly_is_sent_away(standing, monkeypatch):
    monkeypatch.setattr(otlp_http_server, "_SECONDS_TO_ARRIVE", 0)
    assert said_to(standing, head(Content_Type=KIND)).startswith(b"HTTP/1.1 408")


def test_other_addresses_and_methods(standing):
    post = poster(standing)
    assert post(b"", url=standing.traces_url.replace("traces", "metrics")).status_code == 404
    refused = post(None, {}, method="GET")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("peer", "authorization", "status"),
    [
        ("proxy", None, 200),
        ("proxy", "Bearer of tidings", 200),
        (None, f"Bearer {TOKEN}", 200),
        (None, f"bearer {TOKEN}", 200),
        ("gateway", f"Bearer {TOKEN}", 200),
        (None, None, 401),
        (None, "Bearer x", 401),
        (None, f"Bearer {TOKEN}x", 401),
        (None, f"Basic {TOKEN}", 401),
        ("gateway", None, 403),
    ],
)
def test_who_may_write_usage(standing, peer, authorization, status):
    headers = PROTOBUF | ({"authorization": authorization} if authorization else {})
    answer = poster(standing)(export(call(1)).SerializeToString(), headers, peer=peer)
    assert answer.status_code == status
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("reason", "content", "headers", "peer"),
    [
        ("USAGE_WRITE_REQUIRED", b"", PROTOBUF, None),
        ("USAGE_WRITE_REQUIRED", b"", PROTOBUF, "gateway"),
        ("FIELDS_INVALID", b"[]", JSON, "proxy"),
        (413, BOMB, GZIP, "proxy"),
        (415, b"hello", {"content-type": "text/plain"}, "proxy"),
    ],
    ids=["401", "403", "400", "413", "415"],
)
def test_what_is_refused_is_counted_once(standing, reason, content, headers, peer):
    before = refused("otlp_http", reason)
    assert poster(standing)(content, headers, peer=peer).status_code >= 400
    assert refused("otlp_http", reason) == before + 1


def test_what_the_server_refuses_by_itself_is_counted(standing):
    before = refused("otlp_http", 413)
    answer = said_to(standing, head(Content_Type=KIND, Content_Length=3 * LARGEST_EXPORT))
    assert answer.startswith(b"HTTP/1.1 413")
    assert refused("otlp_http", 413) == before + 1


def test_an_exporter_without_its_token_is_refused(standing):
    exporter = http_exporter(standing, headers={"authorization": "Bearer x"})
    assert exporter.export([]) is SpanExportResult.FAILURE


def test_what_grows_beyond_the_limit_is_refused_over_grpc_too(standing):
    options = [("grpc.ssl_target_name_override", "metrics"), ("grpc.max_send_message_length", -1)]
    with grpc.secure_channel(standing.address, standing.channel_credentials(), options) as channel:
        export_ = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as refused:
            export_(b"\0" * (LARGEST_EXPORT + 1), compression=grpc.Compression.Gzip, timeout=20)
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_a_stranger_is_refused_over_grpc(standing):
    exporter = grpc_exporter(standing, peer="gateway")
    assert exporter.export([]) is SpanExportResult.FAILURE
    exporter.shutdown()


def test_a_slow_broker_is_429_with_retry_after(certificates, grant_keys, kafka, usage_topic):
    room = Room(most_batches=1)
    room.enter(1)
    batches = UsageBatches(kafka, usage_topic, room)
    with running(certificates, grant_keys, batches) as collector:
        body = export(call(1)).SerializeToString()
        with httpx.Client(verify=collector.tls(), trust_env=False) as http:
            refused = http.post(collector.traces_url, content=body, headers=PROTOBUF)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
            room.leave(1)
            assert http.post(collector.traces_url, content=body, headers=PROTOBUF).status_code == 200
    batches.close()


def test_who_connects_and_is_silent_keeps_nobody_out(standing):
    port = int(standing.traces_url.rpartition(":")[2].partition("/")[0])
    silent = [socket.create_connection(("localhost", port)) for _ in range(40)]
    assert poster(standing)(b"").status_code == 200
    for each in silent:
        each.close()
