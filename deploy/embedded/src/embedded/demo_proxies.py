"""Two example MCP proxies, which hand in the traffic over gRPC as real ones do, one numbered batch a day."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from chassis.errors import LimitExceeded, Unavailable
from chassis.rpc.client import channel
from directory.metrics.v1.usage_collector_pb2 import ReportRequest, ReportResponse
from directory.metrics.v1.usage_collector_pb2_grpc import UsageCollectorStub

from embedded.demo_servers import DemoServer
from embedded.demo_traffic import ServerTraffic, days_until
from embedded.errors import EmbeddedError

_PROXIES = 2
_PATIENCE_SECONDS = 60.0
_WAIT_SECONDS = 1.0


def send(
    servers: Sequence[DemoServer], ids: Mapping[str, str], *, collector: str, tls_dir: Path, run: str, now: datetime
) -> int:
    """Hands in all traffic until `now`; how many events that are.

    A batch that was handed in by an earlier attempt has the same producer and number, and counts once. `run` tells
    this system from others that share the broker. Raises EmbeddedError when an event is refused or nobody answers.
    """
    used = [ServerTraffic(server, ids[server.slug], now) for server in servers if server.traffic]
    with channel(collector, "metrics", tls_dir) as opened, ThreadPoolExecutor(_PROXIES) as pool:
        stub = UsageCollectorStub(opened)
        proxies = [_Proxy(stub, f"demo-proxy-{n}-{run}", used[n::_PROXIES]) for n in range(_PROXIES)]
        return sum(pool.map(lambda proxy: proxy.send(now), proxies))


class _Proxy:
    def __init__(self, stub: UsageCollectorStub, producer_id: str, traffic: Sequence[ServerTraffic]) -> None:
        self._stub, self._producer_id, self._traffic = stub, producer_id, traffic

    def send(self, now: datetime) -> int:
        sent = 0
        for day in days_until(now.date()):
            events = [event for each in self._traffic for event in each.events_of(day)]
            # The day's own number: an attempt on another date numbers it alike.
            batch = ReportRequest(producer_id=self._producer_id, sequence=day.toordinal(), events=events)
            answer = self._report(batch)
            if answer.rejected:
                raise EmbeddedError(f"The collector refused example traffic of {day}: {dict(answer.rejected)}")
            sent += answer.accepted
        return sent

    def _report(self, batch: ReportRequest) -> ReportResponse:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                return self._stub.Report(batch)
            except (LimitExceeded, Unavailable) as error:
                if time.monotonic() > deadline:
                    raise EmbeddedError(f"The collector does not take the example traffic: {error}") from error
                time.sleep(_WAIT_SECONDS)  # a repetition with a deadline
