"""`python -m listings serve | work | migrate`."""

import sys

import click
from chassis import logs
from chassis.settings import load

from listings import wiring
from listings.settings import Settings


@click.group()
def main() -> None:
    """Listings, their revisions and icons. Settings come from the environment; see README.md."""


@main.command()
def serve() -> None:
    """Answer gRPC calls."""
    sys.exit(wiring.serve(_settings()))


@main.command()
def work() -> None:
    """Send events out and follow submissions."""
    sys.exit(wiring.work(_settings()))


@main.command()
def migrate() -> None:
    """Bring the database and the topic up to date."""
    wiring.migrate(_settings())


def _settings() -> Settings:
    settings = load(Settings)
    logs.configure("listings", settings)
    return settings


if __name__ == "__main__":
    main()
