"""`python -m notifications serve | work | migrate | reseal`."""

import sys

import click
from chassis import logs
from chassis.settings import load

from notifications import wiring
from notifications.settings import Settings


@click.group()
def main() -> None:
    """Tells people what happens to their servers. Settings come from the environment; see README.md."""


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    sys.exit(wiring.serve(_settings()))


@main.command()
def work() -> None:
    """Listen to the other services and send e-mails and webhooks."""
    sys.exit(wiring.work(_settings()))


@main.command()
def migrate() -> None:
    """Bring the database up to date."""
    wiring.migrate(_settings())


@main.command()
def reseal() -> None:
    """Seal every secret of an endpoint under the first key."""
    click.echo(f"{wiring.reseal(_settings())} endpoints")


def _settings() -> Settings:
    settings = load(Settings)
    logs.configure("notifications", settings)
    return settings


if __name__ == "__main__":
    main()
