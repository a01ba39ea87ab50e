"""Taking exports of OpenTelemetry traces, however they come."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from metrics.api.collector_metrics import REPEATED, count_events
from metrics.api.reports import Screening
from metrics.api.usage_batches import Place, UsageBatches, record_of
from metrics.domain.export_lanes import ExportLanes
from metrics.domain.otlp_spans import SpanEvents, read_spans
from metrics.domain.usage_columns import UsageColumns

LARGEST_EXPORT = 16 * 1024 * 1024

_WHAT_TO_DO = {
    "no_server_id": "set mcpdir.server.id, on the span or on the resource",
    "bad_server_id": "mcpdir.server.id has to be the UUID of a server of the directory",
    "late": "they are older than 35 days",
    "future": "they lie more than 5 minutes ahead: look at the sender's clock",
}
_DOCUMENTED = "See docs/opentelemetry.md."

# Reads the bytes of an export in the form they came in.
Parse = Callable[[bytes], ExportTraceServiceRequest]


@dataclass(frozen=True)
class OtlpExports:
    """Spans of MCP operations on their way to the broker; the rest of an export is left out."""

    batches: UsageBatches
    screening: Screening
    lanes: ExportLanes
    counted_side: str

    def take(self, raw: bytes, parse: Parse, way: str) -> ExportTraceServiceResponse:
        """The answer to an export, when the broker has it. Raises LimitExceeded, Unavailable, InvalidInput, and
        what `parse` does."""
        with self.batches.place(len(raw)) as place:
            request = parse(raw)
            with self.screening.one_at_a_time:
                spans = read_spans(request, self.counted_side)
                screened = self.screening.of(spans.columns, spans.accounts)
            rejected = spans.rejected + Counter(screened.rejected)
            if not len(screened.columns) or self._write(place, raw, screened.columns, way):
                count_events(way, len(spans.columns) - sum(screened.rejected.values()), rejected)
        return _answer(spans, rejected)

    def _write(self, place: Place, raw: bytes, columns: UsageColumns, way: str) -> bool:
        """Whether the export is a new one; when it returns, the broker has it."""
        record = record_of(columns)  # before a lane is taken, which is kept for what the broker may take the next time
        with self.lanes.lane(blake2b(raw, digest_size=16).digest()) as lane:
            if lane.is_written:
                REPEATED.labels(way).inc()
                return False
            self.batches.begin(place, record, lane.producer_id, lane.sequence).wait()
            lane.is_written = True
            return True


def _answer(spans: SpanEvents, rejected: Counter[str]) -> ExportTraceServiceResponse:
    answer = ExportTraceServiceResponse()
    if rejected:
        answer.partial_success.rejected_spans = sum(rejected.values())
        parts = [f"{count} {reason}: {_WHAT_TO_DO.get(reason, reason)}" for reason, count in sorted(rejected.items())]
        answer.partial_success.error_message = f"{'; '.join(parts)}. {_DOCUMENTED}"
    elif spans.ignored and not len(spans.columns):
        # a warning, as the protocol foresees it: nothing is rejected, but nothing counts either
        answer.partial_success.error_message = (
            f"{spans.ignored} spans are of the side of MCP operations that does not count here (OTLP_SPAN_KIND). "
            + _DOCUMENTED
        )
    return answer
