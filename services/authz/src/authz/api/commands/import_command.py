"""`import`: what a file says becomes so; what it does not mention stays."""

from __future__ import annotations

from pathlib import Path

import click
from chassis.errors import DirectoryError

from authz.api.commands.import_file import ImportFile, OrganizationEntry, read_import_file
from authz.api.commands.operator import Operator, with_operator
from authz.domain.access import CustomRole, Organization, Person, Role
from authz.store import custom_roles, members, organizations, persons
from authz.store.change import Change

People = dict[str, Person]


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_operator
def import_organizations(operator: Operator, file: Path) -> None:
    """Make organizations, members, custom roles and staff as FILE (JSON) says; see README.md for its form.

    All or nothing; a second time changes nothing. Nobody and nothing is removed.
    """
    try:
        content = read_import_file(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8.") from None
    operator.change(lambda change: _apply(change, content))
    count = sum(len(entry.members) for entry in content.organizations)
    click.echo(f"{len(content.organizations)} organizations with {count} members, {len(content.staff)} staff.")


def _apply(change: Change, content: ImportFile) -> None:
    # Addresses are settled before anything else is locked, as everywhere (store/persons.py).
    addresses = {member.email for entry in content.organizations for member in entry.members}
    addresses |= {entry.email for entry in content.staff}
    people = {address: persons.holding_or_new(change, address) for address in sorted(addresses)}
    for entry in content.organizations:
        try:
            _apply_organization(change, entry, people)
        except DirectoryError as error:
            raise click.ClickException(f"Organization {entry.name!r}: {error.message} ({error.reason})") from error
    for staff in content.staff:
        persons.set_staff_role(change, people[staff.email], staff.role)


def _apply_organization(change: Change, entry: OrganizationEntry, people: People) -> None:
    organization = _organization(change, entry)
    custom_role_ids = {}
    present = custom_roles.all_by_name(change.uow.connection, organization.organization_id)
    known = {role.name.casefold(): role.custom_role_id for role in present}
    for role in entry.custom_roles:
        custom_role_id = known.get(role.name.casefold()) or change.new_id()
        custom_roles.put(change, organization, CustomRole(custom_role_id, role.name, role.permissions))
        custom_role_ids[role.name.casefold()] = custom_role_id
    # The primary owner first: the present one, who may stand in the file with a lower role, steps down by that.
    for member in sorted(entry.members, key=lambda each: each.role is not Role.PRIMARY_OWNER):
        held = frozenset(custom_role_ids[name.casefold()] for name in member.custom_roles)
        members.put(change, organization, people[member.email], role=member.role, custom_role_ids=held, accepted=True)


def _organization(change: Change, entry: OrganizationEntry) -> Organization:
    organization_id = str(entry.organization_id) if entry.organization_id else None
    present = organizations.find(change.uow.connection, organization_id or entry.name)
    if present is None:
        return organizations.create(change, name=entry.name, plan=entry.plan, organization_id=organization_id)
    locked = organizations.lock(change.uow, present.organization_id)
    return organizations.alter(change, locked, name=entry.name, plan=entry.plan)
