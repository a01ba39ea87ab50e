"""`python -m metrics <command>`."""

import sys
from datetime import date, datetime, time, timedelta

import click
from chassis import clock, logs
from chassis.settings import load

from metrics import operator_commands, wiring
from metrics.processes.compute import FURTHEST_BACK
from metrics.settings import Settings


def _settings() -> Settings:
    settings = load(Settings)
    logs.configure("metrics", settings)
    return settings


@click.group()
def main() -> None:
    """From tool-call traffic to health and usage figures."""


@main.command()
def migrate() -> None:
    """Bring the database and the topics up to date."""
    wiring.migrate(_settings())


@main.command()
def collect() -> None:
    """Take usage from proxies: reports over gRPC, OpenTelemetry's traces over gRPC and HTTP."""
    sys.exit(wiring.collect(_settings()))


@main.command()
def ingest() -> None:
    """Count usage: one worker of any number."""
    sys.exit(wiring.ingest(_settings()))


@main.command()
def serve() -> None:
    """Answer with figures over gRPC."""
    sys.exit(wiring.serve(_settings()))


_DAY = click.DateTime(["%Y-%m-%d"])


@main.command()
@click.option("--once", is_flag=True, help="Compute yesterday and end.")
@click.option("--day", type=_DAY, help="Compute this day and end.")
@click.option("--from", "first", type=_DAY, help="Compute the days from this one on and end.")
@click.option("--to", "last", type=_DAY, help="The last of the days; yesterday unless given.")
def compute(once: bool, day: datetime | None, first: datetime | None, last: datetime | None) -> None:
    """Compute daily for ever; or, with an option, some days now."""
    if sum((once, day is not None, first is not None)) > 1:
        raise click.UsageError("Give --once, --day or --from, not two of them.")
    if last and not first:
        raise click.UsageError("--to is the end of what begins with --from: give that too, or --day for one day.")
    if not (once or day or first):
        sys.exit(wiring.compute(_settings()))
    yesterday = clock.now().date() - timedelta(days=1)
    begin = (day or first or datetime.combine(yesterday, time())).date()
    days = _days(begin, last.date() if last else yesterday if first else begin, yesterday)
    wiring.compute_days(_settings(), days)


def _days(first: date, last: date, yesterday: date) -> list[date]:
    oldest = yesterday - FURTHEST_BACK + timedelta(days=1)
    if not (oldest <= first <= yesterday and oldest <= last <= yesterday):
        raise click.UsageError(f"Give days from {oldest} to {yesterday}: no others can be computed today.")
    if first > last:
        raise click.UsageError(f"--from {first} is after --to {last}: give the earlier day first.")
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


for command in operator_commands.COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
