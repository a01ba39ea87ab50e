"""The policy against a table written by hand, and against the requirement's sentences, over every combination."""

from itertools import chain, combinations, product

import pytest
from authz.domain.access import Permission, Plan, Role
from authz.domain.policy import decide

# Verdicts by the permissions of a member's custom roles: none at all, directory management, libraries, both.
TABLE = """
plan        role           nothing  directory_management  libraries  both
free        primary_owner  plan     plan                  plan       plan
free        owner          plan     plan                  plan       plan
free        admin          plan     plan                  plan       plan
free        member         plan     plan                  plan       plan
pro         primary_owner  plan     plan                  plan       plan
pro         owner          plan     plan                  plan       plan
pro         admin          plan     plan                  plan       plan
pro         member         plan     plan                  plan       plan
team        primary_owner  yes      yes                   yes        yes
team        owner          yes      yes                   yes        yes
team        admin          needs    needs                 needs      needs
team        member         needs    needs                 needs      needs
enterprise  primary_owner  yes      yes                   yes        yes
enterprise  owner          yes      yes                   yes        yes
enterprise  admin          needs    yes                   yes        yes
enterprise  member         needs    yes                   yes        yes
"""
REASONS = {"yes": "", "plan": "PLAN_WITHOUT_DASHBOARD", "needs": "DIRECTORY_MANAGEMENT_REQUIRED"}

NOTHING: frozenset[Permission] = frozenset()
MANAGEMENT = frozenset({Permission.DIRECTORY_MANAGEMENT})
LIBRARIES = frozenset({Permission.LIBRARIES})
KINDS_OF_CUSTOM_ROLE = (NOTHING, MANAGEMENT, LIBRARIES, MANAGEMENT | LIBRARIES)
EVERY_SET_OF_CUSTOM_ROLES = list(
    chain.from_iterable(combinations(KINDS_OF_CUSTOM_ROLE, count) for count in range(len(KINDS_OF_CUSTOM_ROLE) + 1))
)
ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]


def column(custom_roles: tuple[frozenset[Permission], ...]) -> int:
    held = NOTHING.union(*custom_roles)
    return {NOTHING: 2, MANAGEMENT: 3, LIBRARIES: 4, MANAGEMENT | LIBRARIES: 5}[held]


def test_the_table_is_complete() -> None:
    assert sorted((row[0], row[1]) for row in ROWS) == sorted((p.value, r.value) for p, r in product(Plan, Role))
    assert len(EVERY_SET_OF_CUSTOM_ROLES) == 16


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]}-{row[1]}")
def test_every_combination_is_as_in_the_table(row: list[str]) -> None:
    for custom_roles in EVERY_SET_OF_CUSTOM_ROLES:
        verdict = decide(Plan(row[0]), Role(row[1]), custom_roles)
        reason = REASONS[row[column(custom_roles)]]
        assert (verdict.directory_management, verdict.denied_reason) == (not reason, reason), custom_roles


def test_every_combination_is_as_the_requirement_says() -> None:
    for plan, role, custom_roles in product(Plan, Role, EVERY_SET_OF_CUSTOM_ROLES):
        has_dashboard = plan.value in {"team", "enterprise"}
        by_role = role.value in {"primary_owner", "owner"}
        by_custom_role = plan.value == "enterprise" and any(
            permission.value in {"directory_management", "libraries"} for held in custom_roles for permission in held
        )
        allowed = decide(plan, role, custom_roles).directory_management
        assert allowed == (has_dashboard and (by_role or by_custom_role)), (plan, role, custom_roles)


def test_falling_from_enterprise_stops_custom_roles_at_once_and_coming_back_restores_them() -> None:
    assert decide(Plan.ENTERPRISE, Role.MEMBER, [MANAGEMENT]).directory_management
    assert decide(Plan.TEAM, Role.MEMBER, [MANAGEMENT]).denied_reason == "DIRECTORY_MANAGEMENT_REQUIRED"
    assert decide(Plan.ENTERPRISE, Role.MEMBER, [MANAGEMENT]).directory_management
