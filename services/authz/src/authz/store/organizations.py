"""Organizations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork, constraint_name
from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from authz.domain.access import Organization, Plan
from authz.domain.organizations import name_taken, organization_not_found
from authz.store.change import Change
from authz.store.tables import organizations

_COLUMNS = (organizations.c.organization_id, organizations.c.name, organizations.c.plan)


def create(change: Change, *, name: str, plan: Plan, organization_id: str | None = None) -> Organization:
    """A new organization, without members yet. Raises NAME_TAKEN."""
    organization = Organization(organization_id or change.new_id(), name, plan)
    try:
        change.uow.execute(
            insert(organizations).values(
                organization_id=organization.organization_id, name=name, plan=plan.value, created_at=change.now
            )
        )
    except IntegrityError as error:
        if constraint_name(error) == "organizations_name":
            raise name_taken(name) from error
        raise
    change.organization_changed(organization)
    return organization


def alter(change: Change, organization: Organization, *, name: str, plan: Plan) -> Organization:
    """A new name or plan for a locked organization; nothing happens if both are as before. Raises NAME_TAKEN."""
    altered = Organization(organization.organization_id, name, plan)
    if altered == organization:
        return organization
    try:
        change.uow.execute(
            update(organizations)
            .where(organizations.c.organization_id == organization.organization_id)
            .values(name=name, plan=plan.value)
        )
    except IntegrityError as error:
        if constraint_name(error) == "organizations_name":
            raise name_taken(name) from error
        raise
    change.organization_changed(altered)
    return altered


def get(connection: Connection, organization_id: str) -> Organization:
    """The organization. Raises ORGANIZATION_NOT_FOUND."""
    if not is_uuid(organization_id):
        raise organization_not_found()
    row = connection.execute(select(*_COLUMNS).where(organizations.c.organization_id == organization_id)).one_or_none()
    if row is None:
        raise organization_not_found()
    return _organization(row)


def lock(uow: UnitOfWork, organization_id: str) -> Organization:
    """The organization, which nobody else changes until the transaction ends. Raises ORGANIZATION_NOT_FOUND.

    Every change of an organization, its members and its custom roles begins here: that keeps the rules over several
    rows (one primary owner) true, and the events of one organization in order.
    """
    if not is_uuid(organization_id):
        raise organization_not_found()
    statement = select(*_COLUMNS).where(organizations.c.organization_id == organization_id).with_for_update()
    row = uow.execute(statement).one_or_none()
    if row is None:
        raise organization_not_found()
    return _organization(row)


def find(connection: Connection, name_or_id: str) -> Organization | None:
    """The organization of that id, or of that name in any case."""
    matches = func.lower(organizations.c.name) == func.lower(name_or_id.strip())
    if is_uuid(name_or_id):
        matches = organizations.c.organization_id == name_or_id
    row = connection.execute(select(*_COLUMNS).where(matches)).one_or_none()
    return None if row is None else _organization(row)


def all_by_name(connection: Connection) -> list[Organization]:
    """Every organization."""
    return [_organization(row) for row in connection.execute(select(*_COLUMNS).order_by(organizations.c.name))]


def names(connection: Connection, organization_ids: Iterable[str]) -> dict[str, str]:
    """Id and name of those that there are."""
    known = [each for each in organization_ids if is_uuid(each)]
    query = select(organizations.c.organization_id, organizations.c.name)
    rows = connection.execute(query.where(organizations.c.organization_id.in_(known)))
    return {str(organization_id): name for organization_id, name in rows}


def _organization(row: Any) -> Organization:
    organization_id, name, plan = row
    return Organization(organization_id, name, Plan(plan))
