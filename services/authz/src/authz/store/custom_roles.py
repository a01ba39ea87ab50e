"""Custom roles. The organization is locked before anything here changes it (store/organizations.py)."""

from __future__ import annotations

from chassis.formats import is_uuid
from chassis.sql.database import constraint_name
from sqlalchemy import Connection, and_, delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from authz.domain.access import CustomRole, Organization, Permission
from authz.domain.organizations import custom_role_not_found, name_taken
from authz.store.change import Change
from authz.store.tables import custom_roles


def put(change: Change, organization: Organization, custom_role: CustomRole) -> None:
    """Makes or changes a custom role; nothing happens if it is so already. Raises NAME_TAKEN."""
    if custom_role in all_by_name(change.uow.connection, organization.organization_id):
        return
    values = {"name": custom_role.name, "permissions": sorted(custom_role.permissions)}
    statement = upsert(custom_roles).values(
        custom_role_id=custom_role.custom_role_id,
        organization_id=organization.organization_id,
        created_at=change.now,
        **values,
    )
    try:
        change.uow.execute(statement.on_conflict_do_update(index_elements=["custom_role_id"], set_=values))
    except IntegrityError as error:
        if constraint_name(error) == "custom_roles_name":
            raise name_taken(custom_role.name) from error
        raise
    change.custom_role_changed(organization.organization_id, custom_role.custom_role_id)


def remove(change: Change, organization: Organization, custom_role_id: str) -> None:
    """Deletes a custom role and takes it from its members. Raises CUSTOM_ROLE_NOT_FOUND."""
    require(change.uow.connection, organization.organization_id, custom_role_id)
    change.uow.execute(delete(custom_roles).where(custom_roles.c.custom_role_id == custom_role_id))
    change.custom_role_changed(organization.organization_id, custom_role_id)


def require(connection: Connection, organization_id: str, custom_role_id: str) -> None:
    """Raises CUSTOM_ROLE_NOT_FOUND unless the organization has that custom role."""
    if not is_uuid(custom_role_id):
        raise custom_role_not_found()
    own = and_(custom_roles.c.organization_id == organization_id, custom_roles.c.custom_role_id == custom_role_id)
    if connection.execute(select(custom_roles.c.custom_role_id).where(own)).one_or_none() is None:
        raise custom_role_not_found()


def all_by_name(connection: Connection, organization_id: str) -> list[CustomRole]:
    """Every custom role of the organization, whether or not its plan lets them count."""
    statement = (
        select(custom_roles.c.custom_role_id, custom_roles.c.name, custom_roles.c.permissions)
        .where(custom_roles.c.organization_id == organization_id)
        .order_by(custom_roles.c.name)
    )
    return [
        CustomRole(row.custom_role_id, row.name, frozenset(map(Permission, row.permissions)))
        for row in connection.execute(statement)
    ]
