"""Contenders that do the same work on the same events, one after the other, each a process of its own.

A contender's process measures itself from where it is imported and built to where its last event is committed
(contenders/job.py). One whose result is not the true one ends the benchmark."""

import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import Run, median
from benchmarks.servers import Servers, written_topic
from benchmarks.totals import digest
from benchmarks.traffic import ARROW, PROTOBUF_EVENT, Traffic, arrow_records, events_of, protobuf_records
from benchmarks.truth import brute_force, grouped

REPOSITORY = Path(__file__).parent.parent
PARTITIONS = 2
_PATHS = (REPOSITORY, REPOSITORY / "services/metrics/src", REPOSITORY / "libs/contracts/src")
_SECONDS, _ATTEMPTS = 240, 3


@dataclass(frozen=True)
class Contender:
    """A module of benchmarks.contenders and what it is given.

    Attributes:
        work: name of the work it does.
        own_packages: runs in benchmarks/.venv.
        durable: keeps its sums where they outlive it, where it can be had either way.
        counts: has a result; the limits have none.
    """

    name: str
    module: str
    work: str
    own_packages: bool = True
    durable: bool = True
    counts: bool = True
    runs: list[Run] = field(default_factory=list)
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """Events in a topic and, for those that read no Kafka, in a file; and the true result."""

    topic: str
    records: int
    events: int
    truth: list[str]
    values: list[bytes] = field(repr=False, default_factory=list)
    parquet: Path = Path()


@dataclass(frozen=True)
class Setting:
    """Where contenders run, and how often they write."""

    servers: Servers
    url: str
    flush_events: int = 2_000_000
    flush_seconds: float = 5.0


def arrow_work(where: Servers, traffic: Traffic, batch: int, folder: Path) -> Work:
    """Arrow batches, and the same in a Parquet file."""
    values = arrow_records(traffic, batch)
    table = _table(values)
    pq.write_table(table, folder / "events.parquet", compression="zstd")
    topic = written_topic(where, values, content_type=ARROW, partitions=PARTITIONS)
    return Work(topic, len(values), traffic.events, grouped(table), values, folder / "events.parquet")


def rows_work(where: Servers, traffic: Traffic) -> Work:
    """One protobuf event a record, by server. Brute force checks Arrow's grouping on these, too."""
    keys, values = protobuf_records(traffic)
    truth = brute_force(events_of(traffic))
    if truth != grouped(_table(arrow_records(traffic, 10_000))):
        raise SystemExit("brute force and Arrow's grouping do not agree")
    topic = written_topic(where, values, content_type=PROTOBUF_EVENT, partitions=PARTITIONS, keys=keys)
    return Work(topic, len(values), traffic.events, truth, values)


def _table(values: Sequence[bytes]) -> pa.Table:
    return pa.concat_tables(pa.ipc.open_stream(value).read_all() for value in values).unify_dictionaries()


def measure(contender: Contender, work: Work, setting: Setting) -> None:
    """One more run of a contender."""
    with tempfile.TemporaryDirectory(prefix=f"benchmark-{contender.name}-") as name:
        folder = Path(name)
        if contender.module == "in_memory":
            (folder / "records").write_bytes(pickle.dumps(work.values))
        told = _told(contender, _job(contender, work, setting, folder))
        if contender.counts and told["digest"] != digest(work.truth):
            found = (folder / "lines").read_text().splitlines()
            lost, added = sorted(set(work.truth) - set(found)), sorted(set(found) - set(work.truth))
            raise SystemExit(f"{contender.name} is wrong; true is\n{lost[:5]}\nit says\n{added[:5]}")
        contender.runs.append(Run(**told["run"]))
        contender.said.update(told)


def _job(contender: Contender, work: Work, setting: Setting, folder: Path) -> dict[str, object]:
    return {
        "bootstrap": setting.servers.bootstrap,
        "topic": work.topic,
        "records": work.records,
        "events": work.events,
        "url": setting.url,
        "folder": str(folder),
        "parquet": str(work.parquet),
        "flush_events": setting.flush_events,
        "flush_seconds": setting.flush_seconds,
        "processes": dict(setting.servers.processes),
        "durable": contender.durable,
    }


def _told(contender: Contender, job: Mapping[str, object]) -> dict[str, Any]:
    python = REPOSITORY / "benchmarks/.venv/bin/python" if contender.own_packages else Path(sys.executable)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, _PATHS)), "TZ": "UTC"}
    command = [str(python), "-m", f"benchmarks.contenders.{contender.module}", json.dumps(job)]
    for attempt in range(_ATTEMPTS):
        try:
            done = subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            print(f"{contender.name} did not end within {_SECONDS} s (attempt {attempt + 1})", file=sys.stderr)
            continue
        if done.returncode != 0:
            raise SystemExit(f"{contender.name} failed:\n{done.stdout[-1_000:]}\n{done.stderr[-3_000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told
    raise SystemExit(f"{contender.name} never ended")


def comparison(
    contenders: Sequence[Contender], works: Mapping[str, Work]
) -> tuple[float, dict[str, float], list[list[object]]]:
    """Ours, the ratio of ours to each of the others, and a table; rates are events a second of processor time."""
    rows: list[list[object]] = [["contender", "events/s", "and core", "postgres", "kafka", "ours is", "guarantee"]]
    rates = {each.name: works[each.work].events / median(each.runs).cpu for each in contenders}
    for each in contenders:
        run = median(each.runs)
        others = [f"{run.others[name]:.2f} s" if name in run.others else "-" for name in ("postgres", "kafka")]
        times = f"{rates['ours'] / rates[each.name]:.2f} x"
        wall = works[each.work].events / run.wall
        rows.append([each.name, wall, rates[each.name], *others, times, each.said["guarantee"]])
    ours = rates.pop("ours")
    return ours, {name: ours / rate for name, rate in rates.items()}, rows
