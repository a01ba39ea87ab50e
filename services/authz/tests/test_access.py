"""AccessService over gRPC: grants, memberships, who may ask."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chassis.errors import InvalidInput, NotFound, PermissionDenied
from chassis.ids import new_id
from directory.authz.v1 import access_service_pb2 as access
from directory.authz.v1 import organization_pb2 as contract
from directory.authz.v1.access_service_pb2_grpc import AccessServiceStub, AccessTokenServiceStub
from directory.authz.v1.administration_service_pb2_grpc import AdministrationServiceStub


@pytest.fixture(scope="module")
def acme(service: Any) -> str:
    organization_id: str = service.command(
        "org", "create", "Acme", "--plan", "enterprise", "--primary-owner", "olivia@acme.example"
    )
    service.command("role", "set", "Acme", "Publishers", "--permission", "libraries")
    service.command("member", "add", "Acme", "mo@acme.example", "--custom-role", "publishers")
    service.command("member", "add", "Acme", "ada@acme.example", "--role", "admin")
    return organization_id


@pytest.fixture(scope="module")
def basic(service: Any) -> str:
    return str(service.command("org", "create", "Basic", "--plan", "pro", "--primary-owner", "olivia@acme.example"))


def test_a_grant_says_who_where_and_what(service: Any, acme: str, basic: str) -> None:
    person = service.sign_in("olivia@acme.example", name="Olivia Owner")
    response = service.access.IssueGrant(access.IssueGrantRequest(person_id=person.person_id, organization_id=acme))
    grant = service.verifier.verify(response.grant)
    assert (grant.person_id, grant.name, grant.organization_id) == (person.person_id, "Olivia Owner", acme)
    assert (grant.directory_management, grant.denied_reason, grant.owner, grant.staff_role) == (True, "", True, "")
    assert grant.organizations == {acme, basic}
    assert timedelta(seconds=55) < grant.expires_at - datetime.now(UTC) <= timedelta(seconds=60)
    assert response.membership.organization == contract.Organization(
        organization_id=acme, name="Acme", plan=contract.PLAN_ENTERPRISE
    )
    assert response.membership.role == contract.ROLE_PRIMARY_OWNER


def test_a_grant_says_why_not(service: Any, acme: str, basic: str) -> None:
    owner, admin = service.sign_in("olivia@acme.example"), service.sign_in("ada@acme.example")
    without_dashboard = service.grant(owner.person_id, basic)
    assert (without_dashboard.directory_management, without_dashboard.owner) == (False, True)
    assert without_dashboard.denied_reason == "PLAN_WITHOUT_DASHBOARD"
    without_right = service.grant(admin.person_id, acme)
    assert (without_right.directory_management, without_right.owner) == (False, False)
    assert without_right.denied_reason == "DIRECTORY_MANAGEMENT_REQUIRED"


def test_custom_roles_stop_counting_with_the_plan_and_stay_stored(service: Any, acme: str) -> None:
    person = service.sign_in("mo@acme.example")
    assert service.grant(person.person_id, acme).directory_management
    service.command("org", "plan", "Acme", "team")
    assert service.grant(person.person_id, acme).denied_reason == "DIRECTORY_MANAGEMENT_REQUIRED"
    assert "mo@acme.example  (Publishers)" in service.command("org", "show", "Acme")
    service.command("org", "plan", "Acme", "enterprise")
    assert service.grant(person.person_id, acme).directory_management


def test_another_organization_does_not_exist(service: Any, acme: str) -> None:
    stranger = service.sign_in("stranger@elsewhere.example")
    for organization_id in (acme, new_id(), "no id"):
        with pytest.raises(NotFound, match="ORGANIZATION_NOT_FOUND"):
            service.grant_token(stranger.person_id, organization_id)
    for person_id in (new_id(), "no id", ""):
        with pytest.raises(NotFound, match="PERSON_NOT_FOUND"):
            service.grant_token(person_id)


def test_a_grant_without_organization_alone_carries_the_staff_role_and_own_organizations(
    service: Any, acme: str
) -> None:
    service.command("staff", "add", "ada@acme.example", "--role", "lead_reviewer")
    person = service.sign_in("ada@acme.example")
    assert person.staff_role == contract.STAFF_ROLE_LEAD_REVIEWER
    grant = service.grant(person.person_id)
    assert (grant.organization_id, grant.directory_management, grant.staff_role) == ("", False, "lead_reviewer")
    assert grant.organizations == {acme}
    assert service.grant(person.person_id, acme).staff_role == ""
    service.command("staff", "remove", "ada@acme.example")
    assert service.grant(person.person_id).staff_role == ""


def test_memberships_are_listed_by_name_with_verdicts(service: Any, acme: str, basic: str) -> None:
    person = service.sign_in("olivia@acme.example")
    response = service.access.ListMemberships(access.ListMembershipsRequest(person_id=person.person_id))
    assert response.person == person
    assert [
        (each.organization.organization_id, each.directory_management, each.denied_reason)
        for each in response.memberships
    ] == [(acme, True, ""), (basic, False, "PLAN_WITHOUT_DASHBOARD")]


def test_only_the_gateway_may_call(service: Any) -> None:
    for peer in ("submissions", "listings", "metrics", "notifications", "proxy", "authz"):
        channel = service.channel(peer)
        with pytest.raises(PermissionDenied):
            AccessServiceStub(channel).IssueGrant(access.IssueGrantRequest(person_id=new_id()))
        with pytest.raises(PermissionDenied):
            AccessServiceStub(channel).ResolvePerson(access.ResolvePersonRequest(issuer="i", subject="s"))
        with pytest.raises(PermissionDenied):
            AccessTokenServiceStub(channel).ListAccessTokens(access.ListAccessTokensRequest())
        with pytest.raises(PermissionDenied):
            AdministrationServiceStub(channel).GetOrganization(_get_organization())


def test_a_sign_in_names_issuer_and_subject(service: Any) -> None:
    with pytest.raises(InvalidInput, match="FIELDS_INVALID") as refused:
        service.access.ResolvePerson(access.ResolvePersonRequest(email="a@b.example", email_verified=True))
    assert [violation.field for violation in refused.value.violations] == ["/issuer", "/subject"]


def _get_organization() -> Any:
    from directory.authz.v1.administration_service_pb2 import GetOrganizationRequest

    return GetOrganizationRequest()


def test_organizations_are_named_many_at_once(service: Any, acme: str, basic: str) -> None:
    def names(ids: list[str]) -> dict[str, str]:
        request = access.ListOrganizationNamesRequest(organization_ids=ids)
        return dict(service.access.ListOrganizationNames(request).names)

    assert names([acme, basic, acme, new_id(), "", "acme"]) == {acme: "Acme", basic: "Basic"}
    assert names([]) == {}
    assert names([acme, *(new_id() for _ in range(99))]) == {acme: "Acme"}
    with pytest.raises(InvalidInput, match="FIELDS_INVALID"):
        names([new_id() for _ in range(101)])
    request = access.ListOrganizationNamesRequest(organization_ids=[acme])
    with pytest.raises(PermissionDenied):
        AccessServiceStub(service.channel("notifications")).ListOrganizationNames(request)
