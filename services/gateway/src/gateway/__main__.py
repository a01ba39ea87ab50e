"""`python -m gateway serve | migrate`."""

from __future__ import annotations

import click
from chassis import logs
from chassis.process import Stop
from chassis.settings import load
from chassis.sql import migrations

from gateway import wiring
from gateway.http_server import Server
from gateway.settings import Settings


@click.group()
def main() -> None:
    """The HTTP edge: pages and the JSON API."""


@main.command()
def serve() -> None:
    """Answer HTTP until SIGTERM."""
    settings = load(Settings)
    logs.configure(wiring.SERVICE, settings)
    stop = Stop()
    Server(settings.http_listen, wiring.serve_requests(settings, stop)).run()
    stop.set()


@main.command()
def migrate() -> None:
    """Bring the database of sessions up to date."""
    settings = load(Settings)
    logs.configure(wiring.SERVICE, settings)
    migrations.upgrade("gateway", settings.database_url)


if __name__ == "__main__":
    main()
