"""Taking usage from proxies that do not write to Kafka themselves: checked, hashed, one batch, one record."""

from collections import Counter
from collections.abc import Callable, Sequence

import grpc
from chassis.errors import InvalidInput, LimitExceeded, Violation
from directory.metrics.v1.usage_collector_pb2 import ReportRequest, ReportResponse
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorServicer
from directory.usage.v1.usage_event_pb2 import UsageEvent
from prometheus_client import Counter as PrometheusCounter

from metrics.domain.account_hash import account_hash
from metrics.domain.screening import screen
from metrics.domain.usage_columns import encode_arrow
from metrics.domain.usage_events import columns_of

MOST_EVENTS = 50_000
LONGEST_PRODUCER_ID = 64
RETRY_SECONDS = 2

REPORTED = PrometheusCounter("usage_reported_total", "Events handed in, by what became of them.", ["outcome"])

# Writes one batch; true when the broker has it.
WriteBatch = Callable[[bytes, str, int], bool]


class UsageCollectorApi(UsageCollectorServicer):
    """directory.metrics.v1.UsageCollector."""

    def __init__(self, write: WriteBatch, account_key: bytes, now_us: Callable[[], int]) -> None:
        self._write, self._key, self._now_us = write, account_key, now_us

    def Report(self, request: ReportRequest, context: grpc.ServicerContext) -> ReportResponse:
        """Answers when the broker has the batch. What breaks a rule is refused by reason, the rest is taken."""
        _check(request)
        accepted, rejected = 0, Counter[str]()
        if request.events:
            columns = columns_of(request.events, self._accounts(request.events))
            screened = screen(columns, self._now_us())
            accepted = len(request.events) - sum(screened.rejected.values())
            rejected.update(screened.rejected)
            if len(screened.columns) and not self._write(
                encode_arrow(screened.columns), request.producer_id, request.sequence
            ):
                raise LimitExceeded(
                    "BROKER_SLOW",
                    "The broker is slow. Send the same batch again later.",
                    retry_after_seconds=str(RETRY_SECONDS),
                )
        REPORTED.labels("accepted").inc(accepted)
        for reason, count in rejected.items():
            REPORTED.labels(reason).inc(count)
        return ReportResponse(accepted=accepted, rejected=rejected)

    def _accounts(self, events: Sequence[UsageEvent]) -> list[int]:
        known: dict[str, int] = {}
        for event in events:
            if event.account_id and event.account_id not in known:
                known[event.account_id] = account_hash(event.account_id, self._key)
        return [known[event.account_id] if event.account_id else event.account_hash for event in events]


def _check(request: ReportRequest) -> None:
    if len(request.events) > MOST_EVENTS:
        raise InvalidInput("TOO_MANY", f"Hand in at most {MOST_EVENTS} events.", limit=str(MOST_EVENTS))
    producer_id = request.producer_id
    if not producer_id:
        return
    violations = []
    if len(producer_id) > LONGEST_PRODUCER_ID or not (producer_id.isascii() and producer_id.isprintable()):
        words = f"Use at most {LONGEST_PRODUCER_ID} printable ASCII characters."
        violations.append(Violation("/producer_id", "TOO_LONG", words))
    if not 0 < request.sequence < 2**63:
        violations.append(Violation("/sequence", "REQUIRED", "Number the batches from 1."))
    if violations:
        raise InvalidInput("FIELDS_INVALID", "The batch is not numbered as it should be.", violations=violations)
