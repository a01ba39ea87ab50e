"""python -m submissions serve|work|migrate|reseal|icons"""

from __future__ import annotations

import json
import sys

import click
from chassis import logs, settings

from submissions import wiring
from submissions.settings import SubmissionsSettings


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Submissions, their lifecycle and the review desk."""
    context.obj = settings.load(SubmissionsSettings)
    logs.configure("submissions", context.obj)


@main.command()
@click.pass_obj
def serve(loaded: SubmissionsSettings) -> None:
    """Answer gRPC."""
    sys.exit(wiring.serve(loaded))


@main.command()
@click.pass_obj
def work(loaded: SubmissionsSettings) -> None:
    """Relay events, listen to listings, run the checks, look at published servers."""
    sys.exit(wiring.work(loaded))


@main.command()
@click.pass_obj
def migrate(loaded: SubmissionsSettings) -> None:
    """Bring the database and the topic up to date."""
    wiring.migrate(loaded)


@main.command()
@click.pass_obj
def reseal(loaded: SubmissionsSettings) -> None:
    """Seal every access for reviewers under the first key."""
    click.echo(f"{wiring.reseal(loaded)} sealed anew")


@main.command()
@click.pass_obj
def icons(loaded: SubmissionsSettings) -> None:
    """Print which icons forms and review items name, for `python -m listings purge-icons`."""
    click.echo(json.dumps(wiring.named_icons(loaded)))


if __name__ == "__main__":
    main(prog_name="python -m submissions")
