"""`token`: personal access tokens, for people who cannot make one on the page yet."""

from __future__ import annotations

import click

from authz.api.commands.operator import Operator, named_organization, named_person, with_operator
from authz.api.fields import Fields
from authz.domain.organizations import member_not_found
from authz.domain.tokens import DEFAULT_DAYS, MAX_DAYS, MAX_NAME_LENGTH, new_secret
from authz.store import access_tokens, members
from authz.store.change import Change


@click.group()
def token() -> None:
    """Personal access tokens."""


@token.command()
@click.argument("email")
@click.option("--organization", default="", help="Name or id of an organization that the person belongs to.")
@click.option("--staff", is_flag=True, help="For work on the review desk instead.")
@click.option("--name", default="Made by an operator", show_default=True)
@click.option("--days", type=click.IntRange(1, MAX_DAYS), default=DEFAULT_DAYS, show_default=True)
@with_operator
def create(operator: Operator, email: str, organization: str, *, staff: bool, name: str, days: int) -> None:
    """Make a token and print its secret: the only time that it is shown."""
    if staff == bool(organization):
        raise click.UsageError("Give either --organization or --staff.")
    fields = Fields()
    name = fields.name("--name", name, maximum=MAX_NAME_LENGTH)
    fields.require()
    secret = new_secret()

    def work(change: Change) -> None:
        person = named_person(change.uow.connection, email)
        organization_id = _organization_id(change, organization, person.person_id) if organization else None
        if staff and person.staff_role is None:
            raise click.ClickException(f"{email} is not staff; see `staff add`.")
        access_tokens.create(
            change, person.person_id, organization_id=organization_id, name=name, days=days, secret=secret
        )

    operator.change(work)
    click.echo(secret)


def _organization_id(change: Change, organization: str, person_id: str) -> str:
    found = named_organization(change.uow.connection, organization)
    if members.role_of(change.uow.connection, found.organization_id, person_id) is None:
        raise member_not_found()
    return found.organization_id
