"""Usage from Kafka to committed rollups: ours beside limits and other projects, the same work on the same events.

Every contender is a process of its own (benchmarks/contenders) and measures itself from where it is built and imported
to where its last event is committed. `ours` is events for each second of processor time of the worker's process, since
that is what a core does; PostgreSQL's and Kafka's are shown beside. A contender whose result is not the true one makes
this command fail."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import Run, median, report
from benchmarks.servers import Servers, fresh_database, servers, written_topic
from benchmarks.totals import digest
from benchmarks.traffic import ARROW, PROTOBUF_EVENT, Traffic, arrow_records, events_of, protobuf_records
from benchmarks.truth import brute_force, grouped

REPOSITORY = Path(__file__).parent.parent
PARTITIONS = 2
_PATHS = (REPOSITORY, REPOSITORY / "services/metrics/src", REPOSITORY / "libs/contracts/src")


@dataclass(frozen=True)
class Contender:
    """A module of benchmarks.contenders, on one of the topics, and how it runs."""

    name: str
    module: str
    topic: str
    own_packages: bool = True
    durable: bool = True
    counts: bool = True
    runs: list[Run] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)


def _contenders() -> list[Contender]:
    frameworks = ("quixstreams", "bytewax", "faust")
    return [
        Contender("ours", "ours", "arrow", own_packages=False),
        Contender("raw_read", "raw_read", "arrow", own_packages=False, counts=False),
        Contender("in_memory", "in_memory", "arrow", own_packages=False, counts=False),
        Contender("pyarrow", "pyarrow_batch", "arrow"),
        Contender("duckdb", "duckdb_batch", "arrow"),
        Contender("chdb", "chdb_batch", "arrow"),
        *(Contender(f"{name}_arrow", f"{name}_arrow", "arrow") for name in frameworks),
        *(Contender(f"{name}_rows", f"{name}_rows", "rows") for name in frameworks),
        *(Contender(f"{name}_rows_in_memory", f"{name}_rows", "rows", durable=False) for name in frameworks),
    ]


@dataclass(frozen=True)
class Work:
    """What one form of the events is for those that read it."""

    topic: str
    records: int
    events: int
    truth: list[str]
    values: list[bytes] = field(repr=False, default_factory=list)
    parquet: Path = Path()


def _arrow_work(where: Servers, traffic: Traffic, batch: int, folder: Path) -> Work:
    values = arrow_records(traffic, batch)
    table = _table(values)
    pq.write_table(table, folder / "events.parquet", compression="zstd")
    topic = written_topic(where, values, content_type=ARROW, partitions=PARTITIONS)
    return Work(topic, len(values), traffic.events, grouped(table), values, folder / "events.parquet")


def _table(values: Sequence[bytes]) -> pa.Table:
    return pa.concat_tables(pa.ipc.open_stream(value).read_all() for value in values).unify_dictionaries()


def _rows_work(where: Servers, traffic: Traffic) -> Work:
    keys, values = protobuf_records(traffic)
    truth = brute_force(events_of(traffic))
    if truth != grouped(_table(arrow_records(traffic, 10_000))):
        raise SystemExit("brute force and Arrow's grouping do not agree")
    topic = written_topic(where, values, content_type=PROTOBUF_EVENT, partitions=PARTITIONS, keys=keys)
    return Work(topic, len(values), traffic.events, truth)


def _measure(contender: Contender, work: Work, where: Servers, url: str, flush: tuple[int, float]) -> None:
    with tempfile.TemporaryDirectory(prefix=f"benchmark-{contender.name}-") as name:
        folder = Path(name)
        if contender.module == "in_memory":
            (folder / "records").write_bytes(pickle.dumps(work.values))
        job = {
            "bootstrap": where.bootstrap,
            "topic": work.topic,
            "records": work.records,
            "events": work.events,
            "url": url,
            "folder": str(folder),
            "parquet": str(work.parquet),
            "flush_events": flush[0],
            "flush_seconds": flush[1],
            "processes": dict(where.processes),
            "durable": contender.durable,
        }
        told = _run(contender, job)
        if contender.counts and told["digest"] != digest(work.truth):
            found = (folder / "lines").read_text().splitlines()
            lost, added = sorted(set(work.truth) - set(found)), sorted(set(found) - set(work.truth))
            raise SystemExit(f"{contender.name} is wrong; true is\n{lost[:5]}\nit says\n{added[:5]}")
        contender.runs.append(Run(**told["run"]))
        contender.said.update(told)


def _run(contender: Contender, job: Mapping[str, object]) -> dict[str, Any]:
    python = REPOSITORY / "benchmarks/.venv/bin/python" if contender.own_packages else sys.executable
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, _PATHS)), "TZ": "UTC"}
    command = [str(python), "-m", f"benchmarks.contenders.{contender.module}", json.dumps(job)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{contender.name} failed:\n{done.stdout[-1_000:]}\n{done.stderr[-3_000:]}")
    return json.loads(done.stdout.splitlines()[-1])


@click.command()
@click.option("--events", default=4_000_000, show_default=True, help="In Arrow batches.")
@click.option("--batch", default=10_000, show_default=True, help="Events in an Arrow record.")
@click.option("--row-events", default=50_000, show_default=True, help="One a record: those who read them are slow.")
@click.option("--flush-events", default=1_000_000, show_default=True)
@click.option("--flush-seconds", default=5.0, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--only", default="", help="Names of contenders with commas between, instead of all; ours runs always.")
def main(
    events: int,
    batch: int,
    row_events: int,
    flush_events: int,
    flush_seconds: float,
    rounds: int,
    seed: int,
    only: str,
) -> None:
    """Measure ingest beside limits and other projects."""
    chosen = [each for each in _contenders() if not only or each.name in ("ours", *only.split(","))]
    if any(each.own_packages for each in chosen):
        subprocess.run([REPOSITORY / "benchmarks/prepare"], check=True)
    now_us = time.time_ns() // 1000
    with servers() as where, fresh_database(where) as url, tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        works = {"arrow": _arrow_work(where, Traffic(events, now_us, seed), batch, Path(folder))}
        if any(each.topic == "rows" for each in chosen):
            works["rows"] = _rows_work(where, Traffic(row_events, now_us, seed))
        for _ in range(rounds):
            for contender in chosen:
                _measure(contender, works[contender.topic], where, url, (flush_events, flush_seconds))
    _report(chosen, works, batch)


def _report(contenders: Sequence[Contender], works: Mapping[str, Work], batch: int) -> None:
    arrow = works["arrow"]
    bytes_an_event = sum(map(len, arrow.values)) / arrow.events
    sizes = "; ".join(f"{name}: {work.events:,} events" for name, work in works.items())
    print(f"{sizes}; {batch:,} an Arrow record, {bytes_an_event:.1f} bytes an event there")
    rows: list[list[object]] = [["contender", "events/s", "and core", "postgres", "kafka", "ours is", "guarantee"]]
    rates = {}
    for each in contenders:
        run, count = median(each.runs), works[each.topic].events
        rates[each.name] = count / run.cpu
        others = [f"{run.others[name]:.2f} s" if name in run.others else "-" for name in ("postgres", "kafka")]
        times = f"{rates['ours'] / rates[each.name]:.2f} x"
        rows.append([each.name, count / run.wall, rates[each.name], *others, times, each.said["guarantee"]])
    ours = rates.pop("ours")
    ratios = {name: ours / rate for name, rate in rates.items()}
    more = {"rounds": len(contenders[0].runs), "bytes_an_event": round(bytes_an_event, 1)}
    report("ingest_events_per_core_second", ours, "events/s", ratios, rows, **more)


if __name__ == "__main__":
    main()
