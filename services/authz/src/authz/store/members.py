"""Members of organizations. The organization is locked before anything here changes it (store/organizations.py)."""

from __future__ import annotations

from collections.abc import Mapping

from chassis.formats import is_uuid
from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from authz.domain.access import Member, Organization, Person, Role, StaffRole
from authz.store import access_tokens
from authz.store.change import Change
from authz.store.tables import member_custom_roles, members, persons


def put(
    change: Change,
    organization: Organization,
    person: Person,
    *,
    role: Role,
    custom_role_ids: frozenset[str],
    accepted: bool,
) -> Member:
    """Makes somebody a member, or changes the membership; nothing happens if it is so already.

    A new primary owner makes the present one an owner. `accepted` is for what needs no consent of the person; who
    accepted before stays so. Rules are asked before (domain/organizations.py).
    """
    organization_id = organization.organization_id
    present = find(change.uow.connection, organization_id, person.person_id)
    wanted = Member(person, role, custom_role_ids, accepted or (present is not None and present.accepted))
    if present == wanted:
        return wanted
    if role is Role.PRIMARY_OWNER:
        _step_down(change, organization_id, successor_id=person.person_id)
    values = {"role": role.value, "accepted_at": change.now if wanted.accepted else None}
    statement = upsert(members).values(
        organization_id=organization_id, person_id=person.person_id, created_at=change.now, **values
    )
    since = func.coalesce(members.c.accepted_at, statement.excluded.accepted_at)
    change.uow.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "person_id"], set_=values | {"accepted_at": since}
        )
    )
    held = and_(
        member_custom_roles.c.organization_id == organization_id, member_custom_roles.c.person_id == person.person_id
    )
    change.uow.execute(delete(member_custom_roles).where(held))
    if custom_role_ids:
        rows = [
            {"organization_id": organization_id, "person_id": person.person_id, "custom_role_id": custom_role_id}
            for custom_role_id in sorted(custom_role_ids)
        ]
        change.uow.execute(insert(member_custom_roles), rows)
    change.member_changed(organization_id, person.person_id, role)
    return wanted


def accept(change: Change, organization: Organization, person_id: str) -> None:
    """The person takes the membership up; nothing happens if it is so already, or if it is gone."""
    member = find(change.uow.connection, organization.organization_id, person_id)
    if member is None or member.accepted:
        return
    this = and_(members.c.organization_id == organization.organization_id, members.c.person_id == person_id)
    change.uow.execute(update(members).where(this).values(accepted_at=change.now))
    change.member_changed(organization.organization_id, person_id, member.role)


def remove(change: Change, organization: Organization, person_id: str) -> None:
    """Ends a membership, and with it the person's access tokens for the organization."""
    membership = and_(members.c.organization_id == organization.organization_id, members.c.person_id == person_id)
    change.uow.execute(delete(members).where(membership))
    change.member_changed(organization.organization_id, person_id, None)
    access_tokens.revoke_all(change, person_id, organization_id=organization.organization_id)


def find(connection: Connection, organization_id: str, person_id: str) -> Member | None:
    """The membership of that person, if there is one."""
    if not is_uuid(person_id):
        return None
    found = _select(connection, and_(members.c.organization_id == organization_id, members.c.person_id == person_id))
    return found[0] if found else None


def role_of(connection: Connection, organization_id: str, person_id: str) -> Role | None:
    """The role of that person, None for somebody who is no member."""
    member = find(connection, organization_id, person_id)
    return member.role if member else None


def all_by_email(connection: Connection, organization_id: str) -> list[Member]:
    """Every member of the organization."""
    return _select(connection, members.c.organization_id == organization_id)


def reachable(connection: Connection, organization_id: str) -> list[Member]:
    """Members who may be written to, by address.

    They signed in, hold their address (domain/persons.py) and accepted the membership: an address alone, which anybody
    may name, is written to by nobody.
    """
    known = and_(persons.c.subject.is_not(None), persons.c.holds_address, members.c.accepted_at.is_not(None))
    return _select(connection, and_(members.c.organization_id == organization_id, known))


def count(connection: Connection, organization_id: str) -> int:
    """How many members the organization has."""
    mine = select(func.count()).select_from(members).where(members.c.organization_id == organization_id)
    return int(connection.execute(mine).scalar_one())


def counts(connection: Connection) -> Mapping[str, int]:
    """How many members each organization has."""
    statement = select(members.c.organization_id, func.count()).group_by(members.c.organization_id)
    return {row[0]: row[1] for row in connection.execute(statement)}


def _step_down(change: Change, organization_id: str, *, successor_id: str) -> None:
    present = and_(
        members.c.organization_id == organization_id,
        members.c.role == Role.PRIMARY_OWNER.value,
        members.c.person_id != successor_id,
    )
    statement = update(members).where(present).values(role=Role.OWNER.value).returning(members.c.person_id)
    for person_id in change.uow.execute(statement).scalars():
        change.member_changed(organization_id, person_id, Role.OWNER)


def _select(connection: Connection, condition: ColumnElement[bool]) -> list[Member]:
    held = and_(
        member_custom_roles.c.organization_id == members.c.organization_id,
        member_custom_roles.c.person_id == members.c.person_id,
    )
    custom_role_ids = func.array_agg(member_custom_roles.c.custom_role_id)
    statement = (
        select(persons, members.c.role, members.c.accepted_at, custom_role_ids.label("custom_role_ids"))
        .join(persons, persons.c.person_id == members.c.person_id)
        .outerjoin(member_custom_roles, held)
        .where(condition)
        .group_by(persons.c.person_id, members.c.organization_id, members.c.person_id)
        .order_by(persons.c.email, persons.c.person_id)
    )
    return [
        Member(
            Person(row.person_id, row.email, row.name, StaffRole(row.staff_role) if row.staff_role else None),
            Role(row.role),
            frozenset(str(each) for each in row.custom_role_ids if each),
            accepted=row.accepted_at is not None,
        )
        for row in connection.execute(statement)
    ]
