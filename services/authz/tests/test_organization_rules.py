from itertools import product

import pytest
from authz.domain import organizations as rules
from authz.domain.access import Plan, Role, stronger_role
from chassis.errors import Conflict, DirectoryError, NotFound, PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

PEOPLE = st.sampled_from("abcd")


def test_only_owners_administer() -> None:
    assert rules.require_owner(Role.OWNER) is Role.OWNER
    assert rules.require_owner(Role.PRIMARY_OWNER) is Role.PRIMARY_OWNER
    for role in (Role.ADMIN, Role.MEMBER):
        with pytest.raises(PermissionDenied, match="OWNER_REQUIRED"):
            rules.require_owner(role)
    with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        rules.require_owner(None)


@pytest.mark.parametrize(("current", "new"), list(product((None, *Role), Role)))
def test_an_owner_sets_every_role_but_the_primary_owners(current: Role | None, new: Role) -> None:
    if new is Role.PRIMARY_OWNER:
        with pytest.raises(PermissionDenied, match="OWNER_REQUIRED"):
            rules.require_may_set_role(Role.OWNER, current=current, new=new)
    elif current is Role.PRIMARY_OWNER:
        with pytest.raises(Conflict, match="PRIMARY_OWNER_REQUIRED"):
            rules.require_may_set_role(Role.OWNER, current=current, new=new)
    else:
        rules.require_may_set_role(Role.OWNER, current=current, new=new)


@given(st.lists(st.tuples(PEOPLE, PEOPLE, st.sampled_from([None, *Role]))))
def test_whatever_owners_do_there_is_exactly_one_primary_owner(moves: list[tuple[str, str, Role | None]]) -> None:
    roles = {"a": Role.PRIMARY_OWNER, "b": Role.OWNER}
    for actor, person, new in moves:
        try:
            role = rules.require_owner(roles.get(actor))
            if new is None:
                rules.require_primary_owner_stays(current=roles.get(person), new=None)
                roles.pop(person, None)
                continue
            rules.require_may_set_role(role, current=roles.get(person), new=new)
        except DirectoryError:
            continue
        if new is Role.PRIMARY_OWNER:
            roles |= {each: Role.OWNER for each, held in roles.items() if held is Role.PRIMARY_OWNER}
        roles[person] = new
        assert list(roles.values()).count(Role.PRIMARY_OWNER) == 1


@pytest.mark.parametrize("plan", Plan)
def test_custom_roles_need_enterprise(plan: Plan) -> None:
    if plan is Plan.ENTERPRISE:
        rules.require_custom_roles(plan)
        return
    with pytest.raises(Conflict, match="PLAN_WITHOUT_CUSTOM_ROLES") as refused:
        rules.require_custom_roles(plan)
    assert refused.value.metadata == {"plan": plan.value}


def test_held_custom_roles_may_stay_under_any_plan_and_new_ones_may_not_come() -> None:
    known, held = frozenset({"x", "y"}), frozenset({"x"})
    rules.require_assignable(Plan.TEAM, known=known, held=held, wanted=held)
    rules.require_assignable(Plan.TEAM, known=known, held=held, wanted=frozenset())
    with pytest.raises(Conflict, match="PLAN_WITHOUT_CUSTOM_ROLES"):
        rules.require_assignable(Plan.TEAM, known=known, held=held, wanted=known)
    rules.require_assignable(Plan.ENTERPRISE, known=known, held=held, wanted=known)
    with pytest.raises(NotFound, match="CUSTOM_ROLE_NOT_FOUND"):
        rules.require_assignable(Plan.ENTERPRISE, known=known, held=held, wanted=frozenset({"z"}))


def test_the_stronger_role_permits_more() -> None:
    assert stronger_role(Role.MEMBER, Role.PRIMARY_OWNER) is Role.PRIMARY_OWNER
    assert stronger_role(Role.ADMIN, Role.MEMBER) is Role.ADMIN
