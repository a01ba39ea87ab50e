"""Sign-ins: the person of a sign-in, with what was given to the address beforehand (rules in domain/persons.py)."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from authz.domain.access import Person, Role, StaffRole, stronger_role
from authz.domain.persons import Joining, SignIn, joining
from authz.store import members, organizations, persons, tables
from authz.store.change import Change


def resolve(change: Change, sign_in: SignIn) -> Person:
    """The person of the sign-in.

    1. Nothing is written, and nobody waits, when the provider says what is known already.
    2. Everybody else concerned with the address or the sign-in waits.
    3. The rules say what to do with the present holder of the address.
    4. The person is made, or brought up to date.
    """
    connection = change.uow.connection
    if _is_known(persons.of_sign_in(connection, sign_in), sign_in):  # 1
        return _known(change, sign_in)
    persons.lock_names(change.uow, sign_in.email, f"{sign_in.issuer} {sign_in.subject}")  # 2
    known = persons.of_sign_in(connection, sign_in)
    known_id = known[0].person_id if known else None
    holder = persons.holder(connection, sign_in.email)
    decision = joining(sign_in, known_person_id=known_id, holder=holder)  # 3
    if holder is not None and decision is Joining.BECOME:
        known_id = holder.person_id
    elif holder is not None and decision is Joining.DISPLACE:
        persons.lose_address(change, holder.person_id)
    elif holder is not None and known_id and decision is Joining.ABSORB:
        _absorb(change, known_id, waiting_id=holder.person_id)
    if known_id is None:  # 4
        persons.add(change, Person(change.new_id(), sign_in.email, sign_in.name), sign_in=sign_in)
    else:
        persons.update_from(change, known_id, sign_in)
    return _known(change, sign_in)


def _is_known(known: tuple[Person, bool] | None, sign_in: SignIn) -> bool:
    if known is None:
        return False
    person, holds_address = known
    same_address = person.email == sign_in.email and sign_in.email_verified in (None, holds_address)
    return (not sign_in.email or same_address) and sign_in.name in ("", person.name)


def _known(change: Change, sign_in: SignIn) -> Person:
    known = persons.of_sign_in(change.uow.connection, sign_in)
    if known is None:
        raise AssertionError("the person was just stored")
    return known[0]


def _absorb(change: Change, person_id: str, *, waiting_id: str) -> None:
    """Everything of the person in waiting becomes the person's: memberships, staff role, access tokens."""
    waiting = select(tables.members.c.organization_id).where(tables.members.c.person_id == waiting_id)
    for organization_id in sorted(change.uow.execute(waiting).scalars().all()):
        _move_membership(change, organization_id, person_id, waiting_id=waiting_id)
    held = tables.access_tokens.c.person_id == waiting_id
    change.uow.execute(update(tables.access_tokens).where(held).values(person_id=person_id))
    _move_staff_role(change, person_id, waiting_id=waiting_id)
    change.uow.execute(delete(tables.persons).where(tables.persons.c.person_id == waiting_id))


def _move_membership(change: Change, organization_id: str, person_id: str, *, waiting_id: str) -> None:
    connection = change.uow.connection
    organization = organizations.lock(change.uow, organization_id)
    given = members.find(connection, organization_id, waiting_id)
    present = members.find(connection, organization_id, person_id)
    if given is None:
        return
    role = stronger_role(given.role, present.role if present else Role.MEMBER)
    custom_role_ids = given.custom_role_ids | (present.custom_role_ids if present else frozenset())
    # The one in waiting leaves first, so that there are never two primary owners.
    gone = tables.members.c.person_id == waiting_id
    change.uow.execute(delete(tables.members).where(gone, tables.members.c.organization_id == organization_id))
    change.member_changed(organization_id, waiting_id, None)
    person = persons.get(connection, person_id)
    members.put(change, organization, person, role=role, custom_role_ids=custom_role_ids, accepted=given.accepted)


def _move_staff_role(change: Change, person_id: str, *, waiting_id: str) -> None:
    waiting, person = (persons.get(change.uow.connection, each) for each in (waiting_id, person_id))
    if waiting.staff_role and person.staff_role is not StaffRole.LEAD_REVIEWER:
        persons.set_staff_role(change, person, waiting.staff_role)
