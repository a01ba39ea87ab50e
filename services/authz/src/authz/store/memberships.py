"""Memberships, seen from the person, with the policy's verdict."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select

from authz.domain.access import Organization, Permission, Plan, Role
from authz.domain.policy import Membership, decide
from authz.store.tables import custom_roles, member_custom_roles, members, organizations


def of_person(connection: Connection, person_id: str) -> list[Membership]:
    """Every membership of the person, by the organization's name."""
    held = and_(
        member_custom_roles.c.organization_id == members.c.organization_id,
        member_custom_roles.c.person_id == members.c.person_id,
    )
    statement = (
        select(organizations, members.c.role, members.c.accepted_at, custom_roles.c.permissions)
        .join(organizations, organizations.c.organization_id == members.c.organization_id)
        .outerjoin(member_custom_roles, held)
        .outerjoin(custom_roles, custom_roles.c.custom_role_id == member_custom_roles.c.custom_role_id)
        .where(members.c.person_id == person_id)
        .order_by(organizations.c.name)
    )
    held_as: dict[Organization, tuple[Role, bool]] = {}
    permissions: dict[Organization, list[frozenset[Permission]]] = {}
    for row in connection.execute(statement):
        organization = Organization(row.organization_id, row.name, Plan(row.plan))
        held_as[organization] = (Role(row.role), row.accepted_at is not None)
        permissions.setdefault(organization, []).append(frozenset(map(Permission, row.permissions or ())))
    return [
        Membership(organization, role, decide(organization.plan, role, permissions[organization]), accepted)
        for organization, (role, accepted) in held_as.items()
    ]
