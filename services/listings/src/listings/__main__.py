"""`python -m listings serve | work | migrate | trust | untrust | trusted | purge-icons`."""

import sys
from typing import TextIO
from uuid import UUID

import click
from chassis import clock, logs
from chassis.errors import DirectoryError
from chassis.settings import load

from listings import wiring
from listings.domain import named_icons
from listings.domain.named_icons import FEWEST_DAYS
from listings.settings import OperatorSettings, Settings

_MOST_DAYS = 36_500


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


_BY = click.option("--by", "by_name", required=True, help="Who decides this: kept for ever.")
_REASON = click.option("--reason", required=True, help="Why: kept for ever.")


@main.command()
@click.argument("organization_id", type=click.UUID)
@_BY
@_REASON
def trust(organization_id: UUID, by_name: str, reason: str) -> None:
    """Let an organization's edits of AUTO_APPLY_FIELDS go live without a review."""
    _set_trusted(organization_id, trusted=True, by_name=by_name, reason=reason)


@main.command()
@click.argument("organization_id", type=click.UUID)
@_BY
@_REASON
def untrust(organization_id: UUID, by_name: str, reason: str) -> None:
    """Send every edit of an organization to the reviewers again."""
    _set_trusted(organization_id, trusted=False, by_name=by_name, reason=reason)


@main.command()
@click.option("--changes", is_flag=True, help="Every change that was ever made, oldest first.")
def trusted(changes: bool) -> None:
    """Which organizations are trusted, since when, by whom and why."""
    rows = wiring.trust_changes(load(OperatorSettings))
    latest = {row.organization_id: row for row in rows}
    for row in rows if changes else [row for row in latest.values() if row.trusted]:
        word = "trusted" if row.trusted else "untrusted"
        click.echo(f"{row.organization_id}  {word} {row.at:%Y-%m-%d %H:%M} by {row.by_name}: {row.reason}")


@main.command("purge-icons")
@click.argument("named", type=click.File(encoding="utf-8"))
@click.option("--unused-days", type=click.IntRange(FEWEST_DAYS, _MOST_DAYS), default=30, show_default=True)
@click.option("--dry-run", is_flag=True, help="Say how many there are, and remove none.")
def purge_icons(named: TextIO, *, unused_days: int, dry_run: bool) -> None:
    """Remove icons that nothing names any more. NAMED is what `python -m submissions icons` printed, or -."""
    try:
        content = named_icons.read(named.read(), clock.now())
        count = wiring.purge_icons(load(OperatorSettings), content, days=unused_days, dry_run=dry_run)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count:,} icons {'would be' if dry_run else 'were'} removed.")


def _set_trusted(organization_id: UUID, *, trusted: bool, by_name: str, reason: str) -> None:
    by_name, reason = by_name.strip(), reason.strip()
    if not by_name or not reason:
        raise click.UsageError("--by and --reason need words.")
    try:
        changed = wiring.set_trusted(
            load(OperatorSettings), str(organization_id), trusted=trusted, by_name=by_name, reason=reason
        )
    except DirectoryError as error:
        raise click.ClickException(f"{error.message} ({error.reason})") from error
    word = "trusted" if trusted else "not trusted"
    click.echo(f"{organization_id} is {word} now." if changed else f"{organization_id} was {word} before.")


def _settings() -> Settings:
    settings = load(Settings)
    logs.configure("listings", settings)
    return settings


if __name__ == "__main__":
    main()
