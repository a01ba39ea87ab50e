"""Who has directory management: one function, decided from plan, role and custom roles alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from authz.domain.access import OWNERS, Organization, Permission, Person, Plan, Role

PLANS_WITH_DASHBOARD = frozenset({Plan.TEAM, Plan.ENTERPRISE})
PLANS_WITH_CUSTOM_ROLES = frozenset({Plan.ENTERPRISE})
_GIVE_DIRECTORY_MANAGEMENT = frozenset({Permission.DIRECTORY_MANAGEMENT, Permission.LIBRARIES})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a member has directory management, and the reason (an ErrorReason without prefix) if not."""

    directory_management: bool
    denied_reason: str


_GRANTED = Verdict(directory_management=True, denied_reason="")


def decide(plan: Plan, role: Role, custom_roles: Iterable[frozenset[Permission]]) -> Verdict:
    """The verdict on a member.

    `custom_roles` are the permissions of the custom roles that the member holds, whether or not the plan has custom
    roles: those of an organization that fell from enterprise stay stored and stop counting here, at once.
    """
    if plan not in PLANS_WITH_DASHBOARD:
        return Verdict(directory_management=False, denied_reason="PLAN_WITHOUT_DASHBOARD")
    if role in OWNERS:
        return _GRANTED
    if plan in PLANS_WITH_CUSTOM_ROLES and any(held & _GIVE_DIRECTORY_MANAGEMENT for held in custom_roles):
        return _GRANTED
    return Verdict(directory_management=False, denied_reason="DIRECTORY_MANAGEMENT_REQUIRED")


@dataclass(frozen=True, slots=True)
class Membership:
    """A membership, seen from the person, with the verdict on it."""

    organization: Organization
    role: Role
    verdict: Verdict
    accepted: bool

    def is_invitation(self, person: Person) -> bool:
        """Whether the membership is nothing yet until the person accepts it.

        It is so for staff alone: what staff are members of they do not review, so that an owner who could make them
        members would choose the reviewers of the own servers. Others take a membership up by using it.
        """
        return person.staff_role is not None and not self.accepted
