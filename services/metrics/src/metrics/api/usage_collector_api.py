"""Taking usage from proxies that do not write to Kafka themselves: checked, hashed, one batch, one record."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from chassis.errors import DirectoryError, InvalidInput, LimitExceeded, Violation
from chassis.ids import new_id
from directory.metrics.v1.usage_collector_pb2 import DESCRIPTOR, ReportResponse, ReportStreamResponse

from metrics.api.collector_metrics import count_events, refusals_counted
from metrics.api.reports import Screening, report_of
from metrics.api.usage_batches import RETRY_SECONDS, UsageBatches, Written, record_of
from metrics.domain.sequence_window import REACH
from metrics.domain.usage_wire import Report

MOST_STREAMS = 8
MOST_UNDER_WAY = 8
LONGEST_STREAM_SECONDS = 600.0
_REPORT, _STREAM = "report", "stream"

UsageCollectorDescriptor = DESCRIPTOR.services_by_name["UsageCollector"]


def add_usage_collector(collector: "UsageCollectorApi", server: grpc.Server) -> None:
    """As the generated function, but requests come as their bytes, which domain/usage_wire.py reads."""
    handlers: dict[str, Any] = {
        "Report": grpc.unary_unary_rpc_method_handler(
            collector.Report, response_serializer=ReportResponse.SerializeToString
        ),
        "ReportStream": grpc.stream_unary_rpc_method_handler(
            collector.ReportStream, response_serializer=ReportStreamResponse.SerializeToString
        ),
    }
    name = UsageCollectorDescriptor.full_name
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(name, handlers),))


@dataclass(frozen=True)
class _Taken:
    """A batch that is on its way to the broker, or held nothing to write."""

    sequence: int
    accepted: int
    rejected: Counter[str]
    written: Written | None

    def wait(self, way: str) -> None:
        """Returns when the broker has it."""
        if self.written:
            self.written.wait()
        count_events(way, self.accepted, self.rejected)


_Before = Callable[[Report], None]


class _OwnNumbers(threading.local):
    """Numbers for reports that bear none, so that no retry on the way to the broker doubles them. Each thread has one
    under way at most: so none is ever far behind another."""

    def __init__(self) -> None:
        self._producer_id, self._sequence = f"collector-{new_id()}", 0

    def next(self) -> tuple[str, int]:
        """A producer id and its next sequence."""
        self._sequence += 1
        return self._producer_id, self._sequence


class UsageCollectorApi:
    """directory.metrics.v1.UsageCollector."""

    def __init__(self, batches: UsageBatches, screening: Screening) -> None:
        self._batches, self._screening = batches, screening
        self._own = _OwnNumbers()
        self._streams = threading.BoundedSemaphore(MOST_STREAMS)

    @refusals_counted(_REPORT)
    def Report(self, raw: bytes, context: grpc.ServicerContext) -> ReportResponse:
        """Answers when the broker has the batch. What breaks a rule is refused by reason, the rest is taken."""
        taken = self.take(raw)
        taken.wait(_REPORT)
        return ReportResponse(accepted=taken.accepted, rejected=taken.rejected)

    @refusals_counted(_STREAM)
    def ReportStream(self, raws: Iterator[bytes], context: grpc.ServicerContext) -> ReportStreamResponse:
        """Writes while it reads; answers when the broker has all batches."""
        if not self._streams.acquire(blocking=False):
            words = "As many streams as can be are open. Use Report, or come back later."
            raise LimitExceeded("TOO_MANY_STREAMS", words, retry_after_seconds=RETRY_SECONDS)
        # A sender that is gone without a word must not hold its thread.
        watch = threading.Timer(LONGEST_STREAM_SECONDS, context.cancel)
        watch.daemon = True
        watch.start()
        try:
            return _Stream(self).run(raws)
        finally:
            watch.cancel()
            self._streams.release()

    def take(self, raw: bytes, before: _Before | None = None) -> _Taken:
        """Reads a batch and hands it to the producer. `before` that, a stream makes sure that it may come now."""
        with self._batches.place(len(raw)) as place:
            with self._screening.one_at_a_time:
                report = report_of(raw)
                screened = self._screening.of(report.columns, report.accounts)
                value = record_of(screened.columns) if len(screened.columns) else b""
            if before:
                before(report)
            rejected = Counter(screened.rejected)
            accepted = len(report.columns) - sum(rejected.values())
            name = (report.producer_id, report.sequence) if report.producer_id else self._own.next()
            written = self._batches.begin(place, value, *name) if value else None
            return _Taken(report.sequence, accepted, rejected, written)


class _Number:
    """Which batch may come next in a stream."""

    def __init__(self) -> None:
        self._producer_id, self._sequence = "", 0

    def check(self, report: Report) -> None:
        """Raises InvalidInput FIELDS_INVALID for one that could not be recognised if it came again."""
        if not report.producer_id or report.producer_id != (self._producer_id or report.producer_id):
            violation = Violation("/producer_id", "REQUIRED", "Name one producer in all batches of a stream.")
        elif report.sequence <= self._sequence:
            violation = Violation("/sequence", "REQUIRED", "Number the batches of a stream upwards.")
        else:
            self._producer_id, self._sequence = report.producer_id, report.sequence
            return
        raise InvalidInput("FIELDS_INVALID", "The batch is not numbered as it should be.", violations=[violation])


class _Stream:
    """One stream: a bounded number of batches under way, acknowledged in order."""

    def __init__(self, collector: UsageCollectorApi) -> None:
        self._collector = collector
        self._number = _Number()
        self._under_way: deque[_Taken] = deque()
        self._answer = ReportStreamResponse()

    def run(self, raws: Iterator[bytes]) -> ReportStreamResponse:
        """Takes all batches. Raised errors say in their metadata up to which sequence the broker has everything."""
        try:
            for raw in raws:
                self._under_way.append(self._collector.take(raw, self._make_way))
                if len(self._under_way) >= MOST_UNDER_WAY:
                    self._settle()
            while self._under_way:
                self._settle()
        except DirectoryError as error:
            self._settle_what_can_be()
            error.metadata["acknowledged_sequence"] = str(self._answer.acknowledged_sequence)
            raise
        except grpc.RpcError:  # the sender is gone: nobody reads this answer
            self._settle_what_can_be()
        return self._answer

    def _make_way(self, report: Report) -> None:
        """Lets no batch overtake one that is so far behind it that, sent again, it would be taken as counted."""
        self._number.check(report)
        while self._under_way and report.sequence - self._under_way[0].sequence >= REACH:
            self._settle()

    def _settle(self) -> None:
        oldest = self._under_way[0]
        oldest.wait(_STREAM)
        self._under_way.popleft()
        self._answer.batches += 1
        self._answer.acknowledged_sequence = oldest.sequence
        self._answer.accepted += oldest.accepted
        for reason, count in oldest.rejected.items():
            self._answer.rejected[reason] += count

    def _settle_what_can_be(self) -> None:
        """What the broker has need not come again, up to the first batch that it has not."""
        try:
            while self._under_way:
                self._settle()
        except DirectoryError:
            self._under_way.clear()
