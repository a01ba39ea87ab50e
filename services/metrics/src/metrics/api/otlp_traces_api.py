"""opentelemetry.proto.collector.trace.v1.TraceService: OTLP over gRPC."""

from typing import Any

import grpc
from chassis.errors import InvalidInput
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    DESCRIPTOR,
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from metrics.api.collector_metrics import refusals_counted
from metrics.api.otlp_exports import OtlpExports

TraceServiceDescriptor = DESCRIPTOR.services_by_name["TraceService"]
_WAY = "otlp_grpc"


def add_trace_service(traces: "OtlpTracesApi", server: grpc.Server) -> None:
    """As the generated function, but requests come as their bytes: their digest tells an export that comes again."""
    export: Any = grpc.unary_unary_rpc_method_handler(
        traces.Export, response_serializer=ExportTraceServiceResponse.SerializeToString
    )
    handler = grpc.method_handlers_generic_handler(TraceServiceDescriptor.full_name, {"Export": export})
    server.add_generic_rpc_handlers((handler,))


class OtlpTracesApi:
    """TraceService."""

    def __init__(self, exports: OtlpExports) -> None:
        self._exports = exports

    @refusals_counted(_WAY)
    def Export(self, raw: bytes, context: grpc.ServicerContext) -> ExportTraceServiceResponse:
        """Answers when the broker has what counts; what cannot be counted stands in partial_success."""
        return self._exports.take(raw, parse_protobuf, _WAY)


def parse_protobuf(raw: bytes) -> ExportTraceServiceRequest:
    """Raises InvalidInput FIELDS_INVALID, which no exporter sends again."""
    try:
        return ExportTraceServiceRequest.FromString(raw)
    except DecodeError as error:
        raise InvalidInput("FIELDS_INVALID", "The message is no ExportTraceServiceRequest.") from error
