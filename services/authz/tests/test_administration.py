"""AdministrationService over gRPC."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chassis.errors import Conflict, DirectoryError, InvalidInput, NotFound, PermissionDenied, Unauthenticated
from chassis.ids import new_id
from chassis.rpc import client
from directory.authz.v1 import administration_service_pb2 as administration
from directory.authz.v1 import organization_pb2 as contract
from sqlalchemy import text

OWNER = "olivia@acme.example"
_FILL = text(
    "WITH people AS (INSERT INTO persons (person_id, email, holds_address, name, created_at)"
    " SELECT gen_random_uuid(), :prefix || number || '@many.example', true, '', now()"
    " FROM generate_series(1, :number) AS number RETURNING person_id)"
    " INSERT INTO members (organization_id, person_id, role, created_at)"
    " SELECT :organization_id, person_id, 'member', now() FROM people"
)


@pytest.fixture
def acme(service: Any) -> str:
    """A fresh enterprise organization with its primary owner, an owner, an admin and a member."""
    name = f"Acme {new_id()}"
    organization_id: str = service.command("org", "create", name, "--plan", "enterprise", "--primary-owner", OWNER)
    for role in ("owner", "admin", "member"):
        service.command("member", "add", name, f"{role}@acme.example", "--role", role)
    return organization_id


def set_member(
    service: Any, organization_id: str, email: str, role: contract.Role, *custom_role_ids: str, by: str = OWNER
) -> contract.Member:
    request = administration.SetMemberRequest(email=email, role=role, custom_role_ids=custom_role_ids)
    with service.acting(by, organization_id):
        member: contract.Member = service.administration.SetMember(request).member
    return member


def set_custom_role(
    service: Any, organization_id: str, name: str, *permissions: contract.Permission, custom_role_id: str = ""
) -> contract.CustomRole:
    request = administration.SetCustomRoleRequest(custom_role_id=custom_role_id, name=name, permissions=permissions)
    with service.acting(OWNER, organization_id):
        custom_role: contract.CustomRole = service.administration.SetCustomRole(request).custom_role
    return custom_role


def organization(service: Any, organization_id: str, by: str = OWNER) -> administration.GetOrganizationResponse:
    with service.acting(by, organization_id):
        response: administration.GetOrganizationResponse = service.administration.GetOrganization(
            administration.GetOrganizationRequest()
        )
    return response


def roles(service: Any, organization_id: str) -> dict[str, str]:
    held = organization(service, organization_id).members
    return {member.person.email.partition("@")[0]: contract.Role.Name(member.role)[5:].lower() for member in held}


def test_any_member_reads_the_organization(service: Any, acme: str) -> None:
    seen = organization(service, acme, by="member@acme.example")
    assert seen.organization.plan == contract.PLAN_ENTERPRISE
    emails = [member.person.email for member in seen.members]
    assert emails == sorted(emails)
    assert len(emails) == 4


def test_an_owner_adds_changes_and_removes_members(service: Any, acme: str) -> None:
    added = set_member(service, acme, " New@Acme.example ", contract.ROLE_ADMIN, by="owner@acme.example")
    assert (added.person.email, added.person.name, added.role) == ("new@acme.example", "", contract.ROLE_ADMIN)
    changed = service.new_events(lambda: set_member(service, acme, "new@acme.example", contract.ROLE_OWNER))
    assert [(key, event.organization_id, event.member_changed.role) for key, event in changed] == [
        (acme, acme, contract.ROLE_OWNER)
    ]
    assert service.new_events(lambda: set_member(service, acme, "new@acme.example", contract.ROLE_OWNER)) == []
    remove = administration.RemoveMemberRequest(person_id=added.person.person_id)
    with service.acting(OWNER, acme):
        service.administration.RemoveMember(remove)
        with pytest.raises(NotFound, match="MEMBER_NOT_FOUND"):
            service.administration.RemoveMember(remove)
    assert "new" not in roles(service, acme)


def test_who_is_added_and_is_there_already_stays_as_they_are(service: Any, acme: str) -> None:
    def add_again() -> None:
        for email, role in ((" Owner@ACME.example ", "owner"), (OWNER, "primary_owner")):
            request = administration.SetMemberRequest(email=email, role=contract.ROLE_MEMBER, only_add=True)
            with service.acting(OWNER, acme), pytest.raises(Conflict, match="ALREADY_A_MEMBER") as refused:
                service.administration.SetMember(request)
            assert refused.value.metadata["role"] == role

    assert service.new_events(add_again) == []
    assert roles(service, acme)["owner"] == "owner"


def test_of_several_who_add_the_same_person_one_does(service: Any, acme: str) -> None:
    grant = service.grant_token(service.sign_in(OWNER).person_id, acme)

    def add(role: contract.Role) -> bool:
        request = administration.SetMemberRequest(email="several@acme.example", role=role, only_add=True)
        try:
            with client.grant(grant):
                service.administration.SetMember(request)
        except Conflict:
            return False
        return True

    wanted = [contract.ROLE_OWNER, contract.ROLE_ADMIN, contract.ROLE_MEMBER]
    with ThreadPoolExecutor(3) as pool:
        added = list(pool.map(add, wanted))
    assert added.count(True) == 1
    held = contract.Role.Name(wanted[added.index(True)]).removeprefix("ROLE_").lower()
    assert roles(service, acme)["several"] == held


def test_a_member_is_changed_by_id_whoever_has_the_address_now(service: Any, acme: str) -> None:
    set_member(service, acme, "info@acme.example", contract.ROLE_MEMBER)
    former = service.sign_in("info@acme.example", subject="former")
    service.sign_in("info@acme.example", subject="latter")
    request = administration.SetMemberRequest(person_id=former.person_id, role=contract.ROLE_ADMIN)
    with service.acting(OWNER, acme):
        member = service.administration.SetMember(request).member
    assert (member.person.person_id, member.role) == (former.person_id, contract.ROLE_ADMIN)
    assert roles(service, acme)["info"] == "admin"
    assert len(organization(service, acme).members) == 5


def test_a_member_is_named_by_id_or_by_address(service: Any, acme: str) -> None:
    stranger = service.sign_in("stranger@elsewhere.example").person_id
    for person_id in (stranger, new_id(), "no id"):
        request = administration.SetMemberRequest(person_id=person_id, role=contract.ROLE_OWNER)
        with service.acting(OWNER, acme), pytest.raises(NotFound, match="MEMBER_NOT_FOUND"):
            service.administration.SetMember(request)
    for who, code in (({}, "REQUIRED"), ({"person_id": stranger, "email": "member@acme.example"}, "AMBIGUOUS")):
        request = administration.SetMemberRequest(role=contract.ROLE_OWNER, **who)
        with service.acting(OWNER, acme), pytest.raises(InvalidInput, match="FIELDS_INVALID") as refused:
            service.administration.SetMember(request)
        assert [(one.field, one.code) for one in refused.value.violations] == [("/email", code)]


@pytest.mark.parametrize("email", ["admin@acme.example", "member@acme.example"])
def test_only_owners_administer(service: Any, acme: str, email: str) -> None:
    stub = service.administration
    with service.acting(email, acme):
        for call, request in (
            (stub.SetMember, administration.SetMemberRequest(email=email, role=contract.ROLE_OWNER)),
            (stub.RemoveMember, administration.RemoveMemberRequest(person_id=new_id())),
            (stub.SetCustomRole, administration.SetCustomRoleRequest(name="Mine")),
            (stub.DeleteCustomRole, administration.DeleteCustomRoleRequest(custom_role_id=new_id())),
        ):
            with pytest.raises(PermissionDenied, match="OWNER_REQUIRED"):
                call(request)
    assert roles(service, acme)[email.partition("@")[0]] == email.partition("@")[0]


def test_an_owners_older_grant_does_not_outlive_the_role(service: Any, acme: str) -> None:
    owner = service.sign_in("owner@acme.example")
    grant = service.grant_token(owner.person_id, acme)
    set_member(service, acme, "owner@acme.example", contract.ROLE_MEMBER)
    request = administration.SetMemberRequest(email="owner@acme.example", role=contract.ROLE_OWNER)
    with client.grant(grant), pytest.raises(PermissionDenied, match="OWNER_REQUIRED"):
        service.administration.SetMember(request)


def test_grants_without_organization_or_none_at_all_administer_nothing(service: Any, acme: str) -> None:
    with service.acting(OWNER), pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
        service.administration.GetOrganization(administration.GetOrganizationRequest())
    with pytest.raises(Unauthenticated, match="GRANT_REQUIRED"):
        service.administration.GetOrganization(administration.GetOrganizationRequest())


def test_the_primary_owner_hands_over_and_nobody_takes_it(service: Any, acme: str) -> None:
    with pytest.raises(PermissionDenied, match="OWNER_REQUIRED"):
        set_member(service, acme, "owner@acme.example", contract.ROLE_PRIMARY_OWNER, by="owner@acme.example")
    with pytest.raises(Conflict, match="PRIMARY_OWNER_REQUIRED"):
        set_member(service, acme, OWNER, contract.ROLE_OWNER)
    with service.acting("owner@acme.example", acme), pytest.raises(Conflict, match="PRIMARY_OWNER_REQUIRED"):
        service.administration.RemoveMember(
            administration.RemoveMemberRequest(person_id=service.sign_in(OWNER).person_id)
        )
    changed = service.new_events(lambda: set_member(service, acme, "admin@acme.example", contract.ROLE_PRIMARY_OWNER))
    assert [event.member_changed.role for _, event in changed] == [contract.ROLE_OWNER, contract.ROLE_PRIMARY_OWNER]
    assert roles(service, acme) == {
        "olivia": "owner",
        "owner": "owner",
        "admin": "primary_owner",
        "member": "member",
    }


def test_handing_over_at_the_same_time_leaves_one_primary_owner(service: Any, acme: str) -> None:
    grant = service.grant_token(service.sign_in(OWNER).person_id, acme)

    def hand_over(email: str) -> bool:
        request = administration.SetMemberRequest(email=email, role=contract.ROLE_PRIMARY_OWNER)
        try:
            with client.grant(grant):
                service.administration.SetMember(request)
        except PermissionDenied:
            return False
        return True

    emails = [f"{name}@acme.example" for name in ("owner", "admin", "member", "fresh")]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(hand_over, emails)).count(True) == 1
    assert list(roles(service, acme).values()).count("primary_owner") == 1


def test_custom_roles_give_directory_management(service: Any, acme: str) -> None:
    custom_role = set_custom_role(service, acme, "Publishers", contract.PERMISSION_DIRECTORY_MANAGEMENT)
    set_member(service, acme, "member@acme.example", contract.ROLE_MEMBER, custom_role.custom_role_id)
    person = service.sign_in("member@acme.example")
    assert service.grant(person.person_id, acme).directory_management

    changed = set_custom_role(service, acme, "Watchers", custom_role_id=custom_role.custom_role_id)
    assert (changed.name, list(changed.permissions)) == ("Watchers", [])
    assert not service.grant(person.person_id, acme).directory_management

    delete = administration.DeleteCustomRoleRequest(custom_role_id=custom_role.custom_role_id)
    with service.acting(OWNER, acme):
        service.administration.DeleteCustomRole(delete)
        with pytest.raises(NotFound, match="CUSTOM_ROLE_NOT_FOUND"):
            service.administration.DeleteCustomRole(delete)
    seen = organization(service, acme)
    assert list(seen.custom_roles) == []
    assert all(not member.custom_role_ids for member in seen.members)


def test_custom_role_changes_are_events(service: Any, acme: str) -> None:
    ((key, event),) = service.new_events(lambda: set_custom_role(service, acme, "One"))
    assert key == event.organization_id == acme
    custom_role_id = event.custom_role_changed.custom_role_id
    assert service.new_events(lambda: set_custom_role(service, acme, "One", custom_role_id=custom_role_id)) == []


def test_custom_roles_need_enterprise(service: Any, acme: str) -> None:
    held = set_custom_role(service, acme, "Held", contract.PERMISSION_LIBRARIES).custom_role_id
    other = set_custom_role(service, acme, "Other", contract.PERMISSION_LIBRARIES).custom_role_id
    set_member(service, acme, "member@acme.example", contract.ROLE_MEMBER, held)
    service.command("org", "plan", acme, "team")
    with pytest.raises(Conflict, match="PLAN_WITHOUT_CUSTOM_ROLES") as refused:
        set_custom_role(service, acme, "More")
    assert refused.value.metadata["plan"] == "team"
    with pytest.raises(Conflict, match="PLAN_WITHOUT_CUSTOM_ROLES"):
        set_member(service, acme, "member@acme.example", contract.ROLE_MEMBER, held, other)
    kept = set_member(service, acme, "member@acme.example", contract.ROLE_ADMIN, held)
    assert list(kept.custom_role_ids) == [held]


def test_names_of_custom_roles_are_unique_in_an_organization(service: Any, acme: str) -> None:
    set_custom_role(service, acme, "Same")
    with pytest.raises(Conflict, match="NAME_TAKEN") as refused:
        set_custom_role(service, acme, "SAME")
    assert refused.value.metadata["name"] == "SAME"


def test_custom_roles_of_another_organization_do_not_exist(service: Any, acme: str) -> None:
    name = f"Other {new_id()}"
    other = service.command("org", "create", name, "--plan", "enterprise", "--primary-owner", OWNER)
    foreign = set_custom_role(service, other, "Foreign", contract.PERMISSION_LIBRARIES).custom_role_id
    for custom_role_id in (foreign, new_id(), "no id"):
        with pytest.raises(NotFound, match="CUSTOM_ROLE_NOT_FOUND"):
            set_member(service, acme, "member@acme.example", contract.ROLE_MEMBER, custom_role_id)
        with pytest.raises(NotFound, match="CUSTOM_ROLE_NOT_FOUND"):
            set_custom_role(service, acme, "Mine", custom_role_id=custom_role_id)
        with service.acting(OWNER, acme), pytest.raises(NotFound, match="CUSTOM_ROLE_NOT_FOUND"):
            service.administration.DeleteCustomRole(
                administration.DeleteCustomRoleRequest(custom_role_id=custom_role_id)
            )


@pytest.mark.parametrize(
    ("email", "role", "fields"),
    [
        ("", contract.ROLE_MEMBER, ["/email"]),
        ("no address", contract.ROLE_MEMBER, ["/email"]),
        ("a@acme.example", contract.ROLE_UNSPECIFIED, ["/role"]),
        ("", 99, ["/email", "/role"]),
    ],
)
def test_fields_have_rules(service: Any, acme: str, email: str, role: Any, fields: list[str]) -> None:
    with pytest.raises(InvalidInput, match="FIELDS_INVALID") as refused:
        set_member(service, acme, email, role)
    assert [violation.field for violation in refused.value.violations] == fields


def test_an_owner_adds_a_thousand_members_and_no_more(service: Any, acme: str) -> None:
    with service.database.transaction() as uow:
        uow.execute(_FILL, {"organization_id": acme, "prefix": new_id()[-12:], "number": 1_000 - 5})
        uow.commit()
    set_member(service, acme, "last@acme.example", contract.ROLE_MEMBER)
    with pytest.raises(Conflict, match="TOO_MANY_MEMBERS") as refused:
        set_member(service, acme, "beyond@acme.example", contract.ROLE_MEMBER)
    assert refused.value.metadata["limit"] == "1000"
    # Those who are there can still be changed, and an operator is not bound by it.
    assert set_member(service, acme, "last@acme.example", contract.ROLE_ADMIN).role == contract.ROLE_ADMIN
    service.command("member", "add", acme, "beyond@acme.example")
    assert len(organization(service, acme).members) == 1_001


def test_custom_roles_have_rules(service: Any, acme: str) -> None:
    for name, permission, field in (
        ("", contract.PERMISSION_LIBRARIES, "/name"),
        ("x" * 101, contract.PERMISSION_LIBRARIES, "/name"),
        ("Fine", contract.PERMISSION_UNSPECIFIED, "/permissions"),
    ):
        with pytest.raises(InvalidInput) as refused:
            set_custom_role(service, acme, name, permission)
        assert [violation.field for violation in refused.value.violations] == [field]


def test_a_refused_change_leaves_nothing_behind(service: Any, acme: str) -> None:
    def refused() -> None:
        with pytest.raises(DirectoryError):
            set_member(service, acme, "ghost@acme.example", contract.ROLE_OWNER, by="member@acme.example")

    assert service.new_events(refused) == []
    result = service.run("token", "create", "ghost@acme.example", "--staff")
    assert "PERSON_NOT_FOUND" in result.output
