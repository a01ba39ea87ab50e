"""`member` and `role`: members of an organization and its custom roles."""

from __future__ import annotations

from collections.abc import Sequence

import click

from authz.api.commands.operator import (
    Operator,
    named_organization,
    named_person,
    with_operator,
)
from authz.api.fields import MAX_CUSTOM_ROLE_NAME, Fields
from authz.domain import organizations as rules
from authz.domain.access import CustomRole, Organization, Permission, Role
from authz.store import custom_roles, members, organizations, persons
from authz.store.change import Change

ROLE = click.Choice([role.value for role in Role])
PERMISSION = click.Choice([permission.value for permission in Permission])


@click.group()
def member() -> None:
    """Members of an organization. ORGANIZATION is a name or an id."""


@member.command("add")
@click.argument("organization")
@click.argument("email")
@click.option("--role", type=ROLE, default=Role.MEMBER.value, show_default=True)
@click.option("--custom-role", "names", multiple=True, help="Name of a custom role; can be repeated.")
@with_operator
def add_member(operator: Operator, organization: str, email: str, role: str, names: Sequence[str]) -> None:
    """Add a member, or change one: role and custom roles are as given from now on.

    Making somebody primary owner makes the present one an owner.
    """
    fields = Fields()
    email = fields.email("EMAIL", email)
    fields.require()

    def work(change: Change) -> None:
        person = persons.holding_or_new(change, email)
        locked = _locked(change, organization)
        current = members.find(change.uow.connection, locked.organization_id, person.person_id)
        rules.require_primary_owner_stays(current=current.role if current else None, new=Role(role))
        known = {each.name.casefold(): each.custom_role_id for each in _custom_roles(change, locked)}
        wanted = frozenset(known.get(name.strip().casefold(), "") for name in names)
        held = current.custom_role_ids if current else frozenset()
        rules.require_assignable(locked.plan, known=frozenset(known.values()), held=held, wanted=wanted)
        members.put(change, locked, person, role=Role(role), custom_role_ids=wanted, accepted=True)

    operator.change(work)


@member.command("remove")
@click.argument("organization")
@click.argument("email")
@with_operator
def remove_member(operator: Operator, organization: str, email: str) -> None:
    """Remove a member and revoke the member's access tokens for the organization."""

    def work(change: Change) -> None:
        person = named_person(change.uow.connection, email)
        locked = _locked(change, organization)
        role = members.role_of(change.uow.connection, locked.organization_id, person.person_id)
        if role is None:
            raise rules.member_not_found()
        rules.require_primary_owner_stays(current=role, new=None)
        members.remove(change, locked, person.person_id)

    operator.change(work)


@click.group("role")
def custom_role() -> None:
    """Custom roles of an organization on the enterprise plan. ORGANIZATION is a name or an id."""


@custom_role.command("set")
@click.argument("organization")
@click.argument("name")
@click.option("--permission", "permissions", type=PERMISSION, multiple=True, help="Can be repeated.")
@with_operator
def set_custom_role(operator: Operator, organization: str, name: str, permissions: Sequence[str]) -> None:
    """Make a custom role, or give the one of that name these permissions."""
    fields = Fields()
    name = fields.name("NAME", name, maximum=MAX_CUSTOM_ROLE_NAME)
    fields.require()

    def work(change: Change) -> None:
        locked = _locked(change, organization)
        rules.require_custom_roles(locked.plan)
        same = (each for each in _custom_roles(change, locked) if each.name.casefold() == name.casefold())
        present = next(same, None)
        custom_role_id = present.custom_role_id if present else change.new_id()
        wanted = CustomRole(custom_role_id, name, frozenset(map(Permission, permissions)))
        custom_roles.put(change, locked, wanted)

    operator.change(work)


@custom_role.command("remove")
@click.argument("organization")
@click.argument("name")
@with_operator
def remove_custom_role(operator: Operator, organization: str, name: str) -> None:
    """Delete a custom role and take it from its members."""

    def work(change: Change) -> None:
        locked = _locked(change, organization)
        same = (each for each in _custom_roles(change, locked) if each.name.casefold() == name.strip().casefold())
        present = next(same, None)
        custom_roles.remove(change, locked, present.custom_role_id if present else "")

    operator.change(work)


def _locked(change: Change, name_or_id: str) -> Organization:
    found = named_organization(change.uow.connection, name_or_id)
    return organizations.lock(change.uow, found.organization_id)


def _custom_roles(change: Change, organization: Organization) -> list[CustomRole]:
    return custom_roles.all_by_name(change.uow.connection, organization.organization_id)
