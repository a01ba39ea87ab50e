"""`python -m submissions serve | work | migrate | reseal | icons`."""

from __future__ import annotations

import json
import sys

import click
from chassis import logs
from chassis.settings import load

from submissions import wiring
from submissions.settings import Settings


@click.group()
def main() -> None:
    """Submissions, their lifecycle and the review desk."""


@main.command()
def serve() -> None:
    """Answer gRPC."""
    sys.exit(wiring.serve(_settings()))


@main.command()
def work() -> None:
    """Relay events, listen to listings, run the checks, look at published servers."""
    sys.exit(wiring.work(_settings()))


@main.command()
def migrate() -> None:
    """Bring the database and the topic up to date."""
    wiring.migrate(_settings())


@main.command()
def reseal() -> None:
    """Seal every access for reviewers under the first key."""
    click.echo(f"{wiring.reseal(_settings())} sealed anew")


@main.command()
def icons() -> None:
    """Print which icons forms and review items name, for `python -m listings purge-icons`."""
    click.echo(json.dumps(wiring.named_icons(_settings())))


def _settings() -> Settings:
    settings = load(Settings)
    logs.configure("submissions", settings)
    return settings


if __name__ == "__main__":
    main(prog_name="python -m submissions")
