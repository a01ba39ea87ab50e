"""`python -m metrics <command>`."""

import sys
from datetime import date, datetime, timedelta

import click
from chassis import clock, logs
from chassis.settings import load

from metrics import operator_commands, wiring
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
    settings = _settings()
    yesterday = clock.now().date() - timedelta(days=1)
    if day:
        wiring.compute_days(settings, [day.date()])
    elif first:
        wiring.compute_days(settings, _days(first.date(), last.date() if last else yesterday))
    elif once:
        wiring.compute_days(settings, [yesterday])
    else:
        sys.exit(wiring.compute(settings))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


for command in operator_commands.COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
