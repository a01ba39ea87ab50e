"""`org`: organizations and their plans."""

from __future__ import annotations

import click

from authz.api.commands.operator import Operator, named_organization, with_operator
from authz.api.fields import MAX_ORGANIZATION_NAME, Fields
from authz.domain.access import Member, Organization, Plan, Role
from authz.store import custom_roles, members, organizations, persons
from authz.store.change import Change

PLAN = click.Choice([plan.value for plan in Plan])


@click.group()
def org() -> None:
    """Organizations and their plans. ORGANIZATION is a name or an id."""


@org.command()
@click.argument("name")
@click.option("--plan", type=PLAN, required=True)
@click.option("--primary-owner", "email", required=True, help="E-mail address; the person need not have signed in.")
@with_operator
def create(operator: Operator, name: str, plan: str, email: str) -> None:
    """Make an organization and print its id."""
    fields = Fields()
    name = fields.name("NAME", name, maximum=MAX_ORGANIZATION_NAME)
    email = fields.email("--primary-owner", email)
    fields.require()

    def work(change: Change) -> Organization:
        person = persons.holding_or_new(change, email)
        organization = organizations.create(change, name=name, plan=Plan(plan))
        members.put(change, organization, person, role=Role.PRIMARY_OWNER, custom_role_ids=frozenset(), accepted=True)
        return organization

    click.echo(operator.change(work).organization_id)


@org.command("plan")
@click.argument("organization")
@click.argument("plan", type=PLAN)
@with_operator
def change_plan(operator: Operator, organization: str, plan: str) -> None:
    """Change an organization's plan. Below enterprise, custom roles stay stored and stop counting at once."""

    def work(change: Change) -> Organization:
        found = named_organization(change.uow.connection, organization)
        locked = organizations.lock(change.uow, found.organization_id)
        return organizations.alter(change, locked, name=locked.name, plan=Plan(plan))

    click.echo(_line(operator.change(work)))


@org.command("list")
@with_operator
def list_organizations(operator: Operator) -> None:
    """Every organization: id, plan, number of members, name."""
    found, counts = operator.read(
        lambda connection: (organizations.all_by_name(connection), members.counts(connection))
    )
    for organization in found:
        click.echo(
            f"{organization.organization_id}  {organization.plan:<10}  {counts.get(organization.organization_id, 0):>5}"
            f"  {organization.name}"
        )


@org.command()
@click.argument("organization")
@with_operator
def show(operator: Operator, organization: str) -> None:
    """An organization with its members and custom roles."""
    found = operator.read(lambda connection: named_organization(connection, organization))
    held = operator.read(lambda connection: members.all_by_email(connection, found.organization_id))
    roles = operator.read(lambda connection: custom_roles.all_by_name(connection, found.organization_id))
    names = {role.custom_role_id: role.name for role in roles}
    click.echo(_line(found))
    for role in roles:
        click.echo(f"  custom role  {role.name}: {', '.join(sorted(role.permissions)) or 'nothing'}")
    for member in held:
        click.echo(f"  {_member(member, names)}")


def _line(organization: Organization) -> str:
    return f"{organization.organization_id}  {organization.plan}  {organization.name}"


def _member(member: Member, names: dict[str, str]) -> str:
    held = ", ".join(sorted(names[custom_role_id] for custom_role_id in member.custom_role_ids))
    return f"{member.role:<13}  {member.person.email}" + (f"  ({held})" if held else "")
