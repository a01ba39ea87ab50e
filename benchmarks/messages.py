"""The same events as proxies hand them to a collector: reports, and exports of OpenTelemetry."""

import os
from collections.abc import Iterator

from directory.metrics.v1.usage_collector_pb2 import ReportRequest
from directory.usage.v1.usage_event_pb2 import UsageEvent
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from benchmarks.traffic import Event, Traffic, events_of

SPANS_AN_EXPORT = 512  # as OpenTelemetry's SDKs send them


def report_bodies(traffic: Traffic, size: int) -> list[bytes]:
    """The events as rows of protobuf, `size` a batch; accounts as the proxy knows them."""
    return [
        ReportRequest(events=[_message(event) for event in batch]).SerializeToString()
        for batch in _batches(events_of(traffic), size)
    ]


def _message(event: Event) -> UsageEvent:
    fields = event._asdict()
    return UsageEvent(account_id=f"user-{fields.pop('account'):020d}", **fields)


def _batches(events: Iterator[Event], size: int) -> Iterator[list[Event]]:
    batch: list[Event] = []
    for event in events:
        batch.append(event)
        if len(batch) == size:
            yield batch
            batch = []


def export_bodies(traffic: Traffic) -> list[bytes]:
    """The same events as spans with the attributes that a proxy sets."""
    exports = []
    for batch in _batches(events_of(traffic), SPANS_AN_EXPORT):
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.append(_attribute("service.name", "mcp-proxy"))
        resource.scope_spans.add().spans.extend(_span(number, event) for number, event in enumerate(batch))
        exports.append(request.SerializeToString())
    return exports


def _span(number: int, event: Event) -> Span:
    is_call = event.kind == 1
    attributes = {
        "mcp.method.name": "tools/call" if is_call else "tools/list",
        "mcpdir.server.id": event.server_id,
        "mcpdir.client.product": event.product,
        "enduser.pseudo.id": f"user-{event.account:020d}",
        "server.address": "mcp.example.com",
        "network.transport": "tcp",
        "mcp.protocol.version": "2026-07-28",
        "http.response.status_code": event.http_status,
    }
    attributes |= {"gen_ai.tool.name": event.tool, "gen_ai.operation.name": "execute_tool"} if is_call else {}
    attributes |= {"error.type": event.error_type} if event.error_type else {}
    return Span(
        trace_id=os.urandom(16),
        span_id=os.urandom(8),
        name=f"tools/call {event.tool}",
        kind=Span.SPAN_KIND_CLIENT,
        start_time_unix_nano=event.time_us * 1000,
        end_time_unix_nano=(event.time_us + event.duration_us) * 1000,
        attributes=[_attribute(key, value) for key, value in attributes.items()],
    )


def _attribute(key: str, value: str | int) -> KeyValue:
    given = AnyValue(int_value=value) if isinstance(value, int) else AnyValue(string_value=value)
    return KeyValue(key=key, value=given)
