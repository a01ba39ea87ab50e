"""`python -m authz`"""

from __future__ import annotations

import sys

import click
from chassis.settings import load

from authz import wiring
from authz.api.commands import grant_keys
from authz.api.commands.import_command import import_organizations
from authz.api.commands.member_commands import custom_role, member
from authz.api.commands.organization_commands import org
from authz.api.commands.staff_commands import staff
from authz.api.commands.token_commands import token
from authz.settings import KeySettings, Settings


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Who may do what: organizations, plans, members, roles, staff, tokens and grants."""
    context.obj = wiring.operator


@main.command()
def serve() -> None:
    """Answer gRPC calls until stopped."""
    sys.exit(wiring.serve(load(Settings)))


@main.command()
def work() -> None:
    """Relay events to Kafka until stopped."""
    sys.exit(wiring.work(load(Settings)))


@main.command()
def migrate() -> None:
    """Bring database and topics up to date."""
    wiring.migrate(load(Settings))


@main.group()
def keys() -> None:
    """The keys that sign grants, in GRANT_SIGNING_KEY_FILE and GRANT_KEYS_FILE."""


@keys.command("create")
def create_keys() -> None:
    """Make both files, unless they exist."""
    settings = load(KeySettings)
    made = grant_keys.create(settings.grant_signing_key_file, settings.grant_keys_file)
    click.echo("Made." if made else "Both files exist already.")


@keys.command("rotate")
def rotate_keys() -> None:
    """Sign with a new key from now on; the present one still verifies until the next rotation."""
    settings = load(KeySettings)
    click.echo(grant_keys.rotate(settings.grant_signing_key_file, settings.grant_keys_file))


for command in (org, member, custom_role, staff, token, import_organizations):
    main.add_command(command)


if __name__ == "__main__":
    main(prog_name="authz")
