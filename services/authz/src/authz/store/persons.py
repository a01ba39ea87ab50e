"""Persons: who they are, how sign-ins find them, staff roles."""

from __future__ import annotations

from chassis.formats import is_uuid
from chassis.sql.database import UnitOfWork
from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from authz.domain.access import Person, StaffRole
from authz.domain.organizations import person_not_found
from authz.domain.persons import Holder, SignIn, normal_address
from authz.store.change import Change
from authz.store.tables import persons


def get(connection: Connection, person_id: str) -> Person:
    """The person. Raises PERSON_NOT_FOUND."""
    found = _one(connection, persons.c.person_id == person_id) if is_uuid(person_id) else None
    if found is None:
        raise person_not_found()
    return found


def lock(uow: UnitOfWork, person_id: str) -> None:
    """Nobody else changes the person until the transaction ends: events of one person leave in order."""
    uow.execute(select(persons.c.person_id).where(persons.c.person_id == person_id).with_for_update())


def holding(connection: Connection, email: str) -> Person | None:
    """The person to whom the address belongs."""
    return _one(connection, _holds(email))


def holding_or_new(change: Change, email: str) -> Person:
    """The person to whom the address belongs; somebody in waiting is made if it is nobody's yet."""
    email = normal_address(email)
    lock_names(change.uow, email)
    found = _one(change.uow.connection, _holds(email))
    if found is not None:
        return found
    person = Person(change.new_id(), email, "")
    add(change, person, sign_in=None)
    return person


def of_sign_in(connection: Connection, sign_in: SignIn) -> tuple[Person, bool] | None:
    """The person of that issuer and subject, and whether they hold their address."""
    same = and_(persons.c.issuer == sign_in.issuer, persons.c.subject == sign_in.subject)
    row = connection.execute(select(persons).where(same)).one_or_none()
    return None if row is None else (_person(row), row.holds_address)


def holder(connection: Connection, email: str) -> Holder | None:
    """Who holds the address, for the rules of joining."""
    row = connection.execute(select(persons).where(_holds(email))).one_or_none()
    return None if row is None else Holder(row.person_id, in_waiting=row.subject is None)


def add(change: Change, person: Person, *, sign_in: SignIn | None) -> None:
    """A new person: of a sign-in, or (None) in waiting for the first one."""
    change.uow.execute(
        insert(persons).values(
            person_id=person.person_id,
            issuer=sign_in.issuer if sign_in else None,
            subject=sign_in.subject if sign_in else None,
            email=person.email,
            holds_address=sign_in is None or sign_in.proves_address,
            name=person.name,
            created_at=change.now,
        )
    )


def update_from(change: Change, person_id: str, sign_in: SignIn) -> None:
    """What the provider says now; what it does not say stays."""
    values: dict[str, object] = {"issuer": sign_in.issuer, "subject": sign_in.subject}
    if sign_in.name:
        values["name"] = sign_in.name
    if sign_in.email:
        said = sign_in.email_verified
        values |= {"email": sign_in.email, "holds_address": _holds(sign_in.email) if said is None else said}
    change.uow.execute(update(persons).where(persons.c.person_id == person_id).values(values))


def lose_address(change: Change, person_id: str) -> None:
    """The address belongs to the person no more; it stays shown."""
    change.uow.execute(update(persons).where(persons.c.person_id == person_id).values(holds_address=False))


def set_staff_role(change: Change, person: Person, role: StaffRole | None) -> None:
    """Makes somebody staff, changes the staff role, or (None) ends it; nothing happens if it is so already."""
    lock(change.uow, person.person_id)
    this = persons.c.person_id == person.person_id
    changed = this & persons.c.staff_role.is_distinct_from(role.value if role else None)
    statement = update(persons).where(changed).values(staff_role=role.value if role else None)
    if change.uow.execute(statement).rowcount:
        change.staff_changed(person.person_id, role)


def staff(connection: Connection) -> list[Person]:
    """Everybody who is staff, by e-mail address."""
    rows = connection.execute(select(persons).where(persons.c.staff_role.is_not(None)).order_by(persons.c.email))
    return [_person(row) for row in rows]


def lock_names(uow: UnitOfWork, *names: str) -> None:
    """Whoever gives or takes an address does it alone; always before any row is locked, in one order."""
    for name in sorted(set(names)):
        uow.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _holds(email: str) -> ColumnElement[bool]:
    return and_(persons.c.email == normal_address(email), persons.c.holds_address)


def _one(connection: Connection, condition: ColumnElement[bool]) -> Person | None:
    row = connection.execute(select(persons).where(condition)).one_or_none()
    return None if row is None else _person(row)


def _person(row: Row[tuple[object, ...]]) -> Person:
    return Person(row.person_id, row.email, row.name, StaffRole(row.staff_role) if row.staff_role else None)
