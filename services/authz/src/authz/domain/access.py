"""The words of access: plans, roles, permissions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Plan(StrEnum):
    """What an organization pays for."""

    FREE = "free"
    PRO = "pro"
    TEAM = "team"
    ENTERPRISE = "enterprise"


class Role(StrEnum):
    """A member's role; the strongest first."""

    PRIMARY_OWNER = "primary_owner"
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"


class Permission(StrEnum):
    """What a custom role may permit."""

    DIRECTORY_MANAGEMENT = "directory_management"
    LIBRARIES = "libraries"


class StaffRole(StrEnum):
    """Staff of the directory; the strongest first."""

    LEAD_REVIEWER = "lead_reviewer"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization as stored."""

    organization_id: str
    name: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class CustomRole:
    """A custom role of an organization."""

    custom_role_id: str
    name: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in, or whom an owner or operator named by e-mail beforehand (no name then)."""

    person_id: str
    email: str
    name: str
    staff_role: StaffRole | None = None


@dataclass(frozen=True, slots=True)
class Member:
    """A membership, seen from the organization."""

    person: Person
    role: Role
    custom_role_ids: frozenset[str]
    accepted: bool
    """Whether an operator made the membership or the person took it up (decision 0020)."""


OWNERS = frozenset({Role.PRIMARY_OWNER, Role.OWNER})
"""Roles that run an organization."""


def stronger_role(one: Role, other: Role) -> Role:
    """The role that permits more."""
    order = list(Role)
    return min(one, other, key=order.index)
