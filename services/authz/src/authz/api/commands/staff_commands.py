"""`staff`: who works on the review desk."""

from __future__ import annotations

import click

from authz.api.commands.operator import Operator, named_person, with_operator
from authz.api.fields import Fields
from authz.domain.access import StaffRole
from authz.store import access_tokens, persons
from authz.store.change import Change

STAFF_ROLE = click.Choice([role.value for role in StaffRole])


@click.group()
def staff() -> None:
    """Staff of the directory: reviewers and lead reviewers."""


@staff.command()
@click.argument("email")
@click.option("--role", type=STAFF_ROLE, default=StaffRole.REVIEWER.value, show_default=True)
@with_operator
def add(operator: Operator, email: str, role: str) -> None:
    """Make somebody staff, or change the staff role."""
    fields = Fields()
    email = fields.email("EMAIL", email)
    fields.require()

    def work(change: Change) -> None:
        persons.set_staff_role(change, persons.holding_or_new(change, email), StaffRole(role))

    operator.change(work)


@staff.command()
@click.argument("email")
@with_operator
def remove(operator: Operator, email: str) -> None:
    """End a staff role and revoke the access tokens for the review desk."""

    def work(change: Change) -> None:
        person = named_person(change.uow.connection, email)
        persons.set_staff_role(change, person, None)
        access_tokens.revoke_all(change, person.person_id, organization_id=None)

    operator.change(work)


@staff.command("list")
@with_operator
def list_staff(operator: Operator) -> None:
    """Everybody who is staff."""
    for person in operator.read(persons.staff):
        click.echo(f"{person.staff_role:<13}  {person.email}" + (f"  {person.name}" if person.name else ""))
