"""Usage from Kafka to committed rollups: ours beside limits and other projects, the same work on the same events.

`ours` is events for each second of processor time of the worker's process, since that is what a core does; PostgreSQL's
and Kafka's are shown beside. A contender whose result is not the true one makes this command fail."""

import subprocess
import tempfile
import time
from pathlib import Path

import click

from benchmarks.measuring import report
from benchmarks.race import REPOSITORY, Contender, Setting, arrow_work, comparison, measure, rows_work
from benchmarks.servers import fresh_database, servers
from benchmarks.traffic import Traffic

_FRAMEWORKS = ("quixstreams", "bytewax", "faust")


def _contenders() -> list[Contender]:
    return [
        Contender("ours", "ours", "arrow", own_packages=False),
        Contender("raw_read", "raw_read", "arrow", own_packages=False, counts=False),
        Contender("in_memory", "in_memory", "arrow", own_packages=False, counts=False),
        Contender("pyarrow", "pyarrow_batch", "arrow"),
        Contender("duckdb", "duckdb_batch", "arrow"),
        Contender("chdb", "chdb_batch", "arrow"),
        *(Contender(f"{name}_arrow", f"{name}_arrow", "arrow") for name in _FRAMEWORKS),
        Contender("quixstreams_rows", "quixstreams_rows", "rows"),
        Contender("bytewax_rows", "bytewax_rows", "rows"),
        Contender("faust_rows", "faust_rows", "few_rows"),  # a millisecond an event
        *(Contender(f"{name}_rows_in_memory", f"{name}_rows", "rows", durable=False) for name in _FRAMEWORKS),
    ]


@click.command()
@click.option("--events", default=4_000_000, show_default=True, help="In Arrow batches.")
@click.option("--batch", default=10_000, show_default=True, help="Events in an Arrow record.")
@click.option("--row-events", default=100_000, show_default=True, help="One a record; a tenth for the slowest.")
@click.option("--flush-events", default=1_000_000, show_default=True, help="Of ours, about what its memory allows.")
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
        setting = Setting(where, url, flush_events, flush_seconds)
        works = {"arrow": arrow_work(where, Traffic(events, now_us, seed), batch, Path(folder))}
        for name, count in (("rows", row_events), ("few_rows", row_events // 10)):
            if any(each.work == name for each in chosen):
                works[name] = rows_work(where, Traffic(count, now_us, seed))
        for _ in range(rounds):
            for contender in chosen:
                measure(contender, works[contender.work], setting)
    ours, ratios, rows = comparison(chosen, works)
    bytes_an_event = sum(map(len, works["arrow"].values)) / events
    sizes = "; ".join(f"{name}: {work.events:,} events" for name, work in works.items())
    print(f"{sizes}; {batch:,} an Arrow record, {bytes_an_event:.1f} bytes an event there; medians of {rounds}")
    more = {"rounds": rounds, "bytes_an_event": round(bytes_an_event, 1)}
    report("ingest_events_per_core_second", ours, "events/s", ratios, rows, **more)


if __name__ == "__main__":
    main()
