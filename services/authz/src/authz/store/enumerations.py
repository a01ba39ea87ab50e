"""The contract's enumerations in the domain's words."""

from __future__ import annotations

from directory.authz.v1 import organization_pb2 as contract

from authz.domain.access import Permission, Plan, Role, StaffRole

PLANS = {
    Plan.FREE: contract.PLAN_FREE,
    Plan.PRO: contract.PLAN_PRO,
    Plan.TEAM: contract.PLAN_TEAM,
    Plan.ENTERPRISE: contract.PLAN_ENTERPRISE,
}
ROLES = {
    None: contract.ROLE_UNSPECIFIED,
    Role.PRIMARY_OWNER: contract.ROLE_PRIMARY_OWNER,
    Role.OWNER: contract.ROLE_OWNER,
    Role.ADMIN: contract.ROLE_ADMIN,
    Role.MEMBER: contract.ROLE_MEMBER,
}
STAFF_ROLES = {
    None: contract.STAFF_ROLE_UNSPECIFIED,
    StaffRole.REVIEWER: contract.STAFF_ROLE_REVIEWER,
    StaffRole.LEAD_REVIEWER: contract.STAFF_ROLE_LEAD_REVIEWER,
}
PERMISSIONS = {
    Permission.DIRECTORY_MANAGEMENT: contract.PERMISSION_DIRECTORY_MANAGEMENT,
    Permission.LIBRARIES: contract.PERMISSION_LIBRARIES,
}


def role_of(value: contract.Role) -> Role | None:
    """Role.OWNER for ROLE_OWNER; None for ROLE_UNSPECIFIED and values of later versions."""
    return next((role for role, known in ROLES.items() if known == value), None)


def permission_of(value: contract.Permission) -> Permission | None:
    """Permission.LIBRARIES for PERMISSION_LIBRARIES; None for UNSPECIFIED and values of later versions."""
    return next((permission for permission, known in PERMISSIONS.items() if known == value), None)
