"""usage_client: what recording an event costs the proxy's own thread, and what an event costs from the call to the
acknowledged record. Beside it, in the same run and on the same events: kafka-python sending the same finished records
(the limit), pyarrow making them of finished tuples, and kafka-python sending an event a record as protobuf, which is
what a proxy does without such a library.

What the broker has is read back and compared with what was recorded, by server and tool."""

import gc
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click
from chassis.kafka.topics import Topic, ensure_topics
from directory.usage.v1.usage_event_pb2 import UsageEvent
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from metrics.domain.arrow_limits import RecordLimits
from metrics.domain.usage_columns import decode_arrow
from metrics.wiring import USAGE
from usage_client import Outcome, UsageClient
from usage_client.records import encode
from usage_client.records import headers as arrow_headers

from benchmarks.measuring import Run, measured, median, report
from benchmarks.servers import servers
from benchmarks.traffic import PROTOBUF_EVENT, Traffic, events_of

KEYS = "000102030405060708090a0b0c0d0e0f"
BATCH = 10_000
OUTCOMES: list[Outcome] = ["ok", "tool_error", "request_error", "auth_rejected"]


@dataclass
class Calls:
    """The same calls as arguments of the client, as rows of its encoder, and as single events."""

    arguments: list[dict[str, Any]]
    rows: list[tuple[Any, ...]]
    events: list[UsageEvent]

    @classmethod
    def made(cls, count: int, seed: int) -> "Calls":
        """Tool calls of benchmarks.traffic, in order of time, a few microseconds apart."""
        found = (event for event in events_of(Traffic(count * 2, time.time_ns() // 1_000, seed)) if event.kind == 1)
        made = cls([], [], [])
        now = time.time_ns() // 1_000
        for number, event in zip(range(count), found, strict=False):
            error = event.error_type, event.http_status, event.duration_us
            made.arguments.append(
                {
                    "server_id": event.server_id,
                    "product": event.product,
                    "tool": event.tool,
                    "account_id": f"account-{event.account}",
                    "outcome": OUTCOMES[event.outcome - 1],
                    "duration": event.duration_us / 1e6,
                    "http_status": event.http_status,
                    "error_type": event.error_type,
                }
            )
            at = now + 7 * number
            named = event.server_id, event.product, event.tool
            made.rows.append((1, at, *named, event.account, event.outcome, *error, False))
            fields = event._replace(time_us=at)._asdict()
            made.events.append(UsageEvent(account_hash=fields.pop("account"), **fields))
        return made

    def totals(self) -> Counter[tuple[str, str]]:
        """Calls by server and tool."""
        return Counter((each["server_id"], each["tool"]) for each in self.arguments)


class Work:
    """What is measured, each time on a fresh topic."""

    def __init__(self, bootstrap: str, calls: Calls) -> None:
        self._bootstrap, self._calls = bootstrap, calls
        self._records = [value for _, value in encode_in_batches(calls.rows)]
        self.recording: list[float] = []
        self.empty_calls: list[float] = []
        self.wire_bytes: list[float] = []

    def ours(self, runs: list[Run]) -> None:
        """From the recording call to the last acknowledgement."""
        topic = self._fresh_topic()
        with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
            client = UsageClient(bootstrap_servers=self._bootstrap, account_keys=KEYS, spill_folder=folder, topic=topic)
            client.tool_call(**self._calls.arguments[0])
            if not client.flush(30):
                raise SystemExit("the broker does not take records")
            with measured(runs):
                began = time.thread_time()
                for arguments in self._calls.arguments[1:]:
                    client.tool_call(**arguments)
                self.recording.append(time.thread_time() - began)
                if not client.flush(60):
                    raise SystemExit("the broker did not take everything")
            client.close()
        if client.stats().sent != len(self._calls.arguments) or self._totals(topic) != self._calls.totals():
            raise SystemExit(f"what arrived is not what was recorded: {client.stats()}")
        self.wire_bytes.append(self._bytes(topic))

    def empty(self) -> None:
        """The loop, calling a function of the same arguments that does nothing: Python's own share of a call."""
        began = time.thread_time()
        for arguments in self._calls.arguments[1:]:
            _nothing(**arguments)
        self.empty_calls.append(time.thread_time() - began)

    def raw(self, runs: list[Run]) -> None:
        """kafka-python, with the client's settings, sending records that are made already."""
        topic, producer = self._fresh_topic(), self._producer(batch_size=256 * 1024)
        with measured(runs):
            sent = [
                producer.send(topic, value=value, key=b"benchmark", headers=arrow_headers("benchmark", number))
                for number, value in enumerate(self._records, 1)
            ]
            _acknowledged(sent)
        producer.close()

    def encoding(self, runs: list[Run]) -> None:
        """Tuples to Arrow records, and nothing else."""
        with measured(runs):
            made = sum(count for count, _ in encode_in_batches(self._calls.rows))
        if made != len(self._calls.rows):
            raise SystemExit("an event is missing")

    def singles(self, runs: list[Run]) -> None:
        """kafka-python, a protobuf event a record, batched by Kafka's own means."""
        topic, producer = self._fresh_topic(), self._producer(batch_size=256 * 1024, linger_ms=100)
        headers = [("content-type", PROTOBUF_EVENT.encode())]
        events = self._calls.events[: max(1, len(self._calls.events) // 10)]
        with measured(runs):
            _acknowledged([producer.send(topic, value=e.SerializeToString(), headers=headers) for e in events])
        producer.close()

    def _producer(self, **more: Any) -> Any:
        return KafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            compression_type="zstd",
            enable_idempotence=False,
            max_request_size=5 * 1024 * 1024,
            **more,
        )

    def _fresh_topic(self) -> str:
        topic = f"benchmark-{secrets.token_hex(4)}"
        ensure_topics(self._bootstrap, [Topic(topic, 1, USAGE.config)])
        return topic

    def _totals(self, topic: str) -> Counter[tuple[str, str]]:
        consumer = KafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        consumer.seek_to_beginning(place)
        end, found = consumer.end_offsets([place])[place], Counter[tuple[str, str]]()
        while consumer.position(place) < end:
            for record in consumer.poll(timeout_ms=1_000).get(place, ()):
                columns = decode_arrow(record.value, RecordLimits())
                names = (columns.server, columns.tool)
                found.update(zip(*([each.values[code] for code in each.codes] for each in names), strict=True))
        consumer.close()
        return found

    def _bytes(self, topic: str) -> float:
        """Of the topic's log, for each event: records with keys and headers, as they came over the wire."""
        admin = KafkaAdminClient(bootstrap_servers=self._bootstrap)
        try:
            size = sum(_sizes(admin.describe_log_dirs(), topic))
        finally:
            admin.close()
        return size / len(self._calls.arguments)


def _nothing(
    *,
    server_id: str,
    product: str,
    tool: str,
    account_id: str,
    outcome: str,
    duration: float,
    http_status: int = 0,
    error_type: str = "",
    at: None = None,
    synthetic: bool = False,
) -> None:
    pass


def encode_in_batches(rows: list[Any]) -> Iterator[tuple[int, bytes]]:
    """Rows as records of the usual size."""
    for first in range(0, len(rows), BATCH):
        yield from encode(rows[first : first + BATCH])


def _sizes(described: Any, topic: str) -> Iterator[int]:
    """Sizes of a topic's partitions, wherever they stand in the answer."""
    if isinstance(described, dict):
        if topic in (described.get("name"), described.get("topic")):
            yield from (each["partition_size"] for each in described["partitions"])
        else:
            for each in described.values():
                yield from _sizes(each, topic)
    elif isinstance(described, list | tuple):
        for each in described:
            yield from _sizes(each, topic)


def _acknowledged(sent: list[Any]) -> None:
    if any(each.get(timeout=60).offset < 0 for each in sent):
        raise SystemExit("the broker did not take a record")


@click.command()
@click.option("--events", default=300_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, rounds: int, seed: int) -> None:
    """Measure the library of proxies beside its limits."""
    calls = Calls.made(events, seed)
    gc.collect()
    gc.freeze()  # a proxy does not have a hundred thousand events at hand that each collection looks through
    with servers(postgres=False) as where:
        work = Work(where.bootstrap, calls)
        works: dict[str, Callable[[list[Run]], None]] = {
            "ours": work.ours,
            "raw_send": work.raw,
            "encoding": work.encoding,
            "single_events": work.singles,
        }
        runs: dict[str, list[Run]] = {name: [] for name in works}
        for _ in range(rounds):
            work.empty()
            for name, measure in works.items():
                measure(runs[name])
    tell(events, work, {name: median(each) for name, each in runs.items()}, rounds)


def tell(events: int, work: Work, runs: dict[str, Run], rounds: int) -> None:
    """Three figures, the main one last."""
    counts = {name: events // 10 if name == "single_events" else events for name in runs}
    rates = {name: counts[name] / run.cpu for name, run in runs.items()}
    rows = [["work", "events/s", "events/s of processor", "ns an event"]]
    rows += [[name, counts[name] / run.wall, rates[name], 1e9 * run.cpu / counts[name]] for name, run in runs.items()]
    call, empty = (statistics.median(each) / (events - 1) * 1e9 for each in (work.recording, work.empty_calls))
    size = statistics.median(work.wire_bytes)
    table = [["processor time of the calling thread", "ns"], ["recording call", call], ["empty call", empty]]
    report("client_recording_call", call, "ns", {"empty_call": call / empty}, table, rounds=rounds)
    report("client_wire_bytes", size, "bytes/event", {}, [["figure", "bytes"], ["an event", size]], rounds=rounds)
    ours = rates.pop("ours")
    ratios = {name: ours / rate for name, rate in rates.items()}
    report("client_events_per_processor_second", ours, "events/s", ratios, rows, rounds=rounds)


if __name__ == "__main__":
    main()
