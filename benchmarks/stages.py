"""Where an event's processor time goes in a worker: the profile behind `benchmarks.ingest`, stage by stage.

Each stage is measured by its thread's own processor clock inside one running worker; what the measuring costs is less
than 1 % of a stage. All else is kafka-python's own thread, the loop, and what stands between the stages."""

import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import click
from chassis.process import Stop
from chassis.sql.database import Database
from kafka import KafkaConsumer
from metrics.consumers import usage_intake
from metrics.consumers.usage_worker import UsageWorker, WorkerPlan
from metrics.domain.day_maps import AccountSights
from metrics.domain.rollup_deltas import UsageDeltas
from metrics.domain.vocabulary import Vocabularies
from metrics.store import flush

from benchmarks.contenders import stored_rollups
from benchmarks.measuring import Run, measured, report
from benchmarks.servers import Servers, fresh_database, servers, written_topic
from benchmarks.traffic import ARROW, PROTOBUF_EVENT, Traffic, arrow_records, protobuf_records
from benchmarks.worker_process import Counted

_ADD = "add"
_KAFKA = "kafka-python's poll"
# What is measured, and under which name; those behind the first are within `add`.
_STAGES: list[tuple[Any, str, str]] = [
    (UsageDeltas, "add", _ADD),
    (Vocabularies, "coded", "names to numbers"),
    (AccountSights, "add", "first sights of accounts"),
    (usage_intake, "read_batch", "decompress, decode"),
    (usage_intake, "read_events", "decode"),
    (KafkaConsumer, "poll", _KAFKA),
    (UsageDeltas, "reduce", "sort and sum, at a flush"),
    (flush, "commit", "COPY and merge, this side"),
]


def _clocked(spent: Counter[str], name: str, work: Callable[..., Any]) -> Callable[..., Any]:
    def clocked(*arguments: Any, **named: Any) -> Any:
        before = time.thread_time()
        try:
            return work(*arguments, **named)
        finally:
            spent[name] += time.thread_time() - before

    return clocked


def _topic(where: Servers, traffic: Traffic, batch: int, single: bool) -> str:
    if not single:
        return written_topic(where, arrow_records(traffic, batch), content_type=ARROW)
    keys, values = protobuf_records(traffic)
    return written_topic(where, values, content_type=PROTOBUF_EVENT, keys=keys)


def _run(url: str, where: Servers, topic: str, events: int) -> Run:
    stored_rollups.empty(url)
    database, counted, stop = Database(url, "benchmark", pool_size=2), Counted(url), Stop()
    plan = WorkerPlan(where.bootstrap, topic, f"benchmark-{secrets.token_hex(4)}", "benchmark")
    worker = UsageWorker(database, plan, lambda: time.time_ns() // 1000)
    runs: list[Run] = []
    thread = threading.Thread(target=worker.run, args=(stop,))
    with measured(runs, others=where.processes):
        thread.start()
        counted.wait_for(events, seconds=600)
        stop.set()
        thread.join()
    counted.close()
    database.dispose()
    return runs[0]


@click.command()
@click.option("--events", default=8_000_000, show_default=True)
@click.option("--batch", default=10_000, show_default=True, help="Events in a record.")
@click.option("--single", is_flag=True, help="One protobuf event a record instead.")
@click.option("--seed", default=1, show_default=True)
def main(events: int, batch: int, single: bool, seed: int) -> None:
    """Measure the stages of a worker."""
    spent: Counter[str] = Counter()
    for owner, method, name in _STAGES:
        setattr(owner, method, _clocked(spent, name, getattr(owner, method)))
    traffic = Traffic(events, time.time_ns() // 1000, seed)
    with servers() as where, fresh_database(where) as url:
        topic = _topic(where, traffic, batch, single)
        run = _run(url, where, topic, events)
    within = spent["names to numbers"] + spent["first sights of accounts"]
    spent["groups and measures to keys"] = spent.pop(_ADD) - within
    spent["all else"] = run.cpu - spent.total()
    shares = [(name, seconds / events * 1e9, f"{seconds / run.cpu:.0%}") for name, seconds in spent.most_common()]
    rows = [("stage", "ns/event", "share"), *shares, ("in all", run.cpu / events * 1e9, "100%")]
    rows += [(f"({name}, its own processes)", cpu / events * 1e9, "") for name, cpu in run.others.items()]
    print(f"{events:,} events, {1 if single else batch:,} a record")
    report("worker_ns_per_event", run.cpu / events * 1e9, "ns", {}, rows)


if __name__ == "__main__":
    main()
