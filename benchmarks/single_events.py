"""Single protobuf events, one a record, from Kafka to committed rollups: beside kafka-python's own ceiling, which is
reading the same topic and doing nothing.

`ours` is events for each second of processor time of the worker's process."""

import time

import click

from benchmarks.measuring import report
from benchmarks.race import Contender, Setting, comparison, measure, rows_work
from benchmarks.servers import fresh_database, servers
from benchmarks.traffic import Traffic


@click.command()
@click.option("--events", default=1_000_000, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(events: int, rounds: int, seed: int) -> None:
    """Measure single events beside the ceiling."""
    contenders = [
        Contender("ours", "ours", "rows", own_packages=False),
        Contender("raw_read", "raw_read", "rows", own_packages=False, counts=False),
    ]
    with servers() as where, fresh_database(where) as url:
        work = rows_work(where, Traffic(events, time.time_ns() // 1000, seed))
        for _ in range(rounds):
            for contender in contenders:
                measure(contender, work, Setting(where, url))
    ours, ratios, rows = comparison(contenders, {"rows": work})
    print(f"{events:,} events, {sum(map(len, work.values)) / events:.1f} bytes each; medians of {rounds}")
    report("single_events_per_core_second", ours, "events/s", ratios, rows, rounds=rounds)


if __name__ == "__main__":
    main()
