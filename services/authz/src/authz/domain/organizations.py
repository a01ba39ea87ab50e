"""Rules of organizations: exactly one primary owner, who may change whom, custom roles by plan."""

from __future__ import annotations

from chassis.errors import Conflict, NotFound, PermissionDenied

from authz.domain.access import OWNERS, Plan, Role
from authz.domain.policy import PLANS_WITH_CUSTOM_ROLES


def require_owner(actor: Role | None) -> Role:
    """The role, if it is an owner's. Raises ORGANIZATION_NOT_FOUND for who is no member, OWNER_REQUIRED for others."""
    if actor is None:
        raise organization_not_found()
    if actor not in OWNERS:
        raise PermissionDenied("OWNER_REQUIRED", "Only owners of the organisation can do this.")
    return actor


def require_may_set_role(actor: Role, *, current: Role | None, new: Role) -> None:
    """Whether an owner may give somebody (who has the role `current`, None: no member yet) the role `new`.

    The primary owner's seat is handed over by its holder alone, and only by naming the successor: OWNER_REQUIRED for
    an owner who takes it, PRIMARY_OWNER_REQUIRED when the seat would be left empty.
    """
    if new is Role.PRIMARY_OWNER and actor is not Role.PRIMARY_OWNER:
        raise PermissionDenied("OWNER_REQUIRED", "Only the primary owner can make somebody else the primary owner.")
    require_primary_owner_stays(current=current, new=new)


def require_primary_owner_stays(*, current: Role | None, new: Role | None) -> None:
    """Raises PRIMARY_OWNER_REQUIRED if a change (`new` None: removal) takes the role from the primary owner."""
    if current is Role.PRIMARY_OWNER and new is not Role.PRIMARY_OWNER:
        raise Conflict(
            "PRIMARY_OWNER_REQUIRED",
            "An organisation has exactly one primary owner. Make somebody else the primary owner first.",
        )


MAX_MEMBERS = 1_000
"""Whom owners can add: addresses are free, and each costs a row, a line of the page and a question for every e-mail.
Operators are not bound by it."""


def require_room(present: int) -> None:
    """Raises TOO_MANY_MEMBERS if an owner cannot add another one to `present` members."""
    if present >= MAX_MEMBERS:
        raise Conflict(
            "TOO_MANY_MEMBERS",
            f"An organisation has at most {MAX_MEMBERS:,} members. Remove some, or ask the directory's support.",
            limit=MAX_MEMBERS,
        )


def require_custom_roles(plan: Plan) -> None:
    """Raises PLAN_WITHOUT_CUSTOM_ROLES unless the plan has custom roles."""
    if plan not in PLANS_WITH_CUSTOM_ROLES:
        raise Conflict(
            "PLAN_WITHOUT_CUSTOM_ROLES", f"The {plan} plan has no custom roles; enterprise does.", plan=plan.value
        )


def require_assignable(plan: Plan, *, known: frozenset[str], held: frozenset[str], wanted: frozenset[str]) -> None:
    """Whether a member who holds the custom roles `held` may hold `wanted` from now on.

    What is held already may stay under any plan, since it stops counting by itself. Raises CUSTOM_ROLE_NOT_FOUND for
    roles that are not among `known`, PLAN_WITHOUT_CUSTOM_ROLES for new ones under a plan without custom roles.
    """
    if wanted - known:
        raise custom_role_not_found()
    if wanted - held:
        require_custom_roles(plan)


def organization_not_found() -> NotFound:
    """The organization does not exist for the caller."""
    return NotFound("ORGANIZATION_NOT_FOUND", "There is no such organisation.")


def member_not_found() -> NotFound:
    """Nobody of that id or address is a member."""
    return NotFound("MEMBER_NOT_FOUND", "There is no such member in the organisation.")


def already_a_member(role: Role) -> Conflict:
    """Somebody who is to be added is there; adding must not change the role that they have."""
    return Conflict(
        "ALREADY_A_MEMBER",
        "This person is a member already. Change their role in the list of members.",
        role=role.value,
    )


def custom_role_not_found() -> NotFound:
    """The organization has no such custom role."""
    return NotFound("CUSTOM_ROLE_NOT_FOUND", "There is no such custom role in the organisation.")


def person_not_found() -> NotFound:
    """Nobody has that id or address."""
    return NotFound("PERSON_NOT_FOUND", "There is no such person.")


def name_taken(name: str) -> Conflict:
    """Another organization, or another custom role of the organization, has the name."""
    return Conflict("NAME_TAKEN", f"The name “{name}” is taken.", name=name)
